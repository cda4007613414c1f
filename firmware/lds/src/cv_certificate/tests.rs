use std::format;
use std::path::PathBuf;

use alloc::{string::ToString, vec::Vec};

use chipgate_crypto::{Curve, HashAlgorithm, PublicKey, SignatureAlgorithm};
use der::asn1::ObjectIdentifier;
use proptest::prelude::{
    ProptestConfig, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
};

use super::{
    CertificateExtension, CertificateRole, CvCertificate, CvCertificateBody, CvPublicKey, CvPublicKeyValue,
    EcDomainParameters, HolderAuthorization, PublicKeyReference,
};
use crate::{DataGroup, Date, LdsError, oid};

/// A certificate that OpenPACE's cvc-create made.
fn made_by_openpace(name: &str) -> Vec<u8> {
    let folder = [
        env!("CARGO_MANIFEST_DIR"),
        "../../test-vectors/cv-certificates",
        name,
    ];
    std::fs::read(folder.iter().collect::<PathBuf>()).unwrap()
}

fn certificate(name: &str) -> CvCertificate {
    let bytes = made_by_openpace(name);
    let read = CvCertificate::parse(&bytes).unwrap();
    assert_eq!(read.encode(), bytes, "{name}");
    assert_eq!(read.body().encode(), read.signed_bytes(), "{name}");
    assert_eq!(CvCertificate::parse_value(&read.encode_value()).unwrap(), read);
    read
}

/// The signature by an authority's key, whose curve may be inherited.
fn verified(certificate: &CvCertificate, authority: &CvCertificate, inherited: Option<Curve>) -> bool {
    let key = authority.body().public_key.key(inherited).unwrap();
    let (signed, signature) = (certificate.signed_bytes(), certificate.signature());
    match authority.body().public_key.signature_algorithm().unwrap() {
        SignatureAlgorithm::Ecdsa(hash) => key.verify_plain(hash, signed, signature).is_ok(),
        algorithm => key.verify(&algorithm, signed, signature).is_ok(),
    }
}

#[test]
fn a_chain_made_by_openpace_is_read_and_each_signature_fits() {
    let [cvca, link, dv, terminal] =
        ["cvca.cvcert", "link.cvcert", "dv.cvcert", "terminal.cvcert"].map(certificate);
    assert!(cvca.is_self_signed() && !link.is_self_signed());
    let curve = cvca.body().public_key.curve().unwrap();
    assert_eq!(curve, Some(Curve::BrainpoolP256r1));
    assert_eq!(dv.body().public_key.curve(), Ok(None));
    for (child, parent) in [(&cvca, &cvca), (&link, &cvca), (&dv, &link), (&terminal, &dv)] {
        assert_eq!(child.body().authority, parent.body().holder);
        assert!(verified(child, parent, curve), "{}", child.body().holder);
    }
    assert!(!verified(&dv, &cvca, curve));
    assert!(dv.body().public_key.key(None).is_err());
}

/// BSI's worked example of extended access control: both chains, and what the terminal signs under the last key: ID_PICC ‖ r_PICC ‖ Comp(PK_PCD).
#[test]
fn the_chains_and_signatures_of_the_published_example_of_terminal_authentication_fit() {
    for (names, curve) in [
        (
            [
                "bsi-cvca",
                "bsi-dv",
                "bsi-terminal",
                "bsi-signed",
                "bsi-signature",
            ],
            Some(Curve::BrainpoolP512r1),
        ),
        (
            [
                "bsi-rsa-cvca",
                "bsi-rsa-dv",
                "bsi-rsa-terminal",
                "bsi-rsa-signed",
                "bsi-rsa-signature",
            ],
            None,
        ),
    ] {
        let [cvca, dv, terminal, signed, signature] = names;
        let [cvca, dv, terminal] = [cvca, dv, terminal].map(|name| certificate(&format!("{name}.cvcert")));
        assert_eq!(cvca.body().public_key.curve().unwrap(), curve);
        for (child, parent) in [(&cvca, &cvca), (&dv, &cvca), (&terminal, &dv)] {
            assert_eq!(child.body().authority, parent.body().holder);
            assert!(verified(child, parent, curve), "{}", child.body().holder);
        }
        assert!(!verified(&terminal, &cvca, curve));
        let [mut signed, signature] =
            [signed, signature].map(|name| made_by_openpace(&format!("{name}.bin")));
        let key = terminal.body().public_key.key(curve).unwrap();
        let fits = |data: &[u8]| match terminal.body().public_key.signature_algorithm().unwrap() {
            SignatureAlgorithm::Ecdsa(hash) => key.verify_plain(hash, data, &signature).is_ok(),
            algorithm => key.verify(&algorithm, data, &signature).is_ok(),
        };
        assert!(fits(&signed));
        signed[40] ^= 1;
        assert!(!fits(&signed));
    }
}

