//! Names of a machine readable zone beside names that are written in full.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use super::check_digit::FILLER;
use super::{Mrz, Names, Transliteration};

/// How a name that is written in full agrees with a machine readable zone's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameAgreement {
    /// They are the same.
    Same,
    /// They are the same as far as the machine readable zone has room.
    Cut,
    /// They differ.
    Different,
    /// A letter has no transliteration here.
    NotComparable,
}

impl Names {
    /// How a name in full, the primary identifier first, agrees with these names. `cut` says that they may be cut off, as
    /// [`Mrz::names_may_be_cut`] does. Fillers, blanks and hyphens stand between words; every way of transliteration counts.
    pub fn agreement(&self, full_name: &str, cut: bool) -> NameAgreement {
        let short: Vec<&str> = self.words().collect();
        let mut comparable = false;
        for style in Transliteration::ALL {
            let Some(plain) = style.apply(full_name) else {
                continue;
            };
            comparable = true;
            let plain: String = plain.chars().filter(|&character| character != '\'').collect();
            let long: Vec<&str> = words(&plain).collect();
            if short == long {
                return NameAgreement::Same;
            }
            if cut && is_cut(&short, &long) {
                return NameAgreement::Cut;
            }
        }
        if comparable {
            NameAgreement::Different
        } else {
            NameAgreement::NotComparable
        }
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        words(&self.primary).chain(words(&self.secondary))
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '-', FILLER]).filter(|word| !word.is_empty())
}

/// Whether `short` is what is left of `long` when it is cut: each word in its place, in full or its beginning, and perhaps fewer of them
/// (Doc 9303-4, 4.2.3; issuers cut at the end or within names).
fn is_cut(short: &[&str], long: &[&str]) -> bool {
    let beginnings = short
        .iter()
        .zip(long)
        .all(|(short, long)| long.starts_with(short));
    !short.is_empty() && short.len() <= long.len() && beginnings
}

impl Mrz {
    /// Whether the names may be cut off: a letter in the last place of their field says so (Doc 9303-3, 4.6).
    pub fn names_may_be_cut(&self) -> bool {
        let field = self.text.get(self.kind.layout().names.clone());
        field.is_some_and(|field| !field.ends_with(FILLER))
    }

    /// How a name in full agrees with this zone's: see [`Names::agreement`].
    pub fn name_agreement(&self, full_name: &str) -> NameAgreement {
        self.names.agreement(full_name, self.names_may_be_cut())
    }
}

/// Primary and secondary identifier with two fillers between them, in a field of `length` characters.
///
/// What does not fit is cut: the primary identifier so that a letter of the secondary one still stands behind it, the secondary one at the
/// end of the field. The last place then holds a letter, to say that something may be missing (Doc 9303-4, 4.2.3): where a filler would
/// stand there, the word before it gives up its last letter.
pub(super) fn joined(primary: &str, secondary: &str, length: usize) -> String {
    let mut primary = parts(primary);
    let mut secondary = parts(secondary);
    let room = if secondary.is_empty() {
        length
    } else {
        length.saturating_sub(3)
    };
    cut(&mut primary, room);
    if !secondary.is_empty() {
        let used = primary.join("<").len() + 2;
        cut(&mut secondary, length.saturating_sub(used));
    }
    let (primary, secondary) = (primary.join("<"), secondary.join("<"));
    match (primary.is_empty(), secondary.is_empty()) {
        (_, true) => primary,
        _ => [primary.as_str(), secondary.as_str()].join("<<"),
    }
}

/// The words of a name; apostrophes vanish.
fn parts(name: &str) -> Vec<String> {
    let name: String = name
        .chars()
        .filter(|character| !matches!(character, '\'' | '’'))
        .collect();
    words(&name).map(ToOwned::to_owned).collect()
}

