//! ECDSA, key agreement and parameters against OpenSSL, on every curve.

use chipgate_crypto::{
    CryptoError, Curve, HashAlgorithm, PublicKey, SignatureAlgorithm, SigningKey, generic_mapping,
};

use crate::openssl::OpenSsl;
use crate::rng;

const MESSAGE: &[u8] = b"the quick brown fox";

fn openssl_name(curve: Curve) -> &'static str {
    match curve {
        Curve::P224 => "secp224r1",
        Curve::P256 => "prime256v1",
        Curve::P384 => "secp384r1",
        Curve::P521 => "secp521r1",
        other => other.name(),
    }
}

fn digest_flag(hash: HashAlgorithm) -> String {
    hash.name().replace('-', "").to_lowercase()
}

/// A pair from OpenSSL: `key.pem` and its public key in DER.
fn openssl_pair(openssl: &OpenSsl, curve: Curve, encoding: &str) -> Vec<u8> {
    openssl.output(&format!(
        "ecparam -name {} -genkey -noout -param_enc {encoding} -out key.pem",
        openssl_name(curve)
    ));
    openssl.output("pkey -in key.pem -pubout -outform DER")
}

#[test]
fn verifies_what_openssl_signs_with_every_hash_on_every_curve() {
    let Some(openssl) = OpenSsl::find("verifies_what_openssl_signs") else {
        return;
    };
    openssl.write("message", MESSAGE);
    for curve in Curve::ALL {
        let key = PublicKey::from_spki_der(&openssl_pair(&openssl, curve, "named_curve")).unwrap();
        for hash in HashAlgorithm::ALL {
            let signature = openssl.output(&format!("dgst -{} -sign key.pem message", digest_flag(hash)));
            let algorithm = SignatureAlgorithm::Ecdsa(hash);
            key.verify(&algorithm, MESSAGE, &signature).unwrap();
            assert_eq!(
                key.verify(&algorithm, b"another", &signature),
                Err(CryptoError::SignatureInvalid)
            );
        }
    }
}

#[test]
fn openssl_verifies_what_is_signed_with_every_hash_on_every_curve() {
    let Some(openssl) = OpenSsl::find("openssl_verifies_what_is_signed") else {
        return;
    };
    openssl.write("message", MESSAGE);
    for curve in Curve::ALL {
        let key = SigningKey::generate_ec(curve, &mut rng()).unwrap();
        openssl.write("public.der", &key.public_key().to_spki_der());
        openssl.output("pkey -pubin -inform DER -in public.der -out public.pem");
        for hash in HashAlgorithm::ALL {
            let signature = key
                .sign(&SignatureAlgorithm::Ecdsa(hash), MESSAGE, &mut rng())
                .unwrap();
            openssl.write("signature", &signature);
            openssl.output(&format!(
                "dgst -{} -verify public.pem -signature signature message",
                digest_flag(hash)
            ));
        }
    }
}

#[test]
fn recognises_and_writes_the_explicit_parameters_that_openssl_writes() {
    let Some(openssl) = OpenSsl::find("recognises_explicit_parameters") else {
        return;
    };
    for curve in Curve::ALL {
        let explicit = openssl_pair(&openssl, curve, "explicit");
        let PublicKey::Ec(point) = PublicKey::from_spki_der(&explicit).unwrap() else {
            panic!("not EC")
        };
        assert_eq!(point.curve(), curve);

        let name = openssl_name(curve);
        let parameters = openssl.output(&format!(
            "ecparam -name {name} -param_enc explicit -no_seed -outform DER"
        ));
        assert_eq!(curve.explicit_parameters_der(), parameters, "{name}");
        let compressed = openssl.output(&format!(
            "ecparam -name {name} -param_enc explicit -conv_form compressed -outform DER"
        ));
        assert_eq!(
            Curve::from_parameters_der(&compressed),
            Ok(curve),
            "{name} with seed, compressed"
        );

        openssl.write("ours.der", &PublicKey::Ec(point).to_spki_der_explicit());
        let named = openssl.output("pkey -pubin -inform DER -in ours.der -pubout -outform DER");
        PublicKey::from_spki_der(&named).unwrap();
    }
}

