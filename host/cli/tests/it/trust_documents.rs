//! `chipgate trust check --dg` makes the checks of a document that an inspection makes.

use std::fs;

use crate::workplace::{Workplace, assert_described, check, schema};

/// Reads a card with this fault into `files`, and checks its EF.SOD with the data groups.
fn read_with(workplace: &Workplace, fault: &str) {
    workplace.issue("td3-pace", &[fault], "card.json");
    workplace.succeed(&["read", "--card", "card.json", "--out", fault]);
}

fn arguments(folder: &str) -> Vec<String> {
    let sod = format!("{folder}/EF.SOD.bin");
    ["trust", "check", &sod, "--dg", folder, "--trust", "pki/trust"]
        .map(str::to_owned)
        .to_vec()
}

#[test]
fn state_and_document_type_are_judged_as_in_an_inspection() {
    let workplace = Workplace::with_pki();
    for (fault, name, reason) in [
        ("wrong-issuing-state", "issuing-state", "issuing-state-differs"),
        ("com-lies", "sod-com-agreement", "com-differs"),
    ] {
        read_with(&workplace, fault);
        let mut words = arguments(fault);
        words.push("--json".to_owned());
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let ran = workplace.run(&words);
        let found = ran.json();
        let schemas = schema("commands");
        assert_described(&schemas, &schemas["$defs"]["trust-check"], &found, "trust-check");
        assert_eq!((ran.status, &found["trusted"]), (1, &false.into()), "{found}");
        let stopped = check(&found, name);
        assert_eq!(
            (&stopped["result"], &stopped["reason"]),
            (&"failed".into(), &reason.into()),
            "{found}"
        );
        // The very outcomes of an inspection of the files.
        let inspected = workplace
            .run(&["inspect", "--files", fault, "--trust", "pki/trust", "--json"])
            .json();
        for one in found["checks"].as_array().unwrap() {
            let other = check(&inspected, one["name"].as_str().unwrap());
            for key in ["result", "reason", "detail"] {
                assert_eq!(one[key], other[key], "{fault} {}", one["name"]);
            }
        }
        let text = workplace.run(&words[..words.len() - 1]).stdout;
        assert!(text.contains("not trusted") && text.contains(reason), "{text}");
    }
}

#[test]
fn without_dg1_it_says_what_was_not_checked() {
    let workplace = Workplace::with_pki();
    read_with(&workplace, "wrong-issuing-state");
    fs::remove_file(workplace.path("wrong-issuing-state/DG1.bin")).unwrap();
    let words = arguments("wrong-issuing-state");
    let ran = workplace.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let text = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(ran.status, 0, "{text}");
    assert!(
        text.contains("DG1 is not in the folder: issuing state and document type were not checked"),
        "{text}"
    );
}
