//! What a change takes away that nobody asked to remove.

use chipgate_trust::fingerprint;
use chipgate_trust_store::{LossCause, Lost, Store};

use crate::fixtures::{NOW, bytes, empty, fixture};

fn store_with(folder: &std::path::Path, fixtures: &[&str]) -> Store {
    let mut store = Store::open(folder).unwrap();
    let files: Vec<_> = fixtures.iter().map(|name| fixture(name)).collect();
    store.import(&files, &[fingerprint(&bytes("csca"))], NOW).unwrap();
    store
}

fn digits(name: &str) -> String {
    hex::encode(fingerprint(&bytes(name)))
}

fn named(lost: &[Lost]) -> Vec<&str> {
    lost.iter()
        .map(|one| one.certificate.fingerprint.as_str())
        .collect()
}

#[test]
fn a_list_whose_signer_is_revoked_loses_its_anchors_and_says_so() {
    let folder = empty();
    let mut store = store_with(folder.path(), &["csca", "master_list", "ds"]);
    let before = store.standing(NOW);
    assert_eq!(store.lost_since(&before), []);
    store.import(&[fixture("crl_of_list_signer")], &[], NOW).unwrap();
    let lost = store.lost_since(&before);
    assert!(
        lost.len() == 2 && named(&lost).contains(&digits("csca_rsa").as_str()),
        "{lost:?}"
    );
    let refused =
        |one: &Lost| matches!(&one.why, LossCause::ListRefused { why, .. } if why.contains("revoked"));
    assert!(lost.iter().all(refused), "{lost:?}");
    assert_eq!(store.lost_since(&store.standing(NOW)), []);
}

#[test]
fn with_an_authority_go_its_list_and_its_signers() {
    let folder = empty();
    let mut store = store_with(folder.path(), &["csca", "master_list", "ds"]);
    let before = store.standing(NOW);
    store.remove(&digits("csca")).unwrap();
    let lost = store.lost_since(&before);
    let signer = digits("ds");
    let of_signer = lost.iter().find(|one| one.certificate.fingerprint == signer);
    assert_eq!(of_signer.map(|one| &one.why), Some(&LossCause::NoAnchor));
    assert_eq!(lost.len(), 3, "and the two anchors of the list: {lost:?}");
    assert!(
        !named(&lost).contains(&digits("csca").as_str()),
        "that one was asked for"
    );
}

#[test]
fn a_signer_that_a_new_revocation_list_names_is_told_once() {
    let folder = empty();
    let mut store = store_with(folder.path(), &["csca", "ds_revoked", "ds"]);
    let before = store.standing(NOW);
    store.import(&[fixture("crl")], &[], NOW).unwrap();
    let lost = store.lost_since(&before);
    assert_eq!(
        (named(&lost), &lost[0].why),
        (vec![digits("ds_revoked").as_str()], &LossCause::Revoked)
    );
    assert_eq!(store.lost_since(&store.standing(NOW)), []);
}

#[test]
fn the_anchors_of_a_list_that_is_removed_are_told() {
    let folder = empty();
    let mut store = store_with(folder.path(), &["csca", "master_list"]);
    let before = store.standing(NOW);
    store.remove(&digits("master_list")).unwrap();
    let lost = store.lost_since(&before);
    assert_eq!(lost.len(), 2);
    assert!(
        lost.iter()
            .all(|one| matches!(one.why, LossCause::ListGone { .. }))
    );
}