#[test]
fn agrees_with_openssl_on_every_curve() {
    let Some(openssl) = OpenSsl::find("agrees_with_openssl") else {
        return;
    };
    for curve in Curve::ALL {
        let PublicKey::Ec(other) =
            PublicKey::from_spki_der(&openssl_pair(&openssl, curve, "named_curve")).unwrap()
        else {
            panic!("not EC")
        };
        let key = SigningKey::generate_ec(curve, &mut rng()).unwrap();
        openssl.write("peer.der", &key.public_key().to_spki_der());
        let theirs = openssl.output("pkeyutl -derive -inkey key.pem -peerkey peer.der -peerform DER");
        let ours = key.scalar().unwrap().agree(&other).unwrap();
        assert_eq!(ours.as_bytes(), theirs, "{}", curve.name());
    }
}

#[test]
fn plain_signatures_are_the_two_numbers_of_fixed_length() {
    for curve in Curve::ALL {
        let key = SigningKey::generate_ec(curve, &mut rng()).unwrap();
        let signature = key.sign_plain(HashAlgorithm::Sha256, MESSAGE).unwrap();
        assert_eq!(signature.len(), 2 * curve.field_length());
        let public = key.public_key();
        public
            .verify_plain(HashAlgorithm::Sha256, MESSAGE, &signature)
            .unwrap();
        assert!(
            public
                .verify_plain(HashAlgorithm::Sha384, MESSAGE, &signature)
                .is_err()
        );
        assert!(
            public
                .verify_plain(HashAlgorithm::Sha256, MESSAGE, &signature[1..])
                .is_err()
        );
    }
}

#[test]
fn rejects_signatures_with_zero_or_too_large_numbers() {
    let key = SigningKey::generate_ec(Curve::P256, &mut rng()).unwrap();
    let signature = key.sign_plain(HashAlgorithm::Sha256, MESSAGE).unwrap();
    let public = key.public_key();
    for forged in [
        [&[0; 32], &signature[32..]],
        [&signature[..32], &[0; 32]],
        [&[0xFF; 32], &signature[32..]],
    ] {
        let result = public.verify_plain(HashAlgorithm::Sha256, MESSAGE, &forged.concat());
        assert_eq!(result, Err(CryptoError::SignatureInvalid));
    }
}

#[test]
fn rejects_a_signature_altered_in_any_byte() {
    let key = SigningKey::generate_ec(Curve::BrainpoolP256r1, &mut rng()).unwrap();
    let algorithm = SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256);
    let signature = key.sign(&algorithm, MESSAGE, &mut rng()).unwrap();
    for position in 0..signature.len() {
        let mut altered = signature.clone();
        altered[position] ^= 1;
        assert!(
            key.public_key().verify(&algorithm, MESSAGE, &altered).is_err(),
            "byte {position}"
        );
    }
    let trailing = [&signature[..], &[0]].concat();
    assert!(key.public_key().verify(&algorithm, MESSAGE, &trailing).is_err());
}

#[test]
fn a_nonce_beyond_the_order_is_taken_modulo_the_order() {
    for curve in Curve::ALL {
        let PublicKey::Ec(shared) = SigningKey::generate_ec(curve, &mut rng()).unwrap().public_key() else {
            panic!("not EC")
        };
        // The order is the INTEGER before the cofactor at the end of the explicit parameters.
        let parameters = curve.explicit_parameters_der();
        let end = parameters.len() - 3;
        let mut order_and_two = parameters[end - curve.field_length()..end].to_vec();
        *order_and_two.last_mut().unwrap() += 2;
        let mapped = generic_mapping(curve, &order_and_two, &shared).unwrap();
        assert_eq!(
            mapped,
            generic_mapping(curve, &[2], &shared).unwrap(),
            "{}",
            curve.name()
        );
        // However long it is: the order times 2¹⁶, and 2.
        let mut longer = parameters[end - curve.field_length()..end].to_vec();
        longer.extend([0, 2]);
        assert_eq!(generic_mapping(curve, &longer, &shared).unwrap(), mapped);
    }
}
