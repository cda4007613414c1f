//! Data groups with everything personal in them exchanged, each as long as it was.

use std::ops::Range;

use chipgate_lds::{File, parse_dg14, parse_dg15};
use rand_core::CryptoRng;

use super::{
    biometric_header,
    der::{self, Node},
    elementary_files::{self, Keys},
    face,
    mrz::InventedMrz,
    portrait,
    text::Words,
};

const BIOMETRIC_DATA: [u32; 2] = [0x5F2E, 0x7F2E];
/// What every record of ISO/IEC 19794 begins with: its format, and its version in three digits.
const RECORD_NAME: usize = 8;
const RECORDS: [&[u8]; 4] = [b"FAC\0", b"FIR\0", b"FMR\0", b"IIR\0"];
/// Two tags and two lengths stand before the characters of DG1.
const LONGEST_HEADER: usize = 7;

/// What is invented for a holder.
pub(super) struct Invention<'a, R> {
    pub(super) mrz: &'a InventedMrz,
    pub(super) words: Words,
    pub(super) exchanged: elementary_files::Exchanged,
    pub(super) rng: &'a mut R,
}

impl<R: CryptoRng> Invention<'_, R> {
    /// The file with everything personal exchanged. Of files without personal data what is known of them is left as it is.
    pub(super) fn file(&mut self, file: File, original: &[u8]) -> Vec<u8> {
        let mut bytes = original.to_vec();
        let File::DataGroup(group) = file else {
            elementary_files::invent(file, &mut bytes, &mut self.exchanged, self.rng);
            return bytes;
        };
        match group.number() {
            1 => self.machine_readable_zone(&mut bytes),
            2 => self.face(&mut bytes),
            // Their keys are exchanged elsewhere; what can't be read may hold one all the same.
            14 if parse_dg14(original).is_ok() => {
                elementary_files::security_infos(
                    &mut bytes,
                    Keys::AreExchanged,
                    &mut self.exchanged,
                    self.rng,
                );
            }
            15 if parse_dg15(original).is_ok() => {}
            14 | 15 => self.behind_the_header(&mut bytes),
            _ => self.anything(&mut bytes),
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
                if start > LONGEST_HEADER {
                    self.anything(bytes); // something else stands before it
                }
                bytes[start..start + other.len()].copy_from_slice(&other);
                return;
            }
        }
        self.anything(bytes);
    }

    /// The pictures exchanged, and what stands beside them.
    fn face(&mut self, bytes: &mut [u8]) {
        let pictures = face::pictures(bytes);
        if pictures.is_empty() {
            self.without_picture(bytes);
        } else if !face::invent(bytes, &pictures) {
            self.anything(bytes);
        }
    }

    /// A template without a picture is kept: it may be that of a child.
    fn without_picture(&mut self, bytes: &mut [u8]) {
        const LONGEST_EMPTY: usize = 128;
        if bytes.len() > LONGEST_EMPTY {
            self.anything(bytes);
        } else {
            face::invent(bytes, &[]);
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
            if biometric && node.tag == biometric_header::TEMPLATE {
                biometric_header::invent(bytes, &node);
                continue;
            }
            if says_how_it_is_built(node.tag, &bytes[node.value.clone()]) {
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
        let is_picture = face::PICTURES.iter().any(|start| value.starts_with(start));
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
        if is_record(value) {
            other[..RECORD_NAME].copy_from_slice(&value[..RECORD_NAME]);
        }
        other
    }
}

/// Whether a value says how a file is built, and nothing of a holder: a list of tags, a version, an identifier, a count.
fn says_how_it_is_built(tag: u32, value: &[u8]) -> bool {
    let digits = |count: usize| value.len() == count && value.iter().all(u8::is_ascii_digit);
    match tag {
        0x5C => is_list_of_tags(value),
        0x5F01 => digits(4),
        0x5F36 => digits(6),
        0x06 => elementary_files::is_identifier(value),
        0x01 | 0x02 | 0x0A => value.len() == 1,
        0x05 => value.is_empty(),
        _ => false,
    }
}

/// Tags that data groups have inside: 5Fxx, and A0 to AF.
fn is_list_of_tags(value: &[u8]) -> bool {
    match value {
        [] => true,
        [0x5F, _, rest @ ..] | [0xA0..=0xAF, rest @ ..] => is_list_of_tags(rest),
        _ => false,
    }
}

fn is_record(value: &[u8]) -> bool {
    let version = value.get(4..RECORD_NAME - 1).unwrap_or_default();
    value.len() > RECORD_NAME
        && RECORDS.iter().any(|name| value.starts_with(name))
        && version.iter().all(u8::is_ascii_digit)
        && value[RECORD_NAME - 1] == 0
}
