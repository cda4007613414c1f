//! The master lists that states publish, where they are at hand.

use std::path::PathBuf;

use chipgate_trust_store::{ImportResult, Kind, Store};

use crate::fixtures::{NOW, empty};

fn file(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/trust")
        .join(name);
    if path.is_file() {
        return Some(path);
    }
    println!("skipped: no published file at {}", path.display());
    None
}

fn of(file: &std::path::Path) -> [u8; 32] {
    chipgate_trust::fingerprint(&std::fs::read(file).unwrap())
}

/// The Dutch list is signed under NL_ROOT_CA, which is published beside it.
#[test]
fn imports_a_published_master_list_under_its_own_authority() {
    let (Some(list), Some(authority)) = (file("NL_ML_2025-07-29.ml"), file("NL_ROOT_CA.cer")) else {
        return;
    };
    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    let imported = store
        .import(&[list, authority.clone()], &[of(&authority)], NOW)
        .unwrap();
    let [certificate, list] = imported.as_slice() else {
        panic!("{imported:?}")
    };
    assert!(matches!(certificate.result, ImportResult::Added(_)));
    let ImportResult::AddedMasterList {
        anchors,
        ref verification,
        ..
    } = list.result
    else {
        panic!("{list:?}")
    };
    assert_eq!(verification.wrong, [[0; 32]; 0]);
    assert_eq!(verification.verified + verification.without_issuer.len(), 394);
    let listed = store.list();
    // 394 certificates, of which the authority itself was there before and a few are no authority's.
    assert_eq!(
        (anchors + 1, anchors + 1 + store.refused().len()),
        (listed.len(), 394)
    );
    assert!(store.refused().len() < 10, "{:#?}", store.refused());
    let links: Vec<_> = listed.iter().filter(|listed| listed.kind == Kind::Link).collect();
    assert!(links.is_empty(), "the list has no link certificates: {links:#?}");
    assert!(
        listed
            .iter()
            .all(|listed| !listed.subject.is_empty() && !listed.subject.contains("X509Error"))
    );
}

/// Single published certificates, link certificates among them, are anchors in their own right.
#[test]
fn imports_published_certificates() {
    let names = [
        "IDN_2010-12_CSCA",
        "IDN_2016-01_CSCA",
        "IDN_2016-01_CSCA_LINK",
        "IDN_2020-10_CSCA",
        "IDN_2020-10_CSCA_LINK",
    ];
    let Some(files) = names
        .iter()
        .map(|name| file(&format!("{name}.cer")))
        .collect::<Option<Vec<_>>>()
    else {
        return;
    };
    let folder = empty();
    let mut store = Store::open(folder.path()).unwrap();
    // The links are vouched for by the authority that issued them.
    let roots: Vec<_> = files
        .iter()
        .filter(|file| !file.to_string_lossy().contains("LINK"))
        .map(|file| of(file))
        .collect();
    let imported = store.import(&files, &roots, NOW).unwrap();
    assert!(
        imported
            .iter()
            .all(|imported| matches!(imported.result, ImportResult::Added(_))),
        "{imported:#?}"
    );
    let kinds: Vec<_> = store.list().iter().map(|listed| listed.kind).collect();
    assert_eq!(
        kinds.iter().filter(|kind| **kind == Kind::Link).count(),
        2,
        "{kinds:?}"
    );
}