#[test]
fn what_the_certificates_say_is_what_openpace_was_told() {
    let terminal = certificate("terminal.cvcert");
    let body = terminal.body();
    assert_eq!(body.authority.to_string(), "UTDVGATE00001");
    assert_eq!(body.holder.to_string(), "UTISGATE00001");
    assert_eq!(Some(body.effective_date), Date::new(2026, 7, 2));
    assert_eq!(Some(body.expiration_date), Date::new(2026, 8, 1));
    assert_eq!(body.public_key.algorithm, oid::id_TA_ECDSA_SHA_256);
    assert_eq!(body.authorization.role(), CertificateRole::Terminal);
    let dv = certificate("dv.cvcert");
    assert_eq!(
        dv.body().authorization.role(),
        CertificateRole::DomesticDocumentVerifier
    );
    let cvca = certificate("cvca.cvcert").body().authorization.clone();
    let effective = body
        .authorization
        .under(&dv.body().authorization.under(&cvca).unwrap())
        .unwrap();
    assert!(effective.may_read(DataGroup::DG3) && body.authorization.may_read(DataGroup::DG4));
    assert!(!effective.may_read(DataGroup::DG4));
}

#[test]
fn a_chain_with_rsa_keys_is_read_and_each_signature_fits() {
    let [cvca, dv, terminal] = ["rsa-cvca.cvcert", "rsa-dv.cvcert", "rsa-terminal.cvcert"].map(certificate);
    let algorithm = |certificate: &CvCertificate| certificate.body().public_key.signature_algorithm();
    assert_eq!(
        algorithm(&terminal),
        Some(SignatureAlgorithm::pss(HashAlgorithm::Sha256))
    );
    assert_eq!(
        algorithm(&cvca),
        Some(SignatureAlgorithm::RsaPkcs1v15(HashAlgorithm::Sha256))
    );
    assert_eq!(
        algorithm(&dv),
        Some(SignatureAlgorithm::RsaPkcs1v15(HashAlgorithm::Sha512))
    );
    for (child, parent) in [(&cvca, &cvca), (&dv, &cvca), (&terminal, &dv)] {
        assert!(verified(child, parent, None), "{}", child.body().holder);
    }
}

#[test]
fn an_authentication_terminals_certificate_is_read_but_lets_read_nothing() {
    let authorization = certificate("at.cvcert").body().authorization.clone();
    assert_eq!(authorization.terminal_type, oid::id_AT);
    assert_eq!(authorization.relative.len(), 5);
    assert!(!authorization.may_read(DataGroup::DG3));
}

#[test]
fn every_curves_parameters_are_found_again_and_altered_ones_refused() {
    for curve in Curve::ALL {
        let parameters = EcDomainParameters::of(curve).unwrap();
        assert_eq!(parameters.curve(), Ok(curve));
        let mut other = parameters.clone();
        other.base_point[9] ^= 1;
        assert!(other.curve().is_err());
        let without_cofactor = EcDomainParameters {
            cofactor: None,
            ..parameters
        };
        assert_eq!(without_cofactor.curve(), Ok(curve));
    }
}

#[test]
fn a_key_is_written_for_the_algorithms_of_terminal_authentication_only() {
    let point = chipgate_crypto::PublicPoint::generator(Curve::P384);
    let key = PublicKey::Ec(point);
    let sha_384 = SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha384);
    let written = CvPublicKey::new(&sha_384, &key, true).unwrap();
    assert_eq!(written.algorithm, oid::id_TA_ECDSA_SHA_384);
    assert_eq!(written.key(None), Ok(key.clone()));
    assert_eq!(
        CvPublicKey::new(&sha_384, &key, false)
            .unwrap()
            .key(Some(Curve::P384)),
        Ok(key.clone())
    );
    let pss = SignatureAlgorithm::pss(HashAlgorithm::Sha256);
    assert!(CvPublicKey::new(&pss, &key, true).is_err());
    assert!(CvPublicKey::new(&SignatureAlgorithm::pss(HashAlgorithm::Sha384), &key, true).is_err());
}

#[test]
fn no_altered_bit_of_a_certificate_panics_its_key_or_its_signature() {
    let authority = certificate("cvca.cvcert");
    let mut bytes = made_by_openpace("link.cvcert");
    for index in (0..bytes.len() * 8).step_by(5) {
        bytes[index / 8] ^= 1 << (index % 8);
        if let Ok(read) = CvCertificate::parse(&bytes) {
            assert!(!verified(&read, &authority, None), "bit {index}");
            let _ = read.body().public_key.key(None);
        }
        bytes[index / 8] ^= 1 << (index % 8);
    }
}

