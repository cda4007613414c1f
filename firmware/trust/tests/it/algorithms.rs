//! A PKI for each algorithm: a sound path, and paths with one thing wrong, each with its own fault.

use chipgate_lds::DataGroup;
use chipgate_trust::StepResult::{Failed, Successful, Undetermined};
use chipgate_trust::{HashFault, StepResult, TrustFault};

use crate::judged::{anchors, authenticate, judge, steps};
use crate::pki::{self, BASIC_CONSTRAINTS, KEY_USAGE, Plan, der, extension, name, sequence};

#[test]
fn a_sound_path_succeeds_in_every_algorithm() {
    let all = Plan::all();
    // Nine curves and two paddings with five hashes each, and the citizen card.
    assert_eq!(all.len(), 56);
    for plan in all {
        let algorithm = plan.algorithm;
        let found = authenticate(&plan);
        assert_eq!(steps(&found), [Successful; 5], "{algorithm:?}");
        let object = found.verified().unwrap();
        assert!(object.data_group(DataGroup::DG1, &pki::data_group(1)).is_ok());
        assert_eq!(
            object.data_group(DataGroup::DG1, b"else").unwrap_err(),
            HashFault::Mismatch
        );
        let unlisted = object.data_group(DataGroup::DG13, &pki::data_group(13));
        assert_eq!(unlisted.unwrap_err(), HashFault::NotListed);
        assert_eq!(found.issuing_state(), Some("VN"));
        assert_eq!(found.issuers().len(), 1);
    }
}

type Change = (&'static str, fn(&mut Plan), usize, StepResult);

/// What is wrong, how, and what the step of that number then comes to.
const CHANGES: [Change; 17] = [
    (
        "no signed attributes",
        |plan| plan.attributes = Some(Vec::new()),
        0,
        Failed(TrustFault::SignedAttributesMissing),
    ),
    (
        "no message digest",
        |plan| {
            let mut attributes = plan.sound_attributes();
            attributes.pop();
            plan.attributes = Some(attributes);
        },
        0,
        Failed(TrustFault::SignedAttributesMissing),
    ),
    (
        "another hash list than the one that was signed",
        |plan| {
            plan.attributes = Some(plan.sound_attributes());
            plan.content = pki::lds_security_object(plan.algorithm.signature.hash(), &[1, 2]);
        },
        0,
        Failed(TrustFault::DigestMismatch),
    ),
    (
        "content of another type",
        |plan| plan.content_type = "2.23.136.1.1.2",
        0,
        Failed(TrustFault::WrongContentType),
    ),
    (
        "an issuer that is no anchor",
        |plan| plan.signer.issuer = name("VN", "CSCA Unknown"),
        1,
        Undetermined(TrustFault::NoIssuerFound),
    ),
    (
        "an authority as signer",
        |plan| {
            let constraints = sequence(&[&[1, 1, 0xFF]]);
            plan.signer
                .extensions
                .push(extension(BASIC_CONSTRAINTS, true, &constraints));
        },
        1,
        Failed(TrustFault::WrongKeyUsage),
    ),
    (
        "a key for something else",
        |plan| plan.signer.extensions[2] = extension(KEY_USAGE, true, &[3, 2, 5, 0x20]),
        1,
        Failed(TrustFault::WrongKeyUsage),
    ),
    (
        "a signer of master lists",
        |plan| {
            let usage = sequence(&[&pki::oid("2.23.136.1.1.3")]);
            plan.signer.extensions.push(extension("2.5.29.37", true, &usage));
        },
        1,
        Failed(TrustFault::WrongKeyUsage),
    ),
    (
        "a signer of another country",
        |plan| plan.signer.subject = name("UT", "Document Signer"),
        1,
        Failed(TrustFault::CountryMismatch),
    ),
    (
        "an unknown critical extension",
        |plan| {
            plan.signer
                .extensions
                .push(extension("1.3.6.1.4.1.99999.1", true, &[5, 0]));
        },
        1,
        Failed(TrustFault::UnknownCriticalExtension),
    ),
    (
        "an unknown critical extension of the authority",
        |plan| {
            plan.authority
                .extensions
                .push(extension("1.3.6.1.4.1.99999.1", true, &[5, 0]));
        },
        1,
        Failed(TrustFault::UnknownCriticalExtension),
    ),
    (
        "an extension twice",
        |plan| {
            let twice = plan.signer.extensions[0].clone();
            plan.signer.extensions.push(twice);
        },
        1,
        Failed(TrustFault::CertificateMalformed),
    ),
    (
        "an expired signer",
        |plan| plan.signer.valid[1] = "260301000000Z".into(),
        2,
        Failed(TrustFault::CertificateExpired),
    ),
    (
        "a signer that is not valid yet",
        |plan| plan.signer.valid[0] = "270301000000Z".into(),
        2,
        Failed(TrustFault::CertificateNotYetValid),
    ),
    (
        "an expired authority",
        |plan| plan.authority.valid[1] = "260301000000Z".into(),
        2,
        Failed(TrustFault::IssuerExpired),
    ),
    (
        "signed after the key was to be used",
        |plan| {
            let period = sequence(&[&der(0x81, &[b"20260115000000Z"])]);
            plan.signer.extensions[3] = extension("2.5.29.16", false, &period);
        },
        3,
        Failed(TrustFault::OutsideKeyUsagePeriod),
    ),
    (
        "no time in which the key is used",
        |plan| {
            plan.signer.extensions.pop();
        },
        3,
        Undetermined(TrustFault::NoKeyUsagePeriod),
    ),
];

#[test]
fn one_thing_wrong_is_told_by_its_name_in_every_algorithm() {
    for sound in Plan::all() {
        let algorithm = sound.algorithm;
        for (what, change, step, expected) in CHANGES {
            let mut plan = sound.clone();
            change(&mut plan);
            let found = authenticate(&plan);
            assert_eq!(steps(&found)[step], expected, "{what}: {algorithm:?}");
            let before = &steps(&found)[..step];
            assert!(before.iter().all(|step| step.is_successful()), "{what}");
            assert_eq!(found.verified().is_some(), step > 1, "{what}");
        }
    }
}

#[test]
fn a_wrong_signature_a_forged_certificate_and_a_revoked_one_are_told_in_every_algorithm() {
    for plan in Plan::all() {
        let algorithm = plan.algorithm;
        let made = plan.make();
        let sound = anchors(&plan, &made, &[]);

        let mut sod = made.sod();
        *sod.last_mut().unwrap() ^= 1;
        let found = judge(&sod, &sound);
        assert_eq!(
            found.security_object(),
            Failed(TrustFault::SignatureInvalid),
            "{algorithm:?}"
        );

        // The signer's key signs its own certificate in the authority's name.
        let spki = made.signer_key.public_key().to_spki_der();
        let forged = plan.signer.sign(&spki, &made.signer_key, algorithm.signature);
        let found = judge(&made.sod_with(&[&forged]), &sound);
        assert_eq!(
            found.issuer_certificate(),
            Failed(TrustFault::IssuerSignatureInvalid),
            "{algorithm:?}"
        );

        let revoked = anchors(&plan, &made, &[&[2, 1, 7]]);
        let found = judge(&made.sod(), &revoked);
        assert_eq!(found.revocation(), Failed(TrustFault::Revoked), "{algorithm:?}");
        assert!(found.issuer_certificate().is_successful());
    }
}
