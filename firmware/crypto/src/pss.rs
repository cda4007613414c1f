//! EMSA-PSS (RFC 8017, 9.1), with a mask hash of its own, since certificates may name two.

use alloc::vec::Vec;

use crate::{CryptoError, HashAlgorithm, constant_time_equal};

const TRAILER: u8 = 0xBC;

/// EMSA-PSS-VERIFY (9.1.2). `block` is the result of the public operation, of the modulus's length; `bits` is emBits,
/// the modulus's bits less one.
pub(crate) fn verify(
    block: &[u8],
    bits: usize,
    digest: &[u8],
    hash: HashAlgorithm,
    mask_hash: HashAlgorithm,
    salt_length: usize,
) -> Result<(), CryptoError> {
    let invalid = CryptoError::SignatureInvalid;
    let length = bits.div_ceil(8);
    let (excess, encoded) = block
        .split_at_checked(block.len().saturating_sub(length))
        .ok_or(invalid)?;
    if excess.iter().any(|byte| *byte != 0) {
        return Err(invalid);
    }
    // Steps 3 to 5: room for salt and hash, the trailer, the two parts.
    let data_length = length.checked_sub(hash.output_length() + 1).ok_or(invalid)?;
    let padding_length = data_length.checked_sub(salt_length + 1).ok_or(invalid)?;
    let (masked, rest) = encoded.split_at(data_length);
    let (expected, trailer) = rest.split_at(hash.output_length());
    // Step 6: bits above emBits are zero.
    let top_mask = 0xFF >> (8 * length - bits);
    if trailer != [TRAILER] || masked.first().is_none_or(|first| first & !top_mask != 0) {
        return Err(invalid);
    }
    // Steps 7 to 10: unmask; zeros, 01, salt.
    let mut data = mgf1(mask_hash, expected, data_length);
    xor(&mut data, masked);
    if let Some(first) = data.first_mut() {
        *first &= top_mask;
    }
    let (padding, rest) = data.split_at(padding_length);
    let Some((0x01, salt)) = rest.split_first() else {
        return Err(invalid);
    };
    if padding.iter().any(|byte| *byte != 0) {
        return Err(invalid);
    }
    // Steps 12 to 14.
    let found = hash.digest_parts(&[&[0; 8], digest, salt]);
    if constant_time_equal(&found, expected) {
        Ok(())
    } else {
        Err(invalid)
    }
}

/// EMSA-PSS-ENCODE (9.1.1), with the salt given.
pub(crate) fn encode(
    bits: usize,
    digest: &[u8],
    salt: &[u8],
    hash: HashAlgorithm,
    mask_hash: HashAlgorithm,
) -> Result<Vec<u8>, CryptoError> {
    let length = bits.div_ceil(8);
    let data_length = length
        .checked_sub(hash.output_length() + 1)
        .ok_or(CryptoError::RsaKeyTooSmall)?;
    let padding_length = data_length
        .checked_sub(salt.len() + 1)
        .ok_or(CryptoError::RsaKeyTooSmall)?;
    let seed = hash.digest_parts(&[&[0; 8], digest, salt]);
    let mut encoded = alloc::vec![0; padding_length];
    encoded.push(0x01);
    encoded.extend_from_slice(salt);
    xor(&mut encoded, &mgf1(mask_hash, &seed, data_length));
    if let Some(first) = encoded.first_mut() {
        *first &= 0xFF >> (8 * length - bits);
    }
    encoded.extend_from_slice(&seed);
    encoded.push(TRAILER);
    Ok(encoded)
}

/// MGF1 (B.2.1).
fn mgf1(hash: HashAlgorithm, seed: &[u8], length: usize) -> Vec<u8> {
    let mut mask = Vec::with_capacity(length + hash.output_length());
    let mut counter = 0u32;
    while mask.len() < length {
        mask.extend(hash.digest_parts(&[seed, &counter.to_be_bytes()]));
        counter += 1;
    }
    mask.truncate(length);
    mask
}

fn xor(left: &mut [u8], right: &[u8]) {
    for (byte, other) in left.iter_mut().zip(right) {
        *byte ^= other;
    }
}
