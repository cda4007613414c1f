//! The pictures of DG2 exchanged, and what its records say of the face, the camera and the day beside them.

use std::ops::Range;

use chipgate_lds::Dg2;

use super::{beside_the_face, biometric_header, der, face_block, portrait};

/// The record of a face (ISO/IEC 19794-5): header, facial information without its length field.
const FACE_RECORD: &[u8] = b"FAC\0";
const FACE_HEADER: usize = 14;
/// Gender, colours, features, expression and pose behind length and number of points.
const FACE_PERSONAL: Range<usize> = 6..20;
/// Image information stands before the picture; its last bytes are source, device and quality.
const IMAGE_INFORMATION: usize = 12;
const IMAGE_DEVICE: usize = 5;
/// What pictures begin with.
pub(super) const PICTURES: [&[u8]; 3] = [
    &[0xFF, 0xD8, 0xFF],
    &[0, 0, 0, 12, b'j', b'P'],
    &[0xFF, 0x4F, 0xFF, 0x51],
];

/// Where the pictures of DG2 stand; in a file that was cut or lies, from where the first one begins to the end.
pub(super) fn pictures(bytes: &[u8]) -> Vec<Range<usize>> {
    Dg2::parse(bytes).map_or_else(
        |_| first_picture(bytes).into_iter().collect(),
        |dg2| places(bytes, dg2.faces.iter().map(|face| face.image.as_slice())),
    )
}

/// Exchanges the pictures and what stands beside them; `false`, and nothing is done, where that has no known structure.
pub(super) fn invent(bytes: &mut [u8], pictures: &[Range<usize>]) -> bool {
    let blocks = face_block::blocks(bytes);
    let invented = blocks
        .iter()
        .map(|place| face_block::invented(&bytes[place.clone()]));
    let Some(invented) = invented.collect::<Option<Vec<_>>>() else {
        return false;
    };
    for (place, block) in blocks.iter().zip(&invented) {
        der::put(bytes, place, block);
    }
    let is_in_a_block = |picture: &&Range<usize>| blocks.iter().any(|block| block.contains(&picture.start));
    let pictures: Vec<_> = pictures
        .iter()
        .filter(|picture| !is_in_a_block(picture))
        .cloned()
        .collect();
    for place in &pictures {
        let other = portrait::invented(&bytes[place.clone()]);
        der::put(bytes, place, &other);
    }
    if blocks.is_empty() || !pictures.is_empty() {
        face_records(bytes, &pictures);
    }
    let mut from = 0;
    for picture in &pictures {
        biometric_header::invent_all(bytes, from..picture.start);
        from = picture.end;
    }
    biometric_header::invent_all(bytes, from..bytes.len());
    if blocks.is_empty() || !pictures.is_empty() {
        beside_the_face::empty(bytes, &pictures);
    }
    true
}

/// What the records say of each face beside its picture; of a face without one.
fn face_records(bytes: &mut [u8], pictures: &[Range<usize>]) {
    let mut from = 0;
    for picture in pictures {
        // One record may hold several faces, each behind the picture of the one before; or each has a record of its own.
        let header = der::find(&bytes[from..picture.start], FACE_RECORD)
            .map(|record| from + record.start + FACE_HEADER);
        if let Some(start) = header.or(Some(from).filter(|from| *from > 0)) {
            face_information(bytes, start, Some(picture));
        }
        from = picture.end;
    }
    if pictures.is_empty()
        && let Some(record) = der::find(bytes, FACE_RECORD)
    {
        face_information(bytes, record.start + FACE_HEADER, None);
    }
}

/// The facial information that begins at `start`, and the feature points between it and the picture.
fn face_information(bytes: &mut [u8], start: usize, picture: Option<&Range<usize>>) {
    let personal = start + FACE_PERSONAL.start..start + FACE_PERSONAL.end;
    // Feature points lie between facial information and image information.
    let points = picture.map(|picture| personal.end..picture.start.saturating_sub(IMAGE_INFORMATION));
    let device = picture.map(|picture| picture.start.saturating_sub(IMAGE_DEVICE)..picture.start);
    for place in [Some(personal), points, device].into_iter().flatten() {
        if let Some(values) = bytes.get_mut(place) {
            values.fill(0);
        }
    }
    // The picture's size may have become another one.
    if let Some(picture) = picture
        && let Ok(image) = chipgate_lds::FaceImage::new(bytes[picture.clone()].to_vec())
        && let (Some(start), Ok(width), Ok(height)) = (
            picture.start.checked_sub(10),
            u16::try_from(image.width),
            u16::try_from(image.height),
        )
    {
        let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
        der::put(bytes, &(start..start + 4), &size);
    }
}

