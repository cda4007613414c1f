//! An invented machine readable zone of the same form as the recorded one.

mod dates;
mod layout;
#[cfg(test)]
mod tests;

use std::ops::Range;

use chipgate_apdu::Timestamp;
use chipgate_lds::{Date, Mrz, NameAgreement};
use rand_core::CryptoRng;

use super::text;
use dates::{other_birth, other_expiry};
pub(super) use layout::with_composite_digit;
use layout::{CITIZEN_CHECK, CITIZEN_NUMBER, Layout, TD1, TD3, check_digit};

/// Behind the document number and its check digit the MRZ information has two dates with theirs.
const DATES_IN_KEY: usize = 14;

/// The recorded zone, and the one invented for it.
pub(super) struct InventedMrz {
    layout: &'static Layout,
    original: Vec<u8>,
    invented: Vec<u8>,
}

impl InventedMrz {
    /// Invents one for a zone, whose lines may or may not be separated; `None` if it is none.
    pub(super) fn new(original: &str, now: Timestamp, rng: &mut impl CryptoRng) -> Option<Self> {
        let original: Vec<u8> = original
            .bytes()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        let layout = Layout::of(original.len())?;
        if !original.is_ascii() {
            return None;
        }
        let mut this = Self {
            layout,
            invented: original.clone(),
            original,
        };
        this.invent(now, rng);
        Some(this)
    }

    fn invent(&mut self, now: Timestamp, rng: &mut impl CryptoRng) {
        let Layout {
            number,
            birth,
            expiry,
            names,
            optional,
            ..
        } = self.layout;
        for range in [number, names].into_iter().chain(optional.iter()) {
            let other = text::invent_characters(&self.original[range.clone()], rng);
            self.invented[range.clone()].copy_from_slice(&other);
        }
        let today = Date::from_timestamp(now)
            .map_or((26, 1, 1), |date| ((date.year % 100) as u8, date.month, date.day));
        let other = other_birth(&self.original[birth.clone()], today, rng);
        self.invented[birth.clone()].copy_from_slice(&other);
        let other = other_expiry(&self.original[expiry.clone()], today, rng);
        self.invented[expiry.clone()].copy_from_slice(&other);
        if self.is_citizen_card() {
            self.invent_citizen_number();
        }
        self.invented = self.with_checks(&self.original.clone(), self.invented.clone());
    }

    fn is_citizen_card(&self) -> bool {
        self.has_citizen_number(&self.original)
    }

    /// Whether the optional data hold a citizen's number whose last nine digits are the document number.
    fn has_citizen_number(&self, zone: &[u8]) -> bool {
        self.layout.line == TD1.line
            && zone[CITIZEN_NUMBER].iter().all(u8::is_ascii_digit)
            && zone[CITIZEN_NUMBER.start + 3..CITIZEN_NUMBER.end] == zone[TD1.number]
    }

    /// Century and sex as they were, the new year of birth, and digits that the document number repeats.
    fn invent_citizen_number(&mut self) {
        self.invented[18] = self.original[18];
        let year = [self.invented[TD1.birth.start], self.invented[TD1.birth.start + 1]];
        self.invented[19..21].copy_from_slice(&year);
        let repeated = self.invented[18..27].to_vec();
        self.invented[TD1.number].copy_from_slice(&repeated);
    }

    /// Check digits that were right are right again; others stay wrong.
    fn with_checks(&self, original: &[u8], mut invented: Vec<u8>) -> Vec<u8> {
        let citizen = (self.is_citizen_card() || self.has_citizen_number(original))
            .then(|| (CITIZEN_CHECK.0, CITIZEN_CHECK.1.to_vec()));
        let fixed = self
            .layout
            .checks
            .iter()
            .map(|(place, covered)| (*place, covered.to_vec()));
        // The composite check digit covers the others, so it comes last.
        let checks = citizen
            .into_iter()
            .chain(self.long_number_check(original))
            .chain(fixed);
        for (place, covered) in checks {
            let was = check_digit(original, &covered);
            let is = check_digit(&invented, &covered);
            invented[place] = match original[place] {
                b'<' => b'<',
                digit if digit == was => is,
                _ => b'0' + (is - b'0' + 1) % 10,
            };
        }
        invented
    }

    /// The check digit of a number that goes on in the optional data of a TD1 or a TD2, and what it covers (Doc 9303-5 and -6,
    /// 4.2.2).
    fn long_number_check(&self, zone: &[u8]) -> Option<(usize, Vec<Range<usize>>)> {
        let Layout { line, number, .. } = self.layout;
        let goes_on = zone.get(number.end - 1..=number.end)?;
        if *line == TD3.line || goes_on[0] == b'<' || goes_on[1] != b'<' {
            return None;
        }
        let rest = self.layout.optional.first()?.clone();
        let optional = zone.get(rest.clone())?;
        let end = optional.iter().position(|&byte| byte == b'<');
        let place = rest.start + end.unwrap_or(optional.len()).checked_sub(1)?;
        Some((place, vec![number.clone(), rest.start..place]))
    }

