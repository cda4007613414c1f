//! A PKI for each algorithm: a sound path, and paths with one thing wrong, each with its own fault.

use chipgate_crypto::{Curve, HashAlgorithm};
use chipgate_lds::DataGroup;
use chipgate_trust::StepResult::{Failed, Successful, Undetermined};
use chipgate_trust::{
    Certificate, HashFault, MemoryAnchors, PassiveAuthentication, PathOptions, RevocationList, StepResult,
    TrustAnchor, TrustFault, ValidityTime, authenticate_card_security, authenticate_security_object,
};

use crate::fixtures::NOW;
use crate::pki::{self, Algorithm, BASIC_CONSTRAINTS, KEY_USAGE, Made, Plan, der, extension, name, sequence};

fn options() -> PathOptions {
    PathOptions {
        accept_sha1: true,
        ..PathOptions::default()
    }
}

fn anchors(plan: &Plan, made: &Made, revoked: &[&[u8]]) -> MemoryAnchors {
    let mut anchors = MemoryAnchors::new();
    anchors.add(TrustAnchor::from_der(&made.authority).unwrap());
    let list = pki::revocation_list(plan, made, revoked, &[]);
    anchors.add_revocation(RevocationList::from_der(&list).unwrap());
    anchors
}

fn authenticate(plan: &Plan) -> PassiveAuthentication {
    let made = plan.make();
    authenticate_security_object(&made.sod(), &anchors(plan, &made, &[]), NOW, &options())
}

fn steps(found: &PassiveAuthentication) -> [StepResult; 5] {
    [
        found.security_object(),
        found.issuer_certificate(),
        found.validity(),
        found.key_usage_period(),
        found.revocation(),
    ]
}

/// Viet Nam's citizen card: a P-384 authority is not mixed here, but the signer's curve with explicit parameters is.
fn citizen_card() -> Algorithm {
    Algorithm {
        explicit: true,
        ..Algorithm::ecdsa(Curve::BrainpoolP384r1, HashAlgorithm::Sha256)
    }
}

