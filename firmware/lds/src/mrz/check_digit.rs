/// The filler.
pub const FILLER: char = '<';

/// The check digit over `text`, as a character: weights 7, 3, 1, modulo 10 (Doc 9303-3, 4.9).
///
/// Characters that a machine readable zone cannot hold count as fillers; whoever calls this has ruled them out.
pub fn check_digit(text: &str) -> char {
    const WEIGHTS: [u32; 3] = [7, 3, 1];
    let sum: u32 = text
        .bytes()
        .zip(WEIGHTS.iter().cycle())
        .map(|(character, weight)| value(character) * weight)
        .sum();
    char::from(b'0' + (sum % 10) as u8)
}

/// 0 to 9 for digits, 10 to 35 for letters, 0 for the filler.
fn value(character: u8) -> u32 {
    match character {
        b'0'..=b'9' => u32::from(character - b'0'),
        b'A'..=b'Z' => u32::from(character - b'A') + 10,
        _ => 0,
    }
}

/// Whether `digit` is the check digit over `text`. A field of fillers only may carry a filler for its zero
/// (Doc 9303-4, 4.2.2).
pub fn matches(text: &str, digit: char) -> bool {
    digit == check_digit(text) || digit == FILLER && text.chars().all(|character| character == FILLER)
}

#[cfg(test)]
mod tests {
    use super::{check_digit, matches};

    #[test]
    fn computes_the_examples_of_doc_9303_3() {
        assert_eq!(check_digit("520727"), '3');
        assert_eq!(check_digit("AB2134<<<"), '5');
        assert_eq!(check_digit("HA672242<658022549601086<<<<<<<<<<<<<<0"), '8');
        assert_eq!(
            check_digit("D231458907<<<<<<<<<<<<<<<34071279507122<<<<<<<<<<"),
            '2'
        );
        assert_eq!(check_digit("HA672242<658022549601086<<<<<<<"), '8');
    }

    #[test]
    fn takes_a_filler_for_the_zero_of_an_empty_field_only() {
        assert!(matches("<<<<", '<'));
        assert!(matches("<<<<", '0'));
        assert!(!matches("0<<<", '<'));
    }
}