    /// The lines, one under the other.
    pub(super) fn lines(&self) -> String {
        self.lines_of(&self.invented)
    }

    /// Whether this is the name of the recorded zone, written out.
    pub(super) fn has_name(&self, name: &str) -> bool {
        Mrz::parse(&self.lines_of(&self.original)).is_ok_and(|zone| {
            matches!(
                zone.name_agreement(name),
                NameAgreement::Same | NameAgreement::Cut
            )
        })
    }

    /// The invented name, as a card would write it.
    pub(super) fn name(&self) -> String {
        let field = String::from_utf8_lossy(&self.invented[self.layout.names.clone()]).into_owned();
        let words = field.split('<').filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join(" ")
    }

    fn lines_of(&self, zone: &[u8]) -> String {
        let lines: Vec<_> = zone
            .chunks(self.layout.line)
            .map(String::from_utf8_lossy)
            .collect();
        lines.join("\n")
    }

    /// Another zone of the same document, changed as this one was: what differed still does.
    pub(super) fn apply(&self, other: &[u8]) -> Option<Vec<u8>> {
        if other.len() != self.original.len() {
            return None;
        }
        let shifted = other
            .iter()
            .zip(&self.original)
            .zip(&self.invented)
            .map(|((&other, &original), &invented)| shift(other, original, invented));
        Some(self.with_checks(other, shifted.collect()))
    }

    /// Document number, dates of birth and expiry, each with its check digit (Doc 9303-11, 9.7.2).
    pub(super) fn information(&self, original: &str) -> String {
        let (ours, invented) = (
            self.information_of(&self.original),
            self.information_of(&self.invented),
        );
        // A password that is not that of the zone stays another one.
        if original == ours {
            return invented;
        }
        let mut other = invented.into_bytes();
        if let Some(first) = other.first_mut() {
            *first = if *first == b'Q' { b'K' } else { b'Q' };
        }
        // A long number stands there in full (Doc 9303-11, appendix D.2).
        let place = other.len().saturating_sub(DATES_IN_KEY + 1);
        let digit = check_digit(&other, std::slice::from_ref(&(0..place)));
        if let Some(place) = other.get_mut(place) {
            *place = digit;
        }
        String::from_utf8_lossy(&other).into_owned()
    }

    fn information_of(&self, zone: &[u8]) -> String {
        let Layout {
            number,
            birth,
            expiry,
            ..
        } = self.layout;
        let with_check = |range: &Range<usize>| &zone[range.start..=range.end];
        let number = match self.long_number_check(zone) {
            Some((place, covered)) => {
                let rest = covered.last().map_or(place..place, Clone::clone);
                [&zone[number.clone()], &zone[rest.start..=place]].concat()
            }
            None => with_check(number).to_vec(),
        };
        let parts = [number.as_slice(), with_check(birth), with_check(expiry)];
        String::from_utf8_lossy(&parts.concat()).into_owned()
    }

    /// The last six digits of the number of a citizen card, which are its card access number.
    pub(super) fn citizen_access_number(&self) -> Option<(String, String)> {
        let last = |text: &[u8]| String::from_utf8_lossy(&text[21..27]).into_owned();
        self.is_citizen_card()
            .then(|| (last(&self.original), last(&self.invented)))
    }

    /// Words that stand in both zones' places: what other files repeat of the holder.
    pub(super) fn pairs(&self) -> Vec<(String, String)> {
        let Layout {
            number,
            birth,
            expiry,
            ..
        } = self.layout;
        let part = |text: &[u8], range: &Range<usize>| {
            String::from_utf8_lossy(&text[range.clone()])
                .trim_end_matches('<')
                .to_owned()
        };
        let mut pairs = vec![(part(&self.original, number), part(&self.invented, number))];
        if self.is_citizen_card() {
            pairs.push((
                part(&self.original, &CITIZEN_NUMBER),
                part(&self.invented, &CITIZEN_NUMBER),
            ));
        }
        for range in [birth, expiry] {
            pairs.extend(text::date_forms(
                &part(&self.original, range),
                &part(&self.invented, range),
            ));
        }
        pairs
    }
}

/// A character as far from the invented one as it was from the original one.
fn shift(other: u8, original: u8, invented: u8) -> u8 {
    if other == original {
        return invented;
    }
    let moved =
        |base: u8, size: u8| base + (invented - base + size + (other - base) - (original - base)) % size;
    let both = |is: fn(&u8) -> bool| [other, original, invented].iter().all(is);
    if both(u8::is_ascii_digit) {
        moved(b'0', 10)
    } else if both(u8::is_ascii_uppercase) {
        moved(b'A', 26)
    } else {
        // Of another kind than the chip's character, so that nothing can be kept of how far they are apart.
        match other {
            b'0'..=b'9' => b'0',
            b'A'..=b'Z' => b'X',
            _ => other,
        }
    }
}
