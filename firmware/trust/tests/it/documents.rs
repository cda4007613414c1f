//! What genuine documents contain that a test PKI would not: other encodings, parameters and names of the same thing.

use chipgate_crypto::{Curve, HashAlgorithm, SignatureAlgorithm};
use chipgate_lds::DataGroup;
use chipgate_trust::StepResult::{Failed, Successful, Undetermined};
use chipgate_trust::{
    Certificate, PathOptions, StepResult, TrustError, TrustFault, ValidityTime, authenticate_security_object,
};

use crate::cms::SignerInfo;
use crate::fixtures::NOW;
use crate::judged::{anchors, authenticate, judge, options, steps};
use crate::pki::{self, Algorithm, Plan, der, extension, name_of, oid, sequence};

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
    let mut plan = Plan::citizen_card();
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
    // RFC 5280, 4.1.2.2, allows 20 octets.
    let long = |octets: usize| der(2, &[&vec![0x5A; octets]]);
    let (longer, longest) = (long(21), long(64));
    for serial in [
        &[2, 1, 0][..],
        &[2, 1, 0x80],
        &[2, 2, 0xFF, 1],
        &[2, 9, 0, 0xF0, 0, 0, 0, 0, 0, 0, 1],
        &longer,
        &longest,
    ] {
        let mut plan = Plan::citizen_card();
        plan.signer.serial = serial.to_vec();
        plan.signer.issuer = name_of((0x13, "vn"), (0x13, "csca  EXAMPLE"));
        let made = plan.make();
        let found = judge(&made.sod(), &anchors(&plan, &made, &[]));
        assert!(found.issuer_certificate().is_successful(), "{serial:?}");
        // The list's issuer is spelt as the anchor's subject is.
        let revoked = anchors(&plan, &made, &[serial]);
        let found = judge(&made.sod(), &revoked);
        assert_eq!(found.revocation(), Failed(TrustFault::Revoked), "{serial:?}");
    }
}

/// BMPString, UniversalString and T61String, in names that are compared and in one that is shown.
#[test]
fn names_in_every_string_type_lead_to_the_anchor() {
    let wide = |zeros: usize| -> String {
        let characters = "CSCA Example".chars();
        characters
            .flat_map(|c| core::iter::repeat_n('\0', zeros).chain([c]))
            .collect()
    };
    for (tag, text) in [(0x1E, wide(1)), (0x1C, wide(3)), (0x14, wide(0))] {
        let mut plan = Plan::citizen_card();
        plan.signer.issuer = name_of((0x13, "VN"), (tag, &text));
        plan.signer.subject = plan.signer.issuer.clone();
        let found = authenticate(&plan);
        assert_eq!(steps(&found), [Successful; 5], "{tag:#X}");
        let signer = found.signer().unwrap();
        assert_eq!(signer.subject().to_string(), "C=VN, CN=CSCA Example", "{tag:#X}");
        // The authority's own name, and that of its revocation list.
        let mut plan = Plan::citizen_card();
        plan.authority.subject = name_of((0x13, "VN"), (tag, &text));
        assert_eq!(steps(&authenticate(&plan)), [Successful; 5], "{tag:#X}");
    }
}

#[test]
fn a_serial_number_that_is_no_number_any_more_is_not_read() {
    let mut plan = Plan::citizen_card();
    plan.signer.serial = der(2, &[&[0x5A; 65]]);
    let made = plan.make();
    assert_eq!(
        Certificate::from_der(&made.signer).unwrap_err(),
        TrustError::NotACertificate
    );
}

/// The object with its SignerInfo changed before it is signed.
fn changed(plan: &Plan, change: impl FnOnce(&mut SignerInfo)) -> [StepResult; 5] {
    let made = plan.make();
    let mut info = plan.signer_info();
    change(&mut info);
    let (_, signed) = info.sign(&plan.content, &made.signer_key);
    steps(&judge(
        &made.sod_signed_by(&[&signed]),
        &anchors(plan, &made, &[]),
    ))
}

fn rsa(signature: SignatureAlgorithm) -> Plan {
    Plan::new(Algorithm {
        curve: None,
        signature,
        explicit: false,
    })
}

