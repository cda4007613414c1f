//! An invented machine readable zone of the same form as the recorded one.

#![expect(
    clippy::single_range_in_vec_init,
    reason = "a check digit covers a list of ranges"
)]

use std::ops::Range;

use chipgate_apdu::Timestamp;
use chipgate_lds::{Date, Mrz, NameAgreement};
use rand_core::CryptoRng;

use super::text;

/// Where the fields of a machine readable zone stand, its lines one after the other (Doc 9303-4, -5, -6).
struct Layout {
    line: usize,
    number: Range<usize>,
    birth: Range<usize>,
    expiry: Range<usize>,
    names: Range<usize>,
    optional: &'static [Range<usize>],
    /// Each check digit, and what it covers; the composite one comes last.
    checks: &'static [(usize, &'static [Range<usize>])],
}

const TD1: Layout = Layout {
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
const TD2: Layout = Layout {
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
const TD3: Layout = Layout {
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
/// Behind the document number and its check digit the MRZ information has two dates with theirs.
const DATES_IN_KEY: usize = 14;
/// The check digit that a Vietnamese citizen card has over its number, at the end of the optional data.
const CITIZEN_CHECK: (usize, &[Range<usize>]) = (29, &[15..29]);
const CITIZEN_NUMBER: Range<usize> = 15..27;

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
        let layout = match original.len() {
            90 => &TD1,
            72 => &TD2,
            88 => &TD3,
            _ => return None,
        };
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
        let digit = check_digit(&other, &[0..place]);
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

/// The zone with the right check digit over all of it.
pub(super) fn with_composite_digit(zone: String) -> String {
    let layout = match zone.len() {
        90 => &TD1,
        72 => &TD2,
        88 => &TD3,
        _ => return zone,
    };
    let mut bytes = zone.into_bytes();
    if let Some((place, covered)) = layout.checks.last() {
        bytes[*place] = check_digit(&bytes, covered);
    }
    String::from_utf8_lossy(&bytes).into_owned()
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

/// The check digit over parts of a zone (Doc 9303-3, 4.9).
fn check_digit(text: &[u8], covered: &[Range<usize>]) -> u8 {
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

fn number(digits: &[u8]) -> Option<u8> {
    core::str::from_utf8(digits).ok()?.parse().ok()
}

/// Another date of birth, of the same class of age; unknown parts stay unknown.
fn other_birth(original: &[u8], today: (u8, u8, u8), rng: &mut impl CryptoRng) -> Vec<u8> {
    other_date(original, rng, |year, month, day| {
        // A year after this one lies in the century before.
        let age = |year: u8, month: u8, day: u8| {
            let (year, this) = (i32::from(year), i32::from(today.0));
            let whole = if year > this || (year == this && (month, day) > (today.1, today.2)) {
                this + 100 - year
            } else {
                this - year
            };
            whole - i32::from((month, day) > (today.1, today.2))
        };
        let class = |age: i32| [6, 14, 18, 60].iter().filter(|&&limit| age >= limit).count();
        move |(y, m, d): (u8, u8, u8)| class(age(y, m, d)) == class(age(year, month, day))
    })
}

/// Another date of expiry, on the same side of today.
fn other_expiry(original: &[u8], today: (u8, u8, u8), rng: &mut impl CryptoRng) -> Vec<u8> {
    other_date(original, rng, |year, month, day| {
        let expired = (year, month, day) < today;
        move |date: (u8, u8, u8)| (date < today) == expired
    })
}

/// A date with another year, month and day that `fits`; one of the same year where none does.
fn other_date<F: Fn((u8, u8, u8)) -> bool>(
    original: &[u8],
    rng: &mut impl CryptoRng,
    fitting: impl Fn(u8, u8, u8) -> F,
) -> Vec<u8> {
    let parts = [0..2, 2..4, 4..6].map(|range| original.get(range).and_then(number));
    let [Some(year), month, day] = parts else {
        return text::invent_characters(original, rng);
    };
    let fits = fitting(year, month.unwrap_or(1), day.unwrap_or(1));
    for attempt in 0..400 {
        // One to three years away, then the same year.
        let distance = 1 + (rng.next_u32() % 3).cast_signed();
        let other = match attempt {
            0..200 if rng.next_u32() & 1 == 0 => i32::from(year) - distance,
            0..200 => i32::from(year) + distance,
            _ => i32::from(year),
        };
        let date = (
            u8::try_from(other).unwrap_or(100),
            (1 + rng.next_u32() % 12) as u8,
            (1 + rng.next_u32() % 28) as u8,
        );
        if date.0 < 100 && Some(date.1) != month && Some(date.2) != day && fits(date) {
            let written = format!("{:02}{:02}{:02}", date.0, date.1, date.2);
            let known = written.bytes().zip(original);
            return known
                .map(|(digit, &original)| if original == b'<' { b'<' } else { digit })
                .collect();
        }
    }
    original.to_vec()
}

#[cfg(test)]
mod tests {
    use chipgate_apdu::Timestamp;
    use chipgate_lds::{Mrz, MrzFields, MrzKey, MrzKind, Sex};
    use rand::{SeedableRng, rngs::StdRng};

    use super::InventedMrz;

    fn zone(kind: MrzKind, number: &str, names: [&str; 2]) -> String {
        let fields = MrzFields {
            kind,
            document_code: if kind == MrzKind::Td3 { "P" } else { "I" },
            issuing_state: "UTO",
            document_number: number,
            nationality: "UTO",
            birth_date: "740812",
            sex: Sex::Female,
            expiry_date: "320415",
            optional_data: if number.len() > 9 { "" } else { "ZE184" },
            optional_data_2: "",
            primary: names[0],
            secondary: names[1],
        };
        let lines = Mrz::build(&fields).unwrap();
        lines.lines().collect()
    }

    fn invented(zone: &str, seed: u64) -> InventedMrz {
        InventedMrz::new(
            zone,
            Timestamp::from_seconds(1_782_864_000),
            &mut StdRng::seed_from_u64(seed),
        )
        .unwrap()
    }

    const FORMS: [(MrzKind, [&str; 2]); 5] = [
        (MrzKind::Td1, ["D23145890", "X99"]),
        (MrzKind::Td1, ["D23145890734", "A1234567890123"]),
        (MrzKind::Td2, ["D23145890", "X99"]),
        (MrzKind::Td2, ["D23145890734", "A12345678901"]),
        (MrzKind::Td3, ["L898902C3", "X99"]),
    ];

    /// A printed zone that is another one than the chip's: right check digits are right again, and a wrong one is wrong.
    #[test]
    fn check_digits_of_the_printed_zone_are_right_where_they_were() {
        for ((kind, [number, other]), seed) in FORMS.into_iter().zip(0..) {
            let chip = zone(kind, number, ["ERIKSSON", "ANNA MARIA"]);
            let mrz = invented(&chip, seed);
            Mrz::parse(&mrz.lines()).unwrap();
            for printed in [
                zone(kind, number, ["ERIKSEN", "ANNE"]),
                zone(kind, other, ["ERIKSSON", "ANNA MARIA"]),
            ] {
                let apply = |printed: &[u8]| String::from_utf8(mrz.apply(printed).unwrap()).unwrap();
                let redacted = apply(printed.as_bytes());
                Mrz::parse(&redacted)
                    .unwrap_or_else(|error| panic!("{kind:?} {number}: {error}\n{redacted}"));
                assert_ne!(redacted, printed);
                for place in 0..printed.len() {
                    let mut wrong = printed.clone().into_bytes();
                    wrong[place] = match wrong[place] {
                        digit @ b'0'..=b'9' => b'0' + (digit - b'0' + 1) % 10,
                        _ => continue,
                    };
                    let was = Mrz::parse(core::str::from_utf8(&wrong).unwrap());
                    let is = Mrz::parse(&apply(&wrong));
                    assert_eq!(
                        was.is_ok(),
                        is.is_ok(),
                        "{kind:?} {number}, place {place}: {was:?} {is:?}"
                    );
                }
            }
        }
    }

    /// The key of another document opens nothing, and is a key all the same.
    #[test]
    fn another_password_than_the_zones_stays_another_one_with_right_check_digits() {
        for ((kind, [number, other]), seed) in FORMS.into_iter().zip(0..) {
            let mrz = invented(&zone(kind, number, ["ERIKSSON", "ANNA MARIA"]), seed);
            let information = |key: MrzKey| String::from_utf8(key.information().as_bytes().to_vec()).unwrap();
            let own = information(MrzKey::from(&Mrz::parse(&mrz.lines()).unwrap()));
            let right = information(MrzKey::new(number, "740812", "320415").unwrap());
            assert_eq!(mrz.information(&right), own);
            let wrong = information(MrzKey::new(other, "740812", "320415").unwrap());
            let wrong = mrz.information(&wrong);
            assert_ne!(wrong, own);
            let (number, dates) = wrong.split_at(wrong.len() - 14);
            let again = MrzKey::new(
                number[..number.len() - 1].trim_end_matches('<'),
                &dates[..6],
                &dates[7..13],
            );
            assert_eq!(information(again.unwrap()), wrong);
        }
    }
}
