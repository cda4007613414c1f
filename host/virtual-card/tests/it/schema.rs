//! The card file before its schema: docs/schemas/card.schema.json.

use std::{fs, path::Path};

use chipgate_virtual_card::{CardFile, IssueOptions, Profile, Quirk, faults, issue, profiles};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::Value;

use crate::common::{NOW, PKI, card_file};

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas/card.schema.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// What a part of the schema says, its reference followed.
fn resolve<'a>(root: &'a Value, part: &'a Value) -> &'a Value {
    match part["$ref"]
        .as_str()
        .and_then(|reference| reference.strip_prefix('#'))
    {
        Some(pointer) => root.pointer(pointer).unwrap(),
        None => part,
    }
}

/// As much of JSON Schema as this schema needs; whatever does not hold is named.
fn check(root: &Value, part: &Value, value: &Value, path: &str) {
    let part = resolve(root, part);
    if let Some(allowed) = part["enum"].as_array() {
        assert!(allowed.contains(value), "{path}: {value} is none of {allowed:?}");
    }
    if !part["const"].is_null() {
        assert_eq!(part["const"], *value, "{path}");
    }
    let kind = match value {
        Value::Object(_) => "object",
        Value::Array(_) => "array",
        Value::String(_) => "string",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::Null => "null",
    };
    assert!(
        part["type"].is_null() || part["type"] == kind,
        "{path}: {kind} instead of {}",
        part["type"]
    );
    for required in part["required"].as_array().into_iter().flatten() {
        assert!(
            !value[required.as_str().unwrap()].is_null(),
            "{path}: {required} is missing"
        );
    }
    for (key, member) in value.as_object().into_iter().flatten() {
        let known = part["properties"]
            .get(key)
            .or(part.get("additionalProperties").filter(|other| other.is_object()));
        check(
            root,
            known.unwrap_or_else(|| panic!("{path}: the schema has no {key}")),
            member,
            &format!("{path}.{key}"),
        );
    }
    for item in value.as_array().into_iter().flatten() {
        check(root, &part["items"], item, path);
    }
}

#[test]
fn every_personality_and_every_fault_is_as_the_schema_says() {
    let root = schema();
    let options = IssueOptions {
        personalities: Quirk::ALL.to_vec(),
        ..IssueOptions::default()
    };
    let mut rng = StdRng::seed_from_u64(1);
    let card = issue(Profile::Td3PaceBac, &PKI, &options, &mut rng, NOW).unwrap();
    assert_eq!(card.personalities.len(), Quirk::ALL.len());
    let faulty = faults()
        .iter()
        .filter(|fault| fault.error.is_some())
        .map(|expected| card_file(expected.profile, &[expected.name.parse().unwrap()]));
    for card in faulty.chain([card]) {
        let json = card.to_json().unwrap();
        check(&root, &root, &serde_json::from_str(&json).unwrap(), "card");
        assert!(CardFile::from_json(&json).unwrap() == card);
    }
}

#[test]
fn card_files_of_the_first_version_are_still_read() {
    let json = card_file(Profile::Td3Pace, &[]).to_json().unwrap();
    let mut value: Value = serde_json::from_str(&json).unwrap();
    for list in ["/chip/pace", "/keys/chip_authentication"] {
        let place = value.pointer_mut(list).unwrap();
        let mut only = place[0].take();
        let group = only.as_object_mut().unwrap().remove("group").unwrap();
        only["curve"] = group;
        *place = only;
    }
    let read = CardFile::from_json(&value.to_string()).unwrap();
    assert!(read == card_file(Profile::Td3Pace, &[]));
}

#[test]
fn every_issued_card_is_as_the_schema_says() {
    let root = schema();
    for profile in profiles() {
        let mut card = card_file(*profile, &[]);
        let personality = &mut card.personality;
        (
            personality.tries,
            personality.wrong_mac_from,
            personality.drops_after,
        ) = (Some(3), Some(1), Some(9));
        card.faults.push("altered-sod".into());
        check(
            &root,
            &root,
            &serde_json::from_str(&card.to_json().unwrap()).unwrap(),
            "card",
        );
    }
}
