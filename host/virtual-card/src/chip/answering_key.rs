//! The key of active authentication, and signatures with it (Doc 9303-11, 6.1.2).

use chipgate_apdu::tlv::{Reader, Tag};
use chipgate_crypto::{HashAlgorithm, SigningKey};
use num_bigint::BigUint;
use rand_core::CryptoRng;

use super::memory::unusable;
use crate::{AnsweringKey, CardError, Trailer, agreement::padded};

/// The key for active authentication.
pub(crate) struct Answering {
    hash: HashAlgorithm,
    key: Key,
}

enum Key {
    Rsa(RsaKey),
    Ec(SigningKey),
}

/// RSA with message recovery: its numbers, and how the hash is named.
struct RsaKey {
    modulus: BigUint,
    exponent: BigUint,
    trailer: Vec<u8>,
}

impl Answering {
    pub(crate) fn new(settings: &AnsweringKey) -> Result<Self, CardError> {
        let pkcs8 = settings.private_key.0.as_bytes();
        let hash = settings.hash.algorithm();
        let key = match SigningKey::from_pkcs8_der(pkcs8)? {
            SigningKey::Rsa(_) => Key::Rsa(RsaKey::new(pkcs8, hash, settings.trailer)?),
            key @ SigningKey::Ec(_) => Key::Ec(key),
        };
        Ok(Self { hash, key })
    }

    /// The signature over a challenge; `None` if the key is too small for the hash.
    pub(crate) fn sign(&self, challenge: &[u8], rng: &mut (impl CryptoRng + ?Sized)) -> Option<Vec<u8>> {
        match &self.key {
            Key::Rsa(key) => key.sign(self.hash, challenge, rng),
            // The plain signature format of TR-03111: r and s one after the other.
            Key::Ec(key) => key.sign_plain(self.hash, challenge).ok(),
        }
    }
}

impl RsaKey {
    fn new(pkcs8: &[u8], hash: HashAlgorithm, trailer: Option<Trailer>) -> Result<Self, CardError> {
        let malformed = unusable(
            "keys.active_authentication",
            "the private key is no RSA key in PKCS#8",
        );
        let (modulus, exponent) = rsa_numbers(pkcs8).ok_or(malformed)?;
        let usual = if hash == HashAlgorithm::Sha1 {
            Trailer::Implicit
        } else {
            Trailer::Explicit
        };
        Ok(Self {
            modulus,
            exponent,
            trailer: match trailer.unwrap_or(usual) {
                Trailer::Implicit => vec![0xBC],
                Trailer::Explicit => vec![hash_number(hash), 0xCC],
            },
        })
    }

    /// ISO/IEC 9796-2, scheme 1, partial recovery: 6A ‖ M1 ‖ H(M1 ‖ M2) ‖ trailer, where M1 is random and fills the block.
    fn sign(
        &self,
        hash: HashAlgorithm,
        challenge: &[u8],
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Option<Vec<u8>> {
        let length = usize::try_from(self.modulus.bits()).ok()? / 8;
        let mut m1 = vec![0; length.checked_sub(1 + hash.output_length() + self.trailer.len())?];
        rng.fill_bytes(&mut m1);
        let digest = hash.digest(&[&m1[..], challenge].concat());
        let block = [&[0x6A][..], &m1, &digest, &self.trailer].concat();
        let signature = BigUint::from_bytes_be(&block).modpow(&self.exponent, &self.modulus);
        Some(padded(&signature, length))
    }
}

/// The number of a hash function in a trailer (ISO/IEC 10118-3).
const fn hash_number(hash: HashAlgorithm) -> u8 {
    match hash {
        HashAlgorithm::Sha1 => 0x33,
        HashAlgorithm::Sha224 => 0x38,
        HashAlgorithm::Sha256 => 0x34,
        HashAlgorithm::Sha384 => 0x36,
        HashAlgorithm::Sha512 => 0x35,
    }
}

/// Modulus and private exponent (RFC 5958, 2; RFC 8017, A.1.2).
fn rsa_numbers(pkcs8: &[u8]) -> Option<(BigUint, BigUint)> {
    let sequence = |bytes| {
        Reader::new(bytes)
            .expect(Tag(0x30))
            .ok()
            .map(|element| element.value)
    };
    let mut info = Reader::new(sequence(pkcs8)?);
    info.expect(Tag(0x02)).ok()?;
    info.expect(Tag(0x30)).ok()?;
    let key = info.expect(Tag(0x04)).ok()?.value;
    let mut numbers = Reader::new(sequence(key)?);
    let mut next = || {
        numbers
            .expect(Tag(0x02))
            .ok()
            .map(|element| BigUint::from_bytes_be(element.value))
    };
    next()?; // version
    let modulus = next()?;
    next()?; // public exponent
    Some((modulus, next()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HashName, HexSecret};
    use chipgate_crypto::PublicKey;
    use rand::{SeedableRng, rngs::StdRng};

    const CHALLENGE: [u8; 8] = *b"\x01\x02\x03\x04\x05\x06\x07\x08";

    #[test]
    fn signs_with_every_hash_so_that_the_other_sides_code_agrees() {
        let mut rng = StdRng::seed_from_u64(1);
        let key = SigningKey::generate_rsa(2048, &mut rng).unwrap();
        let PublicKey::Rsa(public) = key.public_key() else {
            panic!("an RSA key")
        };
        for hash in [
            HashName::Sha1,
            HashName::Sha224,
            HashName::Sha256,
            HashName::Sha384,
            HashName::Sha512,
        ] {
            let settings = AnsweringKey {
                hash,
                trailer: None,
                private_key: HexSecret(key.to_pkcs8_der().unwrap()),
            };
            let signature = Answering::new(&settings)
                .unwrap()
                .sign(&CHALLENGE, &mut rng)
                .unwrap();
            let found = public.verify_message_recovery(&signature, &CHALLENGE).unwrap();
            assert_eq!(found, hash.algorithm());
        }
    }

    #[test]
    fn a_trailer_can_be_chosen() {
        let mut rng = StdRng::seed_from_u64(2);
        let key = SigningKey::generate_rsa(2048, &mut rng).unwrap();
        let settings = AnsweringKey {
            hash: HashName::Sha1,
            trailer: Some(Trailer::Explicit),
            private_key: HexSecret(key.to_pkcs8_der().unwrap()),
        };
        let signature = Answering::new(&settings)
            .unwrap()
            .sign(&CHALLENGE, &mut rng)
            .unwrap();
        let PublicKey::Rsa(public) = key.public_key() else {
            panic!("an RSA key")
        };
        let block = BigUint::from_bytes_be(&signature).modpow(
            &BigUint::from_bytes_be(&public.exponent()),
            &BigUint::from_bytes_be(&public.modulus()),
        );
        assert_eq!(block.to_bytes_be()[254..], [0x33, 0xCC]);
    }
}
