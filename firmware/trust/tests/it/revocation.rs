//! Revocation lists: what they decide, and when they decide nothing.

use chipgate_trust::StepResult::{Failed, Successful, Undetermined};
use chipgate_trust::{MemoryAnchors, RevocationList, TrustAnchor, TrustError, TrustFault};

use crate::fixtures::{authenticate, file};
use crate::judged::judge;
use crate::pki::{self, Plan, extension, sequence};

#[test]
fn a_listed_signer_is_revoked_and_another_is_not() {
    let found = authenticate("sod_revoked", &["csca"], &["crl"]);
    assert_eq!(found.revocation(), Failed(TrustFault::Revoked));
    assert_eq!(found.issuer_certificate(), Successful);
    assert_eq!(authenticate("sod", &["csca"], &["crl"]).revocation(), Successful);
    assert_eq!(
        authenticate("sod", &["csca"], &["crl_empty"]).revocation(),
        Successful
    );
}

#[test]
fn a_serial_number_with_its_first_bit_set_is_found() {
    assert_eq!(
        authenticate("sod_odd_serial", &["csca"], &["crl"]).revocation(),
        Failed(TrustFault::Revoked)
    );
    let list = RevocationList::from_der(&file("crl")).unwrap();
    assert!(list.lists(&[0x00, 0xF0, 0, 0, 0, 0, 0, 0, 0, 1]));
    assert!(
        list.lists(&[0xF0, 0, 0, 0, 0, 0, 0, 0, 1]),
        "also where the leading zero octet was dropped"
    );
    assert!(!list.lists(&[]) && !list.lists(&[0]));
}

#[test]
fn a_revoked_issuer_is_told_apart() {
    let found = authenticate("sod", &["csca"], &["crl_of_csca"]);
    assert_eq!(found.revocation(), Failed(TrustFault::IssuerRevoked));
}

#[test]
fn a_list_that_is_missing_foreign_partial_or_out_of_date_clears_nothing() {
    let cases: [(&[&str], TrustFault); 5] = [
        (&[], TrustFault::NoCrl),
        (&["crl_rsa"], TrustFault::NoCrl),
        (&["crl_foreign"], TrustFault::CrlSignatureInvalid),
        (&["crl_stale"], TrustFault::CrlExpired),
        (&["crl_future"], TrustFault::CrlNotYetValid),
    ];
    for (lists, fault) in cases {
        assert_eq!(
            authenticate("sod", &["csca"], lists).revocation(),
            Undetermined(fault),
            "{lists:?}"
        );
    }
}

/// RFC 5280, 5.2.5: onlyContainsUserCerts.
#[test]
fn a_list_of_signers_alone_clears_a_signer() {
    assert_eq!(
        authenticate("sod", &["csca"], &["crl_partial"]).revocation(),
        Successful
    );
}

#[test]
fn a_list_that_is_out_of_date_still_revokes() {
    let found = authenticate("sod_revoked", &["csca"], &["crl_stale"]);
    assert_eq!(found.revocation(), Failed(TrustFault::Revoked));
    let found = authenticate("sod_revoked", &["csca"], &["crl_empty", "crl_stale"]);
    assert_eq!(
        found.revocation(),
        Failed(TrustFault::Revoked),
        "once revoked, always revoked"
    );
}

#[test]
fn a_current_list_clears_beside_unusable_ones() {
    let lists = ["crl_stale", "crl_foreign", "crl_empty"];
    assert_eq!(authenticate("sod", &["csca"], &lists).revocation(), Successful);
}

#[test]
fn without_a_path_revocation_is_undetermined() {
    let found = authenticate("sod_revoked", &["csca_rsa"], &["crl"]);
    assert_eq!(found.revocation(), Undetermined(TrustFault::NoIssuerFound));
}

#[test]
fn rejects_what_is_no_list() {
    let der = file("crl");
    assert_eq!(
        RevocationList::from_der(&file("csca")),
        Err(TrustError::NotARevocationList)
    );
    for length in 0..der.len() {
        assert_eq!(
            RevocationList::from_der(&der[..length]),
            Err(TrustError::NotARevocationList)
        );
    }
}

/// RFC 5280, 5.2.5: whom a list covers.
#[test]
fn a_revocation_list_counts_within_its_scope() {
    let plan = Plan::citizen_card();
    let made = plan.make();
    let check = |value: &[u8], serials: &[&[u8]]| {
        let scope = extension("2.5.29.28", true, &sequence(&[value]));
        let list = pki::revocation_list(&plan, &made, serials, &[scope]);
        let mut anchors = MemoryAnchors::new();
        anchors.add(TrustAnchor::from_der(&made.authority).unwrap());
        anchors.add_revocation(RevocationList::from_der(&list).unwrap());
        judge(&made.sod(), &anchors).revocation()
    };
    let (users, authorities, indirect) = (&[0x81, 1, 0xFF], &[0x82, 1, 0xFF], &[0x84, 1, 0xFF]);
    assert_eq!(check(users, &[]), Successful);
    assert_eq!(check(authorities, &[]), Undetermined(TrustFault::CrlOutOfScope));
    assert_eq!(check(authorities, &[&[2, 1, 7]]), Failed(TrustFault::Revoked));
    assert_eq!(check(indirect, &[]), Undetermined(TrustFault::CrlUnsupported));
}

/// A list with a signature that is not carried here clears nothing, and is not called forged either.
#[test]
fn a_list_whose_signature_could_not_be_tried_says_so() {
    let plan = Plan::citizen_card();
    let made = plan.make();
    let mut list = pki::revocation_list(&plan, &made, &[&[2, 1, 7]], &[]);
    // ecdsa-with-SHA384 becomes an algorithm that no standard names.
    let known = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 3];
    while let Some(at) = list.windows(8).position(|window| window == known) {
        list[at + 7] = 9;
    }
    let list = RevocationList::from_der(&list).unwrap();
    let key = made.authority_key.public_key();
    assert_eq!(list.verify_signature(&key), Err(TrustFault::UnsupportedAlgorithm));
    let mut anchors = MemoryAnchors::new();
    anchors.add(TrustAnchor::from_der(&made.authority).unwrap());
    anchors.add_revocation(list);
    let found = judge(&made.sod(), &anchors).revocation();
    assert_eq!(found, Undetermined(TrustFault::UnsupportedAlgorithm));
}
