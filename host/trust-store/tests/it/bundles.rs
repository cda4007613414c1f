//! Bundles, removal, coverage and conflicts.

use chipgate_apdu::Timestamp;
use chipgate_crypto::{Curve, SigningKey};
use chipgate_trust::{PathOptions, StepResult, authenticate_security_object, fingerprint};
use chipgate_trust_store::{Kind, Store, StoreError, StoreState};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::fixtures::{bytes, empty, fixture};

/// 2026-06-01T00:00:00Z.
const NOW: Timestamp = Timestamp::from_seconds(1_780_272_000);

fn store_with(folder: &std::path::Path, fixtures: &[&str]) -> Store {
    let mut store = Store::open(folder).unwrap();
    let files: Vec<_> = fixtures.iter().map(|name| fixture(name)).collect();
    store.import(&files, &[fingerprint(&bytes("csca"))]).unwrap();
    store
}

fn key(seed: u64) -> SigningKey {
    SigningKey::generate_ec(Curve::P256, &mut StdRng::seed_from_u64(seed)).unwrap()
}

#[test]
fn a_bundle_carries_the_store_to_a_gate_and_an_older_one_is_refused() {
    let folder = empty();
    let store = store_with(folder.path(), &["csca", "master_list", "crl", "ds"]);
    let bundle = |version| {
        store
            .to_bundle(version, NOW, &key(1), &mut StdRng::seed_from_u64(2))
            .unwrap()
    };
    let file = folder.path().join("out.tmp");
    let at_gate = empty();
    let mut gate = Store::open(at_gate.path()).unwrap();
    std::fs::write(&file, bundle(2)).unwrap();
    assert!(matches!(gate.update(&file, None), Err(StoreError::NoBundleKey)));
    assert!(matches!(
        gate.update(&file, Some(key(9).public_key())),
        Err(StoreError::Bundle(_))
    ));
    assert_eq!(gate.state(), StoreState::Empty);
    assert_eq!(gate.update(&file, Some(key(1).public_key())).unwrap(), 2);

    let mut gate = Store::open(at_gate.path()).unwrap();
    assert_eq!(gate.state(), StoreState::Ready);
    let listed = |store: &Store| {
        store
            .list()
            .iter()
            .map(|item| item.fingerprint.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(listed(&gate), listed(&store));
    let found = authenticate_security_object(&bytes("sod"), &gate, NOW, &PathOptions::default());
    assert_eq!(found.issuer_certificate(), StepResult::Successful);
    assert_eq!(found.revocation(), StepResult::Successful);

    std::fs::write(&file, bundle(1)).unwrap();
    assert!(matches!(
        gate.update(&file, None),
        Err(StoreError::OlderBundle { found: 1, present: 2 })
    ));
    std::fs::write(&file, bundle(3)).unwrap();
    assert_eq!(gate.update(&file, None).unwrap(), 3, "the key is remembered");
    // A bundle that was altered on the disk does not count, and that is told.
    let on_disk = at_gate.path().join("trust.bundle");
    let mut altered = std::fs::read(&on_disk).unwrap();
    altered[100] ^= 1;
    std::fs::write(&on_disk, altered).unwrap();
    let store = Store::open(at_gate.path()).unwrap();
    assert_eq!(
        (store.state(), store.refused().len()),
        (StoreState::NothingUsable, 1)
    );
}

#[test]
fn removes_by_fingerprint_and_says_what_came_with_a_list() {
    let folder = empty();
    let mut store = store_with(folder.path(), &["csca", "master_list", "crl"]);
    let of_list = hex::encode(fingerprint(&bytes("csca_rsa")));
    assert!(matches!(
        store.remove(&of_list),
        Err(StoreError::PartOfList { .. })
    ));
    assert!(matches!(
        store.remove("00000000"),
        Err(StoreError::NotThere { .. })
    ));
    let list = hex::encode(fingerprint(&bytes("master_list")));
    assert_eq!(store.remove(&list[..16]).unwrap(), 1);
    assert_eq!(store.list().len(), 2);
    let crl = hex::encode(fingerprint(&bytes("crl")));
    store.remove(&crl).unwrap();
    let kinds: Vec<_> = Store::open(folder.path())
        .unwrap()
        .list()
        .iter()
        .map(|item| item.kind)
        .collect();
    assert_eq!(kinds, [Kind::Csca]);
}

#[test]
fn shows_what_each_state_has() {
    let folder = empty();
    let store = store_with(folder.path(), &["csca", "master_list", "crl", "ds"]);
    let states = store.coverage(NOW);
    let vietnam = &states["VN"];
    assert_eq!((vietnam.anchors, vietnam.signers), (3, 1));
    assert!(vietnam.crl_issued.is_some() && vietnam.next_expiry <= vietnam.last_expiry);
    assert_eq!(store.find("vn").len(), store.list().len());
    assert_eq!(store.find(&hex::encode(fingerprint(&bytes("ds")))).len(), 1);
}
