//! `read --decode`: what the files say, for people; no pictures, and sensitive files only by name.

use serde_json::Value;

use crate::workplace::{Workplace, assert_described};

fn decoded(workplace: &Workplace, profile: &str, decode: &str) -> Value {
    let (card, files) = (
        format!("{profile}.json"),
        format!("{profile}{decode}").replace(['=', ','], "-"),
    );
    if !workplace.path(&card).exists() {
        workplace.issue(profile, &[], &card);
    }
    let mut found = workplace
        .succeed(&["read", "--card", &card, "--out", &files, "--json", decode])
        .json();
    assert!(found["files"].is_array());
    found["decoded"].take()
}

fn schema() -> Value {
    crate::workplace::schema("commands")
}

/// The longest string in a value: a picture would be the longest by far.
fn longest_string(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(longest_string).max().unwrap_or(0),
        Value::Object(members) => members.values().map(longest_string).max().unwrap_or(0),
        _ => 0,
    }
}

#[test]
fn a_citizen_cards_files_are_shown_without_portrait_and_details() {
    let workplace = Workplace::with_pki();
    let found = decoded(&workplace, "vn-cccd", "--decode");
    assert_eq!(found["DG1"]["kind"], "TD1", "{found}");
    assert_eq!(found["DG1"]["issuing_state"], "VNM");
    assert_eq!(found["DG2"]["faces"].as_array().unwrap().len(), 1);
    assert_eq!(found["DG2"]["faces"][0]["format"], "JPEG");
    assert_eq!(found["EF.COM"]["lds_version"], "0108");
    assert_eq!(
        (&found["DG15"]["kind"], &found["DG15"]["bits"]),
        (&"RSA".into(), &2048.into())
    );
    let infos = found["DG14"]["security_infos"].as_array().unwrap();
    assert!(
        infos
            .iter()
            .any(|info| info["name"] == "id_CA_ECDH_AES_CBC_CMAC_128")
    );
    assert!(
        infos
            .iter()
            .any(|info| info["public_key"]["curve"] == "brainpoolP256r1")
    );
    assert!(found.get("DG13").is_none() && found.get("DG3").is_none());
    assert!(longest_string(&found) < 200);
    assert_described(&schema(), &schema()["$defs"]["decoded"], &found, "decoded");
}

#[test]
fn a_sensitive_file_is_shown_to_whoever_names_it() {
    let workplace = Workplace::with_pki();
    let found = decoded(&workplace, "vn-cccd", "--decode=DG13,EF.COM");
    let names: Vec<&String> = found.as_object().unwrap().keys().collect();
    assert_eq!(names, ["DG13", "EF.COM"]);
    assert_eq!(found["DG13"]["layout"], "Vietnamese citizen card");
    let fields = found["DG13"]["fields"].as_array().unwrap();
    assert!(
        fields
            .iter()
            .any(|field| field["name"] == "name" && field["value"].is_string()),
        "{fields:?}"
    );
    assert_described(&schema(), &schema()["$defs"]["decoded"], &found, "decoded");
}

#[test]
fn a_passport_is_decoded_too_and_the_table_comes_first() {
    let workplace = Workplace::with_pki();
    let found = decoded(&workplace, "td3-pace", "--decode");
    assert_eq!(found["DG1"]["kind"], "TD3");
    let birth = &found["DG1"]["birth_date"];
    let year_of_two_digits = birth["mrz"].as_str().unwrap()[..2].to_owned();
    assert_eq!(birth["date"].as_str().unwrap()[2..4], year_of_two_digits);
    assert_described(&schema(), &schema()["$defs"]["decoded"], &found, "decoded");
    let shown = workplace.succeed(&[
        "read",
        "--card",
        "td3-pace.json",
        "--out",
        "shown",
        "--decode=DG1",
    ]);
    let (table, text) = shown.stdout.split_at(shown.stdout.find("\nDG1:\n").unwrap());
    assert!(table.contains("EF.SOD"));
    assert!(text.contains("  kind: TD3\n") && !text.contains('{'), "{text}");
}

#[test]
fn a_name_that_no_file_has_is_refused_before_the_card_is_touched() {
    let workplace = Workplace::with_pki();
    workplace.issue("vn-cccd", &[], "card.json");
    let ran = workplace.run(&["read", "--card", "card.json", "--out", "files", "--decode=DG17"]);
    assert_eq!(ran.status, 2);
    assert!(!workplace.path("files").exists());
}
