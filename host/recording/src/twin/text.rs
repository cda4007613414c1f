//! Invented words, numbers and dates of the same form as the recorded ones.

use std::collections::BTreeMap;

use rand_core::CryptoRng;

/// Letters of two and of three bytes that take a letter's place.
const TWO_BYTES: [char; 6] = ['é', 'ä', 'ö', 'ü', 'ñ', 'ç'];
const TWO_BYTES_UPPER: [char; 6] = ['É', 'Ä', 'Ö', 'Ü', 'Ñ', 'Ç'];
const THREE_BYTES: [char; 6] = ['ế', 'ạ', 'ộ', 'ứ', 'ị', 'ẳ'];
const THREE_BYTES_UPPER: [char; 6] = ['Ế', 'Ạ', 'Ộ', 'Ứ', 'Ị', 'Ẳ'];
const FOUR_BYTES: [char; 2] = ['𝐀', '𝐁'];
/// Digits of other scripts, of two and of three bytes.
const TWO_BYTES_DIGITS: [char; 10] = ['٠', '١', '٢', '٣', '٤', '٥', '٦', '٧', '٨', '٩'];
const THREE_BYTES_DIGITS: [char; 10] = ['०', '१', '२', '३', '४', '५', '६', '७', '८', '९'];
/// Accents that stand by themselves (the block Combining Diacritical Marks, all of two bytes).
const ACCENTS: [char; 6] = ['\u{300}', '\u{301}', '\u{302}', '\u{303}', '\u{308}', '\u{323}'];
/// So many characters in a row must not be the original's anywhere.
const WINDOW: usize = 4;

/// Characters of the same kinds: digits for digits, letters for letters, and everything else as it is. No four in a row
/// are the original's.
pub(super) fn invent_characters(original: &[u8], rng: &mut impl CryptoRng) -> Vec<u8> {
    let mut invented = original.to_vec();
    for _ in 0..100 {
        for (new, &old) in invented.iter_mut().zip(original) {
            *new = other_character(old, rng);
        }
        if !shares_a_window(original, &invented) {
            break;
        }
    }
    invented
}

fn shares_a_window(original: &[u8], invented: &[u8]) -> bool {
    let telling = |window: &&[u8]| window.iter().all(u8::is_ascii_alphanumeric);
    original
        .windows(WINDOW)
        .filter(telling)
        .any(|window| invented.windows(WINDOW).any(|other| other == window))
}

fn other_character(old: u8, rng: &mut impl CryptoRng) -> u8 {
    let (base, size) = match old {
        b'0'..=b'9' => (b'0', 10),
        b'A'..=b'Z' => (b'A', 26),
        b'a'..=b'z' => (b'a', 26),
        _ => return old,
    };
    let step = 1 + (rng.next_u32() % (u32::from(size) - 1)) as u8;
    base + (old - base + step) % size
}

/// Words and what was invented for them: the same word is invented once.
pub(super) struct Words {
    known: BTreeMap<String, String>,
}

impl Words {
    pub(super) fn new(known: Vec<(String, String)>) -> Self {
        let known = known.into_iter().filter(|(old, _)| old.len() >= WINDOW);
        Self {
            known: known.collect(),
        }
    }

    /// A text of the same bytes' length; dates stay dates.
    pub(super) fn invent(&mut self, original: &str, rng: &mut impl CryptoRng) -> String {
        if let Some(known) = self.known.get(original) {
            return known.clone();
        }
        let invented = invent_date(original, rng).unwrap_or_else(|| invent_text(original, rng));
        self.known.insert(original.to_owned(), invented.clone());
        invented
    }
}

fn invent_text(original: &str, rng: &mut impl CryptoRng) -> String {
    let mut invented = String::new();
    for _ in 0..100 {
        invented = original.chars().map(|old| other_letter(old, rng)).collect();
        if !shares_a_window(original.as_bytes(), invented.as_bytes()) {
            break;
        }
    }
    invented
}

fn other_letter(old: char, rng: &mut impl CryptoRng) -> char {
    let upper = old.is_uppercase();
    let choices: &[char] = match (old.len_utf8(), old.is_alphabetic()) {
        (1, _) => return char::from(other_character(old as u8, rng)),
        (2, _) if old.is_numeric() => &TWO_BYTES_DIGITS,
        (3, _) if old.is_numeric() => &THREE_BYTES_DIGITS,
        (4, _) if old.is_numeric() => &FOUR_BYTES,
        (2, _) if ('\u{300}'..='\u{36F}').contains(&old) => &ACCENTS,
        (2, true) if upper => &TWO_BYTES_UPPER,
        (2, true) => &TWO_BYTES,
        (3, true) if upper => &THREE_BYTES_UPPER,
        (3, true) => &THREE_BYTES,
        (4, true) => &FOUR_BYTES,
        _ => return old,
    };
    let others: Vec<char> = choices.iter().copied().filter(|choice| *choice != old).collect();
    let index = rng.next_u32() as usize % others.len().max(1);
    others.get(index).copied().unwrap_or(old)
}

