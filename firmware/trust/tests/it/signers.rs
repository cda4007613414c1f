//! SignerInfos: whom they name, in which order their attributes are signed, and which of several stands.

use chipgate_crypto::{Curve, HashAlgorithm};
use chipgate_trust::StepResult::{Failed, Successful, Undetermined};
use chipgate_trust::{Certificate, MemoryAnchors, TrustAnchor, TrustFault};

use crate::judged::{anchors, authenticate, judge, steps};
use crate::pki::{self, Algorithm, Made, Plan, der, name, sequence};

#[test]
fn the_signer_may_be_named_by_its_key_and_its_certificate_known_from_elsewhere() {
    for by_key_identifier in [false, true] {
        let mut plan = Plan::citizen_card();
        plan.by_key_identifier = by_key_identifier;
        assert_eq!(steps(&authenticate(&plan)), [Successful; 5]);

        let made = plan.make();
        let without = made.sod_with(&[]);
        let mut anchors = anchors(&plan, &made, &[]);
        let found = judge(&without, &anchors);
        let missing = Undetermined(TrustFault::NoSignerCertificate);
        assert_eq!(found.security_object(), missing);
        anchors.add_known(Certificate::from_der(&made.signer).unwrap());
        let found = judge(&without, &anchors);
        assert_eq!(steps(&found), [Successful; 5]);
    }
}

/// Genuine security objects are in use whose attributes were signed in the order in which they are sent.
#[test]
fn attributes_count_in_the_order_of_der_and_in_the_order_as_sent() {
    let plan = Plan::citizen_card();
    let made = plan.make();
    let anchors = anchors(&plan, &made, &[]);
    let sorted = plan.signer_info();
    let mut info = sorted.clone();
    info.attributes.reverse();
    assert_ne!(info.attributes, sorted.attributes);
    let as_sent = der(0x31, &[&info.attributes.concat()]);
    let mut third = info.attributes.clone();
    third.swap(0, 1);
    assert!(third != sorted.attributes && third != info.attributes);
    let mut step = |message: Vec<u8>| {
        info.message = Some(message);
        let (_, signed) = info.sign(&plan.content, &made.signer_key);
        judge(&made.sod_signed_by(&[&signed]), &anchors).security_object()
    };
    assert_eq!(step(sorted.message(&plan.content)), Successful);
    assert_eq!(step(as_sent.clone()), Successful);
    let wrong = Failed(TrustFault::SignatureInvalid);
    assert_eq!(step(der(0x31, &[&third.concat()])), wrong);
    // The implicit tag is never what is signed (RFC 5652, 5.4).
    assert_eq!(step([&[0xA0], &as_sent[1..]].concat()), wrong);
}

/// RFC 5652, 5.1: each signer signs by itself.
#[test]
fn a_signer_info_that_cannot_be_read_or_judged_is_passed_over_beside_a_good_one() {
    let plan = Plan::citizen_card();
    let made = plan.make();
    let anchors = anchors(&plan, &made, &[]);
    let good = made.object.signer_infos[0].clone();
    let unreadable = sequence(&[&[2, 1, 1]]);
    let unknown = |digest: &str| {
        let mut info = plan.signer_info();
        info.digest = sequence(&[&pki::oid(digest)]);
        info.sign(&plan.content, &made.signer_key).1
    };
    // MD5, and a version that is yet to come.
    let digest = unknown("1.2.840.113549.2.5");
    let mut version = plan.signer_info();
    version.version = 9;
    let version = version.with(b"no signature of this version");
    for bad in [&unreadable, &digest, &version] {
        for infos in [[&bad[..], &good], [&good, bad]] {
            let found = judge(&made.sod_signed_by(&infos), &anchors);
            assert_eq!(steps(&found), [Successful; 5]);
        }
    }
    let step = |infos: &[&[u8]]| judge(&made.sod_signed_by(infos), &anchors).security_object();
    assert_eq!(step(&[&unreadable]), Failed(TrustFault::Unreadable));
    assert_eq!(step(&[&digest]), Undetermined(TrustFault::UnsupportedAlgorithm));
    assert_eq!(step(&[&version]), Failed(TrustFault::SignatureInvalid));
    assert_eq!(step(&[]), Failed(TrustFault::NotSigned));
}