/// RFC 4055, 3.1: SHA-1 and a salt of 20 octets are what is left out; salts of any length, and a mask of another hash.
#[test]
fn the_parameters_of_pss_are_those_of_the_signer_info() {
    let plan = rsa(SignatureAlgorithm::pss(HashAlgorithm::Sha256));
    let pss = |hash, mask_hash, salt_length| SignatureAlgorithm::RsaPss {
        hash,
        mask_hash,
        salt_length,
    };
    let (sha_1, sha_256) = (HashAlgorithm::Sha1, HashAlgorithm::Sha256);
    for algorithm in [
        pss(sha_1, sha_1, 20),
        pss(sha_256, sha_256, 20),
        pss(sha_256, sha_256, 0),
        pss(sha_256, sha_256, 64),
        pss(sha_256, sha_1, 32),
        pss(HashAlgorithm::Sha512, sha_256, 64),
    ] {
        let found = changed(&plan, |info| {
            info.algorithm = algorithm;
            info.algorithm_identifier = algorithm.to_algorithm_identifier_der();
        });
        assert_eq!(found, [Successful; 5], "{algorithm:?}");
    }
    let defaults = changed(&plan, |info| {
        info.algorithm = pss(sha_1, sha_1, 20);
        info.algorithm_identifier = sequence(&[&oid("1.2.840.113549.1.1.10"), &sequence(&[])]);
    });
    assert_eq!(defaults, [Successful; 5]);
    // Another salt than the parameters say.
    let wrong = changed(&plan, |info| info.algorithm = pss(sha_256, sha_256, 20));
    assert_eq!(wrong[0], Failed(TrustFault::SignatureInvalid));
}

/// A digest's parameters are absent or NULL (RFC 5754, 2); a signature may be named by its key's algorithm alone.
#[test]
fn an_algorithm_counts_in_each_way_in_which_it_may_be_written() {
    let null: &[u8] = &[5, 0];
    let digest =
        |hash: HashAlgorithm, parameters: &[u8]| sequence(&[&oid(&hash.oid().to_string()), parameters]);
    let sha_256 = digest(HashAlgorithm::Sha256, null);
    let card = Plan::citizen_card();
    let pkcs1 = rsa(SignatureAlgorithm::RsaPkcs1v15(HashAlgorithm::Sha256));
    for (plan, own) in [(&card, "1.2.840.10045.2.1"), (&pkcs1, "1.2.840.113549.1.1.1")] {
        let found = changed(plan, |info| info.digest.clone_from(&sha_256));
        assert_eq!(found, [Successful; 5]);
        for parameters in [null, &[]] {
            let identifier = sequence(&[&oid(own), parameters]);
            let found = changed(plan, |info| info.algorithm_identifier = identifier);
            assert_eq!(found, [Successful; 5], "{own}");
            let identifier = sequence(&[&oid(&plan.algorithm.signature.oid().to_string()), parameters]);
            let found = changed(plan, |info| info.algorithm_identifier = identifier);
            assert_eq!(found, [Successful; 5]);
        }
        // The digest of the content and the hash that is signed are each named by themselves.
        let mut content = plan.clone();
        let mut attributes = content.sound_attributes();
        let other = HashAlgorithm::Sha512;
        let value = der(4, &[&other.digest(&content.content)]);
        attributes[2] = sequence(&[&oid(pki::MESSAGE_DIGEST), &der(0x31, &[&value])]);
        content.attributes = Some(attributes);
        let found = changed(&content, |info| info.digest = digest(other, &[]));
        assert_eq!(found, [Successful; 5]);
    }
}

/// Before Doc 9303 had its own, and in a worked example that issuers followed.
#[test]
fn older_names_of_the_content_type_count_where_attribute_and_content_agree() {
    for content_type in [
        "2.23.136.1.1.1",
        "1.3.27.1.1.1",
        "1.2.528.1.1006.1.20.1",
        "1.2.840.113549.1.7.1",
    ] {
        let mut plan = Plan::citizen_card();
        plan.content_type = content_type;
        assert_eq!(steps(&authenticate(&plan)), [Successful; 5], "{content_type}");
        let mut attributes = plan.sound_attributes();
        let other = oid("2.23.136.1.1.2");
        attributes[0] = sequence(&[&oid(pki::CONTENT_TYPE), &der(0x31, &[&other])]);
        plan.attributes = Some(attributes);
        let found = authenticate(&plan).security_object();
        assert_eq!(found, Failed(TrustFault::ContentTypeMismatch));
    }
}

/// RFC 5652, 11.3: UTCTime until 2049, and GeneralizedTime; issuers write either.
#[test]
fn the_signing_time_may_be_a_generalized_time() {
    let mut plan = Plan::citizen_card();
    let mut attributes = plan.sound_attributes();
    let time = der(0x18, &[b"20260201000000Z"]);
    attributes[1] = sequence(&[&oid(pki::SIGNING_TIME), &der(0x31, &[&time])]);
    let usual = authenticate(&plan).signing_time();
    plan.attributes = Some(attributes);
    let found = authenticate(&plan);
    assert_eq!(steps(&found), [Successful; 5]);
    assert!(usual.is_some() && found.signing_time() == usual);
}

