//! SHA-256, as an array.

use chipgate_crypto::HashAlgorithm;

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    sha256_parts(&[bytes])
}

pub(crate) fn sha256_parts(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(&HashAlgorithm::Sha256.digest_parts(parts));
    hash
}
