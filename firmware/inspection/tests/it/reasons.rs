//! Each reason is raised in one place, and explained to operators.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use chipgate_inspection::{Check, CheckResult, Language, Policy, Reason};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The crate's source without its tests and the list of reasons itself.
fn source() -> String {
    fn collect(folder: &Path, text: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, text);
            } else if !path.ends_with("reason.rs") {
                let file = fs::read_to_string(&path).unwrap();
                text.push_str(file.split("#[cfg(test)]").next().unwrap());
            }
        }
    }
    let mut text = String::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    text
}

#[test]
fn each_reason_is_raised_in_exactly_one_place() {
    let source = source();
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    for reason in Reason::ALL {
        let name = format!("Reason::{reason:?}");
        let raised = source.match_indices(&name);
        let places = raised
            .filter(|(at, _)| !source[at + name.len()..].starts_with(is_name))
            .count();
        assert_eq!(places, 1, "{name} must be raised in one place");
    }
}

#[test]
fn each_reason_has_a_name_and_a_number_of_its_own() {
    let names: BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.name()).collect();
    let numbers: BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.number()).collect();
    assert_eq!(
        (names.len(), numbers.len()),
        (Reason::ALL.len(), Reason::ALL.len())
    );
}

#[test]
fn each_reason_is_documented_with_what_to_do() {
    let text = fs::read_to_string(repository().join("docs/reasons.md")).unwrap();
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let documented: Vec<_> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    let names: Vec<_> = Reason::ALL.iter().map(|reason| reason.name()).collect();
    assert_eq!(
        documented, names,
        "docs/reasons.md lists every reason once, in order"
    );
    for row in rows {
        assert_eq!(row.len(), 4, "{}", row[0]);
        let reason = Reason::from_name(row[0].trim_matches('`')).unwrap();
        assert_eq!(row[2], reason.meaning(), "the meaning is the one in the source");
        assert!(row[3].len() > 5, "{} says what to do", row[0]);
    }
}

/// The rows of a page's table.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

#[test]
fn each_reason_is_translated_into_vietnamese() {
    let english = fs::read_to_string(repository().join("docs/reasons.md")).unwrap();
    let vietnamese = fs::read_to_string(repository().join("docs/reasons.vi.md")).unwrap();
    let (english, vietnamese) = (rows(&english), rows(&vietnamese));
    assert_eq!(english.len(), vietnamese.len());
    for (english, vietnamese) in english.iter().zip(&vietnamese) {
        assert_eq!(
            english[..2],
            vietnamese[..2],
            "the same reason of the same checks"
        );
        for column in [2, 3] {
            assert!(
                vietnamese[column] != english[column] && !vietnamese[column].is_ascii(),
                "{} is translated",
                english[0]
            );
        }
    }
}

#[test]
fn programs_say_what_the_pages_say() {
    for (language, page) in [
        (Language::English, "docs/reasons.md"),
        (Language::Vietnamese, "docs/reasons.vi.md"),
    ] {
        let text = fs::read_to_string(repository().join(page)).unwrap();
        for row in rows(&text) {
            let reason = Reason::from_name(row[0].trim_matches('`')).unwrap();
            assert_eq!(
                (reason.meaning_in(language), reason.advice(language)),
                (row[2], row[3]),
                "{reason}"
            );
            assert_eq!(
                row[3].matches('`').count() % 2,
                0,
                "{reason}: backticks stand in pairs"
            );
        }
    }
}

#[test]
fn a_language_is_known_by_any_tag_of_it() {
    for tag in ["vi", "vi_VN", "vi_VN.UTF-8", "VI-vn", "vi.utf8"] {
        assert_eq!(Language::from_tag(tag), Some(Language::Vietnamese), "{tag}");
    }
    assert_eq!(Language::from_tag("en-GB"), Some(Language::English));
    for tag in ["", "C", "C.UTF-8", "POSIX", "vim", "de"] {
        assert_eq!(Language::from_tag(tag), None, "{tag}");
    }
}

#[test]
fn each_check_is_explained() {
    let text = fs::read_to_string(repository().join("docs/policies.md")).unwrap();
    for check in Check::ALL {
        assert!(
            text.contains(&format!("`{check}`")),
            "{check} is explained in docs/policies.md"
        );
    }
}

#[test]
fn the_schemas_name_every_check_and_result() {
    for (schema, has_results) in [("inspect", true), ("faults", false), ("demo", false)] {
        let path = repository().join(format!("docs/schemas/{schema}.schema.json"));
        let schema: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(schema["$defs"]["check"]["enum"], serde_json::json!(Check::ALL));
        if has_results {
            assert_eq!(
                schema["$defs"]["result"]["enum"],
                serde_json::json!(CheckResult::ALL)
            );
        }
    }
    let cddl = fs::read_to_string(repository().join("docs/schemas/report.cddl")).unwrap();
    for check in Check::ALL {
        let name = check.name().replace('.', "-");
        assert!(
            cddl.contains(&format!("{name}: {}", check.number())),
            "{check} in report.cddl"
        );
    }
}

#[test]
fn each_line_of_a_shipped_policy_is_documented() {
    for name in Policy::SHIPPED {
        let text = Policy::shipped_text(name).unwrap();
        assert_eq!(Policy::parse(text).unwrap().name(), name);
        let lines: Vec<_> = text.lines().collect();
        for pair in lines.windows(2) {
            let is_a_rule = pair[1].contains(" = ") && !pair[1].starts_with(['#', 'n']);
            assert!(!is_a_rule || pair[0].starts_with("# "), "{name}: {}", pair[1]);
        }
    }
}

/// What a check must be added to, beyond what the compiler shows.
#[test]
fn every_check_stands_in_the_documents_and_schemas_that_name_them() {
    let read = |name: &str| fs::read_to_string(repository().join("docs").join(name)).unwrap();
    let policies = read("policies.md");
    let cddl = read("schemas/report.cddl");
    for check in Check::ALL {
        assert!(
            policies.contains(&format!("| `{check}` |")),
            "docs/policies.md: {check}"
        );
        let number = format!("{}: {}", check.name().replace('.', "-"), check.number());
        let line = cddl.split([',', '(', ')']).any(|part| part.trim() == number);
        assert!(line, "docs/schemas/report.cddl: {number}");
        for schema in ["inspect", "faults", "demo"] {
            let text = read(&format!("schemas/{schema}.schema.json"));
            assert!(
                text.contains(&format!("\"{check}\"")),
                "docs/schemas/{schema}.schema.json: {check}"
            );
        }
    }
    let count = format!(
        "\"minItems\": {0},\n          \"maxItems\": {0}",
        Check::ALL.len()
    );
    assert!(
        read("schemas/inspect.schema.json").contains(&count),
        "inspect.schema.json: how many checks there are"
    );
}
