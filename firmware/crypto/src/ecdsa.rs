//! ECDSA (FIPS 186-5, TR-03111 4.2.1) on any of the curves.

use alloc::vec::Vec;

use der::asn1::UintRef;
use der::{Decode, Sequence};
use elliptic_curve::FieldBytes;
use zeroize::Zeroizing;

use crate::der_writer::{sequence, unsigned};
use crate::group::{decode_point, decode_scalar, with_curve};
use crate::{CryptoError, HashAlgorithm, PrivateScalar, PublicPoint};

/// ECDSA-Sig-Value of RFC 3279, 2.2.3.
#[derive(Sequence)]
struct SignatureValue<'a> {
    r: UintRef<'a>,
    s: UintRef<'a>,
}

/// Verifies a signature in DER.
pub(crate) fn verify_der(
    key: &PublicPoint,
    hash: HashAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    let value = SignatureValue::from_der(signature).map_err(|_| CryptoError::Malformed {
        what: "ECDSA-Sig-Value",
    })?;
    verify_scalars(key, &hash.digest(message), value.r.as_bytes(), value.s.as_bytes())
}

/// Verifies a signature in the plain format r ‖ s (TR-03111, 5.2.1).
pub(crate) fn verify_plain(
    key: &PublicPoint,
    hash: HashAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    let length = key.curve().field_length();
    if signature.len() != 2 * length {
        return Err(CryptoError::Malformed {
            what: "plain ECDSA signature",
        });
    }
    let (r, s) = signature.split_at(length);
    verify_scalars(key, &hash.digest(message), r, s)
}

/// A hash shorter than the group order stands as it is, a longer one keeps its leftmost bits (FIPS 186-5, 6.4.2).
fn verify_scalars(key: &PublicPoint, digest: &[u8], r: &[u8], s: &[u8]) -> Result<(), CryptoError> {
    let curve = key.curve();
    let verified = with_curve!(curve, C => {
        let point = decode_point::<C>(key.as_bytes()).ok_or(CryptoError::InvalidPoint { curve })?;
        let (Some(r), Some(s)) = (left_padded::<C>(r), left_padded::<C>(s)) else {
            return Err(CryptoError::SignatureInvalid);
        };
        ecdsa::Signature::<C>::from_scalars(r, s)
            .and_then(|signature| ecdsa::hazmat::verify_prehashed::<C>(&point, digest, &signature))
    });
    verified.map_err(|_| CryptoError::SignatureInvalid)
}

fn left_padded<C: elliptic_curve::Curve>(number: &[u8]) -> Option<FieldBytes<C>> {
    let mut padded = FieldBytes::<C>::default();
    let start = padded.len().checked_sub(number.len())?;
    padded[start..].copy_from_slice(number);
    Some(padded)
}

/// Signs deterministically (RFC 6979, with the message's own hash function); r ‖ s.
pub(crate) fn sign_plain(
    key: &PrivateScalar,
    hash: HashAlgorithm,
    message: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    let curve = key.curve();
    let digest = hash.digest(message);
    let secret = key.to_bytes();
    with_curve!(curve, C => {
        let d = decode_scalar::<C>(secret.as_bytes()).ok_or(CryptoError::InvalidScalar { curve })?;
        let d = Zeroizing::new(d);
        let (signature, _) = match hash {
            HashAlgorithm::Sha1 => ecdsa::hazmat::sign_prehashed_rfc6979::<C, sha1::Sha1>(&d, &digest, &[]),
            HashAlgorithm::Sha224 => ecdsa::hazmat::sign_prehashed_rfc6979::<C, sha2::Sha224>(&d, &digest, &[]),
            HashAlgorithm::Sha256 => ecdsa::hazmat::sign_prehashed_rfc6979::<C, sha2::Sha256>(&d, &digest, &[]),
            HashAlgorithm::Sha384 => ecdsa::hazmat::sign_prehashed_rfc6979::<C, sha2::Sha384>(&d, &digest, &[]),
            HashAlgorithm::Sha512 => ecdsa::hazmat::sign_prehashed_rfc6979::<C, sha2::Sha512>(&d, &digest, &[]),
        };
        Ok(signature.to_bytes().to_vec())
    })
}

/// Signs deterministically; ECDSA-Sig-Value in DER.
pub(crate) fn sign_der(
    key: &PrivateScalar,
    hash: HashAlgorithm,
    message: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    let plain = sign_plain(key, hash, message)?;
    let (r, s) = plain.split_at(plain.len() / 2);
    Ok(sequence(&[&unsigned(r), &unsigned(s)]))
}
