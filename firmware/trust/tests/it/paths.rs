//! From the signer's certificate to an anchor: each fault under its own name.

use chipgate_apdu::Timestamp;
use chipgate_trust::StepResult::{Failed, Successful, Undetermined};
use chipgate_trust::{
    PathOptions, TrustAnchor, TrustError, TrustFault, ValidityTime, authenticate_master_list,
    authenticate_security_object,
};

use crate::fixtures::{NOW, anchors, authenticate, file};

#[test]
fn without_anchors_the_path_is_undetermined() {
    let found = authenticate("sod", &[], &[]);
    assert_eq!(found.security_object(), Successful);
    assert_eq!(found.issuer_certificate(), Undetermined(TrustFault::NoAnchors));
    assert_eq!(found.validity(), Undetermined(TrustFault::NoAnchors));
    assert_eq!(found.revocation(), Undetermined(TrustFault::NoAnchors));
}

#[test]
fn with_another_states_anchors_the_path_is_undetermined() {
    let found = authenticate("sod", &["csca_rsa"], &["crl_rsa"]);
    assert_eq!(
        found.issuer_certificate(),
        Undetermined(TrustFault::NoIssuerFound)
    );
    assert!(found.verified().is_none() && found.issuing_state().is_none());
}

#[test]
fn an_authority_of_the_same_name_is_not_the_issuer() {
    // It has another key, and the certificate says so.
    let found = authenticate("sod_foreign", &["csca"], &["crl"]);
    assert_eq!(
        found.issuer_certificate(),
        Undetermined(TrustFault::NoIssuerFound)
    );
    // It claims to have the anchor's key.
    let found = authenticate("sod_forged", &["csca"], &["crl"]);
    assert_eq!(
        found.issuer_certificate(),
        Failed(TrustFault::IssuerSignatureInvalid)
    );
    assert!(found.verified().is_none());
}

#[test]
fn every_anchor_of_the_name_is_tried() {
    let found = authenticate("sod_foreign", &["csca", "foreign"], &["crl"]);
    assert_eq!(found.issuer_certificate(), Successful);
    assert_eq!(found.verified().unwrap().anchor.der(), file("foreign"));
    let found = authenticate("sod_no_key_identifier", &["foreign", "csca"], &["crl"]);
    assert_eq!(found.issuer_certificate(), Successful);
    // Its key identifier names the genuine key, its signature is the foreign one's: found all the same.
    let found = authenticate("sod_forged", &["csca", "foreign"], &["crl"]);
    assert_eq!(found.verified().unwrap().anchor.der(), file("foreign"));
}

#[test]
fn a_name_in_other_case_and_white_space_is_the_same_name() {
    let found = authenticate("sod", &["csca_respelt"], &[]);
    assert_eq!(found.issuer_certificate(), Successful);
}

#[test]
fn names_the_fault_of_each_unfit_signer() {
    let cases = [
        ("sod_wrong_usage", TrustFault::WrongKeyUsage),
        ("sod_no_usage", TrustFault::WrongKeyUsage),
        ("sod_authority", TrustFault::WrongKeyUsage),
        ("sod_list_signer", TrustFault::WrongKeyUsage),
        ("sod_unknown_critical", TrustFault::UnknownCriticalExtension),
        ("sod_malformed_extension", TrustFault::CertificateMalformed),
        ("sod_other_country", TrustFault::CountryMismatch),
        ("sod_no_country", TrustFault::CountryMismatch),
    ];
    for (name, fault) in cases {
        let found = authenticate(name, &["csca"], &["crl"]);
        assert_eq!(found.security_object(), Successful, "{name}");
        assert_eq!(found.issuer_certificate(), Failed(fault), "{name}");
        assert!(found.verified().is_none(), "{name}");
    }
}

#[test]
fn names_the_fault_of_each_unfit_anchor() {
    let refused = TrustAnchor::from_der(&file("csca_no_authority")).unwrap_err();
    assert_eq!(refused, TrustError::NotAnAuthority);
    let refused = TrustAnchor::from_der(&file("csca_no_cert_sign")).unwrap_err();
    assert_eq!(refused, TrustError::NotAnAuthority);
    let found = authenticate("sod", &["csca_unknown_critical"], &[]);
    assert_eq!(
        found.issuer_certificate(),
        Failed(TrustFault::UnknownCriticalExtension)
    );
}

