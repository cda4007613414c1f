//! Keys and algorithm identifiers in DER, written here and by OpenSSL.

use chipgate_crypto::{
    CryptoError, Curve, HashAlgorithm, ObjectIdentifier, PublicKey, SignatureAlgorithm, SigningKey,
    ecdsa_hash, ecdsa_plain_hash, ecdsa_plain_oid,
};
use hex_literal::hex;

use crate::openssl::OpenSsl;
use crate::rng;

fn keys() -> Vec<SigningKey> {
    let mut keys: Vec<_> = Curve::ALL
        .iter()
        .map(|c| SigningKey::generate_ec(*c, &mut rng()).unwrap())
        .collect();
    keys.push(SigningKey::generate_rsa(1024, &mut rng()).unwrap());
    keys
}

#[test]
fn keys_survive_their_encodings() {
    for key in keys() {
        let public = key.public_key();
        assert_eq!(PublicKey::from_spki_der(&public.to_spki_der()).unwrap(), public);
        assert_eq!(
            PublicKey::from_spki_der(&public.to_spki_der_explicit()).unwrap(),
            public
        );
        let private = SigningKey::from_pkcs8_der(key.to_pkcs8_der().unwrap().as_bytes()).unwrap();
        assert_eq!(private.public_key(), public);
    }
}

#[test]
fn openssl_reads_the_private_keys_and_finds_the_same_public_key() {
    let Some(openssl) = OpenSsl::find("openssl_reads_the_private_keys") else {
        return;
    };
    for key in keys() {
        openssl.write("key.der", key.to_pkcs8_der().unwrap().as_bytes());
        let public = openssl.output("pkey -inform DER -in key.der -pubout -outform DER");
        assert_eq!(public, key.public_key().to_spki_der());
        openssl.output("pkey -inform DER -in key.der -check -noout");
    }
}

#[test]
fn reads_the_private_keys_that_openssl_writes() {
    let Some(openssl) = OpenSsl::find("reads_the_private_keys_that_openssl_writes") else {
        return;
    };
    for command in [
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP384r1 -out key.pem",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp521r1 -pkeyopt ec_param_enc:explicit -out key.pem",
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out key.pem",
    ] {
        openssl.output(command);
        let private = openssl.output("pkcs8 -topk8 -nocrypt -in key.pem -outform DER");
        let public = openssl.output("pkey -in key.pem -pubout -outform DER");
        let key = SigningKey::from_pkcs8_der(&private).unwrap();
        assert_eq!(key.public_key(), PublicKey::from_spki_der(&public).unwrap());
    }
}

#[test]
fn rejects_a_private_key_whose_public_key_is_another() {
    let key = SigningKey::generate_ec(Curve::P256, &mut rng()).unwrap();
    let mut encoded = key.to_pkcs8_der().unwrap().as_bytes().to_vec();
    let other = chipgate_crypto::PublicPoint::generator(Curve::P256).to_uncompressed();
    let start = encoded.len() - other.len();
    encoded[start..].copy_from_slice(&other);
    assert!(matches!(
        SigningKey::from_pkcs8_der(&encoded),
        Err(CryptoError::InvalidPoint { .. })
    ));
}

#[test]
fn algorithm_identifiers_survive_their_encoding() {
    for hash in HashAlgorithm::ALL {
        for algorithm in [
            SignatureAlgorithm::Ecdsa(hash),
            SignatureAlgorithm::RsaPkcs1v15(hash),
            SignatureAlgorithm::pss(hash),
            SignatureAlgorithm::RsaPss {
                hash,
                mask_hash: HashAlgorithm::Sha1,
                salt_length: 200,
            },
        ] {
            let encoded = algorithm.to_algorithm_identifier_der();
            let read = |digest| SignatureAlgorithm::from_algorithm_identifier_der(&encoded, digest);
            assert_eq!(read(None), Ok(algorithm));
            assert_eq!(read(Some(hash)), Ok(algorithm));
            let other = if hash == HashAlgorithm::Sha1 {
                HashAlgorithm::Sha256
            } else {
                HashAlgorithm::Sha1
            };
            assert_eq!(read(Some(other)), Err(CryptoError::HashMismatch));
        }
    }
}

