//! The terminal's private key, in a token or in software.

use alloc::vec::Vec;
use core::{cell::RefCell, fmt};

use chipgate_crypto::{SignatureAlgorithm, SigningKey};
use rand_core::CryptoRng;

/// What signs for the terminal: a file, a smart card, a security module. Its certificate is the last one of a
/// [`TerminalCertificates`](crate::TerminalCertificates) chain.
pub trait TerminalKey {
    /// Signs the message as the terminal's certificate prescribes. An ECDSA signature is r ‖ s, each of the order's length
    /// (TR-03110-3, A.7.3.2).
    fn sign(&self, algorithm: &SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, TerminalKeyError>;
}

/// Why a terminal's key did not sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TerminalKeyError {
    /// The key is not of the kind that the certificate names.
    #[error(
        "the terminal's key does not fit the algorithm of its certificate: use the key that the certificate was issued for"
    )]
    Unsuitable,
    /// The token or module does not answer.
    #[error("the token that holds the terminal's key does not answer: check it")]
    Unavailable,
}

/// A terminal's key in memory.
pub struct SoftwareTerminalKey<R> {
    key: SigningKey,
    rng: RefCell<R>,
}

impl<R: CryptoRng> SoftwareTerminalKey<R> {
    /// A key, and the randomness that RSA signatures take.
    pub const fn new(key: SigningKey, rng: R) -> Self {
        let rng = RefCell::new(rng);
        Self { key, rng }
    }
}

impl<R: CryptoRng> TerminalKey for SoftwareTerminalKey<R> {
    fn sign(&self, algorithm: &SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, TerminalKeyError> {
        match *algorithm {
            SignatureAlgorithm::Ecdsa(hash) => self.key.sign_plain(hash, message),
            SignatureAlgorithm::RsaPkcs1v15(_) | SignatureAlgorithm::RsaPss { .. } => {
                self.key.sign(algorithm, message, &mut *self.rng.borrow_mut())
            }
        }
        .map_err(|_| TerminalKeyError::Unsuitable)
    }
}

impl<R> fmt::Debug for SoftwareTerminalKey<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SoftwareTerminalKey({:?})", self.key)
    }
}
