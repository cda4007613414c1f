use std::path::PathBuf;
use std::{eprintln, fs};

use alloc::{vec, vec::Vec};

use chipgate_apdu::tlv::{self, Tag};
use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

use super::image::tests::{codestream, jpeg};
use super::{Dg2, FaceEncoding, FaceImage, ImageFormat};
use crate::LdsError;

/// A sample of shared/data/lds, or `None` with a word on what is skipped.
fn sample(name: &str) -> Option<Vec<u8>> {
    shared("lds", name)
}

fn shared(folder: &str, name: &str) -> Option<Vec<u8>> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../../shared/data", folder, name]
        .iter()
        .collect();
    let bytes = fs::read(folder).ok();
    if bytes.is_none() {
        eprintln!("skipped: {name} is not in ../shared/data");
    }
    bytes
}

/// DG2 around one data block.
fn around(tag: u32, block: &[u8]) -> Vec<u8> {
    let header = tlv::encode(Tag(0xA1), &[0x87, 2, 1, 1, 0x88, 2, 0, 8]);
    let template = tlv::encode(Tag(0x7F60), &[header, tlv::encode(Tag(tag), block)].concat());
    let group = tlv::encode(Tag(0x7F61), &[vec![2, 1, 1], template].concat());
    tlv::encode(Tag(0x75), &group)
}

#[test]
fn reads_icaos_samples_of_iso_39794_5() {
    for name in [
        "ICAO_39794_5_AP_DG2_AllFields.dat",
        "ICAO_39794_5_AP_DG2_MandFields.dat",
    ] {
        let (Some(file), Some(picture)) = (sample(name), sample("ICAO_39794_5_AP_DG2_Face.jpg")) else {
            return;
        };
        let faces = Dg2::parse(&file).unwrap().faces;
        assert_eq!(faces.len(), 1);
        assert_eq!(faces[0].format, ImageFormat::Jpeg2000);
        assert_eq!(faces[0].encoding, FaceEncoding::Iso39794_5);
        assert_eq!((faces[0].width, faces[0].height), (413, 531));
        assert_eq!(faces[0].image, picture);
    }
}

#[test]
fn writes_icaos_sample_of_the_mandatory_fields_to_the_byte() {
    let name = "ICAO_39794_5_AP_DG2_MandFields.dat";
    let (Some(file), Some(picture)) = (sample(name), sample("ICAO_39794_5_AP_DG2_Face.jpg")) else {
        return;
    };
    let mut face = FaceImage::new(picture).unwrap();
    face.encoding = FaceEncoding::Iso39794_5;
    assert!(Dg2 { faces: vec![face] }.encode().unwrap() == file);
}

#[test]
fn reads_icaos_data_blocks_with_and_without_the_outer_choice() {
    for name in ["ICAO_39794_5_AP_AllFields.dat", "ICAO_39794_5_AP_MandFields.dat"] {
        let (Some(block), Some(picture)) = (sample(name), sample("ICAO_39794_5_AP_Face.jpg")) else {
            return;
        };
        let inner = tlv::single(&block, Tag(0xA1)).unwrap();
        for block in [&block[..], inner] {
            let faces = Dg2::parse(&around(0x7F2E, block)).unwrap().faces;
            assert_eq!(faces[0].image, picture);
        }
    }
}

#[test]
fn reads_the_sample_of_iso_19794_5_whatever_its_record_says_of_the_picture() {
    let (Some(block), Some(picture)) = (
        sample("ISO19794_Test1_Data.bin"),
        sample("ISO19794_Test1_Face.jpg"),
    ) else {
        return;
    };
    // The record calls this JPEG file JPEG 2000.
    assert_eq!(block[35], 0x01);
    for tag in [0x5F2E, 0x7F2E] {
        let faces = Dg2::parse(&around(tag, &block)).unwrap().faces;
        assert_eq!(faces[0].format, ImageFormat::Jpeg);
        assert_eq!(faces[0].encoding, FaceEncoding::Iso19794_5);
        assert_eq!((faces[0].width, faces[0].height), (148, 70));
        assert_eq!(faces[0].image, picture);
    }
}

#[test]
fn reads_the_size_of_photographs() {
    // As file(1) tells them.
    for (name, width, height) in [
        ("biden.jpg", 970, 2204),
        ("biden2.jpg", 1200, 1200),
        ("obama.jpg", 910, 1137),
        ("obama2.jpg", 626, 1200),
        ("obama3.jpg", 1434, 2333),
    ] {
        if let Some(picture) = shared("faces/portraits", name) {
            let face = FaceImage::new(picture).unwrap();
            assert_eq!(
                (face.format, face.width, face.height),
                (ImageFormat::Jpeg, width, height)
            );
        }
    }
}

