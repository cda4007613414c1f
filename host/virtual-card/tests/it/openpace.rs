//! PACE before OpenPACE's libeac (Debian's libeac-dev): a terminal that no one here wrote, over curves and modulo primes, with
//! every cipher. Its own integrated mapping is an earlier draft's, as the worked examples of Doc 9303-11 show: it runs integrated
//! mapping with the standard's mapping, on OpenSSL's numbers, in that one's place.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use chipgate_apdu::tlv::{self, Tag};
use chipgate_crypto::{Cipher, Curve, ObjectIdentifier};
use chipgate_lds::{PaceInfo, SecurityInfo, encode_card_access};
use chipgate_virtual_card::{DhGroup, HexBytes, KeyGroup, PaceSettings, Profile, SecretText};
use tempfile::TempDir;

use crate::{
    common::{card_file, insert},
    terminal::{Terminal, ok},
};

const CAN: &str = "500540";

/// The program, compiled; `None` where there is no compiler or no library.
fn compiled() -> Option<TempDir> {
    let dir = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/openpace.c");
    let output = Command::new("cc")
        .args(["-w", "-o"])
        .arg(dir.path().join("openpace"))
        .arg(source)
        .args(["-leac", "-lcrypto"])
        .output();
    match output {
        Ok(output) if output.status.success() => Some(dir),
        Ok(_) => {
            println!("skipped: OpenPACE, since the program over libeac-dev does not compile");
            None
        }
        Err(error) => {
            println!("skipped: OpenPACE, since cc cannot be run ({error})");
            None
        }
    }
}

/// Runs PACE between the program and a chip of that variant; its last line.
fn run(program: &Path, protocol: ObjectIdentifier, group: KeyGroup, can: &str) -> String {
    let mut file = card_file(Profile::Td3Pace, &[]);
    file.passwords.can = Some(SecretText::new(CAN));
    file.chip.pace = vec![PaceSettings {
        protocol: protocol.to_string(),
        group,
        can: true,
    }];
    let info = SecurityInfo::Pace(PaceInfo {
        protocol,
        version: 2,
        parameter_id: Some(group.domain_parameter_id()),
    });
    let card_access = encode_card_access(&[info]);
    file.files
        .insert("EF.CardAccess".into(), HexBytes(card_access.clone()));
    let mut chip = Terminal::new(insert(&file));
    let template = [
        tlv::encode(Tag(0x80), protocol.as_bytes()),
        tlv::encode(Tag(0x83), &[2]),
    ];
    let set = chipgate_apdu::Command::new(0, 0x22, 0xC1, 0xA4).with_data(template.concat());
    ok(chip.send(&set)).unwrap();

    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || output.next().unwrap().unwrap();
    writeln!(input, "{}\n{can}", hex::encode(card_access)).unwrap();
    let nonce = chip.general_authenticate(0x10, &[], 0x80).unwrap();
    writeln!(input, "{}", hex::encode(nonce)).unwrap();
    for (class, tag) in [(0x10, 0x81), (0x10, 0x83), (0x00, 0x85)] {
        let line = next();
        let Ok(own) = hex::decode(&line) else {
            child.wait().unwrap();
            return line;
        };
        match chip.general_authenticate(class, &tlv::encode(Tag(tag), &own), tag + 1) {
            Ok(answer) => writeln!(input, "{}", hex::encode(answer)).unwrap(),
            Err(status) => {
                child.kill().unwrap();
                child.wait().unwrap();
                return format!("the chip: {status}");
            }
        }
    }
    let last = next();
    child.wait().unwrap();
    last
}

/// Modulo a prime one try in 256 fails, since OpenSSL's `DH_compute_key` drops the leading zeros of the shared secret.
fn opens(program: &Path, protocol: ObjectIdentifier, group: KeyGroup) {
    let tries = if matches!(group, KeyGroup::Dh(_)) { 3 } else { 1 };
    let opened = (0..tries).any(|_| run(program, protocol, group, CAN) == "opened");
    assert!(opened, "{} {protocol}", group.name());
}

