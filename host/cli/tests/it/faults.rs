//! Every fault ends in its named verdict, check and reason, on the command line.

use serde_json::Value;

use crate::workplace::{Workplace, check};

#[test]
fn every_genuine_card_is_accepted() {
    let workplace = Workplace::with_pki();
    for profile in workplace
        .succeed(&["card", "profiles", "--json"])
        .json()
        .as_array()
        .unwrap()
    {
        let profile = profile["name"].as_str().unwrap();
        workplace.issue(profile, &[], "card.json");
        let ran = workplace.inspect("card.json", &[]);
        let found = ran.json();
        assert_eq!(
            (ran.status, &found["verdict"]),
            (0, &Value::from("accept")),
            "{profile}: {found}"
        );
        assert_eq!(found["stopped_by"], Value::Null);
        assert_eq!(found["document"]["verified"], true);
        assert_eq!(check(&found, "face")["reason"], "not-requested");
    }
}

#[test]
fn every_fault_ends_in_its_named_verdict_check_and_reason() {
    let workplace = Workplace::with_pki();
    let faults = workplace.succeed(&["card", "faults", "--json"]).json();
    let faults = faults.as_array().unwrap();
    assert!(faults.len() > 30, "only {} faults", faults.len());
    let mut wrong = Vec::new();
    for fault in faults {
        let (name, profile) = (
            fault["name"].as_str().unwrap(),
            fault["profile"].as_str().unwrap(),
        );
        workplace.issue(profile, &[name], "card.json");
        let ran = workplace.inspect("card.json", &[]);
        let found = ran.json();
        if let Some(error) = fault.get("error").filter(|error| !error.is_null()) {
            if &found["error"]["code"] != error || ran.status != 1 {
                wrong.push(format!("{name} on {profile}: {found}"));
            }
            continue;
        }
        let status = match fault["verdict"].as_str().unwrap() {
            "accept" => 0,
            "refer" => 10,
            _ => 20,
        };
        let stopped_by = &found["stopped_by"];
        let reason = stopped_by
            .as_str()
            .map_or(&Value::Null, |name| &check(&found, name)["reason"]);
        let came_to = (ran.status, &found["verdict"], stopped_by, reason);
        if came_to != (status, &fault["verdict"], &fault["stopped_by"], &fault["reason"]) {
            wrong.push(format!("{name} on {profile}: {came_to:?} instead of {fault}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn without_anchors_a_document_is_undetermined_and_goes_to_a_person() {
    let workplace = Workplace::with_pki();
    workplace.issue("vn-cccd", &[], "card.json");
    std::fs::create_dir(workplace.path("empty")).unwrap();
    for trust in [&["--trust", "empty"][..], &[]] {
        let mut arguments = vec!["inspect", "--card", "card.json", "--json"];
        arguments.extend(trust);
        let ran = workplace.run(&arguments);
        let found = ran.json();
        assert_eq!(
            (ran.status, found["verdict"].as_str()),
            (10, Some("refer")),
            "{found}"
        );
        let issuer = check(&found, "issuer-certificate");
        assert_eq!(
            (&issuer["result"], &issuer["reason"]),
            (&"undetermined".into(), &"no-anchors".into())
        );
        assert_eq!(found["document"]["verified"], false);
    }
}

#[test]
fn a_policy_that_demands_a_face_refers_a_card_without_one() {
    let workplace = Workplace::with_pki();
    workplace.issue("vn-cccd", &[], "card.json");
    let ran = workplace.inspect("card.json", &["--policy", "airport"]);
    let found = ran.json();
    assert_eq!(
        (ran.status, found["stopped_by"].as_str()),
        (10, Some("face")),
        "{found}"
    );
}
