//! RSA signatures against OpenSSL.

use chipgate_crypto::{CryptoError, HashAlgorithm, PublicKey, RsaPublicKey, SignatureAlgorithm, SigningKey};

use crate::openssl::OpenSsl;
use crate::rng;

const MESSAGE: &[u8] = b"the quick brown fox";

fn digest_flag(hash: HashAlgorithm) -> String {
    hash.name().replace('-', "").to_lowercase()
}

fn openssl_pair(openssl: &OpenSsl, bits: usize) -> PublicKey {
    openssl.output(&format!(
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:{bits} -out key.pem"
    ));
    openssl.write("message", MESSAGE);
    PublicKey::from_spki_der(&openssl.output("pkey -in key.pem -pubout -outform DER")).unwrap()
}

#[test]
fn verifies_pkcs1_signatures_of_openssl() {
    let Some(openssl) = OpenSsl::find("verifies_pkcs1_signatures_of_openssl") else {
        return;
    };
    for bits in [1024, 1031, 2048, 3072] {
        let key = openssl_pair(&openssl, bits);
        for hash in HashAlgorithm::ALL {
            let signature = openssl.output(&format!("dgst -{} -sign key.pem message", digest_flag(hash)));
            let algorithm = SignatureAlgorithm::RsaPkcs1v15(hash);
            key.verify(&algorithm, MESSAGE, &signature).unwrap();
            assert_eq!(
                key.verify(&algorithm, b"another", &signature),
                Err(CryptoError::SignatureInvalid)
            );
            assert_eq!(
                key.verify(&algorithm, MESSAGE, &signature[1..]),
                Err(CryptoError::SignatureInvalid),
                "a leading byte less"
            );
        }
    }
}

#[test]
fn verifies_pss_signatures_of_openssl_with_its_parameters() {
    let Some(openssl) = OpenSsl::find("verifies_pss_signatures_of_openssl") else {
        return;
    };
    // 1025 bits: the encoded message is a byte shorter than the modulus.
    for bits in [1024, 1025, 2048] {
        let key = openssl_pair(&openssl, bits);
        for (hash, mask_hash, salt_length) in [
            (HashAlgorithm::Sha256, HashAlgorithm::Sha256, 32),
            (HashAlgorithm::Sha256, HashAlgorithm::Sha1, 20),
            (HashAlgorithm::Sha1, HashAlgorithm::Sha1, 20),
            (HashAlgorithm::Sha384, HashAlgorithm::Sha384, 48),
            (HashAlgorithm::Sha512, HashAlgorithm::Sha512, 0),
        ] {
            let signature = openssl.output(&format!(
                "dgst -{} -sigopt rsa_padding_mode:pss -sigopt rsa_mgf1_md:{} -sigopt rsa_pss_saltlen:{salt_length} \
                 -sign key.pem message",
                digest_flag(hash),
                digest_flag(mask_hash)
            ));
            let algorithm = SignatureAlgorithm::RsaPss {
                hash,
                mask_hash,
                salt_length,
            };
            key.verify(&algorithm, MESSAGE, &signature).unwrap();
            let other_salt = SignatureAlgorithm::RsaPss {
                hash,
                mask_hash,
                salt_length: salt_length + 1,
            };
            assert_eq!(
                key.verify(&other_salt, MESSAGE, &signature),
                Err(CryptoError::SignatureInvalid)
            );
            let pkcs1 = SignatureAlgorithm::RsaPkcs1v15(hash);
            assert_eq!(
                key.verify(&pkcs1, MESSAGE, &signature),
                Err(CryptoError::SignatureInvalid)
            );
        }
    }
}

#[test]
fn openssl_verifies_what_is_signed() {
    let Some(openssl) = OpenSsl::find("openssl_verifies_what_is_signed") else {
        return;
    };
    openssl.write("message", MESSAGE);
    for bits in [1024, 1025] {
        let key = SigningKey::generate_rsa(bits, &mut rng()).unwrap();
        openssl.write("public.der", &key.public_key().to_spki_der());
        openssl.output("pkey -pubin -inform DER -in public.der -out public.pem");
        for hash in [HashAlgorithm::Sha1, HashAlgorithm::Sha256] {
            let name = digest_flag(hash);
            let pkcs1 = key
                .sign(&SignatureAlgorithm::RsaPkcs1v15(hash), MESSAGE, &mut rng())
                .unwrap();
            openssl.write("signature", &pkcs1);
            openssl.output(&format!(
                "dgst -{name} -verify public.pem -signature signature message"
            ));

            let algorithm = SignatureAlgorithm::RsaPss {
                hash,
                mask_hash: HashAlgorithm::Sha384,
                salt_length: 11,
            };
            let pss = key.sign(&algorithm, MESSAGE, &mut rng()).unwrap();
            openssl.write("signature", &pss);
            openssl.output(&format!(
                "dgst -{name} -sigopt rsa_padding_mode:pss -sigopt rsa_mgf1_md:sha384 -sigopt rsa_pss_saltlen:11 \
                 -verify public.pem -signature signature message"
            ));
        }
    }
}

