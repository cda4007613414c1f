//! Active authentication's signatures (ISO/IEC 9796-2 scheme 1, Doc 9303-11, 6.1), against blocks built by hand
//! from the standard's layout and signed by OpenSSL's raw operation.

use chipgate_crypto::{CryptoError, HashAlgorithm, PublicKey, RsaPublicKey, SigningKey};

use crate::openssl::OpenSsl;
use crate::rng;

const CHALLENGE: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

/// The trailers of ISO/IEC 10118-3's hash functions; BC stands for SHA-1 alone.
const TRAILERS: [(HashAlgorithm, &[u8]); 6] = [
    (HashAlgorithm::Sha1, &[0xBC]),
    (HashAlgorithm::Sha1, &[0x33, 0xCC]),
    (HashAlgorithm::Sha224, &[0x38, 0xCC]),
    (HashAlgorithm::Sha256, &[0x34, 0xCC]),
    (HashAlgorithm::Sha384, &[0x36, 0xCC]),
    (HashAlgorithm::Sha512, &[0x35, 0xCC]),
];

struct Chip {
    openssl: OpenSsl,
    key: RsaPublicKey,
}

impl Chip {
    fn new(test: &str) -> Option<Self> {
        let openssl = OpenSsl::find(test)?;
        openssl.output("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out key.pem");
        let spki = openssl.output("pkey -in key.pem -pubout -outform DER");
        let PublicKey::Rsa(key) = PublicKey::from_spki_der(&spki).unwrap() else {
            panic!("not RSA")
        };
        Some(Self { openssl, key })
    }

    fn sign_block(&self, block: &[u8]) -> Vec<u8> {
        self.openssl.write("block", block);
        self.openssl
            .output("pkeyutl -decrypt -inkey key.pem -in block -pkeyopt rsa_padding_mode:none")
    }

    fn verify_block(&self, block: &[u8]) -> Result<HashAlgorithm, CryptoError> {
        self.key
            .verify_message_recovery(&self.sign_block(block), &CHALLENGE)
    }
}

fn block(header: u8, hash: HashAlgorithm, trailer: &[u8], challenge: &[u8]) -> Vec<u8> {
    let m1 = vec![0xA5; 128 - 1 - hash.output_length() - trailer.len()];
    let digest = hash.digest(&[&m1[..], challenge].concat());
    [&[header], &m1[..], &digest, trailer].concat()
}

#[test]
fn verifies_blocks_with_every_trailer() {
    let Some(chip) = Chip::new("verifies_blocks_with_every_trailer") else {
        return;
    };
    for (hash, trailer) in TRAILERS {
        assert_eq!(
            chip.verify_block(&block(0x6A, hash, trailer, &CHALLENGE)),
            Ok(hash)
        );
    }
}

/// 4A ‖ M ‖ H(M) ‖ trailer, or with padding in front of M; M ends in the challenge.
fn total_recovery(hash: HashAlgorithm, trailer: &[u8], padding: &[u8], challenge: &[u8]) -> Vec<u8> {
    let length = 128 - padding.len() - hash.output_length() - trailer.len() - challenge.len();
    let message = [&vec![0xA5; length][..], challenge].concat();
    [padding, &message, &hash.digest(&message), trailer].concat()
}

#[test]
fn verifies_blocks_from_which_the_whole_message_is_recovered() {
    let Some(chip) = Chip::new("verifies_blocks_from_which_the_whole_message_is_recovered") else {
        return;
    };
    for (hash, trailer) in TRAILERS {
        for padding in [&[0x4A][..], &[0x4B, 0xBA], &[0x4B, 0xBB, 0xBB, 0xBA]] {
            let block = total_recovery(hash, trailer, padding, &CHALLENGE);
            assert_eq!(chip.verify_block(&block), Ok(hash));
            let other = total_recovery(hash, trailer, padding, &[9; 8]);
            assert_eq!(chip.verify_block(&other), Err(CryptoError::SignatureInvalid));
        }
        for padding in [
            &[0x4B][..],
            &[0x4B, 0xBB],
            &[0x4B, 0xBB, 0xB0, 0xBA],
            &[0x6B, 0xBA],
            &[0x4A, 0xBA, 0x00],
        ] {
            let mut block = total_recovery(hash, trailer, padding, &CHALLENGE);
            if padding[0] == 0x4A {
                block[1] = 0xBB; // A byte of the message altered.
            }
            assert_eq!(chip.verify_block(&block), Err(CryptoError::SignatureInvalid));
        }
    }
}