#[test]
fn refuses_another_profile_another_purpose_and_half_a_curve() {
    let file = made_by_openpace("terminal.cvcert");
    let at = |needle: &[u8]| {
        file.windows(needle.len())
            .position(|bytes| bytes == needle)
            .unwrap()
    };
    let altered = |position: usize, byte: u8| {
        let mut file = file.clone();
        file[position] = byte;
        CvCertificate::parse(&file)
    };
    let unsupported = |read| matches!(read, Err(LdsError::Unsupported { .. }));
    assert!(unsupported(altered(at(&[0x5F, 0x29, 1, 0]) + 3, 1)));
    assert!(unsupported(altered(at(&[7, 2, 2, 2, 2, 3]) + 3, 1)));
    // A month of 13, a digit that is none, an authorization of no byte.
    let date = at(&[0x5F, 0x25, 6]) + 3;
    assert!(matches!(altered(date + 2, 9), Err(LdsError::Field { .. })));
    assert!(matches!(altered(date, 10), Err(LdsError::Field { .. })));
    let key = CvPublicKeyValue::Ec {
        parameters: None,
        point: Vec::from([4; 65]),
    };
    let key = CvPublicKey {
        algorithm: oid::id_TA_ECDSA_SHA_256,
        value: key,
    };
    let mut half = key.encode();
    half.splice(15..15, [0x81, 1, 7]);
    half[2] += 3;
    let components = &mut crate::asn1::Components::new("test", &half);
    assert!(CvPublicKey::parse_in(components).is_err());
}

fn references() -> impl Strategy<Value = PublicKeyReference> {
    ("[A-Z]{2}", "[ -~]{0,9}", "[0-9A-Z]{5}").prop_map(|(country, mnemonic, number)| {
        PublicKeyReference::new(&country, &mnemonic, &number).unwrap()
    })
}

fn numbers() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 1..70)
}

fn parameters() -> impl Strategy<Value = EcDomainParameters> {
    let numbers = (numbers(), numbers(), numbers(), numbers(), numbers());
    (numbers, prop::option::of(numbers_short())).prop_map(|((prime, a, b, base_point, order), cofactor)| {
        EcDomainParameters {
            prime,
            a,
            b,
            base_point,
            order,
            cofactor,
        }
    })
}

fn numbers_short() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 1..3)
}

fn keys() -> impl Strategy<Value = CvPublicKey> {
    let rsa = (numbers(), numbers_short()).prop_map(|(modulus, exponent)| CvPublicKey {
        algorithm: oid::id_TA_RSA_PSS_SHA_512,
        value: CvPublicKeyValue::Rsa { modulus, exponent },
    });
    let ec = (prop::option::of(parameters()), numbers()).prop_map(|(parameters, point)| CvPublicKey {
        algorithm: oid::id_TA_ECDSA_SHA_512,
        value: CvPublicKeyValue::Ec { parameters, point },
    });
    prop_oneof![rsa, ec]
}

fn authorizations() -> impl Strategy<Value = HolderAuthorization> {
    prop_oneof![
        any::<u8>().prop_map(|rights| HolderAuthorization {
            terminal_type: oid::id_IS,
            relative: [rights].to_vec(),
        }),
        any::<[u8; 5]>().prop_map(|rights| HolderAuthorization {
            terminal_type: oid::id_AT,
            relative: rights.to_vec(),
        }),
    ]
}

fn dates() -> impl Strategy<Value = Date> {
    (2000..2100_u16, 1..13_u8, 1..29_u8).prop_map(|(year, month, day)| Date::new(year, month, day).unwrap())
}

fn extensions() -> impl Strategy<Value = CertificateExtension> {
    prop::collection::vec(any::<u8>(), 0..20).prop_map(|value| CertificateExtension {
        identifier: ObjectIdentifier::new_unwrap("0.4.0.127.0.7.3.1.3.1"),
        data: chipgate_apdu::tlv::encode(chipgate_apdu::tlv::Tag(0x80), &value),
    })
}

fn certificates() -> impl Strategy<Value = CvCertificate> {
    let extensions = prop::collection::vec(extensions(), 0..3);
    let fields = (
        references(),
        keys(),
        references(),
        authorizations(),
        (dates(), dates()),
        extensions,
    );
    (fields, numbers()).prop_map(|(fields, signature)| {
        let (authority, public_key, holder, authorization, dates, extensions) = fields;
        let (effective_date, expiration_date) = dates;
        let body = CvCertificateBody {
            authority,
            public_key,
            holder,
            authorization,
            effective_date,
            expiration_date,
            extensions,
        };
        CvCertificate::new(body, signature)
    })
}

proptest! {
    #[test]
    fn survives_a_round_trip(certificate in certificates()) {
        prop_assert_eq!(CvCertificate::parse(&certificate.encode()), Ok(certificate.clone()));
        let body = CvCertificateBody::parse(certificate.signed_bytes());
        prop_assert_eq!(body.as_ref(), Ok(certificate.body()));
    }

    #[test]
    fn fails_on_every_truncation(certificate in certificates()) {
        let bytes = certificate.encode();
        for length in 0..bytes.len() {
            prop_assert!(CvCertificate::parse(&bytes[..length]).is_err());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn never_panics_when_a_bit_is_altered(certificate in certificates()) {
        let mut bytes = certificate.encode();
        for index in 0..bytes.len() * 8 {
            bytes[index / 8] ^= 1 << (index % 8);
            let _ = CvCertificate::parse(&bytes);
            bytes[index / 8] ^= 1 << (index % 8);
        }
    }
}
