//! Decoded files for a person: a name and what it says in each line.

use std::fmt::Write;

use serde_json::Value;

/// Every value behind its name, what is inside another by two spaces further in.
pub(crate) fn text(decoded: &Value) -> String {
    let mut text = String::new();
    members(&mut text, decoded, 0);
    text
}

fn members(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                member(text, &name.replace('_', " "), value, depth);
            }
        }
        Value::Array(items) => {
            for (number, item) in (1..).zip(items) {
                member(text, &format!("{number}"), item, depth);
            }
        }
        value => line(text, depth, &plain(value)),
    }
}

fn member(text: &mut String, name: &str, value: &Value, depth: usize) {
    match value {
        Value::Null => {}
        Value::Object(members) if members.is_empty() => {}
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            let items: Vec<_> = items.iter().map(plain).collect();
            line(text, depth, &format!("{name}: {}", items.join(", ")));
        }
        Value::Object(_) | Value::Array(_) => {
            line(text, depth, &format!("{name}:"));
            members(text, value, depth + 1);
        }
        value => line(text, depth, &format!("{name}: {}", plain(value))),
    }
}

/// A chip's text may have control characters, which a terminal must not follow.
fn plain(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.chars()
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect()
}

fn line(text: &mut String, depth: usize, words: &str) {
    // It is written to a string.
    let _ = writeln!(text, "{:1$}{words}", "", depth * 2);
}

#[cfg(test)]
mod tests {
    use super::text;
    use serde_json::json;

    #[test]
    fn every_value_stands_behind_its_name_and_no_control_character_is_left() {
        let decoded = json!({ "DG1": { "document_number": "C1\u{1b}[2J", "names": ["A", "B"], "none": null, "parts": [{ "a": 1 }] } });
        assert_eq!(
            text(&decoded),
            "DG1:\n  document number: C1 [2J\n  names: A, B\n  parts:\n    1:\n      a: 1\n"
        );
    }
}
