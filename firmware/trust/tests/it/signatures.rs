//! The signature over EF.SOD and what it covers.

use chipgate_apdu::tlv::{self, Tag};
use chipgate_lds::DataGroup;
use chipgate_trust::StepResult::{Failed, Successful, Undetermined};
use chipgate_trust::{
    HashFault, MemoryAnchors, PathOptions, StepResult, TrustFault, authenticate_security_object,
};

use crate::fixtures::{NOW, authenticate, file};

const ALL: [&str; 3] = ["csca", "csca_rsa", "csca_pss"];
const LISTS: [&str; 3] = ["crl", "crl_rsa", "crl_pss"];

#[test]
fn accepts_what_openssl_signed_in_every_algorithm() {
    for name in [
        "sod",
        "sod_p384",
        "sod_p521",
        "sod_bp256",
        "sod_rsa",
        "sod_pss",
        "sod_key_identifier",
        "sod_plain_data",
    ] {
        let found = authenticate(name, &ALL, &LISTS);
        let steps = [
            found.security_object(),
            found.issuer_certificate(),
            found.validity(),
            found.revocation(),
        ];
        assert_eq!(steps, [Successful; 4], "{name}");
        assert!(found.verified().is_some(), "{name}");
    }
}

/// Two contents with one SHA-1 digest can be made, so that someone has to decide for it.
#[test]
fn sha_1_counts_only_where_the_options_allow_it() {
    let check = |accept_sha1| {
        let options = PathOptions {
            accept_sha1,
            ..PathOptions::default()
        };
        let anchors = crate::fixtures::anchors(&ALL, &LISTS);
        authenticate_security_object(&file("sod_p256"), &anchors, NOW, &options)
    };
    let refused = check(false);
    assert_eq!(refused.security_object(), Undetermined(TrustFault::WeakHash));
    assert!(refused.verified().is_none() && refused.self_consistent().is_none());
    let accepted = check(true);
    assert_eq!(accepted.security_object(), Successful);
    assert!(accepted.verified().is_some());
}

#[test]
fn hands_over_the_issuing_state_the_signer_and_the_signing_time() {
    let found = authenticate("sod", &ALL, &LISTS);
    assert_eq!(found.issuing_state(), Some("VN"));
    let security_object = found.verified().unwrap();
    assert_eq!(security_object.signer.der(), file("ds"));
    assert_eq!(security_object.anchor.der(), file("csca"));
    assert!(security_object.signing_time.unwrap() > NOW);
}

#[test]
fn a_data_group_is_verified_by_its_digest_alone() {
    let security_object = authenticate("sod", &ALL, &LISTS).verified().unwrap().clone();
    let dg1 = security_object.data_group(DataGroup::DG1, b"DG1").unwrap();
    assert_eq!(
        (dg1.number, dg1.bytes.as_slice()),
        (DataGroup::DG1, b"DG1".as_slice())
    );
    assert!(security_object.data_group(DataGroup::DG14, b"DG14").is_ok());
    assert_eq!(
        security_object.data_group(DataGroup::DG1, b"DG2").unwrap_err(),
        HashFault::Mismatch
    );
    assert_eq!(
        security_object.data_group(DataGroup::DG2, b"DG2").unwrap_err(),
        HashFault::NotListed
    );
    assert!(security_object.lists(DataGroup::DG14) && !security_object.lists(DataGroup::DG15));
}

#[test]
fn without_a_path_a_security_object_can_only_speak_against_the_data() {
    let found = authenticate("sod", &[], &[]);
    assert!(found.verified().is_none());
    let security_object = found.self_consistent().unwrap();
    assert_eq!(security_object.contradiction(DataGroup::DG1, b"DG1"), None);
    assert_eq!(
        security_object.contradiction(DataGroup::DG1, b"else"),
        Some(HashFault::Mismatch)
    );
}

/// The faults of the signature itself, each under its own name.
#[test]
fn names_the_fault_of_each_unsound_signature() {
    let cases = [
        ("sod_no_attributes", Failed(TrustFault::SignedAttributesMissing)),
        (
            "sod_no_certificate",
            Undetermined(TrustFault::NoSignerCertificate),
        ),
        ("sod_detached", Failed(TrustFault::NotSigned)),
        ("sod_wrong_type", Failed(TrustFault::WrongContentType)),
        ("sod_wrong_content", Failed(TrustFault::ContentUnreadable)),
    ];
    for (name, expected) in cases {
        let found = authenticate(name, &ALL, &LISTS);
        assert_eq!(found.security_object(), expected, "{name}");
        let fault = expected.fault().unwrap();
        let behind = [found.issuer_certificate(), found.validity(), found.revocation()];
        assert_eq!(behind, [Undetermined(fault); 3], "{name}");
        assert!(
            found.verified().is_none() && found.self_consistent().is_none(),
            "{name}"
        );
    }
}

