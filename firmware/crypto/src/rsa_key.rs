//! RSA public keys: the public operation and the two signature schemes with an appendix (RFC 8017).

use alloc::boxed::Box;
use alloc::vec::Vec;

use rsa::hazmat::rsa_encrypt;
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, Pkcs1v15Sign};

use crate::{CryptoError, HashAlgorithm, SignatureAlgorithm, message_recovery, pss};

/// The sizes of modulus that are accepted, in bits.
pub(crate) const MODULUS_BITS: core::ops::RangeInclusive<usize> = 1024..=6144;

/// An RSA public key of 1024 to 6144 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaPublicKey(pub(crate) rsa::PublicKey);

impl RsaPublicKey {
    /// A key from its modulus and public exponent, both big-endian.
    pub fn new(modulus: &[u8], exponent: &[u8]) -> Result<Self, CryptoError> {
        // Checked before any arithmetic, so that a huge number costs nothing.
        if modulus.len() > MODULUS_BITS.end() / 8 + 1 || exponent.len() > 9 {
            return Err(CryptoError::RsaKey);
        }
        let is_odd = exponent.last().is_some_and(|byte| byte & 1 == 1);
        let modulus = BoxedUint::from_be_slice_vartime(modulus);
        let exponent = BoxedUint::from_be_slice_vartime(exponent);
        if !is_odd {
            return Err(CryptoError::RsaKey);
        }
        rsa::PublicKey::new_with_size_limits(modulus, exponent, MODULUS_BITS)
            .map(Self)
            .map_err(|_| CryptoError::RsaKey)
    }

    /// The modulus n, big-endian, without leading zeros.
    pub fn modulus(&self) -> Box<[u8]> {
        self.0.n_bytes()
    }

    /// The public exponent e, big-endian, without leading zeros.
    pub fn exponent(&self) -> Box<[u8]> {
        self.0.e_bytes()
    }

    /// The length of the modulus in bits.
    pub fn bits(&self) -> usize {
        self.0.n().as_ref().bit_width_vartime() as usize
    }

    /// Verifies a signature with an appendix.
    pub(crate) fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        match algorithm {
            SignatureAlgorithm::RsaPkcs1v15(hash) => self
                .0
                .verify(pkcs1_scheme(hash), &hash.digest(message), signature)
                .map_err(|_| CryptoError::SignatureInvalid),
            SignatureAlgorithm::RsaPss {
                hash,
                mask_hash,
                salt_length,
            } => {
                let encoded = self.public_operation(signature)?;
                pss::verify(
                    &encoded,
                    self.bits() - 1,
                    &hash.digest(message),
                    hash,
                    mask_hash,
                    salt_length,
                )
            }
            SignatureAlgorithm::Ecdsa(_) => Err(CryptoError::AlgorithmMismatch),
        }
    }

    /// Verifies an active authentication signature: ISO/IEC 9796-2 scheme 1 with partial or total recovery over a
    /// part that the chip chose and the challenge (Doc 9303-11, 6.1). Returns the hash that the signature names.
    pub fn verify_message_recovery(
        &self,
        signature: &[u8],
        challenge: &[u8],
    ) -> Result<HashAlgorithm, CryptoError> {
        message_recovery::verify(self, signature, challenge)
    }

    /// RSAVP1 (RFC 8017, 5.2.2), as a string of the modulus's length. The signature has exactly that length and is
    /// below the modulus.
    pub(crate) fn public_operation(&self, signature: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let length = self.0.size();
        if signature.len() != length {
            return Err(CryptoError::SignatureInvalid);
        }
        let number = BoxedUint::from_be_slice(signature, self.0.n_bits_precision())
            .map_err(|_| CryptoError::SignatureInvalid)?;
        if number >= *self.0.n().as_ref() {
            return Err(CryptoError::SignatureInvalid);
        }
        let result = rsa_encrypt(&self.0, &number).map_err(|_| CryptoError::SignatureInvalid)?;
        fixed_length(&result, length)
    }

    /// n less the number, both of the modulus's length.
    pub(crate) fn subtract_from_modulus(&self, number: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let number = BoxedUint::from_be_slice(number, self.0.n_bits_precision())
            .map_err(|_| CryptoError::SignatureInvalid)?;
        fixed_length(&self.0.n().as_ref().wrapping_sub(&number), self.0.size())
    }
}

/// I2OSP (RFC 8017, 4.1).
pub(crate) fn fixed_length(number: &BoxedUint, length: usize) -> Result<Vec<u8>, CryptoError> {
    let bytes = number.to_be_bytes();
    let start = bytes.len().saturating_sub(length);
    let (high, low) = bytes.split_at(start);
    if high.iter().any(|byte| *byte != 0) {
        return Err(CryptoError::SignatureInvalid);
    }
    let mut output = alloc::vec![0; length - low.len()];
    output.extend_from_slice(low);
    Ok(output)
}

/// EMSA-PKCS1-v1_5's DigestInfo (RFC 8017, 9.2). The crate builds the whole block anew and compares it.
pub(crate) fn pkcs1_scheme(hash: HashAlgorithm) -> Pkcs1v15Sign {
    match hash {
        HashAlgorithm::Sha1 => Pkcs1v15Sign::new::<sha1::Sha1>(),
        HashAlgorithm::Sha224 => Pkcs1v15Sign::new::<sha2::Sha224>(),
        HashAlgorithm::Sha256 => Pkcs1v15Sign::new::<sha2::Sha256>(),
        HashAlgorithm::Sha384 => Pkcs1v15Sign::new::<sha2::Sha384>(),
        HashAlgorithm::Sha512 => Pkcs1v15Sign::new::<sha2::Sha512>(),
    }
}