#[test]
fn every_truncation_and_any_lying_length_of_a_sample_is_an_error() {
    let Some(file) = sample("ICAO_39794_5_AP_DG2_MandFields.dat") else {
        return;
    };
    for length in 0..file.len() {
        assert!(Dg2::parse(&file[..length]).is_err());
    }
    for position in [2, 3, 7, 8, 14, 15, 16, 30, 31] {
        let mut lying = file.clone();
        lying[position] = 0xFE;
        assert!(Dg2::parse(&lying).is_err(), "length byte {position}");
    }
}

#[test]
fn several_faces_in_one_record_and_in_several_templates_come_in_their_order() {
    let first = FaceImage::new(jpeg(240, 320)).unwrap();
    let second = FaceImage::new(codestream(413, 531)).unwrap();
    let file = Dg2 {
        faces: vec![first.clone(), second.clone()],
    }
    .encode()
    .unwrap();
    assert_eq!(Dg2::parse(&file).unwrap().faces, [first.clone(), second.clone()]);

    let records = [&first, &second].map(|face| super::iso19794_5::encode(face).unwrap());
    let mut record = [&records[0][..], &records[1][14..]].concat();
    let length = (record.len() as u32).to_be_bytes();
    record[8..12].copy_from_slice(&length);
    record[13] = 2;
    assert_eq!(
        Dg2::parse(&around(0x5F2E, &record)).unwrap().faces,
        [first, second]
    );
    record[13] = 1;
    assert!(Dg2::parse(&around(0x5F2E, &record)).is_err());
}

#[test]
fn feature_points_are_passed_over() {
    let face = FaceImage::new(jpeg(240, 320)).unwrap();
    let mut record = super::iso19794_5::encode(&face).unwrap();
    record.splice(34..34, [0xAB; 16]);
    record[19] = 2;
    for position in [11, 17] {
        record[position] += 16;
    }
    assert_eq!(Dg2::parse(&around(0x5F2E, &record)).unwrap().faces, [face]);
}

#[test]
fn a_file_without_a_face_is_read_as_such() {
    let file = Dg2 { faces: vec![] }.encode().unwrap();
    assert_eq!(file, [0x75, 6, 0x7F, 0x61, 3, 2, 1, 0]);
    assert_eq!(Dg2::parse(&file).unwrap().faces, []);
}

#[test]
fn says_what_it_does_not_read() {
    assert!(matches!(
        Dg2::parse(&around(0x5F2E, b"FIR\0")),
        Err(LdsError::Unsupported { .. })
    ));
    assert!(matches!(
        Dg2::parse(&around(0x5F2F, b"FAC\0")),
        Err(LdsError::Unsupported { .. })
    ));
    assert!(matches!(
        FaceImage::new(b"GIF89a".to_vec()),
        Err(LdsError::Unsupported { .. })
    ));
}

#[test]
fn a_picture_that_a_record_cannot_describe_is_not_written() {
    let faces = vec![FaceImage::new(codestream(70_000, 10)).unwrap()];
    assert!(matches!(Dg2 { faces }.encode(), Err(LdsError::DoesNotFit { .. })));
}

fn faces() -> impl Strategy<Value = FaceImage> {
    let data = prop::collection::vec(any::<u8>(), 0..400);
    let kinds = any::<(bool, bool)>();
    (1..=u16::MAX, 1..=u16::MAX, kinds, data).prop_map(|(width, height, (old, new_record), data)| {
        let mut image = if old {
            jpeg(width, height)
        } else {
            codestream(width.into(), height.into())
        };
        image.extend(data);
        let mut face = FaceImage::new(image).unwrap();
        if new_record {
            face.encoding = FaceEncoding::Iso39794_5;
        }
        face
    })
}

proptest! {
    #[test]
    fn survives_a_round_trip(faces in prop::collection::vec(faces(), 0..4)) {
        let dg2 = Dg2 { faces };
        prop_assert_eq!(Dg2::parse(&dg2.encode().unwrap()), Ok(dg2));
    }

    #[test]
    fn fails_on_every_truncation(face in faces()) {
        let file = Dg2 { faces: vec![face] }.encode().unwrap();
        for length in 0..file.len() {
            prop_assert!(Dg2::parse(&file[..length]).is_err());
        }
    }

    #[test]
    fn never_panics_when_a_byte_is_altered(face in faces(), position: prop::sample::Index, byte in any::<u8>()) {
        let mut file = Dg2 { faces: vec![face] }.encode().unwrap();
        let index = position.index(file.len());
        file[index] = byte;
        let _ = Dg2::parse(&file);
    }
}
