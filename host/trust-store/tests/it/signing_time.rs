//! A master list counts as of its signing time, so that it has to name one. OpenSSL always names one; the list is
//! therefore put together here (RFC 5652, 5), and OpenSSL makes its certificates and its signature.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use chipgate_trust::{Certificate, TrustError, TrustFault, fingerprint};
use chipgate_trust_store::{Conflict, ImportResult, Refusal, Refused, Store};

use crate::fixtures::{NOW, bytes, empty};

const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2];
const CONTENT_TYPE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 3];
const MESSAGE_DIGEST: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 4];
const SIGNING_TIME: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 5];
const MASTER_LIST: &[u8] = &[0x67, 0x81, 0x08, 1, 1, 2];
const SHA_256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
const ECDSA_WITH_SHA_256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2];

pub(crate) const CONFIGURATION: &str = "[req]
distinguished_name = name
prompt = no
[name]
C = VN
CN = Example
[authority]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[signer]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,2.23.136.1.1.3
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
";

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len();
    let mut der = vec![tag];
    match length {
        0..128 => der.push(length as u8),
        128..256 => der.extend([0x81, length as u8]),
        _ => der.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    der.extend(content);
    der
}

fn oid(value: &[u8]) -> Vec<u8> {
    tlv(6, &[value])
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, parts)
}

fn attribute(kind: &[u8], value: &[u8]) -> Vec<u8> {
    sequence(&[&oid(kind), &tlv(0x31, &[value])])
}

pub(crate) fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{arguments}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// `csca.der` and `signer.der`, and the signer's key.
pub(crate) fn make_certificates(folder: &Path) {
    std::fs::write(folder.join("c.cnf"), CONFIGURATION).unwrap();
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -config c.cnf";
    openssl(
        folder,
        &format!(
            "req -x509 {key} -keyout csca.key -extensions authority -days 3650 -outform DER -out csca.der"
        ),
    );
    openssl(
        folder,
        &format!("req -new {key} -keyout signer.key -subj /C=VN/CN=Signer -out signer.csr"),
    );
    openssl(
        folder,
        "x509 -req -in signer.csr -CA csca.der -CAform DER -CAkey csca.key -set_serial 7 -days 365 -extfile c.cnf \
         -extensions signer -outform DER -out signer.der",
    );
}

/// A master list with these entries, and with the signed attribute `signingTime` if there is one.
fn master_list(folder: &Path, signing_time: Option<&str>, entries: &[Vec<u8>]) -> Vec<u8> {
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let content = sequence(&[&[2, 1, 0], &tlv(0x31, &[&entries.concat()])]);
    let mut attributes = vec![
        attribute(CONTENT_TYPE, &oid(MASTER_LIST)),
        attribute(MESSAGE_DIGEST, &tlv(4, &[&fingerprint(&content)])),
    ];
    attributes.extend(signing_time.map(|time| attribute(SIGNING_TIME, &tlv(0x17, &[time.as_bytes()]))));
    attributes.sort();
    let attributes = attributes.concat();
    std::fs::write(folder.join("signed"), tlv(0x31, &[&attributes])).unwrap();
    openssl(folder, "dgst -sha256 -sign signer.key -out signature signed");

    let signer = Certificate::from_der(&read("signer.der")).unwrap();
    let digest = sequence(&[&oid(SHA_256)]);
    let info = sequence(&[
        &[2, 1, 3],
        &tlv(0x80, &[signer.subject_key_identifier().unwrap()]),
        &digest,
        &tlv(0xA0, &[&attributes]),
        &sequence(&[&oid(ECDSA_WITH_SHA_256)]),
        &tlv(4, &[&read("signature")]),
    ]);
    let signed_data = sequence(&[
        &[2, 1, 3],
        &tlv(0x31, &[&digest]),
        &sequence(&[&oid(MASTER_LIST), &tlv(0xA0, &[&tlv(4, &[&content])])]),
        &tlv(0xA0, &[signer.der()]),
        &tlv(0x31, &[&info]),
    ]);
    sequence(&[&oid(SIGNED_DATA), &tlv(0xA0, &[&signed_data])])
}

/// What comes of the list when its authority is in the store.
fn import(made: &Path, signing_time: Option<&str>) -> (ImportResult, usize) {
    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    let list = made.join("list.ml");
    let authority = std::fs::read(made.join("csca.der")).unwrap();
    std::fs::write(&list, master_list(made, signing_time, &[authority])).unwrap();
    let authority = fingerprint(&std::fs::read(made.join("csca.der")).unwrap());
    let imported = store
        .import(&[made.join("csca.der"), list], &[authority], NOW)
        .unwrap();
    (imported[1].result.clone(), store.list().len())
}