#[test]
fn a_keys_own_algorithm_takes_the_digest_beside_it() {
    let read = SignatureAlgorithm::from_algorithm_identifier_der;
    let rsa_encryption = hex!("300d06092a864886f70d0101010500");
    let ec_public_key = hex!("300906072a8648ce3d0201");
    let sha384 = Some(HashAlgorithm::Sha384);
    assert_eq!(
        read(&rsa_encryption, sha384),
        Ok(SignatureAlgorithm::RsaPkcs1v15(HashAlgorithm::Sha384))
    );
    assert_eq!(
        read(&ec_public_key, sha384),
        Ok(SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha384))
    );
    assert!(matches!(
        read(&rsa_encryption, None),
        Err(CryptoError::HashMissing { .. })
    ));
    // Some issuers write NULL after an ECDSA algorithm.
    let with_null = hex!("300c06082a8648ce3d0403020500");
    assert_eq!(
        read(&with_null, None),
        Ok(SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256))
    );
    let unknown = hex!("300506032b6570"); // Ed25519
    assert!(matches!(
        read(&unknown, None),
        Err(CryptoError::UnsupportedAlgorithm { .. })
    ));
}

/// What OpenSSL writes into a certificate for PSS, default fields left out.
#[test]
fn reads_the_pss_parameters_of_an_openssl_certificate() {
    let Some(openssl) = OpenSsl::find("reads_the_pss_parameters_of_an_openssl_certificate") else {
        return;
    };
    openssl.output("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem");
    for (hash, flags) in [(HashAlgorithm::Sha1, "sha1"), (HashAlgorithm::Sha256, "sha256")] {
        let certificate = openssl.output(&format!(
            "req -x509 -new -key key.pem -{flags} -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest \
             -subj /CN=test -outform DER"
        ));
        let identifier = SignatureAlgorithm::pss(hash).to_algorithm_identifier_der();
        let found = certificate
            .windows(identifier.len())
            .filter(|window| *window == identifier)
            .count();
        assert_eq!(found, 2, "inside the certificate and behind it");
        let read = SignatureAlgorithm::from_algorithm_identifier_der(&identifier, None);
        assert_eq!(read, Ok(SignatureAlgorithm::pss(hash)));
    }
}

#[test]
fn pss_without_parameters_is_refused() {
    let bare = hex!("300b06092a864886f70d01010a");
    let result = SignatureAlgorithm::from_algorithm_identifier_der(&bare, None);
    assert!(matches!(result, Err(CryptoError::Malformed { .. })));
    let empty = hex!("300d06092a864886f70d01010a3000");
    let defaults = SignatureAlgorithm::pss(HashAlgorithm::Sha1);
    assert_eq!(
        SignatureAlgorithm::from_algorithm_identifier_der(&empty, None),
        Ok(defaults)
    );
}

#[test]
fn plain_ecdsa_has_identifiers_of_its_own() {
    for hash in HashAlgorithm::ALL {
        assert_eq!(ecdsa_plain_hash(&ecdsa_plain_oid(hash)), Some(hash));
        assert_eq!(ecdsa_hash(&ecdsa_plain_oid(hash)), Some(hash));
        let x962 = SignatureAlgorithm::Ecdsa(hash).oid();
        assert_eq!((ecdsa_plain_hash(&x962), ecdsa_hash(&x962)), (None, Some(hash)));
        assert_eq!(ecdsa_hash(&SignatureAlgorithm::RsaPkcs1v15(hash).oid()), None);
    }
    let sha256 = ObjectIdentifier::new_unwrap("0.4.0.127.0.7.1.1.4.1.3");
    assert_eq!(ecdsa_plain_oid(HashAlgorithm::Sha256), sha256);
}

/// The table of TR-03110-3, A.2.1.1.
#[test]
fn curves_have_the_numbers_of_the_table() {
    let table = [
        (10, "P-224"),
        (11, "brainpoolP224r1"),
        (12, "P-256"),
        (13, "brainpoolP256r1"),
        (14, "brainpoolP320r1"),
        (15, "P-384"),
        (16, "brainpoolP384r1"),
        (17, "brainpoolP512r1"),
        (18, "P-521"),
    ];
    for (number, name) in table {
        let curve = Curve::from_domain_parameter_id(number).unwrap();
        assert_eq!((curve.name(), curve.domain_parameter_id()), (name, number));
        assert_eq!(Curve::from_oid(&curve.oid()), Some(curve));
    }
    for unknown in [0, 3, 8, 9, 19, 255] {
        assert_eq!(Curve::from_domain_parameter_id(unknown), None);
    }
}
