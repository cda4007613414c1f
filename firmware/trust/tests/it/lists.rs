//! Defect lists, deviation lists and bundles.

use chipgate_crypto::{Curve, HashAlgorithm, SigningKey};
use chipgate_trust::StepResult::{Failed, Successful, Undetermined};
use chipgate_trust::{
    Bundle, BundleContent, BundleError, Certificate, DefectFault, KnownDefect, MemoryAnchors, PathOptions,
    RevocationList, TrustAnchor, TrustAnchors, TrustFault, UnreadableDefect, authenticate_defect_list,
    authenticate_security_object, read_unverified_defect_list,
};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::fixtures::NOW;
use crate::pki::{self, Algorithm, Made, Plan, der, extension, oid, sequence};

const DEFECT_LIST: &str = "0.4.0.127.0.7.3.1.5";
const DEVIATION_LIST: &str = "2.23.136.1.1.7";

fn algorithm() -> Algorithm {
    Algorithm::ecdsa(Curve::P256, HashAlgorithm::Sha256)
}

/// A list with this content, signed for its purpose.
fn list(content_type: &'static str, purpose: &str, content: Vec<u8>) -> Made {
    let mut plan = Plan::new(algorithm());
    plan.content_type = content_type;
    plan.content = content;
    let usage = extension("2.5.29.37", true, &sequence(&[&oid(purpose)]));
    plan.signer.extensions.push(usage);
    plan.make()
}

fn anchors(made: &Made) -> MemoryAnchors {
    [TrustAnchor::from_der(&made.authority).unwrap()]
        .into_iter()
        .collect()
}

/// Issuer and serial number of the document signer of [`Plan::new`].
fn signer() -> Vec<u8> {
    [pki::name("VN", "CSCA Example"), vec![2, 1, 7]].concat()
}

fn defect_list(version: u8, known: &[u8]) -> Vec<u8> {
    let defect = sequence(&[&sequence(&[&signer()]), &der(0x31, &[known])]);
    let hash = oid("2.16.840.1.101.3.4.2.1");
    sequence(&[&[2, 1, version], &hash, &der(0x31, &[&defect])])
}

fn defects_of(content_type: &'static str, purpose: &str, content: Vec<u8>) -> Vec<KnownDefect> {
    let made = list(content_type, purpose, content);
    let found = authenticate_defect_list(&made.cms, &anchors(&made), NOW, &PathOptions::default());
    assert_eq!(
        (found.signature(), found.issuer_certificate()),
        (Successful, Successful)
    );
    let document = Plan::new(algorithm()).make();
    found
        .verified()
        .unwrap()
        .of(&Certificate::from_der(&document.signer).unwrap())
}

#[test]
fn a_defect_list_names_what_is_wrong_with_a_signers_documents() {
    let kind = |arcs: &str| oid(&format!("{DEFECT_LIST}.{arcs}"));
    let known = [
        sequence(&[&kind("1.1"), &[10, 1, 4]]),
        sequence(&[&kind("1.3")]),
        sequence(&[&kind("2.1"), &der(0x31, &[&[2, 1, 2, 2, 1, 14]])]),
        sequence(&[&kind("2.5"), &der(0x13, &[b"DE"])]),
        sequence(&[&kind("9.9")]),
    ]
    .concat();
    let purpose = "0.4.0.127.0.7.3.11.2.1.2";
    let found = defects_of(DEFECT_LIST, purpose, defect_list(0, &known));
    let names: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        names,
        [
            "certificate-revoked (4)",
            "chip-authentication-key-revoked",
            "data-groups-malformed DG2 DG14",
            "issuing-country (DE)",
            "other (0.4.0.127.0.7.3.1.5.9.9)"
        ]
    );
    // Version 2 has its parameters under a tag.
    let known = der(
        0xA0,
        &[&kind("1.1"), &der(0xA0, &[&[10, 1, 1]]), &der(0x81, &[b"note"])],
    );
    let found = defects_of(DEFECT_LIST, purpose, defect_list(1, &known));
    assert_eq!(found, [KnownDefect::CertificateRevoked(1)]);
}