#[test]
fn validity_is_judged_for_both_certificates() {
    let found = authenticate("sod_expired", &["csca"], &["crl"]);
    assert_eq!(found.validity(), Failed(TrustFault::CertificateExpired));
    assert_eq!(found.issuer_certificate(), Successful);
    let found = authenticate("sod_not_yet", &["csca"], &["crl"]);
    assert_eq!(found.validity(), Failed(TrustFault::CertificateNotYetValid));
    let found = authenticate("sod", &["csca_expired"], &["crl"]);
    assert_eq!(found.validity(), Failed(TrustFault::IssuerExpired));
    // Of two certificates for one key the valid one counts.
    let found = authenticate("sod", &["csca_expired", "csca"], &["crl"]);
    assert_eq!(found.validity(), Successful);
    // An expired signer is expired whoever issued it.
    assert_eq!(
        authenticate("sod_expired", &[], &[]).validity(),
        Failed(TrustFault::CertificateExpired)
    );
}

#[test]
fn validity_ends_with_the_last_second() {
    let anchors = anchors(&["csca"], &[]);
    let at =
        |now| authenticate_security_object(&file("sod"), &anchors, now, &PathOptions::default()).validity();
    let (first, last) = (1_735_689_600, 2_398_377_600);
    assert_eq!(
        at(Timestamp::from_seconds(first - 1)),
        Failed(TrustFault::CertificateNotYetValid)
    );
    assert_eq!(at(Timestamp::from_seconds(first)), Successful);
    assert_eq!(at(Timestamp(last * 1000 + 999)), Successful);
    assert_eq!(
        at(Timestamp::from_seconds(last + 1)),
        Failed(TrustFault::CertificateExpired)
    );
}

#[test]
fn validity_at_signing_time_needs_a_signed_signing_time() {
    let options = PathOptions {
        validity_at: ValidityTime::Signing,
        ..PathOptions::default()
    };
    let anchors = anchors(&["csca"], &["crl"]);
    let far = Timestamp::from_seconds(4_000_000_000);
    let found = authenticate_security_object(&file("sod"), &anchors, far, &options);
    assert_eq!(found.validity(), Successful);
    let found = authenticate_security_object(&file("sod_expired"), &anchors, NOW, &options);
    assert_eq!(
        found.validity(),
        Failed(TrustFault::CertificateExpired),
        "signed after it had expired"
    );
}

#[test]
fn a_master_list_counts_only_under_an_anchor_and_by_a_signer_of_master_lists() {
    let check = |name: &str, certificates: &[&str]| {
        authenticate_master_list(
            &file(name),
            &anchors(certificates, &["crl"]),
            NOW,
            &PathOptions::default(),
        )
    };
    let found = check("master_list", &["csca"]);
    let steps = [
        found.signature(),
        found.issuer_certificate(),
        found.validity(),
        found.revocation(),
    ];
    assert_eq!(steps, [Successful; 4]);
    assert_eq!(found.verified().unwrap().certificates.len(), 3);

    let found = check("master_list", &["csca_rsa"]);
    assert_eq!(
        (found.signature(), found.issuer_certificate()),
        (Successful, Undetermined(TrustFault::NoIssuerFound))
    );
    assert!(found.verified().is_none());
    assert_eq!(
        check("master_list", &[]).issuer_certificate(),
        Undetermined(TrustFault::NoAnchors)
    );
    assert_eq!(
        check("master_list_wrong_signer", &["csca"]).issuer_certificate(),
        Failed(TrustFault::WrongKeyUsage)
    );
    assert_eq!(
        check("master_list_foreign", &["csca"]).issuer_certificate(),
        Undetermined(TrustFault::NoIssuerFound)
    );
    assert_eq!(
        check("csca", &["csca"]).signature(),
        Failed(TrustFault::Unreadable)
    );
}