#[test]
fn refuses_a_master_list_that_does_not_say_when_it_was_signed() {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: openssl is not installed");
        return;
    }
    let made = empty();
    make_certificates(made.path());
    // Before its signer's certificate was valid.
    let (early, count) = import(made.path(), Some("200101000000Z"));
    assert!(
        matches!(early, ImportResult::Refused(Refusal::MasterList { .. })),
        "{early:?}"
    );
    assert_eq!(count, 1);

    let (without, count) = import(made.path(), None);
    let expected = Refusal::MasterList {
        fault: TrustFault::NoSigningTime,
    };
    assert_eq!((without, count), (ImportResult::Refused(expected), 1));

    let (with, _) = import(made.path(), Some(&now()));
    assert!(matches!(with, ImportResult::AddedMasterList { .. }), "{with:?}");
}

/// A minute after the certificates were made, as UTCTime.
fn now() -> String {
    minutes_on(1)
}

fn minutes_on(minutes: u8) -> String {
    let output = Command::new("date")
        .args(["-u", "-d", &format!("{minutes} minutes"), "+%y%m%d%H%M%SZ"])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// By the entry of the directory; an older one takes no newer one's place.
#[test]
fn a_later_master_list_takes_the_place_of_an_earlier_one_that_ldif_replaces() {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: openssl is not installed");
        return;
    }
    let made = empty();
    make_certificates(made.path());
    let csca = std::fs::read(made.path().join("csca.der")).unwrap();
    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    store
        .import(&[made.path().join("csca.der")], &[fingerprint(&csca)], NOW)
        .unwrap();
    // Signed while the signer was valid, which it was made to be a second ago.
    std::thread::sleep(std::time::Duration::from_secs(2));
    let earlier = master_list(
        made.path(),
        Some(&minutes_on(0)),
        &[csca.clone(), bytes("csca_rsa")],
    );
    std::thread::sleep(std::time::Duration::from_secs(1));
    let later = master_list(made.path(), Some(&minutes_on(0)), &[csca]);
    let mut replace = |list: &[u8]| {
        let file = made.path().join("replace.ldif");
        let dn = "cn=C\\=VN\\,CN\\=Example,o=ml,c=VN,dc=data";
        let value = base64::engine::general_purpose::STANDARD.encode(list);
        let change = "changetype: modify\nreplace: pkdMasterListContent\npkdMasterListContent";
        std::fs::write(&file, format!("dn: {dn}\n{change}:: {value}\n-\n")).unwrap();
        let imported = store.import(&[file], &[], NOW).unwrap().into_iter();
        let results: Vec<_> = imported.map(|item| item.result).collect();
        (results, store.signed_lists().len())
    };
    let (results, lists) = replace(&earlier);
    assert!(
        matches!(results.as_slice(), [ImportResult::AddedMasterList { .. }]),
        "{results:?}"
    );
    assert_eq!(lists, 1);
    let (results, lists) = replace(&later);
    assert!(
        matches!(results.as_slice(), [ImportResult::AddedMasterList { .. }]),
        "{results:?}"
    );
    assert_eq!(lists, 1, "the earlier one is gone");
    let (results, lists) = replace(&earlier);
    let kept = ImportResult::Kept(vec![hex::encode(fingerprint(&later))]);
    assert_eq!((results.get(1), lists), (Some(&kept), 2));
}

