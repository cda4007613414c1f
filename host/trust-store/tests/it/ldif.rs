//! LDIF as the ICAO PKD hands it out: what is there, and what changed since.

use std::path::Path;

use base64::Engine as _;
use chipgate_trust::{Certificate, fingerprint};
use chipgate_trust_store::{ImportResult, Imported, Refusal, Store};

use crate::fixtures::{NOW, bytes, empty, fixture};

const SIGNER: &str = "cn=C\\=VN\\,O\\=Example Government\\,CN\\=CSCA Example";
const LIST: &str = "cn=C\\=VN\\,O\\=Example Government\\,CN\\=CSCA Example,o=crl,c=VN,dc=data,dc=icao";

fn value(name: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes(name))
}

fn store_with(folder: &Path, fixtures: &[&str]) -> Store {
    let mut store = Store::open(folder).unwrap();
    let files: Vec<_> = fixtures.iter().map(|name| fixture(name)).collect();
    let imported = store.import(&files, &[fingerprint(&bytes("csca"))], NOW).unwrap();
    assert!(
        imported
            .iter()
            .all(|item| !matches!(item.result, ImportResult::Refused(_))),
        "{imported:?}"
    );
    store
}

/// Imports LDIF, and looks into the folder again: what counts now is what counts the next time.
fn import(store: &mut Store, ldif: &str) -> Vec<Imported> {
    let file = store.folder().join("change.tmp");
    std::fs::write(&file, ldif).unwrap();
    let imported = store.import(&[file], &[], NOW).unwrap();
    assert_eq!(Store::open(store.folder()).unwrap().list(), store.list());
    imported
}

fn kept(name: &str) -> ImportResult {
    ImportResult::Kept(vec![hex::encode(fingerprint(&bytes(name)))])
}

fn has(store: &Store, name: &str) -> bool {
    !store.find(&hex::encode(fingerprint(&bytes(name)))).is_empty()
}

fn entry_of_signer(name: &str) -> String {
    let certificate = Certificate::from_der(&bytes(name)).unwrap();
    let serial = hex::encode(certificate.serial_number());
    format!("{SIGNER}+sn={serial},o=dsc,c=VN,dc=data,dc=icao")
}

#[test]
fn a_change_deletes_the_values_that_it_names_and_no_others() {
    let folder = empty();
    let mut store = store_with(folder.path(), &["csca", "ds", "ds_p256", "crl"]);
    let dn = entry_of_signer("ds");
    let delete = |attribute: &str, name: &str| {
        format!(
            "dn: {dn}\nchangetype: modify\ndelete: {attribute}\n{attribute}:: {}\n-\n",
            value(name)
        )
    };
    let results = import(&mut store, &delete("userCertificate;binary", "ds"));
    assert_eq!(results[0].result, ImportResult::Removed);
    assert!(!has(&store, "ds") && has(&store, "ds_p256") && has(&store, "crl"));
    let again = import(&mut store, &delete("userCertificate;binary", "ds"));
    assert_eq!(again[0].result, ImportResult::Refused(Refusal::NotHere));
    let list = delete("certificateRevocationList;binary", "crl");
    assert_eq!(import(&mut store, &list)[0].result, kept("crl"));
    assert!(has(&store, "crl"));
    // What a person trusts does not go by a file that nobody signed.
    let authority = import(&mut store, &delete("cACertificate;binary", "csca"));
    assert!(matches!(
        authority[0].result,
        ImportResult::Refused(Refusal::AuthorityStays { .. })
    ));
    assert!(has(&store, "csca"));
}

#[test]
fn a_change_deletes_all_that_an_entry_had_of_an_attribute() {
    let folder = empty();
    let mut store = store_with(folder.path(), &["csca", "ds", "ds_p256", "crl"]);
    let delete =
        |dn: &str, attribute: &str| format!("dn: {dn}\nchangetype: modify\ndelete: {attribute};binary\n-\n");
    let signer = entry_of_signer("ds");
    let other_kind = import(&mut store, &delete(&signer, "certificateRevocationList"));
    assert_eq!(other_kind[0].result, ImportResult::Refused(Refusal::NotHere));
    let results = import(&mut store, &delete(&signer, "userCertificate"));
    assert_eq!(results[0].result, ImportResult::Removed);
    assert!(!has(&store, "ds") && has(&store, "ds_p256"));
    let results = import(&mut store, &delete(LIST, "certificateRevocationList"));
    assert_eq!(results[0].result, kept("crl"));
    assert!(has(&store, "crl"));
}

