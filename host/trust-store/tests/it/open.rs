//! Reading a folder.

use std::process::Command;

use chipgate_apdu::Timestamp;
use chipgate_trust::{
    PathOptions, StepResult, TrustAnchors, TrustError, TrustFault, authenticate_security_object,
};
use chipgate_trust_store::{Kind, Likeness, Object, Refusal, Store, StoreError, StoreState};

use crate::fixtures::{bytes, empty, folder};

const NOW: Timestamp = Timestamp::from_seconds(1_780_272_000);

#[test]
fn an_empty_folder_is_a_state_of_its_own() {
    let folder = empty();
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.state(), StoreState::Empty);
    assert!(TrustAnchors::is_empty(&store) && store.list().is_empty() && store.refused().is_empty());
}

#[test]
fn a_missing_folder_and_a_file_are_told_apart() {
    let folder = empty();
    let missing = folder.path().join("missing");
    assert!(matches!(Store::open(&missing), Err(StoreError::NotFound { folder }) if folder == missing));
    std::fs::write(&missing, b"").unwrap();
    assert!(matches!(
        Store::open(&missing),
        Err(StoreError::NotAFolder { .. })
    ));
}

#[test]
fn authenticates_a_document_with_what_the_folder_holds() {
    let folder = folder(&[("csca", "csca.der"), ("csca_rsa", "rsa.CER"), ("crl", "list.crl")]);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.state(), StoreState::Ready);
    let check = |name| authenticate_security_object(&bytes(name), &store, NOW, &PathOptions::default());
    let found = check("sod");
    assert_eq!(
        (found.issuer_certificate(), found.revocation()),
        (StepResult::Successful, StepResult::Successful)
    );
    assert_eq!(
        check("sod_revoked").revocation(),
        StepResult::Failed(TrustFault::Revoked)
    );
    assert_eq!(
        check("sod_rsa").revocation(),
        StepResult::Undetermined(TrustFault::NoCrl)
    );
    assert_eq!(
        check("sod_foreign").issuer_certificate(),
        StepResult::Undetermined(TrustFault::NoIssuerFound)
    );
}

#[test]
fn a_master_list_counts_only_beside_a_certificate_that_vouches_for_it() {
    let alone = folder(&[("master_list", "states.ml")]);
    let store = Store::open(alone.path()).unwrap();
    assert_eq!(store.state(), StoreState::NothingUsable);
    assert_eq!(
        store.refused()[0].why,
        Refusal::MasterList {
            fault: TrustFault::NoAnchors
        }
    );

    let vouched = folder(&[("master_list", "states.ml"), ("csca", "csca.cer")]);
    let store = Store::open(vouched.path()).unwrap();
    assert_eq!(store.refused(), []);
    let listed = store.list();
    assert_eq!(
        listed.iter().filter(|listed| listed.from_master_list).count(),
        2,
        "the third was there before"
    );
    assert!(
        listed
            .iter()
            .all(|listed| listed.kind == Kind::Csca && listed.country.as_deref() == Some("VN"))
    );

    let wrong = folder(&[("master_list_wrong_signer", "states.ml"), ("csca", "csca.cer")]);
    let refused = Store::open(wrong.path()).unwrap().refused().to_vec();
    assert_eq!(
        refused[0].why,
        Refusal::MasterList {
            fault: TrustFault::WrongKeyUsage
        }
    );
}

#[test]
fn what_a_master_list_brings_in_vouches_for_no_other_list() {
    let folder = empty();
    // `foreign` comes in by a list only, and `master_list_foreign` is signed under it.
    std::fs::write(folder.path().join("csca.cer"), bytes("csca")).unwrap();
    std::fs::write(folder.path().join("a.ml"), bytes("master_list_with_foreign")).unwrap();
    std::fs::write(folder.path().join("b.ml"), bytes("master_list_foreign")).unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert!(
        store
            .list()
            .iter()
            .any(|listed| listed.from_master_list && listed.subject.contains("csca example"))
    );
    assert_eq!(store.refused().len(), 1);
    assert_eq!(
        store.refused()[0].why,
        Refusal::MasterList {
            fault: TrustFault::NoIssuerFound
        }
    );
}

#[test]
fn a_master_list_of_a_revoked_signer_does_not_count() {
    let files = [
        ("master_list", "states.ml"),
        ("csca", "csca.cer"),
        ("crl_of_list_signer", "list.crl"),
    ];
    let folder = folder(&files);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(
        store.refused()[0].why,
        Refusal::MasterList {
            fault: TrustFault::Revoked
        }
    );
}

#[test]
fn says_of_each_file_that_does_not_count_why() {
    let folder = folder(&[("ds", "signer.cer"), ("csca", "readme.txt")]);
    let put = |name: &str, content: &[u8]| std::fs::write(folder.path().join(name), content).unwrap();
    put("b_page.ml", b"<html><body>504</body></html>");
    put("a_cut.der", &bytes("csca")[..100]);
    put("c_empty.crl", b"");
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.state(), StoreState::NothingUsable);
    let refused: Vec<_> = store
        .refused()
        .iter()
        .map(|refused| refused.why.clone())
        .collect();
    let unrecognised = |found| Refusal::Unrecognised { found };
    let expected = [
        unrecognised(Likeness::Cut {
            object: Object::Certificate,
            bytes: 100,
            of: bytes("csca").len(),
        }),
        unrecognised(Likeness::WebPage),
        unrecognised(Likeness::Empty),
        Refusal::Unusable(TrustError::NotAnAuthority),
    ];
    assert_eq!(refused, expected);
    assert!(store.refused()[1].file.ends_with("b_page.ml"));
}

#[test]
fn reads_several_certificates_from_one_pem_file() {
    let pem = |name: &str| {
        let path = crate::fixtures::fixture(name);
        Command::new("openssl")
            .args(["x509", "-inform", "DER", "-in"])
            .arg(path)
            .output()
    };
    let (Ok(csca), Ok(signer), Ok(rsa)) = (pem("csca"), pem("ds"), pem("csca_rsa")) else {
        println!("skipped: no openssl to write PEM");
        return;
    };
    let folder = empty();
    std::fs::write(
        folder.path().join("all.pem"),
        [csca.stdout, signer.stdout, rsa.stdout].concat(),
    )
    .unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.list().len(), 2);
    assert_eq!(store.refused().len(), 1);
    assert_eq!(store.refused()[0].part, Some(2));
}