/// Doc 9303-12 wants upper case and PrintableString; issuers write both cases and any string type.
#[test]
fn a_country_is_the_same_in_either_case_and_string_type() {
    for (tag, country) in [
        (0x13, "vn"),
        (0x0C, "VN"),
        (0x0C, "Vn"),
        (0x16, "vn"),
        (0x13, " VN"),
    ] {
        let mut plan = Plan::citizen_card();
        plan.signer.subject = name_of((tag, country), (0x0C, "Document Signer"));
        let found = authenticate(&plan);
        assert_eq!(steps(&found), [Successful; 5], "{country}");
        assert_eq!(found.issuing_state(), Some("VN"));
    }
}

/// A list with versions (version 1), with none, and with more data groups than were read.
#[test]
fn a_security_object_of_version_1_counts_with_and_without_its_versions() {
    let hash = HashAlgorithm::Sha256;
    let content = pki::lds_security_object(hash, &[1, 2]);
    let fields = chipgate_apdu::tlv::single(&content, chipgate_apdu::tlv::Tag(0x30)).unwrap();
    let versions = sequence(&[&der(0x13, &[b"0108"]), &der(0x13, &[b"040000"])]);
    for versions in [&versions[..], &[]] {
        let mut plan = Plan::citizen_card();
        plan.content = sequence(&[&[2, 1, 1], &fields[3..], versions]);
        let found = authenticate(&plan);
        assert_eq!(steps(&found), [Successful; 5]);
        let object = found.verified().unwrap();
        assert!(object.data_group(DataGroup::DG2, &pki::data_group(2)).is_ok());
    }
    let mut plan = Plan::citizen_card();
    plan.content = sequence(&[&[2, 1, 0], &fields[3..], &versions]);
    let found = authenticate(&plan).security_object();
    assert_eq!(found, Failed(TrustFault::ContentUnreadable));
}

/// Whose digests and signatures rest on SHA-1, each by itself: the content's, the list's, the signed one, the certificate's.
#[test]
fn each_use_of_sha_1_is_left_to_the_policy() {
    let curve = Curve::P384;
    let weak = Algorithm::ecdsa(curve, HashAlgorithm::Sha1);
    let sound = Algorithm::ecdsa(curve, HashAlgorithm::Sha256);
    let step = |plan: &Plan| {
        let made = plan.make();
        let anchors = anchors(plan, &made, &[]);
        assert_eq!(steps(&judge(&made.sod(), &anchors)), [Successful; 5]);
        let found = authenticate_security_object(&made.sod(), &anchors, NOW, &PathOptions::default());
        assert_eq!(
            found.verified().is_some(),
            found.issuer_certificate().is_successful()
        );
        steps(&found)
    };
    let open = Undetermined(TrustFault::WeakHash);
    assert_eq!(step(&Plan::new(sound)), [Successful; 5]);
    assert_eq!(step(&Plan::new(weak))[0], open);
    let mut of_certificate = Plan::new(sound);
    of_certificate.authority_algorithm = weak;
    assert_eq!(step(&of_certificate)[..2], [Successful, open]);
    let mut of_list = Plan::new(sound);
    of_list.content = pki::lds_security_object(HashAlgorithm::Sha1, &[1, 2]);
    assert_eq!(step(&of_list)[0], open);
}

/// `DocumentTypeList ::= SEQUENCE { version, docTypeList SET OF PrintableString }` (Doc 9303-12).
#[test]
fn the_signer_says_for_which_documents_it_signs() {
    let mut plan = Plan::citizen_card();
    assert_eq!(authenticate(&plan).signer().unwrap().document_types(), None);
    let types = der(0x31, &[&der(0x13, &[b"I"]), &der(0x13, &[b"P"])]);
    let list = sequence(&[&[2, 1, 0], &types]);
    plan.signer
        .extensions
        .push(extension("2.23.136.1.1.6.2", true, &list));
    let found = authenticate(&plan);
    assert_eq!(steps(&found), [Successful; 5]);
    assert_eq!(found.signer().unwrap().document_types().unwrap(), ["I", "P"]);
    let malformed = sequence(&[&[2, 1, 0], &[5, 0]]);
    *plan.signer.extensions.last_mut().unwrap() = extension("2.23.136.1.1.6.2", false, &malformed);
    let found = authenticate(&plan).issuer_certificate();
    assert_eq!(found, Failed(TrustFault::CertificateMalformed));
}
