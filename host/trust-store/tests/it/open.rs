//! Reading a folder.

use std::process::Command;

use chipgate_trust::{
    PathOptions, StepResult, TrustAnchors, TrustError, TrustFault, authenticate_security_object, fingerprint,
};
use chipgate_trust_store::{Kind, Likeness, Object, Refusal, Store, StoreError, StoreState};

use crate::fixtures::{NOW, bytes, empty, folder};

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

/// A certificate that says that its own key signed it, and that does not hold, is no anchor, though someone put it there.
#[test]
fn a_certificate_that_contradicts_itself_is_told_and_vouches_for_nobody() {
    let folder = empty();
    let mut forged = bytes("csca");
    *forged.last_mut().unwrap() ^= 1;
    std::fs::write(folder.path().join("forged.cer"), &forged).unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.state(), StoreState::NothingUsable);
    let refused = &store.refused()[0];
    assert_eq!(
        (refused.why.clone(), refused.fingerprint.clone()),
        (Refusal::BrokenSignature, Some(hex::encode(fingerprint(&forged))))
    );
    assert!(refused.file.ends_with("forged.cer"));
    assert!(
        refused.subject.as_ref().unwrap().contains("CSCA Example"),
        "{refused:?}"
    );
    let judge = |store: &Store| {
        authenticate_security_object(&bytes("sod"), store, NOW, &PathOptions::default()).issuer_certificate()
    };
    assert_eq!(judge(&store), StepResult::Undetermined(TrustFault::NoAnchors));
    // Beside the sound one it changes nothing, and is still told.
    std::fs::write(folder.path().join("sound.cer"), bytes("csca")).unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert_eq!((store.list().len(), store.refused().len()), (1, 1));
    assert_eq!(judge(&store), StepResult::Successful);
}

/// Whether its own signature holds cannot be told where its algorithm is not carried here; a person named it, and that counts.
#[test]
fn a_certificate_whose_own_signature_cannot_be_tried_is_an_anchor() {
    let folder = empty();
    let der = bytes("csca");
    let (ecdsa, unknown) = (
        [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 3],
        [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 9],
    );
    let mut other = der.clone();
    for at in (0..der.len()).filter(|at| der[*at..].starts_with(&ecdsa)) {
        other[at..at + unknown.len()].copy_from_slice(&unknown);
    }
    assert_ne!(other, der);
    std::fs::write(folder.path().join("csca.cer"), &other).unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert_eq!((store.list().len(), store.refused()), (1, &[][..]));
}
