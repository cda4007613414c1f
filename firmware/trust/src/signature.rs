//! One signature under one key, and what its failure means.

use chipgate_crypto::{CryptoError, HashAlgorithm, PublicKey, SignatureAlgorithm};

use crate::fault::TrustFault;

pub(crate) fn verify(
    key: &PublicKey,
    algorithm: &SignatureAlgorithm,
    message: &[u8],
    value: &[u8],
) -> Result<(), TrustFault> {
    key.verify(algorithm, message, value).map_err(fault)
}

/// The algorithm of an AlgorithmIdentifier; `digest` is the one named beside it, if there is one.
pub(crate) fn algorithm(
    identifier: &[u8],
    digest: Option<HashAlgorithm>,
) -> Result<SignatureAlgorithm, TrustFault> {
    match SignatureAlgorithm::from_algorithm_identifier_der(identifier, digest) {
        // Documents are in use whose digestAlgorithm is not the hash of their signatureAlgorithm: each is
        // used for what it stands for, the former for messageDigest, the latter for the signature.
        Err(CryptoError::HashMismatch) => SignatureAlgorithm::from_algorithm_identifier_der(identifier, None),
        other => other,
    }
    .map_err(fault)
}

/// A key or an algorithm that is not carried here says nothing about the signature; everything else does.
pub(crate) fn fault(error: CryptoError) -> TrustFault {
    match error {
        CryptoError::UnknownParameters { .. } | CryptoError::UnsupportedCurve { .. } => {
            TrustFault::UnknownCurve
        }
        CryptoError::UnsupportedAlgorithm { .. }
        | CryptoError::HashMissing { .. }
        | CryptoError::RsaKey
        | CryptoError::RsaKeyTooSmall => TrustFault::UnsupportedAlgorithm,
        _ => TrustFault::SignatureInvalid,
    }
}
