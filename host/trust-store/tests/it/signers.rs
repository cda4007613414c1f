//! Document signers that are here already, and a file of theirs that cannot be read: a change must not lose them.

use std::path::{Path, PathBuf};

use chipgate_crypto::{Curve, SigningKey};
use chipgate_trust::{SignerIdentifier, TrustAnchors, Wanted, fingerprint};
use chipgate_trust_store::{ImportResult, Refusal, Store, StoreError};
use rand::{SeedableRng, rngs::StdRng};

use crate::fixtures::{NOW, bytes, empty, fixture};

fn imported(folder: &Path) -> (Store, PathBuf) {
    let mut store = Store::open(folder).unwrap();
    let files = ["csca", "ds"].map(fixture);
    store.import(&files, &[fingerprint(&bytes("csca"))], NOW).unwrap();
    (store, folder.join("VN-signers.dsc"))
}

/// Every change that would write the file again says which file is in the way, and changes nothing.
fn nothing_is_lost(store: &mut Store, file: &Path) {
    let names_it = |says: &str| assert!(says.contains(&file.display().to_string()), "{says}");
    let results = store.import(&[fixture("ds_p256")], &[], NOW).unwrap();
    match &results[0].result {
        ImportResult::Refused(why @ Refusal::StoredSigners { .. }) => names_it(&why.to_string()),
        other => panic!("{other:?}"),
    }
    let deletion = store.folder().join("delta.tmp");
    let dn = "cn=C\\=VN\\,O\\=Example Government\\,CN\\=CSCA Example+sn=1,o=dsc,c=VN,dc=data";
    std::fs::write(&deletion, format!("dn: {dn}\nchangetype: delete\n")).unwrap();
    let results = store.import(&[&deletion], &[], NOW).unwrap();
    assert!(
        matches!(
            &results[0].result,
            ImportResult::Refused(Refusal::StoredSigners { .. })
        ),
        "{results:?}"
    );
    std::fs::remove_file(deletion).unwrap();
    let removed = store.remove(&hex::encode(fingerprint(&bytes("ds"))));
    names_it(&removed.unwrap_err().to_string());
    let mut rng = StdRng::seed_from_u64(1);
    let key = SigningKey::generate_ec(Curve::P256, &mut rng).unwrap();
    let bundle = store.to_bundle(1, NOW, &key, &mut rng);
    names_it(&bundle.unwrap_err().to_string());
}

#[test]
fn a_file_of_signers_that_cannot_be_read_is_not_written_again() {
    let folder = empty();
    let (mut store, file) = imported(folder.path());
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    nothing_is_lost(&mut store, &file);
    assert!(file.is_dir());
}

#[test]
fn a_file_of_signers_that_is_damaged_is_not_written_again() {
    let folder = empty();
    let (mut store, file) = imported(folder.path());
    let sound = std::fs::read(&file).unwrap();
    let mut garbled = sound.clone();
    garbled.extend(&sound);
    garbled[2] ^= 0x40;
    for damaged in [sound[..sound.len() - 1].to_vec(), garbled] {
        std::fs::write(&file, &damaged).unwrap();
        nothing_is_lost(&mut store, &file);
        assert_eq!(std::fs::read(&file).unwrap(), damaged);
        let removed = store.remove(&hex::encode(fingerprint(&bytes("ds"))));
        assert!(
            matches!(removed, Err(StoreError::DamagedSigners { at: 0, .. })),
            "{removed:?}"
        );
    }
}

/// What is sound in a damaged file still serves whoever looks it up.
#[test]
fn a_signer_beside_a_damaged_one_is_found() {
    let folder = empty();
    let (_, file) = imported(folder.path());
    let sound = std::fs::read(&file).unwrap();
    std::fs::write(&file, [&sound[..], &[0x30, 2, 5, 0]].concat()).unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let signer = chipgate_trust::Certificate::from_der(&bytes("ds")).unwrap();
    let identifier =
        SignerIdentifier::IssuerAndSerialNumber(signer.issuer().clone(), signer.serial_number().to_vec());
    assert_eq!(store.known(Wanted::Signer(&identifier)), [signer]);
    let removed = store.remove(&hex::encode(fingerprint(&bytes("ds"))));
    assert!(
        matches!(removed, Err(StoreError::DamagedSigners { at, .. }) if at == sound.len()),
        "{removed:?}"
    );
}
