//! Data groups with everything personal in them exchanged, each as long as it was.

use std::ops::Range;

use chipgate_lds::{Dg2, File, parse_dg14, parse_dg15};
use rand_core::CryptoRng;

use super::{
    der::{self, Node},
    mrz::InventedMrz,
    portrait,
    text::Words,
};

/// Tags whose values say how a file is built: lists of tags, versions, identifiers.
const STRUCTURAL: [u32; 7] = [0x5C, 0x5F01, 0x5F36, 0x06, 0x05, 0x01, 0x0A];
/// CBEFF's header, beside the data that it describes (Doc 9303-10, 4.7.2). In DG16 the same tag holds a person.
const BIOMETRIC_HEADER: u32 = 0xA1;
const BIOMETRIC_DATA: [u32; 2] = [0x5F2E, 0x7F2E];
/// The record of a face (ISO/IEC 19794-5): header, facial information without its length field.
const FACE_RECORD: &[u8] = b"FAC\0";
const FACE_HEADER: usize = 14;
/// Gender, colours, features, expression and pose behind length and number of points.
const FACE_PERSONAL: Range<usize> = 6..20;
/// What every record of ISO/IEC 19794 begins with: its format and its version.
const RECORD_NAME: usize = 8;
/// What pictures begin with.
const PICTURES: [&[u8]; 3] = [
    &[0xFF, 0xD8, 0xFF],
    &[0, 0, 0, 12, b'j', b'P'],
    &[0xFF, 0x4F, 0xFF, 0x51],
];

/// What is invented for a holder.
pub(super) struct Invention<'a, R> {
    pub(super) mrz: &'a InventedMrz,
    pub(super) words: Words,
    pub(super) rng: &'a mut R,
}

impl<R: CryptoRng> Invention<'_, R> {
    /// The file with everything personal exchanged. Files without personal data are left as they are.
    pub(super) fn file(&mut self, file: File, original: &[u8]) -> Vec<u8> {
        let mut bytes = original.to_vec();
        if let File::DataGroup(group) = file {
            match group.number() {
                1 => self.machine_readable_zone(&mut bytes),
                2 => self.face(&mut bytes),
                // Their keys are exchanged elsewhere; what can't be read may hold one all the same.
                14 if parse_dg14(original).is_ok() => {}
                15 if parse_dg15(original).is_ok() => {}
                14 | 15 => self.behind_the_header(&mut bytes),
                _ => self.anything(&mut bytes),
            }
        }
        bytes
    }

    fn machine_readable_zone(&mut self, bytes: &mut [u8]) {
        // The value is found by its length even where the file is cut or lies.
        for start in 0..bytes.len() {
            let rest = &bytes[start..];
            let is_text = |part: &[u8]| {
                part.iter()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'<')
            };
            let length = [90, 88, 72]
                .into_iter()
                .find(|length| rest.get(..*length).is_some_and(is_text) && rest.len() == *length);
            if let Some(other) = length.and_then(|length| self.mrz.apply(&rest[..length])) {
                bytes[start..start + other.len()].copy_from_slice(&other);
                return;
            }
        }
        self.anything(bytes);
    }

    /// The pictures exchanged, and what the record says of the face beside them.
    fn face(&mut self, bytes: &mut [u8]) {
        let pictures = Dg2::parse(bytes).map_or_else(
            |_| first_picture(bytes).into_iter().collect(),
            |dg2| places(bytes, dg2.faces.iter().map(|face| face.image.as_slice())),
        );
        if pictures.is_empty() {
            return self.without_picture(bytes);
        }
        for place in &pictures {
            let other = portrait::invented(&bytes[place.clone()]);
            der::put(bytes, place, &other);
        }
        face_records(bytes, &pictures);
    }

    /// A template without a picture is kept: it may be that of a child.
    fn without_picture(&mut self, bytes: &mut [u8]) {
        const LONGEST_EMPTY: usize = 128;
        if bytes.len() > LONGEST_EMPTY {
            self.anything(bytes);
        } else {
            face_records(bytes, &[]);
        }
    }

    /// Any file: texts by texts, pictures by pictures, the rest by random bytes.
    fn anything(&mut self, bytes: &mut [u8]) {
        match Node::only(bytes) {
            Some(node) if node.is_constructed() => self.inside(bytes, &node.value, 0),
            // Cut or lying: what stands behind the header is personal all the same.
            _ => self.behind_the_header(bytes),
        }
    }

    fn behind_the_header(&mut self, bytes: &mut [u8]) {
        let start = chipgate_apdu::tlv::header(bytes).map_or(0, |(_, header, _)| header);
        if let Some(rest) = bytes.get_mut(start..) {
            self.rng.fill_bytes(rest);
        }
    }

    fn inside(&mut self, bytes: &mut [u8], range: &Range<usize>, depth: usize) {
        let Some(nodes) = der::children(bytes, range).filter(|_| depth < der::DEEPEST) else {
            return self.value(bytes, range);
        };
        let biometric = nodes.iter().any(|node| BIOMETRIC_DATA.contains(&node.tag));
        for node in nodes {
            if biometric && node.tag == BIOMETRIC_HEADER {
                continue;
            }
            if STRUCTURAL.contains(&node.tag) || (node.tag == 0x02 && node.value.len() <= 2) {
                continue;
            }
            if node.is_constructed() {
                self.inside(bytes, &node.value, depth + 1);
            } else {
                self.value(bytes, &node.value);
            }
        }
    }

    fn value(&mut self, bytes: &mut [u8], range: &Range<usize>) {
        let value = bytes[range.clone()].to_vec();
        let is_picture = PICTURES.iter().any(|start| value.starts_with(start));
        let other = match core::str::from_utf8(&value) {
            _ if is_picture => portrait::invented(&value),
            Ok(text) if !text.chars().any(char::is_control) => self.words.invent(text, self.rng).into_bytes(),
            _ => self.binary(&value),
        };
        der::put(bytes, range, &other);
    }

    /// A date in two digits a byte is a date again; a record keeps its name.
    fn binary(&mut self, value: &[u8]) -> Vec<u8> {
        let digits = hex::encode(value);
        if value.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_digit()) {
            let other = self.words.invent(&digits, self.rng);
            if let Ok(other) = hex::decode(other) {
                return other;
            }
        }
        let mut other = vec![0; value.len()];
        self.rng.fill_bytes(&mut other);
        if value.len() > RECORD_NAME && value[3] == 0 && value[..3].iter().all(u8::is_ascii_uppercase) {
            other[..RECORD_NAME].copy_from_slice(&value[..RECORD_NAME]);
        }
        other
    }
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
    let points = picture.map(|picture| personal.end..picture.start.saturating_sub(12));
    for place in [Some(personal), points].into_iter().flatten() {
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
