//! CBEFF's header, beside the data that it describes (Doc 9303-10, 4.7.2): what the data are is kept; when they were taken, by
//! whom, and how long they hold is not.

use std::ops::Range;

use chipgate_apdu::tlv;

use super::der::{self, Node};

/// The header's tag. In DG16 the same tag holds a person.
pub(super) const TEMPLATE: u32 = 0xA1;
/// The template that it is the first thing in.
const INFORMATION_TEMPLATE: [u8; 2] = [0x7F, 0x60];
/// Version, type, subtype, owner and type of the format, each of a few bytes.
const KEPT: [u32; 5] = [0x80, 0x81, 0x82, 0x87, 0x88];
const LONGEST_KEPT: usize = 3;
/// A date of creation and a period of validity.
const CREATED: (u32, &[u8]) = (0x83, &[0x20, 0x20, 0x01, 0x01, 0x00, 0x00, 0x00]);
const VALID: (u32, &[u8]) = (0x85, &[0x20, 0x20, 0x01, 0x01, 0x20, 0x30, 0x01, 0x01]);

/// Exchanges what a header says.
pub(super) fn invent(bytes: &mut [u8], header: &Node) {
    let Some(fields) = header.children(bytes) else {
        bytes[header.value.clone()].fill(0);
        return;
    };
    let is_kept = |field: &Node| KEPT.contains(&field.tag) && field.value.len() <= LONGEST_KEPT;
    for field in fields.into_iter().filter(|field| !is_kept(field)) {
        let date = [CREATED, VALID].into_iter().find(|(tag, _)| *tag == field.tag);
        let value = &mut bytes[field.value];
        value.fill(0);
        for (new, date) in value.iter_mut().zip(date.map_or(&[][..], |(_, date)| date)) {
            *new = *date;
        }
    }
}

/// Exchanges what the headers say that begin in this part of a file; one that was cut is emptied.
pub(super) fn invent_all(bytes: &mut [u8], part: Range<usize>) {
    let mut from = part.start;
    while let Some(found) = bytes
        .get(from..part.end)
        .and_then(|rest| der::find(rest, &INFORMATION_TEMPLATE))
    {
        let at = from + found.start;
        from += found.end;
        let Ok((_, length, _)) = tlv::header(&bytes[at..]) else {
            continue;
        };
        let start = at + length;
        match der::node(bytes, start, bytes.len()) {
            Some(header) if header.tag == TEMPLATE => invent(bytes, &header),
            None if bytes.get(start) == Some(&(TEMPLATE as u8)) => bytes[start + 1..].fill(0),
            _ => {}
        }
    }
}