/// A revocation must not vanish with what stands beside it.
#[test]
fn a_known_defect_that_cannot_be_read_takes_no_other_one_with_it() {
    let revoked = sequence(&[&oid(&format!("{DEFECT_LIST}.1.1")), &[10, 1, 0]]);
    let known = [sequence(&[&[2, 1, 5]]), revoked].concat();
    let purpose = "0.4.0.127.0.7.3.11.2.1.2";
    let content = defect_list(0, &known);
    let found = defects_of(DEFECT_LIST, purpose, content.clone());
    assert_eq!(found, [KnownDefect::CertificateRevoked(0)]);
    let (read, _) = read_unverified_defect_list(&list(DEFECT_LIST, purpose, content).cms).unwrap();
    let unreadable = UnreadableDefect {
        place: 1,
        known: Some(1),
        why: DefectFault::Type,
    };
    assert_eq!((read.defects.len(), read.passed_over), (1, 0));
    assert_eq!(read.unreadable, [unreadable]);
}

/// Each entry that cannot be read is named by its place, and keeps no other one out.
#[test]
fn entries_that_cannot_be_read_are_named_and_the_others_count() {
    let known = der(0x31, &[&sequence(&[&oid(&format!("{DEFECT_LIST}.1.3"))])]);
    let sound = sequence(&[&sequence(&[&signer()]), &known]);
    let entries = [
        vec![2, 1, 5],
        sequence(&[&sequence(&[&[2, 1, 7]]), &known]),
        sequence(&[&sequence(&[&signer()]), &[2, 1, 5]]),
        sequence(&[
            &sequence(&[&signer()]),
            &der(0x31, &[&[2, 1, 5], &sequence(&[&oid("1.2.3")])]),
        ]),
        sound,
    ];
    let hash = oid("2.16.840.1.101.3.4.2.1");
    let content = sequence(&[&[2, 1, 0], &hash, &der(0x31, &[&entries.concat()])]);
    let purpose = "0.4.0.127.0.7.3.11.2.1.2";
    let found = defects_of(DEFECT_LIST, purpose, content.clone());
    let names: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["other (1.2.3)", "chip-authentication-key-revoked"]);
    let (read, _) = read_unverified_defect_list(&list(DEFECT_LIST, purpose, content).cms).unwrap();
    let unreadable: Vec<_> = read
        .unreadable
        .iter()
        .map(|entry| (entry.place, entry.known, entry.why))
        .collect();
    let expected = [
        (1, None, DefectFault::Structure),
        (2, None, DefectFault::Concerned),
        (3, None, DefectFault::Known),
        (4, Some(1), DefectFault::Type),
    ];
    assert_eq!(unreadable, expected);
    assert_eq!((read.defects.len(), read.passed_over), (2, 3));
}

#[test]
fn a_deviation_list_names_what_is_wrong_with_a_signers_documents() {
    let documents = sequence(&[&der(0x80, &[b"P<"]), &der(0xA1, &[&signer()])]);
    let hash_wrong = sequence(&[
        &der(0x13, &[b"DG2"]),
        &oid("2.23.136.1.1.7.2.2"),
        &der(0xA0, &[&[2, 1, 2]]),
    ]);
    let deviation = sequence(&[&documents, &der(0x31, &[&hash_wrong])]);
    let of_a_type = sequence(&[&sequence(&[&der(0x80, &[b"P<"])]), &der(0x31, &[&hash_wrong])]);
    let content = sequence(&[&[2, 1, 0], &der(0x31, &[&deviation, &of_a_type])]);
    let found = defects_of(DEVIATION_LIST, "2.23.136.1.1.8", content.clone());
    assert_eq!(found, [KnownDefect::DataGroupHashesWrong(vec![2])]);
    let made = list(DEVIATION_LIST, "2.23.136.1.1.8", content);
    let (read, _) = read_unverified_defect_list(&made.cms).unwrap();
    assert_eq!(
        read.passed_over, 1,
        "which documents a type means, no signer says"
    );
}

#[test]
fn a_defect_list_counts_only_if_its_signer_may_sign_it() {
    let content = defect_list(0, &sequence(&[&oid("0.4.0.127.0.7.3.1.5.1.3")]));
    let made = list(DEFECT_LIST, "2.23.136.1.1.3", content.clone());
    let found = authenticate_defect_list(&made.cms, &anchors(&made), NOW, &PathOptions::default());
    assert_eq!(found.issuer_certificate(), Failed(TrustFault::WrongKeyUsage));
    assert!(found.verified().is_none());
    let made = list(DEFECT_LIST, "0.4.0.127.0.7.3.11.2.1.2", content);
    let none = MemoryAnchors::new();
    let found = authenticate_defect_list(&made.cms, &none, NOW, &PathOptions::default());
    assert_eq!(found.issuer_certificate(), Undetermined(TrustFault::NoAnchors));
    for length in 0..made.cms.len() {
        assert!(read_unverified_defect_list(&made.cms[..length]).is_err());
    }
}

