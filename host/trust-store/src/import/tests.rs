//! An import that is cut off.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chipgate_apdu::Timestamp;
use chipgate_trust::fingerprint;

use crate::import::ImportResult;
use crate::store::Store;
use crate::transaction::failing::Failing;

const NOW: Timestamp = Timestamp::from_seconds(1_780_272_000);

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../firmware/trust/tests/data/{name}.der"))
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(fixture(name)).unwrap()
}

/// A store with an authority and an older revocation list.
fn old() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let files = ["csca", "crl_stale"].map(fixture);
    store.import(&files, &[fingerprint(&bytes("csca"))], NOW).unwrap();
    folder
}

fn state(store: &Store) -> Vec<String> {
    let listed = store.list().into_iter().map(|item| item.fingerprint);
    listed
        .chain(store.refused().iter().map(|refused| refused.why.to_string()))
        .collect()
}

/// Signers, a newer revocation list in the place of the older one, a master list, and an entry that is refused.
fn download(folder: &Path) -> PathBuf {
    let entry = |dn: &str, attribute: &str, name: &str| {
        format!(
            "dn: {dn},c=VN,dc=data\n{attribute}:: {}\n\n",
            STANDARD.encode(bytes(name))
        )
    };
    let ldif = [
        entry("cn=1,o=dsc", "userCertificate;binary", "ds"),
        entry("cn=2,o=dsc", "userCertificate;binary", "sod"),
        entry("cn=3,o=crl", "certificateRevocationList;binary", "crl"),
        entry("cn=4,o=ml", "pkdMasterListContent", "master_list"),
        entry("cn=5,o=dsc", "userCertificate;binary", "ds_p256"),
    ];
    let file = folder.join("download.tmp");
    fs::write(&file, ldif.concat()).unwrap();
    file
}

#[test]
fn an_import_that_is_cut_off_at_any_moment_leaves_the_old_store_or_the_new_one() {
    let download_folder = tempfile::tempdir().unwrap();
    let file = download(download_folder.path());
    let before = state(&Store::open(old().path()).unwrap());
    let new_folder = old();
    let mut new = Store::open(new_folder.path()).unwrap();
    let imported = new.import(&[&file], &[], NOW).unwrap();
    let refused = imported
        .iter()
        .filter(|item| matches!(item.result, ImportResult::Refused(_)));
    assert_eq!((imported.len(), refused.count()), (5, 1));
    let after = state(&new);
    assert_eq!(
        after.len(),
        before.len() + 2 + 2,
        "signers, and what the master list brings in"
    );

    let (mut seen_old, mut seen_new) = (0, 0);
    for steps in 0.. {
        let folder = old();
        let mut store = Store::open(folder.path()).unwrap();
        let result = store.import_on(&Failing::after(steps), &[&file], &[], NOW);
        let found = state(&Store::open(folder.path()).unwrap());
        assert!(
            found == before || found == after,
            "cut off after {steps} steps: {found:?}"
        );
        assert_eq!(
            state(&store),
            found,
            "the store in memory is the one on the disk, after {steps} steps"
        );
        if found == after {
            seen_new += 1;
        } else {
            seen_old += 1;
            assert_eq!(seen_new, 0, "it does not go back after {steps} steps");
            assert!(result.is_err());
        }
        // It goes on from there.
        store.import(&[&file], &[], NOW).unwrap();
        assert_eq!(state(&Store::open(folder.path()).unwrap()), after);
        if result.is_ok() {
            break;
        }
    }
    // Five files are written beside the old ones, then the journal, and only then anything counts.
    assert!(seen_old >= 6 && seen_new >= 6, "{seen_old} {seen_new}");
}
