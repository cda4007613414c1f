//! Key derivation (Doc 9303-11, 9.7).

use crate::{Cipher, HashAlgorithm, Secret};

/// The counters of Doc 9303-11, 9.7.1.
const COUNTER_ENCRYPTION: u32 = 1;
const COUNTER_MAC: u32 = 2;
const COUNTER_PASSWORD: u32 = 3;

/// The two keys of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionKeys {
    /// The cipher both belong to.
    pub cipher: Cipher,
    /// KS_Enc.
    pub encryption: Secret,
    /// KS_MAC.
    pub mac: Secret,
}

impl SessionKeys {
    /// KS_Enc and KS_MAC from a shared secret (9.7.1, counters 1 and 2).
    pub fn derive(cipher: Cipher, shared: &[u8]) -> Self {
        Self {
            cipher,
            encryption: kdf(cipher, shared, COUNTER_ENCRYPTION),
            mac: kdf(cipher, shared, COUNTER_MAC),
        }
    }
}

/// K_π from a password in the form Doc 9303-11, 9.7.2 gives it (counter 3).
pub fn derive_password_key(cipher: Cipher, password: &[u8]) -> Secret {
    kdf(cipher, password, COUNTER_PASSWORD)
}

/// The key derivation function of 9.7.1: the hash of the shared secret and the counter, cut to the key's length.
/// SHA-1 serves keys up to 16 bytes, SHA-256 longer ones; DES keys get their parity bits.
pub fn kdf(cipher: Cipher, shared: &[u8], counter: u32) -> Secret {
    let hash = match cipher {
        Cipher::TripleDes | Cipher::Aes128 => HashAlgorithm::Sha1,
        Cipher::Aes192 | Cipher::Aes256 => HashAlgorithm::Sha256,
    };
    let mut key = Secret::new(hash.digest_parts(&[shared, &counter.to_be_bytes()]));
    key.truncate(cipher.key_length());
    if cipher == Cipher::TripleDes {
        key.bytes_mut().iter_mut().for_each(adjust_parity);
    }
    key
}

/// Sets the lowest bit so that the byte has an odd number of ones (FIPS 46-3).
fn adjust_parity(byte: &mut u8) {
    let odd = (*byte >> 1).count_ones() % 2 == 1;
    *byte = (*byte & 0xFE) | u8::from(!odd);
}
