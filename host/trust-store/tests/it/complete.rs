//! A directory of the size that the ICAO PKD has, made up for this test.

use std::fmt::Write as _;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chipgate_apdu::tlv::{self, Tag};
use chipgate_crypto::{Curve, HashAlgorithm, ObjectIdentifier, SignatureAlgorithm, SigningKey};
use chipgate_trust::fingerprint;
use chipgate_trust_store::{ImportResult, Store};
use rand::{SeedableRng, rngs::StdRng};

use crate::fixtures::{NOW, empty};

const STATES: usize = 60;
const ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256);

fn der(tag: u32, parts: &[&[u8]]) -> Vec<u8> {
    tlv::encode(Tag(tag), &parts.concat())
}

fn oid(dotted: &str) -> Vec<u8> {
    der(6, &[ObjectIdentifier::new_unwrap(dotted).as_bytes()])
}

fn name(state: &str, common: &str) -> Vec<u8> {
    let part = |kind: &str, tag: u32, text: &str| {
        let attribute = der(0x30, &[&oid(kind), &der(tag, &[text.as_bytes()])]);
        der(0x31, &[&attribute])
    };
    der(
        0x30,
        &[&part("2.5.4.6", 0x13, state), &part("2.5.4.3", 0x0C, common)],
    )
}

fn extension(kind: &str, value: &[u8]) -> Vec<u8> {
    der(0x30, &[&oid(kind), &der(4, &[value])])
}

fn signed(tbs: &[u8], key: &SigningKey) -> Vec<u8> {
    let value = key.sign(&ALGORITHM, tbs, &mut StdRng::seed_from_u64(1)).unwrap();
    let value = der(3, &[&[0], &value]);
    der(0x30, &[tbs, &ALGORITHM.to_algorithm_identifier_der(), &value])
}

fn certificate(
    number: u32,
    issuer: &[u8],
    subject: &[u8],
    key: &SigningKey,
    extensions: &[&[u8]],
) -> Vec<u8> {
    let time = |text: &[u8]| der(0x17, &[text]);
    let validity = der(0x30, &[&time(b"250101000000Z"), &time(b"450101000000Z")]);
    let tbs = der(
        0x30,
        &[
            &der(0xA0, &[&[2, 1, 2]]),
            &der(2, &[&[1], &number.to_be_bytes()]),
            &ALGORITHM.to_algorithm_identifier_der(),
            issuer,
            &validity,
            subject,
            &key.public_key().to_spki_der(),
            &der(0xA3, &[&der(0x30, extensions)]),
        ],
    );
    signed(&tbs, key)
}

/// How much memory this process had at most, in MiB, where the system says so.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes >> 10)
}

/// So many signers of 60 states, each of so many octets as its padding has and some hundred more.
fn imports(signers: usize, padding: usize) {
    let folder = empty();
    let file = folder.path().join("complete.tmp");
    let key = SigningKey::generate_ec(Curve::P256, &mut StdRng::seed_from_u64(1)).unwrap();
    let mut out = std::io::BufWriter::new(std::fs::File::create(&file).unwrap());
    let mut entry = |dn: &str, attribute: &str, der: &[u8]| {
        let encoded = STANDARD.encode(der);
        let mut value = String::new();
        for line in encoded.as_bytes().chunks(76) {
            writeln!(value, " {}", std::str::from_utf8(line).unwrap()).unwrap();
        }
        write!(out, "dn: {dn},dc=data,dc=icao\n{attribute}::{value}\n").unwrap();
    };
    let authority_extensions = [
        extension("2.5.29.15", &[3, 2, 1, 6]),
        extension("2.5.29.19", &der(0x30, &[&[1, 1, 0xFF]])),
    ];
    let signer_extensions = [
        extension("2.5.29.15", &[3, 2, 7, 0x80]),
        extension("1.3.6.1.4.1.99999.1", &vec![0x5A; padding]),
    ];
    let states: Vec<String> = (0..STATES)
        .map(|state| {
            format!(
                "{}{}",
                char::from(b'A' + u8::try_from(state / 26).unwrap()),
                char::from(b'A' + u8::try_from(state % 26).unwrap())
            )
        })
        .collect();
    let mut named = Vec::new();
    for (number, state) in (1..).zip(&states) {
        let issuer = name(state, "CSCA");
        let extensions: Vec<&[u8]> = authority_extensions.iter().map(Vec::as_slice).collect();
        let der = certificate(number, &issuer, &issuer, &key, &extensions);
        named.push(fingerprint(&der));
        entry(&format!("cn=CSCA,o=ca,c={state}"), "cACertificate;binary", &der);
    }
    for number in 0..signers {
        let state = &states[number % STATES];
        let extensions: Vec<&[u8]> = signer_extensions.iter().map(Vec::as_slice).collect();
        let subject = name(state, &format!("Signer {number}"));
        let serial = u32::try_from(number).unwrap();
        let der = certificate(serial, &name(state, "CSCA"), &subject, &key, &extensions);
        let dn = format!("cn=CN\\=CSCA\\,C\\={state}+sn=01{serial:08X},o=dsc,c={state}");
        entry(&dn, "userCertificate;binary", &der);
    }
    out.into_inner().unwrap();
    let size = file.metadata().unwrap().len() >> 20;

    let before = peak();
    let mut store = Store::create(folder.path().join("trust")).unwrap();
    let begun = std::time::Instant::now();
    let imported = store.import(&[&file], &named, NOW).unwrap();
    println!(
        "{signers} signers in {size} MiB of LDIF: {:?}; at most {:?} MiB of memory, {before:?} before",
        begun.elapsed(),
        peak()
    );
    let added = imported
        .iter()
        .filter(|item| matches!(item.result, ImportResult::AddedSigner(_)));
    assert_eq!(added.count(), signers);
    assert_eq!(
        store.coverage(NOW).values().map(|of| of.signers).sum::<usize>(),
        signers
    );
    let lines: Vec<_> = imported.iter().map(|item| item.line.unwrap()).collect();
    assert!(lines.is_sorted() && lines[0] == 2, "each is told by its line");
}

/// With CHIPGATE_EXHAUSTIVE a hundred megabytes and more: larger than any other file may be.
#[test]
fn a_complete_directory_is_imported_in_whole() {
    if std::env::var_os("CHIPGATE_EXHAUSTIVE").is_some() {
        imports(36_000, 1800);
    } else {
        imports(120, 100);
    }
}