/// A certificate that has nothing of the signer's but its key identifier and its serial number and issuer.
fn namesake(plan: &Plan, made: &Made) -> Vec<u8> {
    let mut other = plan.signer.clone();
    other.subject = name("VN", "Namesake");
    let key = made.authority_key.public_key().to_spki_der();
    other.sign(&key, &made.authority_key, plan.authority_algorithm.signature)
}

#[test]
fn of_certificates_with_one_identifier_all_are_tried() {
    for by_key_identifier in [false, true] {
        let mut plan = Plan::citizen_card();
        plan.by_key_identifier = by_key_identifier;
        let made = plan.make();
        let mut anchors = anchors(&plan, &made, &[]);
        let other = namesake(&plan, &made);
        for certificates in [[&other[..], &made.signer], [&made.signer, &other]] {
            let found = judge(&made.sod_with(&certificates), &anchors);
            assert_eq!(steps(&found), [Successful; 5]);
            assert_eq!(found.signer().unwrap().der(), made.signer);
        }
        let alone = judge(&made.sod_with(&[&other]), &anchors);
        assert_eq!(alone.security_object(), Failed(TrustFault::SignatureInvalid));
        // The right one is known from elsewhere.
        anchors.add_known(Certificate::from_der(&made.signer).unwrap());
        let found = judge(&made.sod_with(&[&other]), &anchors);
        assert_eq!(steps(&found), [Successful; 5]);
    }
}

/// Whoever writes the object chooses how many there are.
#[test]
fn no_more_certificates_of_one_identifier_are_tried_than_any_object_has() {
    let plan = Plan::citizen_card();
    let made = plan.make();
    let anchors = anchors(&plan, &made, &[]);
    let other = namesake(&plan, &made);
    let step = |count: usize| {
        let mut certificates = vec![other.as_slice(); count];
        certificates.push(&made.signer);
        judge(&made.sod_with(&certificates), &anchors).security_object()
    };
    assert_eq!(step(7), Successful);
    assert_eq!(step(8), Failed(TrustFault::SignatureInvalid));
}

/// Another authority of the same state, its signer, and what that one signs of the plan's content.
fn second_signer(plan: &Plan) -> (Plan, Made) {
    let mut second = Plan::new(Algorithm::ecdsa(Curve::P521, HashAlgorithm::Sha512));
    second.authority.subject = name("VN", "CSCA Second");
    second.authority.issuer = second.authority.subject.clone();
    second.signer.issuer = second.authority.subject.clone();
    second.signer.serial = vec![2, 1, 8];
    second.signer.subject = name("VN", "Second Signer");
    second.content.clone_from(&plan.content);
    let made = second.make();
    (second, made)
}

#[test]
fn a_path_is_looked_for_from_each_signer_and_the_outcome_says_which_one_stands() {
    let plan = Plan::citizen_card();
    let first = plan.make();
    let (second_plan, second) = second_signer(&plan);
    let mut object = first.object.clone();
    object.certificates.push(second.signer.clone());
    object.signer_infos.push(second.object.signer_infos[0].clone());
    let sod = object.sod();

    let found = judge(&sod, &anchors(&plan, &first, &[]));
    assert_eq!(found.signer().unwrap().der(), first.signer);
    let found = judge(&sod, &anchors(&second_plan, &second, &[]));
    assert_eq!(steps(&found), [Successful; 5]);
    assert_eq!(found.signer().unwrap().der(), second.signer);
    let object = found.verified().unwrap();
    assert_eq!(
        (object.signer.der(), object.anchor.der()),
        (&second.signer[..], &second.authority[..])
    );

    // None is trusted: the first one's fault is told.
    let found = judge(&sod, &MemoryAnchors::new());
    assert_eq!(found.issuer_certificate(), Undetermined(TrustFault::NoAnchors));
    assert_eq!(found.signer().unwrap().der(), first.signer);

    // With both authorities the first one stands, unless it is revoked or expired.
    let both = |revoked: &[&[u8]]| {
        let mut both = anchors(&plan, &first, revoked);
        both.add(TrustAnchor::from_der(&second.authority).unwrap());
        both
    };
    let found = judge(&sod, &both(&[]));
    assert_eq!(found.signer().unwrap().der(), first.signer);
    let found = judge(&sod, &both(&[&[2, 1, 7]]));
    assert_eq!(found.signer().unwrap().der(), second.signer);
    // The second one's revocation is not known: that is told, and no success of the first one's.
    assert_eq!(found.revocation(), Undetermined(TrustFault::NoCrl));
}

