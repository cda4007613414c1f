//! Every protocol of a document, from the command line: PACE by name, chip authentication mapping, terminal authentication.

use std::fs;

use serde_json::Value;

use crate::workplace::{Workplace, check};

fn inspect(workplace: &Workplace, card: &str, more: &[&str]) -> Value {
    let common = ["inspect", "--card", card, "--trust", "pki/trust", "--json"];
    workplace.run(&[&common[..], more].concat()).json()
}

#[test]
fn a_terminal_with_its_certificates_reads_the_fingerprints() {
    let workplace = Workplace::with_pki();
    workplace.issue("td3-eac", &[], "card.json");
    let found = inspect(&workplace, "card.json", &["--terminal", "pki/terminal"]);
    let terminal = check(&found, "terminal-authentication");
    assert_eq!(terminal["result"], "successful", "{found}");
    assert_eq!(found["verdict"], "accept", "{found}");

    let read = ["read", "--card", "card.json", "--out"];
    workplace.succeed(&[&read[..], &["proven", "--terminal", "pki/terminal"]].concat());
    let fingers = fs::read(workplace.path("proven/DG3.bin")).unwrap();
    assert_eq!(fingers[0], 0x63);
    workplace.succeed(&[&read[..], &["unproven"]].concat());
    assert!(!workplace.path("unproven/DG3.bin").exists());
}

/// TR-03110-3, D.3: keys and signatures by RSA in both schemes.
#[test]
fn a_terminal_proves_itself_by_rsa_too() {
    let workplace = Workplace::new();
    for algorithm in ["rsa-2048-pkcs1-sha256", "rsa-2048-pss-sha512"] {
        workplace.succeed(&["card", "pki", "--out", algorithm, "--terminal", algorithm]);
        let (trust, terminal) = (format!("{algorithm}/trust"), format!("{algorithm}/terminal"));
        let issue = [
            "card",
            "issue",
            "--profile",
            "td3-eac",
            "--pki",
            algorithm,
            "--out",
            "card.json",
            "--force",
        ];
        workplace.succeed(&issue);
        let inspect = [
            "inspect",
            "--card",
            "card.json",
            "--trust",
            &trust,
            "--terminal",
            &terminal,
            "--json",
        ];
        let found = workplace.run(&inspect).json();
        assert_eq!(
            check(&found, "terminal-authentication")["result"],
            "successful",
            "{algorithm}: {found}"
        );
        assert_eq!(found["verdict"], "accept", "{algorithm}: {found}");
    }
    let refused = [
        "card",
        "pki",
        "--out",
        "none",
        "--terminal",
        "rsa-2048-pss-sha384",
        "--json",
    ];
    assert!(!workplace.path("none").exists() && workplace.run(&refused[..6]).status != 0);
}

#[test]
fn a_terminal_of_another_country_is_told_that_it_has_no_certificates() {
    let workplace = Workplace::with_pki();
    workplace.issue("td3-eac", &[], "card.json");
    workplace.succeed(&["card", "pki", "--out", "other"]);
    // The other PKI's keys have the same names, so that its chain is found and refused.
    let found = inspect(&workplace, "card.json", &["--terminal", "other/terminal"]);
    let terminal = check(&found, "terminal-authentication");
    assert_eq!(
        (&terminal["result"], &terminal["reason"]),
        (&"failed".into(), &"terminal-certificate-refused".into()),
        "{found}"
    );
    fs::create_dir(workplace.path("empty")).unwrap();
    let ran = workplace.run(&["inspect", "--card", "card.json", "--terminal", "empty", "--json"]);
    assert_eq!(ran.json()["error"]["code"], "usage", "{}", ran.stdout);
}

/// The same folder with another key in it, without one of its certificates, and before a chip that has seen a later date.
#[test]
fn a_terminal_that_the_chip_refuses_is_told_why() {
    let workplace = Workplace::with_pki();
    workplace.issue("td3-eac", &[], "card.json");
    workplace.succeed(&["card", "pki", "--out", "other"]);
    let copy = |to: &str, without: &str| {
        fs::create_dir(workplace.path(to)).unwrap();
        for name in ["cvca-link.cvcert", "dv.cvcert", "is.cvcert", "is.key"] {
            if name != without {
                let from = workplace.path("pki/terminal").join(name);
                fs::copy(from, workplace.path(to).join(name)).unwrap();
            }
        }
    };
    copy("wrong-key", "is.key");
    let key = workplace.path("other/terminal/is.key");
    fs::copy(key, workplace.path("wrong-key/is.key")).unwrap();
    copy("no-link", "cvca-link.cvcert");
    let mut card: Value = serde_json::from_slice(&fs::read(workplace.path("card.json")).unwrap()).unwrap();
    card["chip"]["terminal_authentication"]["current_date"] = "991231".into();
    fs::write(workplace.path("later.json"), card.to_string()).unwrap();

    for (card, terminal, expected) in [
        (
            "card.json",
            "wrong-key",
            ("failed", "terminal-authentication-failed"),
        ),
        (
            "card.json",
            "no-link",
            ("undetermined", "no-terminal-certificates"),
        ),
        (
            "later.json",
            "pki/terminal",
            ("failed", "terminal-certificate-refused"),
        ),
    ] {
        let found = inspect(&workplace, card, &["--terminal", terminal]);
        let check = check(&found, "terminal-authentication");
        let outcome = (check["result"].as_str(), check["reason"].as_str());
        assert_eq!(
            outcome,
            (Some(expected.0), Some(expected.1)),
            "{terminal}: {found}"
        );
    }
}

#[test]
fn a_chip_proves_itself_by_pace_with_chip_authentication_mapping() {
    let workplace = Workplace::with_pki();
    workplace.issue("td3-pace-cam", &[], "card.json");
    let found = inspect(&workplace, "card.json", &[]);
    assert_eq!(
        check(&found, "chip-authenticity.pace-cam")["result"],
        "successful",
        "{found}"
    );
    assert_eq!(found["verdict"], "accept", "{found}");
}

#[test]
fn a_pace_protocol_that_is_named_is_taken_or_refused() {
    let workplace = Workplace::with_pki();
    workplace.issue("td3-pace", &[], "card.json");
    let by_name = |name| inspect(&workplace, "card.json", &["--pace", name]);
    let found = by_name("id-PACE-ECDH-GM-AES-CBC-CMAC-128");
    assert_eq!(found["verdict"], "accept", "{found}");
    let found = by_name("id-PACE-DH-IM-AES-CBC-CMAC-256");
    assert_eq!(found["error"]["code"], "not-supported", "{found}");
}
