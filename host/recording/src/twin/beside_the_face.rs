//! What DG2 holds beside its templates and pictures (Doc 9303-10, 4.7.2).

use std::ops::Range;

use super::biometric_header;

/// Empties what stands beside the templates and the pictures, in a file that was cut as far as it goes.
pub(super) fn empty(bytes: &mut [u8], pictures: &[Range<usize>]) {
    const AROUND: [&[u32]; 3] = [&[0x75], &[0x7F61], &[0x7F60]];
    const DATA: [u32; 2] = [0x5F2E, 0x7F2E];
    const COUNT: u32 = 0x02;
    let mut level: Vec<Range<usize>> = std::iter::once(0..bytes.len()).collect();
    for tags in AROUND {
        let mut inside = Vec::new();
        for (tag, value) in level
            .iter()
            .flat_map(|range| clipped(bytes, range))
            .collect::<Vec<_>>()
        {
            if tags.contains(&tag) {
                inside.push(value);
            } else if !(tag == COUNT && value.len() == 1) {
                bytes[value].fill(0);
            }
        }
        level = inside;
    }
    for (tag, value) in level
        .iter()
        .flat_map(|range| clipped(bytes, range))
        .collect::<Vec<_>>()
    {
        let shown = pictures.iter().filter(|picture| value.contains(&picture.start));
        if DATA.contains(&tag) {
            // Behind the last picture.
            let end = shown.map(|picture| picture.end).max();
            if let Some(end) = end.filter(|end| *end < value.end) {
                bytes[end..value.end].fill(0);
            }
        } else if tag != biometric_header::TEMPLATE {
            bytes[value].fill(0);
        }
    }
}

/// Tags and values of the objects in a part of a file; the last one may end before its length says.
fn clipped(bytes: &[u8], range: &Range<usize>) -> Vec<(u32, Range<usize>)> {
    let mut found = Vec::new();
    let mut at = range.start;
    while let Some(rest) = bytes.get(at..range.end).filter(|rest| !rest.is_empty()) {
        let Ok((tag, header, length)) = chipgate_apdu::tlv::header(rest) else {
            found.push((0, at..range.end));
            break;
        };
        let start = (at + header).min(range.end);
        let end = start.saturating_add(length).min(range.end);
        found.push((tag.0, start..end));
        at = end;
    }
    found
}
