//! The card before another reader that no one here wrote: the crate `emrtd`, which knows PC/SC alone and basic access control with
//! triple DES. Its passive authentication does not compile as it was published (0.0.2); `dmrtd` and OpenSSL have theirs.
//!
//! `cargo xtask test` builds the program over it, tests/emrtd.

use std::process::{Command, Output};

use chipgate_lds::Mrz;
use chipgate_virtual_card::{CardFile, Profile};

use crate::{
    common::card_file,
    pcsc_reader::{Laid, VirtualReader},
};

/// Where the program lies.
const PROGRAM: &str = "CHIPGATE_EMRTD";
/// The files that it reads, by name and identifier.
const FILES: [(&str, &str); 5] = [
    ("EF.COM", "011e"),
    ("EF.SOD", "011d"),
    ("DG1", "0101"),
    ("DG2", "0102"),
    ("DG15", "010f"),
];

/// What the program says of the card, which it opens by that document number, and its birth and expiry date; `None` where it was not
/// built.
fn read(reader: &VirtualReader, card: &CardFile, number: &str) -> Option<Output> {
    let Some(program) = std::env::var_os(PROGRAM).filter(|path| std::path::Path::new(path).exists()) else {
        println!("skipped: the crate emrtd as another reader, since `cargo xtask test` has not built it");
        return None;
    };
    let mrz = Mrz::parse(card.passwords.mrz.as_str()).unwrap();
    let _laid = Laid::in_reader(reader, card);
    let output = Command::new(program)
        .args([number, mrz.birth_date.as_str(), mrz.expiry_date.as_str()])
        .args(FILES.map(|(_, identifier)| identifier))
        .output();
    Some(output.unwrap())
}

#[test]
fn pcsc_emrtd_reads_every_card_with_basic_access_control() {
    let Some(reader) = VirtualReader::free() else {
        return;
    };
    for profile in [Profile::VnCccd, Profile::Td3Bac, Profile::Td2] {
        let card = card_file(profile, &[]);
        let number = Mrz::parse(card.passwords.mrz.as_str()).unwrap().document_number;
        let Some(output) = read(&reader, &card, &number) else {
            return;
        };
        let error = String::from_utf8_lossy(&output.stderr);
        let said = String::from_utf8(output.stdout).unwrap();
        let files: Vec<_> = said.lines().map(|line| hex::decode(line).unwrap()).collect();
        assert_eq!(files.len(), FILES.len(), "{profile}: {error}");
        for ((name, _), file) in FILES.iter().zip(&files) {
            assert_eq!(Some(&file[..]), card.file(name), "{profile} {name}");
        }
    }
}

#[test]
fn pcsc_emrtd_with_another_document_number_opens_nothing() {
    let Some(reader) = VirtualReader::free() else {
        return;
    };
    let card = card_file(Profile::Td3Bac, &[]);
    let Some(output) = read(&reader, &card, "X00000000") else {
        return;
    };
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(error.contains("RecvApduError(99, 0)"), "6300: {error}");
}
