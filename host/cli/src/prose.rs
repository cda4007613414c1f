//! Sentences on the terminal: wrapped, and with the right number.

/// The columns of a terminal that is not wide.
pub(crate) const WIDTH: usize = 80;

/// A text behind its label, two spaces from the left, its lines under each other.
pub(crate) fn labelled(label: &str, text: &str) -> String {
    let first = format!("  {label:10}");
    wrapped(&first, &" ".repeat(12), text)
}

/// A text of which no line is wider than a terminal, unless a word is. The first line begins with `first`, the others with
/// `indent`.
pub(crate) fn wrapped(first: &str, indent: &str, text: &str) -> String {
    let mut lines = vec![first.to_owned()];
    let mut is_empty = true;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let fits = |line: &String| line.chars().count() + 1 + word.chars().count() <= WIDTH;
        match lines.last_mut() {
            Some(line) if is_empty => line.push_str(word),
            Some(line) if fits(line) => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("{indent}{word}")),
        }
        is_empty = false;
    }
    lines.join("\n") + "\n"
}

/// `1 report`, `2 reports`.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

#[cfg(test)]
mod tests {
    use super::{counted, labelled, wrapped};

    #[test]
    fn no_line_is_wider_than_a_terminal_and_no_word_is_lost() {
        let text = "Refuse; keep the document for examination: its content was changed after it had been signed by its issuer.";
        let shown = labelled("VERDICT", text);
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
        assert!(shown.starts_with("  VERDICT   Refuse; keep"), "{shown}");
        assert!(
            shown.lines().skip(1).all(|line| line.starts_with("            ")),
            "{shown}"
        );
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&shown)[1..], words(text)[..]);
    }

    #[test]
    fn a_word_that_is_too_long_stands_alone() {
        let long = "x".repeat(100);
        assert_eq!(
            wrapped("  ", "  ", &format!("a {long} b")),
            format!("  a\n  {long}\n  b\n")
        );
    }

    #[test]
    fn one_is_no_plural() {
        assert_eq!(
            [counted(0, "report"), counted(1, "report"), counted(2, "report")],
            ["0 reports", "1 report", "2 reports"]
        );
    }
}
