//! How names and fingerprints stand in the output: no line wider than a terminal, no fingerprint cut.

use chipgate_trust_store::{Kind, Listed};

/// What an object can't be used for, and why, if anything is known against it.
pub(super) fn unusable(item: &Listed) -> Option<String> {
    let why = item.unusable.as_ref()?;
    Some(match item.kind {
        Kind::RevocationList => format!("it can't clear anyone: {why}"),
        _ => format!("can't be used: {why}"),
    })
}

/// A line of its own for a fingerprint, which is 64 digits long.
pub(super) fn fingerprint_line(fingerprint: &str) -> String {
    format!("    SHA-256  {fingerprint}\n")
}

/// A text of at most `width` characters. What is left out of a longer one is in its middle: names begin with their state and
/// end with what tells one from another.
pub(super) fn shortened(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length <= width {
        return text.to_owned();
    }
    let kept = width.saturating_sub(1);
    let end = kept / 3;
    let beginning: String = text.chars().take(kept - end).collect();
    let end: String = text.chars().skip(length - end).collect();
    format!("{beginning}…{end}")
}

/// A directory's name with places where a line may end: it may have none for hundreds of characters.
pub(super) fn breakable(name: &str) -> String {
    const LONGEST: usize = 60;
    let mut text = String::new();
    for word in name.split(' ') {
        let characters: Vec<char> = word.chars().collect();
        for part in characters.chunks(LONGEST) {
            if !text.is_empty() {
                text.push(' ');
            }
            text.extend(part);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{breakable, shortened};

    #[test]
    fn a_long_name_keeps_its_beginning_and_its_end() {
        let name = "C=VN, O=Vietnam Government Information Security Commission, CN=CSCA Vietnam";
        assert_eq!(shortened(name, 80), name);
        let short = shortened(name, 40);
        assert_eq!(short.chars().count(), 40);
        assert!(
            short.starts_with("C=VN, O=Vietnam") && short.ends_with("CSCA Vietnam"),
            "{short}"
        );
    }

    #[test]
    fn a_name_without_spaces_is_broken_and_loses_nothing() {
        let name = format!("cn=One two+sn={}", "7".repeat(100));
        let broken = breakable(&name);
        assert!(broken.split(' ').all(|word| word.len() <= 60), "{broken}");
        assert_eq!(broken.replace(' ', ""), name.replace(' ', ""));
    }
}