#[test]
fn a_sound_path_succeeds_in_every_algorithm() {
    let all = Algorithm::all();
    assert_eq!(all.len(), 55);
    for algorithm in all {
        let plan = Plan::new(algorithm);
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
    for algorithm in Algorithm::all() {
        for (what, change, step, expected) in CHANGES {
            let mut plan = Plan::new(algorithm);
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
    for algorithm in Algorithm::all() {
        let plan = Plan::new(algorithm);
        let made = plan.make();
        let sound = anchors(&plan, &made, &[]);

        let mut sod = made.sod();
        *sod.last_mut().unwrap() ^= 1;
        let found = authenticate_security_object(&sod, &sound, NOW, &options());
        assert_eq!(
            found.security_object(),
            Failed(TrustFault::SignatureInvalid),
            "{algorithm:?}"
        );

        // The signer's key signs its own certificate in the authority's name.
        let spki = made.signer_key.public_key().to_spki_der();
        let forged = plan.signer.sign(&spki, &made.signer_key, algorithm.signature);
        let found = authenticate_security_object(&replaced(&made, &forged), &sound, NOW, &options());
        assert_eq!(
            found.issuer_certificate(),
            Failed(TrustFault::IssuerSignatureInvalid),
            "{algorithm:?}"
        );

        let revoked = anchors(&plan, &made, &[&[2, 1, 7]]);
        let found = authenticate_security_object(&made.sod(), &revoked, NOW, &options());
        assert_eq!(found.revocation(), Failed(TrustFault::Revoked), "{algorithm:?}");
        assert!(found.issuer_certificate().is_successful());
    }
}

/// EF.SOD with another certificate for the signer.
fn replaced(made: &Made, certificate: &[u8]) -> Vec<u8> {
    let at = made
        .cms
        .windows(made.signer.len())
        .position(|window| window == made.signer)
        .unwrap();
    let set_header = der(0xA0, &[&made.signer]).len() - made.signer.len();
    let before = &made.cms[..at - set_header];
    let after = &made.cms[at + made.signer.len()..];
    // The outer lengths are written again from the inside out.
    let content_info = chipgate_apdu::tlv::single(&made.cms, chipgate_apdu::tlv::Tag(0x30)).unwrap();
    let explicit = chipgate_apdu::tlv::find(content_info, chipgate_apdu::tlv::Tag(0xA0))
        .unwrap()
        .unwrap();
    let fields = chipgate_apdu::tlv::single(explicit, chipgate_apdu::tlv::Tag(0x30)).unwrap();
    let start = made.cms.len() - fields.len();
    let signed_data = sequence(&[&before[start..], &der(0xA0, &[certificate]), after]);
    let cms = sequence(&[&pki::oid(pki::SIGNED_DATA), &der(0xA0, &[&signed_data])]);
    der(0x77, &[&cms])
}

#[test]
fn validity_at_signing_needs_a_signed_time() {
    let at_signing = PathOptions {
        validity_at: ValidityTime::Signing,
        ..options()
    };
    let check = |plan: &Plan| {
        let made = plan.make();
        authenticate_security_object(&made.sod(), &anchors(plan, &made, &[]), NOW, &at_signing)
    };
    let mut plan = Plan::new(citizen_card());
    plan.signer.valid[1] = "260301000000Z".into();
    assert_eq!(
        authenticate(&plan).validity(),
        Failed(TrustFault::CertificateExpired)
    );
    assert_eq!(check(&plan).validity(), Successful);
    let mut attributes = plan.sound_attributes();
    attributes.remove(1);
    plan.attributes = Some(attributes);
    assert_eq!(check(&plan).validity(), Undetermined(TrustFault::NoSigningTime));
    assert_eq!(
        check(&plan).key_usage_period(),
        Undetermined(TrustFault::NoSigningTime)
    );
}

#[test]
fn names_that_differ_in_case_and_string_type_and_odd_serial_numbers_lead_to_the_anchor() {
    for serial in [
        &[2, 1, 0][..],
        &[2, 1, 0x80],
        &[2, 2, 0xFF, 1],
        &[2, 9, 0, 0xF0, 0, 0, 0, 0, 0, 0, 1],
    ] {
        let mut plan = Plan::new(citizen_card());
        plan.signer.serial = serial.to_vec();
        plan.signer.issuer = pki::name_of((0x13, "vn"), (0x13, "csca  EXAMPLE"));
        let made = plan.make();
        let found = authenticate_security_object(&made.sod(), &anchors(&plan, &made, &[]), NOW, &options());
        assert!(found.issuer_certificate().is_successful(), "{serial:?}");
        // The list's issuer is spelt as the anchor's subject is.
        let revoked = anchors(&plan, &made, &[serial]);
        let found = authenticate_security_object(&made.sod(), &revoked, NOW, &options());
        assert_eq!(found.revocation(), Failed(TrustFault::Revoked), "{serial:?}");
    }
}

#[test]
fn the_signer_may_be_named_by_its_key_and_its_certificate_known_from_elsewhere() {
    for by_key_identifier in [false, true] {
        let mut plan = Plan::new(citizen_card());
        plan.by_key_identifier = by_key_identifier;
        assert_eq!(steps(&authenticate(&plan)), [Successful; 5]);

        let made = plan.make();
        let without = replaced(&made, &[]);
        let mut anchors = anchors(&plan, &made, &[]);
        let found = authenticate_security_object(&without, &anchors, NOW, &options());
        let missing = Undetermined(TrustFault::NoSignerCertificate);
        assert_eq!(found.security_object(), missing);
        anchors.add_known(Certificate::from_der(&made.signer).unwrap());
        let found = authenticate_security_object(&without, &anchors, NOW, &options());
        assert_eq!(steps(&found), [Successful; 5]);
    }
}

/// The authority's key is new; its old key, which alone is an anchor, vouches for it.
#[test]
fn a_link_certificate_leads_from_an_old_anchor_to_a_new_key() {
    let plan = Plan::new(citizen_card());
    let made = plan.make();
    let mut old = Plan::new(Algorithm::ecdsa(Curve::P384, HashAlgorithm::Sha384));
    old.authority.extensions[0] = extension("2.5.29.14", false, &[4, 2, 0x0D, 1]);
    let old_made = old.make();
    let mut link = plan.authority.clone();
    link.serial = vec![2, 1, 9];
    link.extensions[1] = extension("2.5.29.35", false, &sequence(&[&[0x80, 2, 0x0D, 1]]));
    let spki = made.authority_key.public_key().to_spki_der_explicit();
    let link = link.sign(&spki, &old_made.authority_key, old.algorithm.signature);

    let mut anchors = MemoryAnchors::new();
    anchors.add(TrustAnchor::from_der(&old_made.authority).unwrap());
    let found = authenticate_security_object(&made.sod(), &anchors, NOW, &options());
    assert_eq!(
        found.issuer_certificate(),
        Undetermined(TrustFault::NoIssuerFound)
    );

    anchors.add_known(Certificate::from_der(&link).unwrap());
    let list = pki::revocation_list(&plan, &made, &[], &[]);
    anchors.add_revocation(RevocationList::from_der(&list).unwrap());
    let found = authenticate_security_object(&made.sod(), &anchors, NOW, &options());
    assert_eq!(steps(&found), [Successful; 5]);
    let path: Vec<_> = found.issuers().iter().map(Certificate::der).collect();
    assert_eq!(path, [&link[..], &old_made.authority]);
    assert_eq!(found.verified().unwrap().anchor.der(), old_made.authority);

    // A list by the new key that names the link speaks against the path.
    let list = pki::revocation_list(&plan, &made, &[&[2, 1, 9]], &[]);
    anchors.add_revocation(RevocationList::from_der(&list).unwrap());
    let found = authenticate_security_object(&made.sod(), &anchors, NOW, &options());
    assert_eq!(found.revocation(), Failed(TrustFault::IssuerRevoked));
}

/// RFC 5280, 5.2.5: whom a list covers.
#[test]
fn a_revocation_list_counts_within_its_scope() {
    let plan = Plan::new(citizen_card());
    let made = plan.make();
    let check = |value: &[u8], serials: &[&[u8]]| {
        let scope = extension("2.5.29.28", true, &sequence(&[value]));
        let list = pki::revocation_list(&plan, &made, serials, &[scope]);
        let mut anchors = MemoryAnchors::new();
        anchors.add(TrustAnchor::from_der(&made.authority).unwrap());
        anchors.add_revocation(RevocationList::from_der(&list).unwrap());
        authenticate_security_object(&made.sod(), &anchors, NOW, &options()).revocation()
    };
    let (users, authorities, indirect) = (&[0x81, 1, 0xFF], &[0x82, 1, 0xFF], &[0x84, 1, 0xFF]);
    assert_eq!(check(users, &[]), Successful);
    assert_eq!(check(authorities, &[]), Undetermined(TrustFault::CrlOutOfScope));
    assert_eq!(check(authorities, &[&[2, 1, 7]]), Failed(TrustFault::Revoked));
    assert_eq!(check(indirect, &[]), Undetermined(TrustFault::CrlUnsupported));
}

/// The same object with indefinite lengths and its content in parts, as BER allows.
#[test]
fn a_signed_object_in_ber_counts_as_in_der() {
    let plan = Plan::new(citizen_card());
    let made = plan.make();
    let anchors = anchors(&plan, &made, &[]);
    let content = der(0xA0, &[&der(4, &[&plan.content])]);
    let at = made
        .cms
        .windows(content.len())
        .position(|window| window == content)
        .unwrap();
    let (first, second) = plan.content.split_at(11);
    let parts = [
        &[0xA0, 0x80, 0x24, 0x80][..],
        &der(4, &[first]),
        &der(4, &[second]),
        &[0; 4],
    ]
    .concat();
    let content_info = sequence(&[&pki::oid(plan.content_type), &content]);
    let header = content_info.len() - content.len() - pki::oid(plan.content_type).len();
    let start = at - pki::oid(plan.content_type).len() - header;
    let fields = &made.cms[..start];
    let fields = &fields[fields.len() - (start - signed_data_start(&made.cms))..];
    let ber = [
        &[0x30, 0x80][..],
        &pki::oid(pki::SIGNED_DATA),
        &[0xA0, 0x80, 0x30, 0x80],
        fields,
        &[0x30, 0x80],
        &pki::oid(plan.content_type),
        &parts,
        &[0; 2],
        &made.cms[at + content.len()..],
        &[0; 6],
    ]
    .concat();
    let found = authenticate_security_object(&der(0x77, &[&ber]), &anchors, NOW, &options());
    assert_eq!(steps(&found), [Successful; 5]);
    for length in 0..ber.len() {
        let cut = der(0x77, &[&ber[..length]]);
        let found = authenticate_security_object(&cut, &anchors, NOW, &options());
        assert_eq!(
            found.security_object(),
            Failed(TrustFault::Unreadable),
            "{length}"
        );
    }
}

/// Where the fields of SignedData start.
fn signed_data_start(cms: &[u8]) -> usize {
    use chipgate_apdu::tlv::{Tag, find, single};
    let explicit = find(single(cms, Tag(0x30)).unwrap(), Tag(0xA0)).unwrap().unwrap();
    cms.len() - single(explicit, Tag(0x30)).unwrap().len()
}

#[test]
fn card_security_gives_the_chips_keys_only_as_they_were_signed() {
    let algorithm = citizen_card();
    let key = Plan::new(algorithm).make().signer_key.public_key().to_spki_der();
    let mut plan = Plan::new(algorithm);
    plan.content_type = "0.4.0.127.0.7.3.2.1";
    // ChipAuthenticationPublicKeyInfo ::= SEQUENCE { id-PK-ECDH, SubjectPublicKeyInfo }
    plan.content = der(0x31, &[&sequence(&[&pki::oid("0.4.0.127.0.7.2.2.1.2"), &key])]);
    let made = plan.make();
    let anchors = anchors(&plan, &made, &[]);
    let check =
        |file: &[u8], anchors: &MemoryAnchors| authenticate_card_security(file, anchors, NOW, &options());
    let found = check(&made.cms, &anchors);
    assert!(found.signature().is_successful() && found.issuer_certificate().is_successful());
    let keys = found.verified().unwrap().chip_authentication_keys();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].public_key_der, key);

    let found = check(&made.cms, &MemoryAnchors::new());
    assert_eq!(found.issuer_certificate(), Undetermined(TrustFault::NoAnchors));
    assert!(found.verified().is_none());
    let sod = Plan::new(algorithm).make().cms;
    assert_eq!(
        check(&sod, &anchors).signature(),
        Failed(TrustFault::WrongContentType)
    );
    for length in 0..made.cms.len() {
        let found = check(&made.cms[..length], &anchors);
        assert_eq!(found.signature(), Failed(TrustFault::Unreadable));
    }
}

/// The content, the signed attributes and the signer of a proof are those that were signed, whatever bit is turned.
#[test]
fn no_turned_bit_of_an_object_or_a_certificate_proves_anything_else() {
    let plan = Plan::new(Algorithm::ecdsa(Curve::P256, HashAlgorithm::Sha256));
    let made = plan.make();
    let anchors = anchors(&plan, &made, &[]);
    let sound = authenticate_security_object(&made.sod(), &anchors, NOW, &options());
    let sound = sound.verified().unwrap();
    let mut sod = made.sod();
    for bit in 0..sod.len() * 8 {
        sod[bit / 8] ^= 1 << (bit % 8);
        let found = authenticate_security_object(&sod, &anchors, NOW, &options());
        assert!(
            found.verified().is_none_or(|object| object.get() == sound.get()),
            "bit {bit}"
        );
        sod[bit / 8] ^= 1 << (bit % 8);
    }
    let mut signer = made.signer.clone();
    let key = made.authority_key.public_key();
    for bit in 0..signer.len() * 8 {
        signer[bit / 8] ^= 1 << (bit % 8);
        if let Ok(certificate) = Certificate::from_der(&signer) {
            assert!(certificate.verify_signature(&key).is_err(), "bit {bit}");
        }
        signer[bit / 8] ^= 1 << (bit % 8);
    }
    for length in 0..signer.len() {
        assert!(Certificate::from_der(&signer[..length]).is_err());
    }
}