/// What a reader that compares only the end of the block accepts (a forgery with exponent 3 of old).
#[test]
fn rejects_pkcs1_padding_that_is_not_whole() {
    let Some(openssl) = OpenSsl::find("rejects_pkcs1_padding_that_is_not_whole") else {
        return;
    };
    let key = openssl_pair(&openssl, 1024);
    let hash = HashAlgorithm::Sha256;
    let algorithm = SignatureAlgorithm::RsaPkcs1v15(hash);
    let sign_block = |block: &[u8]| {
        openssl.write("block", block);
        openssl.output("pkeyutl -decrypt -inkey key.pem -in block -pkeyopt rsa_padding_mode:none")
    };
    let prefix = hex_literal::hex!("3031300d060960864801650304020105000420");
    let tail = [&[0], &prefix[..], &hash.digest(MESSAGE)].concat();
    let whole = [&[0, 1][..], &vec![0xFF; 126 - tail.len()], &tail].concat();
    key.verify(&algorithm, MESSAGE, &sign_block(&whole)).unwrap();

    let mut other_type = whole.clone();
    other_type[1] = 2;
    let mut hole = whole.clone();
    hole[40] = 0xFE;
    let mut shifted = [&[0, 1][..], &vec![0xFF; 100 - tail.len()], &tail].concat();
    shifted.resize(128, 0);
    for forged in [other_type, hole, shifted] {
        let result = key.verify(&algorithm, MESSAGE, &sign_block(&forged));
        assert_eq!(result, Err(CryptoError::SignatureInvalid));
    }
}

#[test]
fn rejects_keys_of_sizes_and_exponents_that_are_not_accepted() {
    let modulus = |bytes: usize| [&[0x80], &vec![0; bytes - 2][..], &[1]].concat();
    assert!(RsaPublicKey::new(&modulus(128), &[1, 0, 1]).is_ok());
    assert!(RsaPublicKey::new(&modulus(768), &[3]).is_ok());
    for (modulus, exponent) in [
        (modulus(127), &[1, 0, 1][..]),
        (modulus(769), &[1, 0, 1]),
        (modulus(100_000), &[1, 0, 1]),
        (modulus(128), &[1]),
        (modulus(128), &[]),
        (modulus(128), &[1, 0, 0]),
        (modulus(128), &[1; 9]),
        ([&modulus(128)[..127], &[2]].concat(), &[1, 0, 1]),
        (vec![], &[1, 0, 1]),
    ] {
        assert_eq!(RsaPublicKey::new(&modulus, exponent), Err(CryptoError::RsaKey));
    }
}

#[test]
fn rejects_an_algorithm_for_another_kind_of_key() {
    let rsa = SigningKey::generate_rsa(1024, &mut rng()).unwrap();
    let ec = SigningKey::generate_ec(chipgate_crypto::Curve::P256, &mut rng()).unwrap();
    let (ecdsa, pkcs1) = (
        SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256),
        SignatureAlgorithm::RsaPkcs1v15(HashAlgorithm::Sha256),
    );
    let mismatch = CryptoError::AlgorithmMismatch;
    assert_eq!(rsa.public_key().verify(&ecdsa, MESSAGE, &[]), Err(mismatch));
    assert_eq!(ec.public_key().verify(&pkcs1, MESSAGE, &[]), Err(mismatch));
    assert_eq!(rsa.sign(&ecdsa, MESSAGE, &mut rng()), Err(mismatch));
    assert_eq!(ec.sign(&pkcs1, MESSAGE, &mut rng()), Err(mismatch));
    assert_eq!(rsa.sign_plain(HashAlgorithm::Sha256, MESSAGE), Err(mismatch));
    assert_eq!(
        ec.sign_message_recovery(HashAlgorithm::Sha1, &[0; 8], &mut rng()),
        Err(mismatch)
    );
}

#[test]
fn a_key_too_small_for_its_hash_is_an_error() {
    let key = SigningKey::generate_rsa(1024, &mut rng()).unwrap();
    let algorithm = SignatureAlgorithm::pss(HashAlgorithm::Sha512);
    assert_eq!(
        key.sign(&algorithm, MESSAGE, &mut rng()),
        Err(CryptoError::RsaKeyTooSmall)
    );
    let result = key.public_key().verify(&algorithm, MESSAGE, &[0; 128]);
    assert_eq!(result, Err(CryptoError::SignatureInvalid));
}
