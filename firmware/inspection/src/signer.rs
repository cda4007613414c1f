//! The device's key: in a file here, elsewhere in a token or a TPM.

use alloc::vec::Vec;

use chipgate_crypto::{Curve, HashAlgorithm, PublicKey, Secret, SigningKey};
use rand_core::CryptoRng;

use crate::hash::sha256;
use crate::low_s::{has_low_s, with_low_s};
use crate::report_error::{ReportError, SignerError};

/// What signs reports and beacons by ES256: ECDSA on P-256 with SHA-256 (RFC 9053, 2.1).
pub trait Signer {
    /// The public key.
    fn public_key(&self) -> PublicKey;

    /// Signs `message`: r and s, 32 bytes each, one after the other.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError>;
}

/// A key in memory. It signs deterministically (RFC 6979), so that a replay gives the same bytes.
#[derive(Debug)]
pub struct SoftwareSigner(SigningKey);

impl SoftwareSigner {
    /// Makes a new key.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> Result<Self, SignerError> {
        SigningKey::generate_ec(Curve::P256, rng)
            .map(Self)
            .map_err(|_| SignerError::UnsuitableKey)
    }

    /// Reads a key (PKCS#8, DER).
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, SignerError> {
        let key = SigningKey::from_pkcs8_der(der).map_err(|_| SignerError::Unavailable)?;
        if on_p256(&key.public_key()) {
            Ok(Self(key))
        } else {
            Err(SignerError::UnsuitableKey)
        }
    }

    /// The key to be written to a file that only its owner can read (PKCS#8, DER).
    pub fn to_pkcs8_der(&self) -> Result<Secret, SignerError> {
        self.0.to_pkcs8_der().map_err(|_| SignerError::UnsuitableKey)
    }
}

impl Signer for SoftwareSigner {
    fn public_key(&self) -> PublicKey {
        self.0.public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.0
            .sign_plain(HashAlgorithm::Sha256, message)
            .map(with_low_s)
            .map_err(|_| SignerError::UnsuitableKey)
    }
}

/// How a signature names its key: SHA-256 of the SubjectPublicKeyInfo in DER.
pub fn key_identifier(key: &PublicKey) -> [u8; 32] {
    sha256(&key.to_spki_der())
}

/// Verifies r and s over `message`. With s, n − s verifies too: only the lower one is taken, so that nobody makes a
/// second report of the same content.
pub(crate) fn verify(key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<(), ReportError> {
    if !on_p256(key) {
        return Err(ReportError::UnsuitableKey);
    }
    if !has_low_s(signature) {
        return Err(ReportError::HighS);
    }
    key.verify_plain(HashAlgorithm::Sha256, message, signature)
        .map_err(|_| ReportError::BadSignature)
}

fn on_p256(key: &PublicKey) -> bool {
    matches!(key, PublicKey::Ec(point) if point.curve() == Curve::P256)
}