/// Replaces the one occurrence of `old` in the security object.
fn altered(old: &[u8], new: &[u8]) -> StepResult {
    let mut sod = file("sod");
    let places: Vec<_> = sod
        .windows(old.len())
        .enumerate()
        .filter(|(_, w)| *w == old)
        .map(|(i, _)| i)
        .collect();
    let place = *places.last().expect("the octets to alter are there");
    sod[place..place + old.len()].copy_from_slice(new);
    let anchors = crate::fixtures::anchors(&ALL, &LISTS);
    authenticate_security_object(&sod, &anchors, NOW, &PathOptions::default()).security_object()
}

#[test]
fn an_altered_digest_of_a_data_group_is_a_digest_mismatch() {
    let digest = authenticate("sod", &ALL, &LISTS)
        .verified()
        .unwrap()
        .digest(DataGroup::DG14)
        .unwrap()
        .to_vec();
    let mut other = digest.clone();
    other[7] ^= 1;
    assert_eq!(altered(&digest, &other), Failed(TrustFault::DigestMismatch));
}

#[test]
fn an_altered_signed_attribute_is_told_by_its_name() {
    // OID contentType with its value, 2.23.136.1.1.1.
    let content_type = [0x06, 6, 0x67, 0x81, 0x08, 1, 1, 1];
    assert_eq!(
        altered(&content_type, &[0x06, 6, 0x67, 0x81, 0x08, 1, 1, 2]),
        Failed(TrustFault::ContentTypeMismatch)
    );
    // OID signingTime becomes another attribute: nothing but the signature can tell.
    let signing_time = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 5];
    let other = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 6];
    assert_eq!(
        altered(&signing_time, &other),
        Failed(TrustFault::SignatureInvalid)
    );
    // OID messageDigest becomes another attribute: it is missing.
    let message_digest = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 4];
    assert_eq!(
        altered(&message_digest, &other),
        Failed(TrustFault::SignedAttributesMissing)
    );
}

#[test]
fn an_altered_signature_is_invalid() {
    let mut sod = file("sod");
    *sod.last_mut().unwrap() ^= 1;
    let found = authenticate_security_object(&sod, &MemoryAnchors::new(), NOW, &PathOptions::default());
    assert_eq!(found.security_object(), Failed(TrustFault::SignatureInvalid));
    assert_eq!(found.signer().unwrap().der(), file("ds"));
}

/// The security object with its one SignerInfo so many times.
fn with_signers(count: usize) -> Vec<u8> {
    let sod = file("sod");
    let set_of_signers = sod_part(&sod);
    let signers = tlv::encode(Tag(0x31), &set_of_signers.repeat(count));
    let content_info = tlv::single(tlv::single(&sod, Tag(0x77)).unwrap(), Tag(0x30)).unwrap();
    let explicit = tlv::find(content_info, Tag(0xA0)).unwrap().unwrap();
    let signed_data = tlv::single(explicit, Tag(0x30)).unwrap();
    let before = signed_data.len() - tlv::encode(Tag(0x31), set_of_signers).len();
    let signed_data = tlv::encode(Tag(0x30), &[&signed_data[..before], &signers].concat());
    let oid = content_info.len() - tlv::encode(Tag(0xA0), explicit).len();
    let content_info = [&content_info[..oid], &tlv::encode(Tag(0xA0), &signed_data)].concat();
    tlv::encode(Tag(0x77), &tlv::encode(Tag(0x30), &content_info))
}

/// What the SET OF SignerInfo at the end holds.
fn sod_part(sod: &[u8]) -> &[u8] {
    let content_info = tlv::single(tlv::single(sod, Tag(0x77)).unwrap(), Tag(0x30)).unwrap();
    let explicit = tlv::find(content_info, Tag(0xA0)).unwrap().unwrap();
    let mut fields = tlv::Reader::new(tlv::single(explicit, Tag(0x30)).unwrap());
    let mut last = None;
    while let Some(field) = fields.next().unwrap() {
        last = Some(field.value);
    }
    last.unwrap()
}

/// Each signer costs a verification, and whoever writes the file says how many there are.
#[test]
fn a_security_object_with_more_signers_than_any_has_is_unreadable() {
    let anchors = crate::fixtures::anchors(&ALL, &LISTS);
    let step = |count| {
        let sod = with_signers(count);
        authenticate_security_object(&sod, &anchors, NOW, &PathOptions::default()).security_object()
    };
    assert_eq!(step(1), Successful);
    assert_eq!(step(4), Successful);
    assert_eq!(step(5), Failed(TrustFault::Unreadable));
}
