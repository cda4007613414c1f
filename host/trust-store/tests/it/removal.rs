//! Removing what is no longer trusted.

use base64::Engine as _;
use chipgate_trust::{TrustAnchors, fingerprint};
use chipgate_trust_store::{Kind, Store, StoreError};

use crate::fixtures::{bytes, empty, names};

/// PEM as people put it together, with lines between the blocks.
fn pem(label: &str, name: &str) -> String {
    let encoded = base64::engine::general_purpose::STANDARD.encode(bytes(name));
    let lines: Vec<_> = encoded
        .as_bytes()
        .chunks(64)
        .map(String::from_utf8_lossy)
        .collect();
    let lines = lines.join("\r\n");
    format!("subject={name}\r\n-----BEGIN {label}-----\r\n{lines}\r\n-----END {label}-----\r\n")
}

fn digits(name: &str) -> String {
    hex::encode(fingerprint(&bytes(name)))
}

fn listed(store: &Store) -> Vec<String> {
    let listed = store.list().into_iter().map(|item| item.fingerprint);
    listed.collect()
}

/// One of three goes, and the two others, a signer's certificate that never counted, and a key stay as they were.
#[test]
fn what_stands_in_one_file_with_others_goes_by_itself() {
    let folder = empty();
    let file = folder.path().join("all.pem");
    let key = "-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----\n";
    let blocks = ["csca", "csca_rsa", "csca_pss", "ds"].map(|name| pem("CERTIFICATE", name));
    std::fs::write(&file, blocks.concat() + key).unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!((store.list().len(), store.refused().len()), (3, 2));
    assert_eq!(store.remove(&digits("csca_rsa")[..16]).unwrap(), 1);
    let expected = [&blocks[0], "subject=csca_rsa\r\n", &blocks[2], &blocks[3], key].concat();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), expected);
    assert_eq!((store.list().len(), store.refused().len()), (2, 2));
    assert!(!listed(&store).contains(&digits("csca_rsa")));
    assert!(matches!(
        store.remove(&digits("csca_rsa")),
        Err(StoreError::NotThere { .. })
    ));
    assert_eq!(store.remove(&digits("csca")).unwrap(), 1);
    assert_eq!(listed(&store), [digits("csca_pss")]);
}

#[test]
fn one_revocation_list_of_several_in_a_file_goes_by_itself() {
    let folder = empty();
    std::fs::write(folder.path().join("csca.cer"), bytes("csca")).unwrap();
    let file = folder.path().join("lists.pem");
    let blocks = ["crl_rsa", "crl", "crl_pss"].map(|name| pem("X509 CRL", name));
    std::fs::write(&file, blocks.concat()).unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!(store.remove(&digits("crl")).unwrap(), 1);
    let left = [&blocks[0], "subject=crl\r\n", &blocks[2]].concat();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), left);
    let lists = store.list().into_iter();
    let lists = lists.filter(|item| item.kind == Kind::RevocationList);
    assert_eq!(lists.count(), 2);
}

/// A copy in another file would bring it back.
#[test]
fn an_anchor_goes_from_each_file_that_has_it() {
    let folder = empty();
    std::fs::write(folder.path().join("a.cer"), bytes("csca")).unwrap();
    let both = pem("CERTIFICATE", "csca") + &pem("CERTIFICATE", "csca_rsa");
    std::fs::write(folder.path().join("b.pem"), both).unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!(store.remove(&digits("csca")).unwrap(), 1);
    assert_eq!(listed(&store), [digits("csca_rsa")]);
    assert_eq!(names(folder.path()), ["b.pem"]);
    store.remove(&digits("csca_rsa")).unwrap();
    assert!(TrustAnchors::is_empty(&store) && names(folder.path()).is_empty());
}

#[test]
fn of_a_file_that_is_no_pem_nothing_is_taken_out() {
    let folder = empty();
    let value = |name: &str| base64::engine::general_purpose::STANDARD.encode(bytes(name));
    let ldif = format!(
        "dn: c=VN\ncACertificate:: {}\ncACertificate:: {}\n",
        value("csca"),
        value("csca_rsa")
    );
    let file = folder.path().join("export.pem");
    std::fs::write(&file, &ldif).unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!(store.list().len(), 2);
    let refused = store.remove(&digits("csca"));
    assert!(matches!(refused, Err(StoreError::InOneFile { file: of }) if of == file));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), ldif);
}