#[test]
fn an_expired_signer_does_not_stand_before_a_valid_one() {
    let mut plan = Plan::citizen_card();
    plan.signer.valid[1] = "260301000000Z".into();
    let first = plan.make();
    let (_, second) = second_signer(&plan);
    let mut object = first.object.clone();
    object.certificates.push(second.signer.clone());
    object.signer_infos.push(second.object.signer_infos[0].clone());
    let mut anchors = anchors(&plan, &first, &[]);
    let found = judge(&object.sod(), &anchors);
    assert_eq!(found.validity(), Failed(TrustFault::CertificateExpired));
    assert_eq!(found.signer().unwrap().der(), first.signer);
    anchors.add(TrustAnchor::from_der(&second.authority).unwrap());
    let found = judge(&object.sod(), &anchors);
    assert_eq!(found.validity(), Successful);
    assert_eq!(found.signer().unwrap().der(), second.signer);
}

/// Two keys of one authority with one key identifier: the anchor whose key signed is the issuer.
#[test]
fn of_anchors_with_one_key_identifier_all_are_tried() {
    let plan = Plan::citizen_card();
    let made = plan.make();
    let mut other = plan.authority.clone();
    other.serial = vec![2, 1, 3];
    let key = made.signer_key.public_key().to_spki_der();
    let other = other.sign(&key, &made.signer_key, plan.algorithm.signature);
    for anchors in [[&other, &made.authority], [&made.authority, &other]] {
        let anchors = anchors
            .map(|der| TrustAnchor::from_der(der).unwrap())
            .into_iter()
            .collect();
        let found = judge(&made.sod(), &anchors);
        assert_eq!(found.issuer_certificate(), Successful);
        assert_eq!(found.verified().unwrap().anchor.der(), made.authority);
    }
}

/// The same object with indefinite lengths and its content in parts, as BER allows.
#[test]
fn a_signed_object_in_ber_counts_as_in_der() {
    let plan = Plan::citizen_card();
    let made = plan.make();
    let anchors = anchors(&plan, &made, &[]);
    let ber = made.object.encode_indefinite();
    let wrapped = |ber: &[u8]| [der(0x77, &[ber]), crate::cms::indefinite(0x77, &[ber])];
    for sod in wrapped(&ber) {
        let found = judge(&sod, &anchors);
        assert_eq!(steps(&found), [Successful; 5]);
    }
    for length in 0..ber.len() {
        for cut in wrapped(&ber[..length]) {
            let found = judge(&cut, &anchors);
            assert_eq!(
                found.security_object(),
                Failed(TrustFault::Unreadable),
                "{length}"
            );
        }
    }
    let whole = crate::cms::indefinite(0x77, &[&ber]);
    for length in 0..whole.len() {
        let found = judge(&whole[..length], &anchors);
        assert_eq!(
            found.security_object(),
            Failed(TrustFault::Unreadable),
            "{length}"
        );
    }
    let longer = judge(&[&whole[..], &[0, 0]].concat(), &anchors);
    assert_eq!(longer.security_object(), Failed(TrustFault::Unreadable));
    // A template of indefinite length around DER.
    let found = judge(&crate::cms::indefinite(0x77, &[&made.cms]), &anchors);
    assert_eq!(steps(&found), [Successful; 5]);
}
