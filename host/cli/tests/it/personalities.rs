//! What the reader comes to with chips that differ and are genuine, where the recordings among the test vectors don't show it.

use std::fs;

use serde_json::Value;

use crate::workplace::{Workplace, check};

/// A card of the test PKI with one personality.
fn issue(workplace: &Workplace, profile: &str, personality: &str) {
    let issue = ["card", "issue", "--pki", "pki", "--out", "card.json", "--force"];
    let kind = ["--profile", profile, "--personality", personality];
    workplace.succeed(&[&issue[..], &kind].concat());
}

fn inspect(workplace: &Workplace, more: &[&str]) -> Value {
    workplace.inspect("card.json", more).json()
}

/// Doc 9303-11, 4.1, note 1 and 4.2, step 4.
#[test]
fn a_passport_without_access_control_is_read_and_judged() {
    let workplace = Workplace::with_pki();
    workplace.issue("td3-plain", &[], "card.json");
    let found = inspect(&workplace, &[]);
    assert_eq!(found["verdict"], "accept", "{found}");
    workplace.succeed(&["read", "--card", "card.json", "--out", "read"]);
    let card: Value = serde_json::from_slice(&fs::read(workplace.path("card.json")).unwrap()).unwrap();
    for name in ["DG1", "DG2"] {
        let read = fs::read(workplace.path("read").join(format!("{name}.bin"))).unwrap();
        assert_eq!(card["files"][name], hex::encode(read), "{name}");
    }
}

/// Doc 9303-10, table 1: SELECT of the master file has no data.
#[test]
fn card_security_is_read_where_the_master_file_has_no_name() {
    let workplace = Workplace::with_pki();
    issue(&workplace, "td3-pace-cam", "master-file-without-data");
    let found = inspect(&workplace, &[]);
    let mapping = check(&found, "chip-authenticity.pace-cam");
    assert_eq!(mapping["result"], "successful", "{found}");
    assert_eq!(found["verdict"], "accept", "{found}");
}

/// Doc 9303-11, 4.2, step 1: what can't be read is not available, and BAC follows.
#[test]
fn a_card_access_that_no_one_may_read_is_none() {
    let workplace = Workplace::with_pki();
    issue(&workplace, "td3-pace-bac", "card-access-refused");
    let found = inspect(&workplace, &[]);
    assert_eq!(found["verdict"], "accept", "{found}");
}

/// Doc 9303-10, 3.6.6, note 1: byte 32,767 is the last that B0 can name.
#[test]
fn a_portrait_of_more_than_32_kib_is_read_to_its_end() {
    let workplace = Workplace::with_pki();
    // Behind the end of its picture a JPEG may have anything.
    let silhouette = chipgate_virtual_card::SILHOUETTE;
    fs::write(
        workplace.path("large.jpg"),
        [silhouette, &vec![0x20; 40_000]].concat(),
    )
    .unwrap();
    for more in [&[][..], &["--personality", "short-lengths"]] {
        let issue = [
            "card",
            "issue",
            "--pki",
            "pki",
            "--out",
            "card.json",
            "--force",
            "--profile",
            "td3-bac",
            "--portrait",
            "large.jpg",
            "--personality",
            "ends-at-32-kib",
        ];
        workplace.succeed(&[&issue[..], more].concat());
        let found = inspect(&workplace, &[]);
        assert_eq!(found["verdict"], "accept", "{more:?}: {found}");
    }
}

/// Doc 9303-11, 4.4.4.1: 6A88 at MSE:Set AT is a password that the chip does not have.
#[test]
fn a_document_that_takes_no_card_access_number_says_so() {
    let workplace = Workplace::with_pki();
    issue(&workplace, "td3-pace-bac", "no-can");
    let found = inspect(&workplace, &["--can", "123456"]);
    let text = found["error"].to_string();
    assert!(
        text.contains("CAN") && text.contains("machine readable zone"),
        "{found}"
    );
    assert_eq!(inspect(&workplace, &[])["verdict"], "accept");
}

/// Doc 9303-11, 4.2: good entries count, whatever stands beside them.
#[test]
fn entries_that_no_reader_can_use_and_odd_dates_take_nothing_away() {
    let workplace = Workplace::with_pki();
    for personality in ["odd-security-infos", "odd-dates"] {
        issue(&workplace, "td3-pace-bac", personality);
        let found = inspect(&workplace, &[]);
        assert_eq!(found["verdict"], "accept", "{personality}: {found}");
    }
    let decoded = workplace.succeed(&["read", "--card", "card.json", "--out", "read", "--decode"]);
    assert!(decoded.stdout.contains("AMAUROTE"), "{}", decoded.stdout);
}

/// Doc 9303-11, 9.3.1.2, wants extended length only where EF.ATR/INFO states it: chips are met that leave the field otherwise.
#[test]
fn a_chip_that_leaves_at_extended_lengths_is_read_without_them() {
    let workplace = Workplace::with_pki();
    for profile in ["td3-bac", "td3-pace-bac", "td3-plain"] {
        issue(&workplace, profile, "leaves-on-extended-length");
        let found = inspect(&workplace, &[]);
        assert_eq!(found["verdict"], "accept", "{profile}: {found}");
    }
}

/// Doc 9303-11, 4.4.4.1 and 4.4.5; TR-03110-1, 3.5.
#[test]
fn a_terminal_finds_its_authority_and_what_it_has_to_sign() {
    let workplace = Workplace::with_pki();
    for (profile, personality) in [
        ("td3-eac", "static-binding"),
        ("td3-eac-cam", "slow"),
        ("td3-eac-cam", "static-binding"),
    ] {
        issue(&workplace, profile, personality);
        let found = inspect(&workplace, &["--terminal", "pki/terminal"]);
        assert_eq!(
            check(&found, "terminal-authentication")["result"],
            "successful",
            "{profile} {personality}: {found}"
        );
        assert_eq!(found["verdict"], "accept", "{profile} {personality}: {found}");
    }
}

/// A chip of short lengths that takes no chain can't be shown a certificate.
#[test]
fn a_certificate_that_is_too_long_for_the_chip_is_named() {
    let workplace = Workplace::with_pki();
    let issue = [
        "card",
        "issue",
        "--pki",
        "pki",
        "--out",
        "card.json",
        "--profile",
        "td3-eac",
        "--personality",
        "short-lengths",
        "--personality",
        "no-chaining",
    ];
    workplace.succeed(&issue);
    let found = inspect(&workplace, &["--terminal", "pki/terminal"]);
    let text = found.to_string();
    assert!(!text.contains("Ask for less"), "{found}");
    assert!(text.contains("extended length"), "{found}");
}