/// One that is no certificate, one of no authority, and one whose own signature does not hold.
#[test]
fn a_list_with_bad_entries_brings_in_the_rest_and_names_the_bad_ones() {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: openssl is not installed");
        return;
    }
    let made = empty();
    make_certificates(made.path());
    let read = |name: &str| std::fs::read(made.path().join(name)).unwrap();
    let (authority, leaf) = (read("csca.der"), read("signer.der"));
    let sound = bytes("csca");
    let mut forged = bytes("csca_rsa");
    *forged.last_mut().unwrap() ^= 1;
    let junk = sequence(&[&[2, 1, 5]]);
    let entries = [
        junk.clone(),
        authority.clone(),
        sound.clone(),
        leaf.clone(),
        forged.clone(),
    ];
    let list = made.path().join("list.ml");
    std::fs::write(&list, master_list(made.path(), Some(&now()), &entries)).unwrap();

    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    let files = [made.path().join("csca.der"), list];
    let imported = store.import(&files, &[fingerprint(&authority)], NOW).unwrap();
    let ImportResult::AddedMasterList {
        anchors,
        verification,
        refused,
        ..
    } = &imported[1].result
    else {
        panic!("{imported:?}")
    };
    assert_eq!(
        (*anchors, verification.wrong.as_slice()),
        (1, &[fingerprint(&forged)][..])
    );
    let why = |entry: &[u8], refused: &[Refused]| {
        let fingerprint = hex::encode(fingerprint(entry));
        let found = refused
            .iter()
            .find(|one| one.fingerprint.as_deref() == Some(&fingerprint));
        found.map(|one| one.why.clone())
    };
    let expected = [
        (&junk, Refusal::Unusable(TrustError::NotACertificate)),
        (&leaf, Refusal::Unusable(TrustError::NotAnAuthority)),
        (&forged, Refusal::BrokenSignature),
    ];
    assert_eq!(refused.len(), 3);
    for (entry, expected) in &expected {
        assert_eq!(why(entry, refused).as_ref(), Some(expected));
    }

    // It stays so when the folder is opened again, whether what the import found out is still there or not.
    for _ in 0..2 {
        let store = Store::open(folder.path()).unwrap();
        assert_eq!((store.list().len(), store.refused().len()), (2, 3));
        assert_eq!(why(&forged, store.refused()), Some(Refusal::BrokenSignature));
        let checked = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path());
        for file in checked.filter(|file| file.extension().is_some_and(|ending| ending == "checked")) {
            std::fs::remove_file(file).unwrap();
        }
    }
}

/// One key under two names, two keys with one identifier, and an anchor that the newer list of its state no longer has.
#[test]
fn conflicts_of_each_kind_are_told() {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: openssl is not installed");
        return;
    }
    let made = empty();
    make_certificates(made.path());
    let read = |name: &str| std::fs::read(made.path().join(name)).unwrap();
    let same_key = "req -x509 -key csca.key -config c.cnf -extensions authority -days 99 -outform DER";
    openssl(
        made.path(),
        &format!("{same_key} -subj /C=VN/CN=Another -out renamed.der"),
    );
    let text = CONFIGURATION.replace("subjectKeyIdentifier = hash", "subjectKeyIdentifier = 01020304");
    std::fs::write(made.path().join("c.cnf"), text).unwrap();
    for name in ["One", "Two"] {
        let key = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -config c.cnf -extensions authority";
        let out = format!("-keyout {name}.key -subj /C=VN/CN={name} -days 99 -outform DER -out {name}.der");
        openssl(made.path(), &format!("{key} {out}"));
    }
    let withdrawn = bytes("csca_rsa");
    let csca = read("csca.der");
    let all = [
        csca.clone(),
        read("renamed.der"),
        read("One.der"),
        read("Two.der"),
        withdrawn.clone(),
    ];
    let older = master_list(made.path(), Some(&minutes_on(1)), &all);
    let newer = master_list(made.path(), Some(&minutes_on(2)), &all[..4]);
    std::fs::write(made.path().join("older.ml"), older).unwrap();
    std::fs::write(made.path().join("newer.ml"), newer).unwrap();

    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    let files = ["csca.der", "older.ml", "newer.ml"].map(|name| made.path().join(name));
    store.import(&files[..2], &[fingerprint(&csca)], NOW).unwrap();
    assert_eq!(store.conflicts().len(), 2, "{:?}", store.conflicts());
    store.import(&files[2..], &[], NOW).unwrap();
    let conflicts = store.conflicts();
    assert_eq!(conflicts.len(), 3, "{conflicts:?}");
    let has = |wanted: &dyn Fn(&Conflict) -> bool| conflicts.iter().any(wanted);
    assert!(has(&|conflict| matches!(
        conflict,
        Conflict::SameKeyTwoNames { names } if names.len() == 2
    )));
    assert!(has(&|conflict| matches!(
        conflict,
        Conflict::SameIdentifierTwoKeys { identifier, certificates }
            if identifier == "01020304" && certificates.len() == 2
    )));
    let gone = hex::encode(fingerprint(&withdrawn));
    assert!(has(&|conflict| matches!(
        conflict,
        Conflict::Withdrawn { certificate, .. } if certificate.1 == gone
    )));
}
