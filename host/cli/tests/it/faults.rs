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

/// What is unusual and genuine is accepted; only a session that the chip gives up ends the inspection.
#[test]
fn every_personality_is_read_all_the_same() {
    let workplace = Workplace::with_pki();
    let personalities = workplace.succeed(&["card", "personalities", "--json"]).json();
    let mut wrong = Vec::new();
    for personality in personalities.as_array().unwrap() {
        let name = personality["name"].as_str().unwrap();
        for profile in ["td3-bac", "td3-pace-bac"] {
            let issue = [
                "card",
                "issue",
                "--profile",
                profile,
                "--pki",
                "pki",
                "--force",
                "--out",
                "card.json",
            ];
            workplace.succeed(&[&issue[..], &["--personality", name]].concat());
            let shown = workplace.succeed(&["card", "show", "card.json", "--json"]).json();
            assert_eq!(shown["personalities"], serde_json::json!([name]));
            let ran = workplace.inspect("card.json", &[]);
            let found = ran.json();
            let expected = if name == "loses-session" {
                (1, Value::from("secure-messaging-broken"))
            } else {
                (0, Value::Null)
            };
            if (ran.status, &found["error"]["code"]) != (expected.0, &expected.1) {
                wrong.push(format!("{name} on {profile}: {} {found}", ran.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_terminal_and_other_algorithms_come_with_the_pki() {
    let workplace = Workplace::new();
    let pki = ["card", "pki", "--out", "pki", "--authority", "ecdsa-P-521-sha512"];
    workplace.succeed(&[&pki[..], &["--signer", "ecdsa-brainpoolP512r1-sha512"]].concat());
    for file in ["cvca-link.cvcert", "dv.cvcert", "is.cvcert", "is.key"] {
        assert!(workplace.path("pki/terminal").join(file).exists(), "{file}");
    }
    let issue = [
        "card",
        "issue",
        "--profile",
        "td3-pace",
        "--pki",
        "pki",
        "--force",
        "--out",
        "card.json",
    ];
    for signer in [
        None,
        Some("ecdsa-brainpoolP320r1-sha256"),
        Some("rsa-2048-pkcs1-sha384"),
    ] {
        let more = signer.map_or(vec![], |signer| vec!["--signer", signer]);
        workplace.succeed(&[&issue[..], &more].concat());
        let ran = workplace.inspect("card.json", &[]);
        assert_eq!(ran.status, 0, "{signer:?}: {}", ran.stdout);
    }
    workplace.succeed(&[&issue[..], &["--next-authority"]].concat());
    assert_eq!(
        workplace.inspect("card.json", &[]).status,
        0,
        "the link leads to the signer"
    );
    let refused = workplace.run(&[&issue[..], &["--signer", "dsa-1024-md5"]].concat());
    assert_eq!(refused.status, 2);
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