/// The ways in which files write a date that the machine readable zone has as YYMMDD, old and new.
pub(super) fn date_forms(old: &str, new: &str) -> Vec<(String, String)> {
    if old.len() != 6 || new.len() != 6 || !(old.is_ascii() && new.is_ascii()) {
        return Vec::new();
    }
    let forms = |century: &str, date: &str| {
        let (year, month, day) = (&date[..2], &date[2..4], &date[4..]);
        [
            format!("{century}{year}{month}{day}"),
            format!("{day}/{month}/{century}{year}"),
            format!("{day}{month}{century}{year}"),
            format!("{day}.{month}.{century}{year}"),
            format!("{century}{year}-{month}-{day}"),
        ]
    };
    let mut pairs = vec![(old.to_owned(), new.to_owned())];
    for century in ["19", "20"] {
        pairs.extend(forms(century, old).into_iter().zip(forms(century, new)));
    }
    pairs
}

/// A date in one of the forms that files have: another one in that form.
fn invent_date(original: &str, rng: &mut impl CryptoRng) -> Option<String> {
    let bytes = original.as_bytes();
    let is_date = |year: &str, month: &str, day: &str| {
        let number = |text: &str| text.parse::<u16>().unwrap_or(0);
        (1880..2200).contains(&number(year))
            && (1..=12).contains(&number(month))
            && (1..=31).contains(&number(day))
    };
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    if !original.is_ascii() || digits != 8 {
        return None;
    }
    let (year, month, day) = match bytes.len() {
        8 if is_date(&original[..4], &original[4..6], &original[6..]) => (0..4, 4..6, 6..8),
        8 if is_date(&original[4..], &original[2..4], &original[..2]) => (4..8, 2..4, 0..2),
        10 if is_date(&original[6..], &original[3..5], &original[..2]) => (6..10, 3..5, 0..2),
        10 if is_date(&original[..4], &original[5..7], &original[8..]) => (0..4, 5..7, 8..10),
        _ => return None,
    };
    let mut invented = original.to_owned();
    let old: u32 = original[year.clone()].parse().ok()?;
    let distance = 1 + rng.next_u32() % 3;
    let other = |old: &str, most: u32, rng: &mut dyn FnMut() -> u32| {
        let old: u32 = old.parse().unwrap_or(0);
        1 + (old + rng() % (most - 1)) % most
    };
    let mut draw = || rng.next_u32();
    let (new_month, new_day) = (
        other(&original[month.clone()], 12, &mut draw),
        other(&original[day.clone()], 28, &mut draw),
    );
    invented.replace_range(year, &format!("{:04}", old - distance));
    invented.replace_range(month, &format!("{new_month:02}"));
    invented.replace_range(day, &format!("{new_day:02}"));
    Some(invented)
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::{Words, invent_characters, shares_a_window};

    #[test]
    fn digits_of_other_scripts_and_accents_by_themselves_are_exchanged_too() {
        let mut rng = StdRng::seed_from_u64(2);
        for original in ["٠١٢٣٤٥٦٧٨٩", "۱۹۹۶", "१९९६", "e\u{301}e\u{302}", "𝟏𝟗𝟗𝟔"]
        {
            let invented = Words::new(Vec::new()).invent(original, &mut rng);
            assert_eq!(invented.len(), original.len());
            for (new, old) in invented.chars().zip(original.chars()) {
                assert_ne!(new, old, "{invented}");
            }
        }
    }

    #[test]
    fn invented_words_keep_their_form_and_share_nothing() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut words = Words::new(vec![("19960816".into(), "19941102".into())]);
        for original in [
            "NGUYỄN VĂN A",
            "Phường Mẫu, Thành phố Mẫu",
            "Kinh",
            "001096012345",
            "Erika Mustermann",
        ] {
            let invented = words.invent(original, &mut rng);
            assert_eq!(invented.len(), original.len());
            assert!(
                !shares_a_window(original.as_bytes(), invented.as_bytes()),
                "{invented}"
            );
            assert_eq!(words.invent(original, &mut rng), invented);
        }
        assert_eq!(words.invent("19960816", &mut rng), "19941102");
        let date = words.invent("16/08/1996", &mut rng);
        assert!(
            date.len() == 10 && date.as_bytes()[2] == b'/' && date != "16/08/1996",
            "{date}"
        );
        assert_eq!(invent_characters(b"<<<<", &mut rng), b"<<<<");
    }
}