fn key(seed: u64) -> SigningKey {
    SigningKey::generate_ec(Curve::P256, &mut StdRng::seed_from_u64(seed)).unwrap()
}

fn bundle(plan: &Plan, made: &Made) -> Vec<u8> {
    let mut content = BundleContent::new();
    content
        .add_anchor(&TrustAnchor::from_der(&made.authority).unwrap())
        .unwrap();
    content
        .add_known(&Certificate::from_der(&made.signer).unwrap())
        .unwrap();
    let list = pki::revocation_list(plan, made, &[], &[]);
    content
        .add_revocation(&RevocationList::from_der(&list).unwrap())
        .unwrap();
    let defects = list_of_revoked_keys();
    content.add_defect_list(&defects).unwrap();
    signed(&content)
}

fn signed(content: &BundleContent) -> Vec<u8> {
    content
        .sign(7, NOW, |bytes| {
            let signature = key(1).sign(
                &chipgate_trust::BUNDLE_ALGORITHM,
                bytes,
                &mut StdRng::seed_from_u64(1),
            );
            Ok::<_, BundleError>(signature.unwrap())
        })
        .unwrap()
}

fn list_of_revoked_keys() -> Vec<u8> {
    let content = defect_list(0, &sequence(&[&oid("0.4.0.127.0.7.3.1.5.1.3")]));
    list(DEFECT_LIST, "0.4.0.127.0.7.3.11.2.1.2", content).cms
}

#[test]
fn a_bundle_serves_as_anchors_once_its_signature_holds() {
    let plan = Plan::new(algorithm());
    let made = plan.make();
    let bytes = bundle(&plan, &made);
    let opened = Bundle::open(bytes.as_slice(), &key(1).public_key()).unwrap();
    assert_eq!((opened.version(), opened.created()), (7, NOW));
    assert!(!opened.is_empty());
    let found = authenticate_security_object(&made.sod(), &opened, NOW, &PathOptions::default());
    let steps = [
        found.security_object(),
        found.issuer_certificate(),
        found.validity(),
        found.revocation(),
    ];
    assert_eq!(steps, [Successful; 4]);
    assert_eq!(found.defects(), [KnownDefect::ChipAuthenticationKeyRevoked]);
    assert_eq!(
        Bundle::open(bytes.as_slice(), &key(2).public_key()).unwrap_err(),
        BundleError::Signature
    );
    assert_eq!(
        Bundle::open(b"something else".as_slice(), &key(1).public_key()).unwrap_err(),
        BundleError::NotABundle
    );
}

#[test]
fn a_bundle_made_from_a_bundle_holds_all_that_the_first_one_held() {
    let plan = Plan::new(algorithm());
    let bytes = bundle(&plan, &plan.make());
    let opened = Bundle::open(bytes.as_slice(), &key(1).public_key()).unwrap();
    let mut content = BundleContent::new();
    opened
        .anchors()
        .for_each(|anchor| content.add_anchor(&anchor).unwrap());
    opened
        .other_certificates()
        .for_each(|certificate| content.add_known(&certificate).unwrap());
    opened
        .revocation_lists()
        .for_each(|list| content.add_revocation(&list).unwrap());
    opened
        .defect_lists()
        .for_each(|list| content.add_defect_list(list).unwrap());
    let signed_part = |bundle: &[u8]| bundle[..bundle.len() - 80].to_vec();
    assert_eq!(signed_part(&signed(&content)), signed_part(&bytes));
}

#[test]
fn no_cut_and_no_turned_bit_of_a_bundle_is_opened() {
    let plan = Plan::new(algorithm());
    let made = plan.make();
    let mut content = BundleContent::new();
    content
        .add_anchor(&TrustAnchor::from_der(&made.authority).unwrap())
        .unwrap();
    let mut bytes = signed(&content);
    let key = key(1).public_key();
    for length in 0..bytes.len() {
        assert!(Bundle::open(&bytes[..length], &key).is_err(), "{length}");
    }
    for bit in 0..bytes.len() * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(Bundle::open(bytes.as_slice(), &key).is_err(), "bit {bit}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
}
