//! What `read` writes, `inspect --files` judges.

use std::{collections::BTreeSet, fs};

use crate::workplace::{Workplace, check};

#[test]
fn read_writes_the_files_as_they_are_on_the_chip() {
    let workplace = Workplace::with_pki();
    workplace.issue("vn-cccd", &[], "card.json");
    workplace.succeed(&["read", "--card", "card.json", "--out", "files"]);
    let names: BTreeSet<String> = fs::read_dir(workplace.path("files"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let expected = [
        "EF.CardAccess",
        "EF.COM",
        "EF.SOD",
        "DG1",
        "DG2",
        "DG13",
        "DG14",
        "DG15",
    ];
    assert_eq!(names, expected.iter().map(|name| format!("{name}.bin")).collect());
    // What BSI TR-03110 readers see of every Vietnamese card.
    let card_access = fs::read(workplace.path("files/EF.CardAccess.bin")).unwrap();
    assert_eq!(hex::encode(&card_access[..6]), "3134300d0608");
}

#[test]
fn files_without_a_chip_are_proven_and_still_go_to_a_person() {
    let workplace = Workplace::with_pki();
    workplace.issue("td3-pace", &[], "card.json");
    workplace.succeed(&["read", "--card", "card.json", "--out", "files"]);
    let ran = workplace.run(&["inspect", "--files", "files", "--trust", "pki/trust", "--json"]);
    let found = ran.json();
    assert_eq!(
        (ran.status, found["stopped_by"].as_str()),
        (10, Some("chip-access")),
        "{found}"
    );
    assert_eq!(check(&found, "data-group-integrity")["result"], "successful");
    assert_ne!(check(&found, "chip-authenticity")["result"], "successful");
}

#[test]
fn an_altered_file_is_refused() {
    let workplace = Workplace::with_pki();
    workplace.issue("td3-pace", &[], "card.json");
    workplace.succeed(&["read", "--card", "card.json", "--out", "files"]);
    let path = workplace.path("files/DG2.bin");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    let found = workplace
        .run(&["inspect", "--files", "files", "--trust", "pki/trust", "--json"])
        .json();
    assert_eq!(found["verdict"], "refuse");
    assert_eq!(
        check(&found, "data-group-integrity")["reason"],
        "data-group-altered"
    );
}
