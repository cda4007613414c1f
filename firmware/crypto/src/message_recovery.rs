//! ISO/IEC 9796-2 digital signature scheme 1 with message recovery, as active authentication uses it
//! (Doc 9303-11, 6.1.2).
//!
//! The signed block has the modulus's length: 6A ‖ M1 ‖ H(M1 ‖ M2) ‖ trailer, where M1 is the chip's random part, as
//! long as fills the block, and M2 is the challenge. A chip may also have the whole message recovered: 4A ‖ M ‖ H(M) ‖
//! trailer, where M ends in the challenge; a message that does not fill the block is preceded by nibbles B: 4B ‖ BB … BA ‖ M.

use alloc::vec::Vec;

use crate::{CryptoError, HashAlgorithm, RsaPublicKey, constant_time_equal};

/// Header: bits 01, partial recovery, no padding, then the border nibble A.
const PARTIAL_RECOVERY: u8 = 0x6A;
/// The same with total recovery.
const TOTAL_RECOVERY: u8 = 0x4A;
/// Total recovery, padding until the border.
const TOTAL_RECOVERY_PADDED: u8 = 0x4B;
/// Two nibbles of padding.
const PADDING: u8 = 0xBB;
/// A nibble of padding, and the border.
const PADDING_END: u8 = 0xBA;
/// Trailer of one byte: the hash is implied, SHA-1 by Doc 9303-11.
const IMPLICIT_TRAILER: u8 = 0xBC;
/// Last byte of a trailer of two bytes; the first names the hash (ISO/IEC 10118-3).
const EXPLICIT_TRAILER: u8 = 0xCC;

const fn hash_number(hash: HashAlgorithm) -> u8 {
    match hash {
        HashAlgorithm::Sha1 => 0x33,
        HashAlgorithm::Sha256 => 0x34,
        HashAlgorithm::Sha512 => 0x35,
        HashAlgorithm::Sha384 => 0x36,
        HashAlgorithm::Sha224 => 0x38,
    }
}

pub(crate) fn verify(
    key: &RsaPublicKey,
    signature: &[u8],
    challenge: &[u8],
) -> Result<HashAlgorithm, CryptoError> {
    whole_bytes(key)?;
    let block = key.public_operation(signature)?;
    open(&block, challenge).or_else(|error| {
        // A signer may send the smaller of s and n − s (ISO/IEC 9796-2, signature function of annex A): then the
        // block is n less the number, and only one of the two can end in a nibble C.
        let other = key.subtract_from_modulus(&block)?;
        open(&other, challenge).map_err(|_| error)
    })
}

/// Every byte of the block is accounted for: header, padding, message, hash, trailer.
fn open(block: &[u8], challenge: &[u8]) -> Result<HashAlgorithm, CryptoError> {
    let invalid = CryptoError::SignatureInvalid;
    let (hash, content) = match block {
        [content @ .., IMPLICIT_TRAILER] => (HashAlgorithm::Sha1, content),
        [content @ .., number, EXPLICIT_TRAILER] => {
            let hash = HashAlgorithm::ALL
                .into_iter()
                .find(|hash| hash_number(*hash) == *number)
                .ok_or(invalid)?;
            (hash, content)
        }
        _ => return Err(invalid),
    };
    let recoverable = content.len().checked_sub(hash.output_length()).ok_or(invalid)?;
    let (headed, digest) = content.split_at(recoverable);
    let expected = match headed {
        [PARTIAL_RECOVERY, m1 @ ..] => hash.digest_parts(&[m1, challenge]),
        [TOTAL_RECOVERY, message @ ..] if message.ends_with(challenge) => hash.digest(message),
        [TOTAL_RECOVERY_PADDED, padded @ ..] => {
            let message = unpadded(padded).filter(|message| message.ends_with(challenge));
            hash.digest(message.ok_or(invalid)?)
        }
        _ => return Err(invalid),
    };
    if constant_time_equal(&expected, digest) {
        Ok(hash)
    } else {
        Err(invalid)
    }
}

/// What follows BB … BA.
fn unpadded(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.iter().position(|byte| *byte != PADDING)?;
    bytes[end..].strip_prefix(&[PADDING_END])
}

/// The block to sign; `m1` fills what header, hash and trailer leave ([`recoverable_length`]).
pub(crate) fn encode(hash: HashAlgorithm, m1: &[u8], challenge: &[u8]) -> Vec<u8> {
    let mut block = Vec::from([PARTIAL_RECOVERY]);
    block.extend_from_slice(m1);
    block.extend(hash.digest_parts(&[m1, challenge]));
    if hash == HashAlgorithm::Sha1 {
        block.push(IMPLICIT_TRAILER);
    } else {
        block.extend([hash_number(hash), EXPLICIT_TRAILER]);
    }
    block
}

/// The length of M1 in bytes.
pub(crate) fn recoverable_length(key: &RsaPublicKey, hash: HashAlgorithm) -> Result<usize, CryptoError> {
    let length = whole_bytes(key)?;
    let trailer = if hash == HashAlgorithm::Sha1 { 1 } else { 2 };
    length
        .checked_sub(1 + hash.output_length() + trailer)
        .ok_or(CryptoError::RsaKeyTooSmall)
}

/// The block's header is byte-aligned only if the modulus fills its bytes.
fn whole_bytes(key: &RsaPublicKey) -> Result<usize, CryptoError> {
    if key.bits().is_multiple_of(8) {
        Ok(key.bits() / 8)
    } else {
        Err(CryptoError::RsaKey)
    }
}
