//! Where the fields of a machine readable zone stand, and its check digits.

#![expect(
    clippy::single_range_in_vec_init,
    reason = "a check digit covers a list of ranges"
)]

use std::ops::Range;

/// Where the fields of a machine readable zone stand, its lines one after the other (Doc 9303-4, -5, -6).
pub(super) struct Layout {
    pub(super) line: usize,
    pub(super) number: Range<usize>,
    pub(super) birth: Range<usize>,
    pub(super) expiry: Range<usize>,
    pub(super) names: Range<usize>,
    pub(super) optional: &'static [Range<usize>],
    /// Each check digit, and what it covers; the composite one comes last.
    pub(super) checks: &'static [(usize, &'static [Range<usize>])],
}

pub(super) const TD1: Layout = Layout {
    line: 30,
    number: 5..14,
    birth: 30..36,
    expiry: 38..44,
    names: 60..90,
    optional: &[15..30, 48..59],
    checks: &[
        (14, &[5..14]),
        (36, &[30..36]),
        (44, &[38..44]),
        (59, &[5..30, 30..37, 38..45, 48..59]),
    ],
};
pub(super) const TD2: Layout = Layout {
    line: 36,
    number: 36..45,
    birth: 49..55,
    expiry: 57..63,
    names: 5..36,
    optional: &[64..71],
    checks: &[
        (45, &[36..45]),
        (55, &[49..55]),
        (63, &[57..63]),
        (71, &[36..46, 49..56, 57..71]),
    ],
};
pub(super) const TD3: Layout = Layout {
    line: 44,
    number: 44..53,
    birth: 57..63,
    expiry: 65..71,
    names: 5..44,
    optional: &[72..86],
    checks: &[
        (53, &[44..53]),
        (63, &[57..63]),
        (71, &[65..71]),
        (86, &[72..86]),
        (87, &[44..54, 57..64, 65..87]),
    ],
};
/// The check digit that a Vietnamese citizen card has over its number, at the end of the optional data.
pub(super) const CITIZEN_CHECK: (usize, &[Range<usize>]) = (29, &[15..29]);
pub(super) const CITIZEN_NUMBER: Range<usize> = 15..27;

impl Layout {
    /// That of a zone with so many characters.
    pub(super) const fn of(length: usize) -> Option<&'static Self> {
        match length {
            90 => Some(&TD1),
            72 => Some(&TD2),
            88 => Some(&TD3),
            _ => None,
        }
    }
}

/// The zone with the right check digit over all of it.
pub(in crate::twin) fn with_composite_digit(zone: String) -> String {
    let Some(layout) = Layout::of(zone.len()) else {
        return zone;
    };
    let mut bytes = zone.into_bytes();
    if let Some((place, covered)) = layout.checks.last() {
        bytes[*place] = check_digit(&bytes, covered);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The check digit over parts of a zone (Doc 9303-3, 4.9).
pub(super) fn check_digit(text: &[u8], covered: &[Range<usize>]) -> u8 {
    let characters = covered
        .iter()
        .flat_map(|range| text.get(range.clone()).unwrap_or_default());
    let sum: u32 = characters
        .zip([7, 3, 1].iter().cycle())
        .map(|(&character, weight)| {
            let value = match character {
                b'0'..=b'9' => character - b'0',
                b'A'..=b'Z' => character - b'A' + 10,
                _ => 0,
            };
            u32::from(value) * weight
        })
        .sum();
    b'0' + (sum % 10) as u8
}
