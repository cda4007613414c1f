//! Public keys that are carried, that are not, and that are none.

use chipgate_crypto::{Curve, HashAlgorithm, PublicKey};
use chipgate_trust::StepResult::{Failed, Successful, Undetermined};
use chipgate_trust::{Certificate, MemoryAnchors, StepResult, TrustAnchor, TrustFault};

use crate::judged::{anchors, judge, steps};
use crate::pki::{Algorithm, Made, Plan, der, oid, sequence};

const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";

fn plan() -> Plan {
    Plan::new(Algorithm::ecdsa(Curve::P256, HashAlgorithm::Sha256))
}

/// A SubjectPublicKeyInfo of an elliptic curve.
fn public_key(parameters: &[u8], point: &[u8]) -> Vec<u8> {
    sequence(&[
        &sequence(&[&oid(EC_PUBLIC_KEY), parameters]),
        &der(3, &[&[0], point]),
    ])
}

fn point(made: &Made) -> Vec<u8> {
    match made.signer_key.public_key() {
        PublicKey::Ec(point) => point.to_uncompressed(),
        PublicKey::Rsa(_) => unreachable!("the plan's key is on a curve"),
    }
}

/// What the object comes to if its signer's certificate, by the genuine authority, has this key.
fn with_key(spki: &[u8]) -> [StepResult; 5] {
    let plan = plan();
    let made = plan.make();
    let signer = plan
        .signer
        .sign(spki, &made.authority_key, plan.authority_algorithm.signature);
    let sod = made.sod_with(&[&signer]);
    steps(&judge(&sod, &anchors(&plan, &made, &[])))
}

#[test]
fn a_key_on_a_curve_or_of_a_kind_that_is_not_carried_is_undetermined_by_its_name() {
    let point = point(&plan().make());
    let secp256k1 = public_key(&oid("1.3.132.0.10"), &point);
    let mut explicit = Curve::P256.explicit_parameters_der();
    let generator = explicit.iter().rposition(|octet| *octet == 0xF5).unwrap();
    explicit[generator] ^= 1;
    let own_parameters = public_key(&explicit, &point);
    let dsa = sequence(&[&sequence(&[&oid("1.2.840.10040.4.1")]), &der(3, &[&[0, 2, 1, 7]])]);
    for (spki, fault) in [
        (secp256k1, TrustFault::UnknownCurve),
        (own_parameters, TrustFault::UnknownCurve),
        (dsa, TrustFault::UnsupportedAlgorithm),
    ] {
        assert_eq!(with_key(&spki), [Undetermined(fault); 5]);
    }
}

/// Nothing is missing to judge such a key: it is none.
#[test]
fn a_point_beside_its_curve_is_failed() {
    let mut point = point(&plan().make());
    let named = oid("1.2.840.10045.3.1.7");
    assert_eq!(with_key(&public_key(&named, &point)), [Successful; 5]);
    *point.last_mut().unwrap() ^= 1;
    for parameters in [named, Curve::P256.explicit_parameters_der()] {
        let steps = with_key(&public_key(&parameters, &point));
        assert_eq!(steps[0], Failed(TrustFault::CertificateMalformed));
    }
    // Parameters that are inherited from nowhere.
    let inherited = with_key(&public_key(&[5, 0], &point));
    assert_eq!(inherited[0], Failed(TrustFault::CertificateMalformed));
}

/// RFC 5480, 2.2: 02 or 03 and x, by the sign of y.
#[test]
fn a_compressed_point_is_the_key_that_it_stands_for() {
    for curve in Curve::ALL {
        let plan = Plan::new(Algorithm::ecdsa(curve, HashAlgorithm::Sha256));
        let made = plan.make();
        let uncompressed = point(&made);
        let (x, y) = uncompressed[1..].split_at(curve.field_length());
        let compressed = [&[2 + (y[y.len() - 1] & 1)][..], x].concat();
        let spki = public_key(&oid(&curve.oid().to_string()), &compressed);
        let signer = plan
            .signer
            .sign(&spki, &made.authority_key, plan.algorithm.signature);
        let found = judge(&made.sod_with(&[&signer]), &anchors(&plan, &made, &[]));
        assert_eq!(steps(&found), [Successful; 5], "{curve:?}");
    }
}