#[test]
fn rejects_another_challenge() {
    let Some(chip) = Chip::new("rejects_another_challenge") else {
        return;
    };
    for (hash, trailer) in TRAILERS {
        let other = block(0x6A, hash, trailer, &[9; 8]);
        assert_eq!(chip.verify_block(&other), Err(CryptoError::SignatureInvalid));
    }
}

#[test]
fn rejects_blocks_that_are_not_whole() {
    let Some(chip) = Chip::new("rejects_blocks_that_are_not_whole") else {
        return;
    };
    let hash = HashAlgorithm::Sha256;
    let digest = hash.digest(&CHALLENGE);
    // Header of total recovery over a message without the challenge, of another border, no header at all.
    let mut forged: Vec<Vec<u8>> = [0x4A, 0x4B, 0x6B, 0x00]
        .iter()
        .map(|header| block(*header, hash, &[0x34, 0xCC], &CHALLENGE))
        .collect();
    // Unknown or mismatched trailers.
    for trailer in [&[0x34, 0xBC][..], &[0x31, 0xCC], &[0x35, 0xCC], &[0xBC], &[0xCC]] {
        forged.push(block(0x6A, hash, trailer, &CHALLENGE));
    }
    // A correct end behind garbage: what a comparison of the suffix alone would accept.
    forged.push([&[0x11; 94][..], &digest, &[0x34, 0xCC]].concat());
    for block in forged {
        assert_eq!(
            chip.verify_block(&block),
            Err(CryptoError::SignatureInvalid),
            "{block:02x?}"
        );
    }
}

#[test]
fn rejects_signatures_of_another_length_or_beyond_the_modulus() {
    let Some(chip) = Chip::new("rejects_signatures_of_another_length") else {
        return;
    };
    let signature = chip.sign_block(&block(0x6A, HashAlgorithm::Sha1, &[0xBC], &CHALLENGE));
    for wrong in [
        &signature[1..],
        &[&[0], &signature[..]].concat(),
        &[0xFF; 128],
        &[],
    ] {
        let result = chip.key.verify_message_recovery(wrong, &CHALLENGE);
        assert_eq!(result, Err(CryptoError::SignatureInvalid));
    }
}

/// ISO/IEC 9796-2's own signature function sends the smaller of s and n − s.
#[test]
fn accepts_the_complement_of_a_signature() {
    let Some(chip) = Chip::new("accepts_the_complement_of_a_signature") else {
        return;
    };
    let signature = chip.sign_block(&block(0x6A, HashAlgorithm::Sha256, &[0x34, 0xCC], &CHALLENGE));
    let mut complement = chip.key.modulus().to_vec();
    let mut borrow = 0i16;
    for (byte, subtracted) in complement.iter_mut().zip(&signature).rev() {
        let difference = i16::from(*byte) - i16::from(*subtracted) - borrow;
        borrow = i16::from(difference < 0);
        *byte = difference.rem_euclid(256) as u8;
    }
    assert_eq!(
        chip.key.verify_message_recovery(&complement, &CHALLENGE),
        Ok(HashAlgorithm::Sha256)
    );
}

#[test]
fn openssl_recovers_the_block_that_is_signed() {
    let Some(openssl) = OpenSsl::find("openssl_recovers_the_block_that_is_signed") else {
        return;
    };
    let key = SigningKey::generate_rsa(1024, &mut rng()).unwrap();
    openssl.write("public.der", &key.public_key().to_spki_der());
    for (hash, trailer) in TRAILERS {
        if trailer == [0x33, 0xCC] {
            continue; // SHA-1 is signed with the trailer BC.
        }
        let signature = key.sign_message_recovery(hash, &CHALLENGE, &mut rng()).unwrap();
        openssl.write("signature", &signature);
        let block = openssl.output(
            "pkeyutl -verifyrecover -pubin -inkey public.der -keyform DER -in signature -pkeyopt rsa_padding_mode:none",
        );
        let (content, end) = block.split_at(128 - trailer.len());
        let (content, digest) = content.split_at(content.len() - hash.output_length());
        assert_eq!((block.len(), content[0], end), (128, 0x6A, trailer));
        assert_eq!(digest, hash.digest(&[&content[1..], &CHALLENGE].concat()));

        let PublicKey::Rsa(public) = key.public_key() else {
            panic!("not RSA")
        };
        assert_eq!(public.verify_message_recovery(&signature, &CHALLENGE), Ok(hash));
    }
}

#[test]
fn rejects_a_modulus_that_does_not_fill_its_bytes() {
    let key = SigningKey::generate_rsa(1025, &mut rng()).unwrap();
    let result = key.sign_message_recovery(HashAlgorithm::Sha1, &CHALLENGE, &mut rng());
    assert_eq!(result, Err(CryptoError::RsaKey));
}