/// Cuts words, joined by fillers, to `room` characters, so that they end in a letter.
fn cut(words: &mut Vec<String>, room: usize) {
    let mut left = room;
    let mut kept = 0;
    for index in 0..words.len() {
        let separator = usize::from(index > 0);
        let Some(free) = left.checked_sub(separator).filter(|&free| free > 0) else {
            break;
        };
        let Some(word) = words.get_mut(index) else { break };
        left = free.saturating_sub(word.chars().count());
        *word = word.chars().take(free).collect();
        kept = index + 1;
    }
    let missing = kept < words.len();
    let next = words.get(kept).and_then(|word| word.chars().next());
    words.truncate(kept);
    // One place is free for a filler, but none for a letter behind it.
    if let (true, 1, Some(next), Some(last)) = (missing, left, next, words.last_mut())
        && last.chars().count() > 1
    {
        last.pop();
        words.push(next.into());
    }
}

#[cfg(test)]
mod tests {
    use super::joined;
    use crate::NameAgreement::{self, Cut, Different, NotComparable, Same};
    use crate::mrz::Names;

    #[test]
    fn names_are_joined_and_cut_as_doc_9303_does() {
        for (primary, secondary, length, expected) in [
            ("ERIKSSON", "ANNA MARIA", 39, "ERIKSSON<<ANNA<MARIA"),
            (
                "VAN DER MUELLEN",
                "MARIANNE LOUISE",
                39,
                "VAN<DER<MUELLEN<<MARIANNE<LOUISE",
            ),
            ("D'ARC-ORLEANS", "", 39, "DARC<ORLEANS"),
            ("ARKFREITH", "", 9, "ARKFREITH"),
            // Doc 9303-4, 4.2.3: a name that is cut so that a letter stands in the last place.
            (
                "NILAVADHANANANDA",
                "CHAYAPA DEJTHAMRONG KRASUANG",
                39,
                "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K",
            ),
            // A filler would stand in the last place.
            (
                "NILAVADHANANANDA",
                "CHAYAPA DEJTHAMRONGX K",
                39,
                "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K",
            ),
            (
                "BENNELONG WOOLOOMOOLOO",
                "DINGO POTOROO",
                20,
                "BENNELONG<WOOLOOM<<D",
            ),
            ("PAPANDROPOULOUS", "JONATHON ALEC", 10, "PAPANDR<<J"),
        ] {
            let names = joined(primary, secondary, length);
            assert_eq!(names, expected);
            assert!(names.len() <= length);
        }
    }

    fn agreement(primary: &str, secondary: &str, name: &str, cut: bool) -> NameAgreement {
        let (primary, secondary) = (primary.into(), secondary.into());
        Names { primary, secondary }.agreement(name, cut)
    }

    #[test]
    fn a_name_in_full_agrees_in_any_transliteration() {
        assert_eq!(agreement("MUELLER", "JUERGEN", "Müller<<Jürgen", false), Same);
        assert_eq!(agreement("MUXXLLER", "EVA", "MÜLLER EVA", false), Same);
        assert_eq!(agreement("NGUYEN", "THI HOA", "Nguyễn Thị Hoa", false), Same);
        assert_eq!(agreement("DARC", "JEANNE", "d’Arc Jeanne", false), Same);
        assert_eq!(
            agreement("NGUYEN", "THI HOA", "Nguyễn Thị Hồng", false),
            Different
        );
        assert_eq!(agreement("YAMADA", "TARO", "山田<<太郎", false), NotComparable);
    }

    #[test]
    fn a_name_that_may_be_cut_agrees_as_far_as_it_goes() {
        let full = "Nilavadhanananda Chayapa Dejthamrong Krasuang";
        let short = "CHAYAPA DEJTHAMRONG K";
        assert_eq!(agreement("NILAVADHANANANDA", short, full, true), Cut);
        assert_eq!(agreement("NILAVADHANANANDA", short, full, false), Different);
        assert_eq!(
            agreement("NILAVADHANANANDA", "CHAYAPA DEJTHAMRONG X", full, true),
            Different
        );
        assert_eq!(
            agreement("NILAVADHANANANDA", "CHAYAPA DEJTHAMRONG KRASUANG X", full, true),
            Different
        );
    }
}