/// Where these parts stand, each behind the one before it.
fn places<'a>(bytes: &[u8], parts: impl Iterator<Item = &'a [u8]>) -> Vec<Range<usize>> {
    let mut from = 0;
    let found = parts.filter_map(|part| {
        let place = der::find(&bytes[from..], part)?;
        let place = place.start + from..place.end + from;
        from = place.end;
        Some(place)
    });
    found.collect()
}

/// From where a picture begins to the end of the file.
fn first_picture(bytes: &[u8]) -> Option<Range<usize>> {
    let starts = PICTURES.iter().filter_map(|start| der::find(bytes, start));
    starts
        .map(|found| found.start)
        .min()
        .map(|start| start..bytes.len())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use chipgate_lds::{Dg2, FaceEncoding};
    use chipgate_virtual_card::SILHOUETTE;

    use super::{invent, pictures};
    use crate::twin::der::{encode, find};

    const CREATED: [u8; 7] = [0x20, 0x24, 0x05, 0x17, 0x11, 0x23, 0x45];
    const CAPTURED: &[u8] = b"2024-05-17 by camera 4711";
    const SUBJECT: &[u8] = b"woman, brown eyes, 168 cm";
    const CREATOR: [u8; 4] = [0x47, 0x11, 0x47, 0x11];

    fn nested(tags: &[u32], value: &[u8]) -> Vec<u8> {
        tags.iter()
            .rev()
            .fold(value.to_vec(), |value, &tag| encode(tag, &[&value]))
    }

    /// A representation of ISO/IEC 39794-5 with when, whom and by what beside the picture.
    fn representation(more: &[u8]) -> Vec<u8> {
        let information = [
            nested(&[0xA0, 0x80], &[2]),
            nested(&[0xA7], &encode(0x80, &[more])),
        ];
        let image = [
            encode(0x80, &[SILHOUETTE]),
            encode(0xA1, &[&information.concat()]),
        ];
        let parts = [
            encode(0x80, &[&[0]]),
            nested(&[0xA1, 0xA0, 0xA0], &image.concat()),
            nested(&[0xA2, 0x80], CAPTURED),
            nested(&[0xA4, 0xA7, 0x80], SUBJECT),
        ];
        encode(0x30, &[&parts.concat()])
    }

    fn template(data: u32, block: &[u8]) -> Vec<u8> {
        let fields = [
            encode(0x83, &[&CREATED]),
            encode(0x86, &[&CREATOR]),
            encode(0x87, &[&[1, 1]]),
            encode(0x88, &[&[0, 0x2A]]),
        ];
        encode(
            0x7F60,
            &[&encode(0xA1, &[&fields.concat()]), &encode(data, &[block])],
        )
    }

    fn dg2(templates: &[Vec<u8>]) -> Vec<u8> {
        let count = encode(0x02, &[&[templates.len() as u8]]);
        nested(&[0x75, 0x7F61], &[count, templates.concat()].concat())
    }

    fn block(representations: &[Vec<u8>], choice: bool) -> Vec<u8> {
        let version = encode(0xA0, &[&encode(0x80, &[&[3]]), &encode(0x81, &[&[0x07, 0xE3]])]);
        let block = encode(0x65, &[&version, &encode(0xA1, &[&representations.concat()])]);
        if choice { encode(0xA1, &[&block]) } else { block }
    }

    fn assert_nothing_is_left(file: &[u8], told: &[&[u8]]) {
        for needle in told {
            assert!(
                find(file, needle).is_none(),
                "{:?} is left",
                String::from_utf8_lossy(needle)
            );
        }
    }

    #[test]
    fn a_record_of_39794_keeps_its_length_and_its_pictures_and_nothing_beside_them() {
        let told = [&CREATED[..], &CREATOR, CAPTURED, SUBJECT, &SILHOUETTE[200..260]];
        for more in (0..3).chain(100..135).chain(240..262) {
            let one = representation(&vec![b'M'; more]);
            for (file, faces) in [
                (
                    dg2(&[template(0x7F2E, &block(std::slice::from_ref(&one), true))]),
                    1,
                ),
                (
                    dg2(&[
                        template(0x7F2E, &block(&[one.clone(), one.clone()], true)),
                        template(0x5F2E, &block(&[one], false)),
                    ]),
                    3,
                ),
            ] {
                let mut other = file.clone();
                assert!(invent(&mut other, &pictures(&file)), "{more}");
                assert_eq!(other.len(), file.len());
                let parsed = Dg2::parse(&other).unwrap();
                assert_eq!(parsed.faces.len(), faces, "{more}");
                let (was, is) = (&Dg2::parse(&file).unwrap().faces[0], &parsed.faces[0]);
                assert_eq!(is.encoding, FaceEncoding::Iso39794_5);
                assert_eq!(
                    (is.format, is.width, is.height),
                    (was.format, was.width, was.height)
                );
                assert_nothing_is_left(&other, &told);
            }
        }
    }

    #[test]
    fn a_record_that_was_cut_keeps_nothing_either() {
        let file = dg2(&[template(0x7F2E, &block(&[representation(b"M")], true))]);
        for length in (40..file.len()).step_by(11) {
            let mut cut = file[..length].to_vec();
            let places = pictures(&cut);
            invent(&mut cut, &places);
            assert_eq!(cut.len(), length);
            assert_nothing_is_left(&cut, &[&CREATED, &CREATOR, CAPTURED, SUBJECT]);
        }
    }

    #[test]
    fn the_header_and_the_camera_of_a_record_of_19794_are_exchanged() {
        let face = chipgate_lds::FaceImage::new(SILHOUETTE.to_vec()).unwrap();
        let whole = Dg2 { faces: vec![face] }.encode().unwrap();
        let record = find(&whole, b"FAC\0").unwrap().start;
        let picture = find(&whole, SILHOUETTE).unwrap();
        let mut block = whole[record..picture.end].to_vec();
        let device = picture.start - record - 4;
        block[device..device + 4].copy_from_slice(&CREATOR);
        let file = dg2(&[template(0x5F2E, &block)]);
        let mut other = file.clone();
        assert!(invent(&mut other, &pictures(&file)));
        assert_eq!(
            (other.len(), Dg2::parse(&other).unwrap().faces.len()),
            (file.len(), 1)
        );
        assert_nothing_is_left(&other, &[&CREATED, &CREATOR]);
    }

    /// ICAO's samples of the application profile, with every field that there is.
    #[test]
    fn the_published_samples_of_39794_are_exchanged_whole() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/lds");
        for name in [
            "ICAO_39794_5_AP_DG2_AllFields.dat",
            "ICAO_39794_5_AP_DG2_MandFields.dat",
        ] {
            let Ok(file) = std::fs::read(folder.join(name)) else {
                eprintln!("skipped: {name} is not in ../shared/data");
                return;
            };
            let mut other = file.clone();
            assert!(invent(&mut other, &pictures(&file)), "{name}");
            assert_eq!(other.len(), file.len());
            let (was, is) = (Dg2::parse(&file).unwrap(), Dg2::parse(&other).unwrap());
            assert_eq!(was.faces.len(), is.faces.len());
            assert_eq!(
                (was.faces[0].format, was.faces[0].width),
                (is.faces[0].format, is.faces[0].width)
            );
            assert_nothing_is_left(&other, &[b"Challenge1", &[0x21, 0x24, 0x01, 0x05]]);
            // Behind what says where the picture begins there is no part of the old file.
            let same = file
                .iter()
                .zip(&other)
                .filter(|(one, other)| one == other)
                .count();
            assert!(same < 1000, "{same} bytes are the same in {name}");
        }
    }
}
