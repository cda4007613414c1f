//! Paths with link certificates, by which an authority vouches for its own next key or name.

use chipgate_crypto::{Curve, HashAlgorithm};
use chipgate_trust::StepResult::{Failed, Successful, Undetermined};
use chipgate_trust::{Certificate, MemoryAnchors, RevocationList, TrustAnchor, TrustFault};

use crate::judged::{judge, steps};
use crate::pki::{self, Algorithm, BASIC_CONSTRAINTS, Plan, extension, name, sequence};

/// The authority's key is new; its old key, which alone is an anchor, vouches for it.
#[test]
fn a_link_certificate_leads_from_an_old_anchor_to_a_new_key() {
    let plan = Plan::citizen_card();
    let made = plan.make();
    let mut old = Plan::new(Algorithm::ecdsa(Curve::P521, HashAlgorithm::Sha512));
    old.authority.extensions[0] = extension("2.5.29.14", false, &[4, 2, 0x0D, 1]);
    let old_made = old.make();
    let mut link = plan.authority.clone();
    link.serial = vec![2, 1, 9];
    link.extensions[1] = extension("2.5.29.35", false, &sequence(&[&[0x80, 2, 0x0D, 1]]));
    let spki = made.authority_key.public_key().to_spki_der_explicit();
    let link = link.sign(&spki, &old_made.authority_key, old.algorithm.signature);

    let mut anchors = MemoryAnchors::new();
    anchors.add(TrustAnchor::from_der(&old_made.authority).unwrap());
    let found = judge(&made.sod(), &anchors);
    assert_eq!(
        found.issuer_certificate(),
        Undetermined(TrustFault::NoIssuerFound)
    );

    anchors.add_known(Certificate::from_der(&link).unwrap());
    let list = pki::revocation_list(&plan, &made, &[], &[]);
    anchors.add_revocation(RevocationList::from_der(&list).unwrap());
    let found = judge(&made.sod(), &anchors);
    assert_eq!(steps(&found), [Successful; 5]);
    let path: Vec<_> = found.issuers().iter().map(Certificate::der).collect();
    assert_eq!(path, [&link[..], &old_made.authority]);
    assert_eq!(found.verified().unwrap().anchor.der(), old_made.authority);

    // A list by the new key that names the link speaks against the path.
    let list = pki::revocation_list(&plan, &made, &[&[2, 1, 9]], &[]);
    anchors.add_revocation(RevocationList::from_der(&list).unwrap());
    let found = judge(&made.sod(), &anchors);
    assert_eq!(found.revocation(), Failed(TrustFault::IssuerRevoked));
}

/// Between two names of an authority: not self-issued, below an anchor whose pathLenConstraint is zero, and without the
/// extension nameChange, as about half of the published ones are.
#[test]
fn a_link_between_two_names_counts_below_a_path_length_of_zero() {
    let plan = Plan::citizen_card();
    let made = plan.make();
    let mut old = Plan::new(Algorithm::ecdsa(Curve::P521, HashAlgorithm::Sha512));
    old.authority.subject = name("VN", "CSCA Former Name");
    old.authority.issuer = old.authority.subject.clone();
    let old_made = old.make();
    let constraints = sequence(&[&[1, 1, 0xFF, 2, 1, 0]]);
    assert!(
        old.authority
            .extensions
            .contains(&extension(BASIC_CONSTRAINTS, true, &constraints))
    );
    let mut link = plan.authority.clone();
    link.issuer = old.authority.subject.clone();
    let spki = made.authority_key.public_key().to_spki_der();
    let link = link.sign(&spki, &old_made.authority_key, old.algorithm.signature);

    let mut anchors: MemoryAnchors = [TrustAnchor::from_der(&old_made.authority).unwrap()]
        .into_iter()
        .collect();
    anchors.add_known(Certificate::from_der(&link).unwrap());
    let found = judge(&made.sod(), &anchors);
    assert_eq!(found.issuer_certificate(), Successful);
    assert_eq!(found.issuers().len(), 2);
}

/// The link is there, and was not tried: the anchor is not missing.
#[test]
fn a_link_whose_signature_is_not_carried_is_no_missing_issuer() {
    let plan = Plan::citizen_card();
    let made = plan.make();
    let mut old = Plan::new(Algorithm::ecdsa(Curve::P256, HashAlgorithm::Sha256));
    old.authority.extensions[0] = extension("2.5.29.14", false, &[4, 2, 0x0D, 1]);
    let old_made = old.make();
    let mut link = plan.authority.clone();
    link.extensions[1] = extension("2.5.29.35", false, &sequence(&[&[0x80, 2, 0x0D, 1]]));
    let spki = made.authority_key.public_key().to_spki_der();
    let mut link = link.sign(&spki, &old_made.authority_key, old.algorithm.signature);
    // ecdsa-with-SHA256 becomes an algorithm that no standard names.
    let known = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2];
    while let Some(at) = link.windows(8).position(|window| window == known) {
        link[at + 7] = 9;
    }
    let mut anchors: MemoryAnchors = [TrustAnchor::from_der(&old_made.authority).unwrap()]
        .into_iter()
        .collect();
    anchors.add_known(Certificate::from_der(&link).unwrap());
    let found = judge(&made.sod(), &anchors);
    assert_eq!(
        found.issuer_certificate(),
        Undetermined(TrustFault::UnsupportedAlgorithm)
    );
}