#[test]
fn openpace_opens_the_chip_by_generic_mapping_in_every_group_with_every_cipher() {
    let Some(dir) = compiled() else { return };
    let program = dir.path().join("openpace");
    let curves = Curve::ALL.map(KeyGroup::Curve);
    let groups = [DhGroup::Modp2048Subgroup224, DhGroup::Modp2048Subgroup256].map(KeyGroup::Dh);
    for group in curves.into_iter().chain(groups) {
        let kind = if matches!(group, KeyGroup::Dh(_)) { 1 } else { 2 };
        for cipher in 1..=Cipher::ALL.len() {
            let protocol = format!("0.4.0.127.0.7.2.2.4.{kind}.{cipher}").parse().unwrap();
            opens(&program, protocol, group);
        }
    }
}

#[test]
fn openpace_opens_the_chip_by_integrated_mapping_in_every_group_with_every_cipher() {
    let Some(dir) = compiled() else { return };
    let program = dir.path().join("openpace");
    let curves = Curve::ALL
        .into_iter()
        .filter(|curve| curve.has_integrated_mapping());
    let groups = [DhGroup::Modp2048Subgroup224, DhGroup::Modp2048Subgroup256].map(KeyGroup::Dh);
    for group in curves.map(KeyGroup::Curve).chain(groups) {
        let kind = if matches!(group, KeyGroup::Dh(_)) { 3 } else { 4 };
        for cipher in 1..=Cipher::ALL.len() {
            let protocol = format!("0.4.0.127.0.7.2.2.4.{kind}.{cipher}").parse().unwrap();
            opens(&program, protocol, group);
        }
    }
}

/// EF.CardAccess, s, t and the generator of Doc 9303-11, appendices H.1 and H.2.
const APPENDIX_H: [[&str; 4]; 2] = [
    [
        "31143012060A04007F0007020204040202010202010D",
        "2923BE84E16CD6AE529049F1F1BBE9EB",
        "5DD4CBFC96F5453B130D890A1CDBAE32",
        "048E82D31559ED0FDE92A4D0498ADD3C23BABA94FB77691E31E90AEA77FB17D427\
         4C1AE14BD0C3DBAC0C871B7F3608169364437CA30AC243A089D3F266C1E60FAD",
    ],
    [
        "31143012060A04007F00070202040302020102020100",
        "FA5B7E3E49753A0DB9178B7B9BD898C8",
        "B3A6DB3C870C3E99245E0D1C06B747DE",
        "1D7D767F11E333BCD6DBAEF40E799E7A926B96973550656FF3C830726D118D61\
         C276CDCC61D475CF03A98E0C0E79CAEBA5BE25578BD4551D0B10903236F0B0F9\
         76852FA78EEA14EA0ACA87D1E91F688FE0DFF897BBE35A472621D343564B262F\
         34223AE8FC59B664BFEDFA2BFE7516CA5510A6BBB633D517EC25D4E0BBAA16C2",
    ],
];

/// The generator that the program maps these nonces to.
fn map(program: &Path, arguments: &[&str], [card_access, s, t]: [&str; 3]) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    write!(input, "{card_access}\n{s}\n{t}\n").unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_uppercase()
}

#[test]
fn the_mapping_in_the_place_of_openpaces_is_that_of_appendix_h() {
    let Some(dir) = compiled() else { return };
    let program = dir.path().join("openpace");
    for [card_access, s, t, generator] in APPENDIX_H {
        let given = [card_access, s, t];
        assert_eq!(map(&program, &["map"], given), generator);
    }
}

/// If it were, it could take its place again.
#[test]
fn openpaces_own_integrated_mapping_is_not_that_of_appendix_h() {
    let Some(dir) = compiled() else { return };
    let program = dir.path().join("openpace");
    for [card_access, s, t, generator] in APPENDIX_H {
        let own = map(&program, &["map", "own"], [card_access, s, t]);
        assert_eq!(own.len(), generator.len(), "{own}");
        assert_ne!(own, generator);
    }
}

#[test]
fn the_chip_refuses_openpace_with_another_can() {
    let Some(dir) = compiled() else { return };
    let protocol = "0.4.0.127.0.7.2.2.4.2.2".parse().unwrap();
    let program = dir.path().join("openpace");
    let refused = run(&program, protocol, Curve::BrainpoolP256r1.into(), "000000");
    assert_eq!(refused, "the chip: 6300");
}