#[test]
fn a_replacement_takes_the_place_of_what_the_entry_had_and_a_bad_one_does_not() {
    let folder = empty();
    let mut store = store_with(folder.path(), &["csca", "ds", "crl_stale"]);
    let replace = |dn: &str, attribute: &str, value: &str| {
        format!(
            "dn: {dn}\nchangetype: modify\nreplace: {attribute};binary\n{attribute};binary:: {value}\n-\n"
        )
    };
    let attribute = "certificateRevocationList";
    for bad in ["AAEC", &value("crl_foreign")] {
        let results = import(&mut store, &replace(LIST, attribute, bad));
        assert!(
            matches!(results[0].result, ImportResult::Refused(_)),
            "{results:?}"
        );
        assert!(
            has(&store, "crl_stale"),
            "what is known to be revoked stays revoked"
        );
    }
    let results = import(&mut store, &replace(LIST, attribute, &value("crl")));
    assert!(
        matches!(results[0].result, ImportResult::Replaced { older: 1, .. }),
        "{results:?}"
    );
    assert!(has(&store, "crl") && !has(&store, "crl_stale"));
    // A directory that went back does not take the newer list away.
    let results = import(&mut store, &replace(LIST, attribute, &value("crl_stale")));
    assert!(
        matches!(results[0].result, ImportResult::Superseded(_)),
        "{results:?}"
    );
    assert!(has(&store, "crl"));
    // A master list of the same state, by its entry.
    import(
        &mut store,
        &format!(
            "dn: cn=1,o=ml,c=VN,dc=d\npkdMasterListContent:: {}\n",
            value("master_list")
        ),
    );
    let dn = LIST.replace("o=crl", "o=ml");
    let other = replace(&dn, "pkdMasterListContent", &value("master_list_with_foreign"));
    let results = import(&mut store, &other);
    assert!(
        matches!(results[0].result, ImportResult::AddedMasterList { .. }),
        "{results:?}"
    );
    assert_eq!(
        results[1].result,
        kept("master_list"),
        "the new one is no later one"
    );
    assert!(folder_has(&store, &bytes("master_list")));
    // A signer's certificate that was wrong.
    let other = replace(&entry_of_signer("ds"), "userCertificate", &value("ds_p256"));
    let results = import(&mut store, &other);
    assert!(
        matches!(results[0].result, ImportResult::AddedSigner(_)),
        "{results:?}"
    );
    assert!(has(&store, "ds_p256") && !has(&store, "ds"));
}

fn folder_has(store: &Store, content: &[u8]) -> bool {
    let entries = std::fs::read_dir(store.folder()).unwrap();
    entries
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .any(|found| found == content)
}

#[test]
fn each_entry_is_named_and_a_bad_one_keeps_no_other_out() {
    let folder = empty();
    let mut store = store_with(folder.path(), &["csca"]);
    let bad = "cn=Bad,o=dsc,c=VN,dc=data";
    let ldif = format!(
        "dn: {bad}\nuserCertificate;binary:: {}\n\ndn: {}\nuserCertificate;binary:: {}\n\ndn: {LIST}\n\
         certificateRevocationList;binary:: {}\n",
        value("sod"),
        entry_of_signer("ds"),
        value("ds"),
        value("crl"),
    );
    let imported = import(&mut store, &ldif);
    let refused: Vec<_> = imported
        .iter()
        .filter(|item| matches!(item.result, ImportResult::Refused(_)))
        .map(|item| item.entry.as_deref())
        .collect();
    assert_eq!((imported.len(), refused), (3, vec![Some(bad)]));
    assert!(has(&store, "ds") && has(&store, "crl"));
}

/// A complete download and a delta in one command: the delta has the last word.
#[test]
fn what_a_later_file_deletes_is_gone() {
    let folder = empty();
    let mut store = store_with(folder.path(), &["csca"]);
    let dn = entry_of_signer("ds");
    let files = ["complete.tmp", "delta.tmp"].map(|name| folder.path().join(name));
    std::fs::write(
        &files[0],
        format!("dn: {dn}\nuserCertificate;binary:: {}\n", value("ds")),
    )
    .unwrap();
    std::fs::write(&files[1], format!("dn: {dn}\nchangetype: delete\n")).unwrap();
    let results: Vec<_> = store
        .import(&files, &[], NOW)
        .unwrap()
        .into_iter()
        .map(|item| item.result)
        .collect();
    assert!(matches!(results[0], ImportResult::AddedSigner(_)));
    assert_eq!(results[1], ImportResult::Removed);
    assert!(!has(&store, "ds"));
    assert!(!has(&Store::open(folder.path()).unwrap(), "ds"));
}
