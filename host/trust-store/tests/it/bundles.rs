//! Bundles, removal, coverage and conflicts.

use chipgate_crypto::{Curve, SigningKey};
use chipgate_trust::{
    BUNDLE_ALGORITHM, Bundle, BundleContent, BundleError, PathOptions, StepResult, TrustAnchor,
    authenticate_security_object, fingerprint,
};
use chipgate_trust_store::{Kind, Refusal, Store, StoreError, StoreState};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::fixtures::{NOW, bytes, empty, fixture};

fn store_with(folder: &std::path::Path, fixtures: &[&str]) -> Store {
    let mut store = Store::open(folder).unwrap();
    let files: Vec<_> = fixtures.iter().map(|name| fixture(name)).collect();
    store.import(&files, &[fingerprint(&bytes("csca"))], NOW).unwrap();
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
fn removes_by_fingerprint() {
    let folder = empty();
    let mut store = store_with(folder.path(), &["csca", "master_list", "crl"]);
    assert!(matches!(
        store.remove("00000000"),
        Err(StoreError::NotThere { .. })
    ));
    let list = hex::encode(fingerprint(&bytes("master_list")));
    assert_eq!(store.remove(&list[..16]).unwrap().count, 1);
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

/// A bundle with one anchor and one defect list, whatever that says: the bundle's signature vouches for it.
fn bundle_with_a_defect_list(version: u64) -> Vec<u8> {
    let mut content = BundleContent::new();
    let anchor = TrustAnchor::from_der(&bytes("csca")).unwrap();
    content.add_anchor(&anchor).unwrap();
    content.add_defect_list(b"what is known to be wrong").unwrap();
    let sign = |bytes: &[u8]| {
        let signature = key(1).sign(&BUNDLE_ALGORITHM, bytes, &mut StdRng::seed_from_u64(1));
        Ok::<_, BundleError>(signature.unwrap())
    };
    content.sign(version, NOW, sign).unwrap()
}

#[test]
fn a_bundle_that_is_made_from_a_bundle_keeps_its_defect_lists() {
    let folder = empty();
    let file = folder.path().join("out.tmp");
    std::fs::write(&file, bundle_with_a_defect_list(1)).unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    store.update(&file, Some(key(1).public_key())).unwrap();
    let again = store
        .to_bundle(2, NOW, &key(1), &mut StdRng::seed_from_u64(2))
        .unwrap();
    let again = Bundle::open(again, &key(1).public_key()).unwrap();
    let lists: Vec<_> = again.defect_lists().collect();
    assert_eq!(lists, [b"what is known to be wrong"]);
    assert_eq!(again.anchors().count(), 1);
    assert_eq!(store.counts(), (1, 0, 0, 1));
}

#[test]
fn an_older_bundle_is_refused_even_when_the_newer_one_is_damaged_or_gone() {
    let folder = empty();
    let file = folder.path().join("out.tmp");
    let on_disk = folder.path().join("trust.bundle");
    let key = key(1).public_key();
    let older = |store: &mut Store| {
        std::fs::write(&file, bundle_with_a_defect_list(1)).unwrap();
        store.update(&file, None)
    };
    let mut store = Store::open(folder.path()).unwrap();
    std::fs::write(&file, bundle_with_a_defect_list(5)).unwrap();
    store.update(&file, Some(key)).unwrap();
    let refused = |result| matches!(result, Err(StoreError::OlderBundle { found: 1, present: 5 }));

    let mut damaged = bundle_with_a_defect_list(5);
    damaged.push(b'x');
    std::fs::write(&on_disk, damaged).unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    assert!(store.bundle().is_none() && refused(older(&mut store)));
    std::fs::remove_file(&on_disk).unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    assert!(refused(older(&mut store)));

    // Put there by hand it is not used either.
    std::fs::write(&on_disk, bundle_with_a_defect_list(1)).unwrap();
    let store = Store::open(folder.path()).unwrap();
    let why = Refusal::OlderBundle { found: 1, highest: 5 };
    assert!(store.bundle().is_none());
    assert_eq!(store.refused()[0].why, why);

    // The damaged one can be had again, and another one of its version cannot take its place.
    let mut store = Store::open(folder.path()).unwrap();
    std::fs::write(&file, bundle_with_a_defect_list(5)).unwrap();
    assert_eq!(store.update(&file, None).unwrap(), 5);
    let mut other = store_with(empty().path(), &["csca"]);
    let other = other_of_version_five(&mut other);
    std::fs::write(&file, other).unwrap();
    assert!(matches!(
        store.update(&file, None),
        Err(StoreError::AnotherBundle { version: 5 })
    ));

    std::fs::write(folder.path().join("trust.bundleversion"), "five").unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!(store.refused()[0].why, Refusal::BundleVersion);
    std::fs::write(&file, bundle_with_a_defect_list(9)).unwrap();
    assert!(matches!(
        store.update(&file, None),
        Err(StoreError::UnknownBundleVersion { .. })
    ));
}

fn other_of_version_five(store: &mut Store) -> Vec<u8> {
    store
        .to_bundle(5, NOW, &key(1), &mut StdRng::seed_from_u64(3))
        .unwrap()
}

#[test]
fn no_cut_and_no_alteration_of_a_bundle_is_taken_in() {
    let folder = empty();
    let file = folder.path().join("out.tmp");
    let whole = bundle_with_a_defect_list(1);
    let mut store = Store::open(folder.path()).unwrap();
    for length in (0..whole.len()).step_by(29) {
        std::fs::write(&file, &whole[..length]).unwrap();
        let taken = store.update(&file, Some(key(1).public_key()));
        assert!(matches!(taken, Err(StoreError::Bundle(_))), "{length}");
    }
    for at in (0..whole.len()).step_by(29) {
        let mut altered = whole.clone();
        altered[at] ^= 4;
        std::fs::write(&file, altered).unwrap();
        let taken = store.update(&file, Some(key(1).public_key()));
        assert!(matches!(taken, Err(StoreError::Bundle(_))), "{at}");
    }
    assert_eq!(Store::open(folder.path()).unwrap().state(), StoreState::Empty);
}

#[test]
fn removes_a_signer_and_says_what_came_with_the_bundle() {
    let folder = empty();
    let mut store = store_with(folder.path(), &["csca", "ds"]);
    let signer = hex::encode(fingerprint(&bytes("ds")));
    assert_eq!(store.remove(&signer[..16]).unwrap().count, 1);
    assert_eq!(store.find(&signer).len(), 0);
    assert!(matches!(store.remove(&signer), Err(StoreError::NotThere { .. })));

    let file = folder.path().join("out.tmp");
    std::fs::write(&file, bundle_with_a_defect_list(1)).unwrap();
    let at_gate = empty();
    let mut gate = Store::open(at_gate.path()).unwrap();
    gate.update(&file, Some(key(1).public_key())).unwrap();
    let list = hex::encode(fingerprint(b"what is known to be wrong"));
    assert!(matches!(gate.remove(&list), Err(StoreError::PartOfBundle { .. })));
}
