//! What tells a holder, however it is written, and where it is looked for.

use std::collections::{BTreeMap, HashSet};

use chipgate_lds::{DataGroup, Dg2, File};
use chipgate_virtual_card::CardFile;

/// What must not be found: passwords, names, numbers, dates, keys, the signature and the portrait.
pub fn needles(card: &CardFile, files: &BTreeMap<File, Vec<u8>>) -> Vec<Vec<u8>> {
    let mut needles: Vec<Vec<u8>> = Vec::new();
    let zone = card.passwords.mrz.as_str();
    let parsed = chipgate_lds::Mrz::parse(zone).unwrap();
    for name in [&parsed.names.primary, &parsed.names.secondary] {
        for part in name.split([' ', '<']).filter(|part| part.len() >= 4) {
            needles.extend(part.as_bytes().windows(4).map(<[u8]>::to_vec));
        }
    }
    needles.push(parsed.document_number.clone().into_bytes());
    needles.push(parsed.birth_date.as_str().as_bytes().to_vec());
    needles.extend(
        card.passwords
            .can
            .iter()
            .map(|can| can.as_str().as_bytes().to_vec()),
    );
    let windows = |bytes: &[u8], length: usize| {
        bytes
            .chunks(length)
            .filter(|chunk| chunk.len() == length && chunk.iter().any(|byte| *byte != chunk[0]))
            .map(<[u8]>::to_vec)
            .collect::<Vec<_>>()
    };
    if let Some(sod) = files.get(&File::Sod) {
        needles.extend(windows(&sod[sod.len() - 48..], 8)); // the signature is the last thing in it
    }
    if let Some(dg15) = files.get(&File::DataGroup(DataGroup::DG15)) {
        needles.extend(windows(&dg15[dg15.len() - 64..], 8).into_iter().skip(1).take(6));
    }
    if let Some(dg2) = files
        .get(&File::DataGroup(DataGroup::DG2))
        .and_then(|dg2| Dg2::parse(dg2).ok())
    {
        for face in dg2.faces {
            // Behind the start of the scan, where the picture itself is.
            let scan = face
                .image
                .windows(2)
                .position(|pair| pair == [0xFF, 0xDA])
                .unwrap_or(0)
                + 16;
            needles.extend(windows(&face.image[scan.min(face.image.len())..], 8));
        }
    }
    for number in [11, 12, 13, 16] {
        let group = DataGroup::all().find(|group| group.number() == number).unwrap();
        needles.extend(
            files
                .get(&File::DataGroup(group))
                .into_iter()
                .flat_map(|bytes| texts(bytes)),
        );
    }
    needles.extend(
        zone.lines()
            .map(|line| line.as_bytes()[..line.len() / 2].to_vec()),
    );
    needles.extend(card.passwords.qr.iter().map(|qr| qr.as_str().as_bytes().to_vec()));
    needles.extend(
        card.keys
            .chip_authentication
            .iter()
            .map(|key| key.private_key.0.as_bytes().to_vec()),
    );
    if let Some(dg13) = files.get(&File::DataGroup(DataGroup::DG13)) {
        let dg13 = chipgate_lds::Dg13Vietnam::parse(dg13);
        if let Ok(dg13) = dg13 {
            use chipgate_lds::vietnam::CitizenField;
            for field in [
                CitizenField::Number,
                CitizenField::Name,
                CitizenField::BirthDate,
                CitizenField::Residence,
            ] {
                needles.extend(dg13.text(field).map(|text| text.as_bytes().to_vec()));
            }
        }
    }
    needles.into_iter().filter(|needle| needle.len() >= 4).collect()
}

/// The words in a file: what reads as six letters or digits at least. The state is named by its authorities, too, and stays.
fn texts(file: &[u8]) -> Vec<Vec<u8>> {
    file.split(|byte| !byte.is_ascii_alphanumeric())
        .filter(|word| word.len() >= 6 && *word != b"Utopia" && word.iter().any(|byte| *byte != word[0]))
        .map(<[u8]>::to_vec)
        .collect()
}

/// Bytes to search in, with what stands four at a time in them.
pub struct Haystack {
    bytes: Vec<u8>,
    fours: HashSet<[u8; 4]>,
}

impl Haystack {
    pub fn new(bytes: Vec<u8>) -> Self {
        let fours = bytes.windows(4).map(|four| four.try_into().unwrap()).collect();
        Self { bytes, fours }
    }

    pub fn holds(&self, needle: &[u8]) -> bool {
        let (Some(first), Some(last)) = (needle.first_chunk(), needle.last_chunk()) else {
            return false; // too short to tell anyone
        };
        self.fours.contains(first)
            && self.fours.contains(last)
            && self.bytes.windows(needle.len()).any(|part| part == needle)
    }
}

/// The ways to write something: as it is, in hexadecimal digits, in base64 wherever it begins, in UTF-16, as digits two a byte, and a
/// date with its day before its year.
pub fn encodings(needle: &[u8]) -> Vec<Vec<u8>> {
    let wide = |order: fn(u16) -> [u8; 2]| needle.iter().flat_map(|&byte| order(byte.into())).collect();
    let mut forms: Vec<Vec<u8>> = vec![
        needle.to_vec(),
        hex::encode(needle).into_bytes(),
        hex::encode_upper(needle).into_bytes(),
        wide(u16::to_be_bytes),
        wide(u16::to_le_bytes),
        needle.to_ascii_lowercase(),
        needle.to_ascii_uppercase(),
        needle.iter().rev().copied().collect(),
    ];
    forms.extend((0..3).map(|skipped| base64(needle.get(skipped..).unwrap_or_default())));
    if needle.iter().all(u8::is_ascii_digit) {
        forms.extend(hex::decode(needle));
        if needle.len() == 6 {
            let (year, month, day) = (&needle[..2], &needle[2..4], &needle[4..]);
            for century in [&b"19"[..], b"20"] {
                for date in [
                    [century, year, month, day].concat(),
                    [day, month, century, year].concat(),
                ] {
                    forms.extend(hex::decode(&date));
                    forms.push(date);
                }
                for between in [&b"/"[..], b".", b"-", b" "] {
                    forms.push([day, between, month, between, century, year].concat());
                    forms.push([century, year, between, month, between, day].concat());
                }
            }
            forms.push([day, month, year].concat());
        }
    }
    forms
}

/// The digits of whole groups of three bytes.
fn base64(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let groups = bytes
        .chunks_exact(3)
        .map(|group| u32::from_be_bytes([0, group[0], group[1], group[2]]));
    groups
        .flat_map(|group| [18, 12, 6, 0].map(|shift| DIGITS[(group >> shift) as usize & 63]))
        .collect()
}

/// The search finds what is there, however it is written.
#[test]
fn what_is_left_is_found_in_every_encoding() {
    for written in [
        b"740812".to_vec(),
        b"19740812".to_vec(),
        b"12.08.1974".to_vec(),
        b"120874".to_vec(),
        vec![0x19, 0x74, 0x08, 0x12],
        b"373430383132".to_vec(),
        b"\x007\x004\x000\x008\x001\x002".to_vec(),
        b"NzQwODEy".to_vec(),
        b"218047".to_vec(),
    ] {
        let haystack = Haystack::new([b"before ".to_vec(), written.clone(), b" behind".to_vec()].concat());
        assert!(
            encodings(b"740812").iter().any(|form| haystack.holds(form)),
            "{}",
            String::from_utf8_lossy(&written)
        );
    }
    assert!(
        !encodings(b"740812")
            .iter()
            .any(|form| Haystack::new(b"740813 and 1974".to_vec()).holds(form))
    );
}