/// The plan's authority with this key and key identifier, as the one anchor.
fn under_anchor(spki: &[u8], identifier: u8) -> StepResult {
    let plan = plan();
    let made = plan.make();
    let mut authority = plan.authority.clone();
    authority.extensions[0] = crate::pki::extension("2.5.29.14", false, &[4, 2, identifier, 1]);
    let authority = authority.sign(spki, &made.authority_key, plan.algorithm.signature);
    let anchors: MemoryAnchors = [TrustAnchor::from_der(&authority).unwrap()].into_iter().collect();
    judge(&made.sod(), &anchors).issuer_certificate()
}

#[test]
fn an_anchor_whose_key_is_not_carried_is_not_a_missing_one() {
    let made = plan().make();
    let mut point = point(&made);
    let not_carried = public_key(&oid("1.3.132.0.10"), &point);
    assert_eq!(
        under_anchor(&not_carried, 0xCA),
        Undetermined(TrustFault::UnknownCurve)
    );
    *point.last_mut().unwrap() ^= 1;
    let no_key = public_key(&oid("1.2.840.10045.3.1.7"), &point);
    assert_eq!(
        under_anchor(&no_key, 0xCA),
        Failed(TrustFault::CertificateMalformed)
    );
    // Another key of this name that is none says nothing about the document: its anchor may be missing.
    assert_eq!(
        under_anchor(&no_key, 0xCB),
        Undetermined(TrustFault::NoIssuerFound)
    );
}

/// An anchor that cannot be tried may be the issuer, so that another one of the name does not prove a forgery.
#[test]
fn where_the_certificate_names_no_key_an_untried_anchor_leaves_the_path_open() {
    let mut plan = plan();
    plan.signer.extensions.remove(1);
    let made = plan.make();
    let authority = |spki: &[u8]| {
        let der = plan
            .authority
            .sign(spki, &made.authority_key, plan.algorithm.signature);
        TrustAnchor::from_der(&der).unwrap()
    };
    let other = authority(&made.signer_key.public_key().to_spki_der());
    let untried = authority(&public_key(&oid("1.3.132.0.10"), &point(&made)));
    let judged = |anchors: &[&TrustAnchor]| {
        let anchors = anchors.iter().copied().cloned().collect();
        judge(&made.sod(), &anchors).issuer_certificate()
    };
    assert_eq!(judged(&[&other]), Failed(TrustFault::IssuerSignatureInvalid));
    let open = Undetermined(TrustFault::UnknownCurve);
    assert_eq!(judged(&[&other, &untried]), open);
    assert_eq!(judged(&[&untried, &other]), open);
}

/// The signature on a certificate, with an algorithm that is not carried: its issuer is there, and was not tried.
#[test]
fn a_signature_algorithm_that_is_not_carried_is_no_missing_issuer() {
    let plan = plan();
    let made = plan.make();
    // ecdsa-with-SHA256 becomes ecdsa-with-Specified's sibling that no standard names.
    let (known, unknown) = (
        [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2],
        [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 9],
    );
    let mut signer = made.signer.clone();
    while let Some(at) = signer.windows(8).position(|window| window == known) {
        signer[at..at + 8].copy_from_slice(&unknown);
    }
    let certificate = Certificate::from_der(&signer).unwrap();
    let key = made.authority_key.public_key();
    assert_eq!(
        certificate.verify_signature(&key),
        Err(TrustFault::UnsupportedAlgorithm)
    );
    let found = judge(&made.sod_with(&[&signer]), &anchors(&plan, &made, &[]));
    assert_eq!(
        steps(&found)[..2],
        [Successful, Undetermined(TrustFault::UnsupportedAlgorithm)]
    );
}
