//! Private signing keys: of devices, of test certificates and of the virtual card.

use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;
use rsa::BoxedUint;
use rsa::hazmat::rsa_decrypt_and_check;
use rsa::traits::PublicKeyParts;

use crate::rsa_key::{fixed_length, pkcs1_scheme};
use crate::{
    CryptoError, Curve, HashAlgorithm, PrivateScalar, PublicKey, PublicPoint, RsaPublicKey, Secret,
    SignatureAlgorithm, ecdsa, message_recovery, private_key_info, pss,
};

/// A private key to sign with. Wiped when dropped; `Debug` shows its kind only.
#[derive(Clone)]
pub enum SigningKey {
    /// An RSA key.
    Rsa(RsaSigningKey),
    /// An elliptic curve key.
    Ec(EcSigningKey),
}

/// An RSA private key.
#[derive(Clone)]
pub struct RsaSigningKey(pub(crate) rsa::PrivateKey);

/// An elliptic curve private key with its public point.
#[derive(Clone)]
pub struct EcSigningKey {
    pub(crate) scalar: PrivateScalar,
    pub(crate) point: PublicPoint,
}

impl SigningKey {
    /// A fresh key on a curve.
    pub fn generate_ec(curve: Curve, rng: &mut (impl CryptoRng + ?Sized)) -> Result<Self, CryptoError> {
        Self::from_scalar(PrivateScalar::generate(curve, rng))
    }

    /// A fresh RSA key of this many bits with the public exponent 65537.
    pub fn generate_rsa(bits: usize, rng: &mut (impl CryptoRng + ?Sized)) -> Result<Self, CryptoError> {
        if !crate::rsa_key::MODULUS_BITS.contains(&bits) {
            return Err(CryptoError::RsaKey);
        }
        let key = rsa::PrivateKey::new(rng, bits).map_err(|_| CryptoError::RsaKey)?;
        Ok(Self::Rsa(RsaSigningKey(key)))
    }

    /// The key with this private scalar.
    pub fn from_scalar(scalar: PrivateScalar) -> Result<Self, CryptoError> {
        let point = scalar.public_point()?;
        Ok(Self::Ec(EcSigningKey { scalar, point }))
    }

    /// The private scalar of an elliptic curve key.
    pub fn scalar(&self) -> Option<&PrivateScalar> {
        match self {
            Self::Ec(key) => Some(&key.scalar),
            Self::Rsa(_) => None,
        }
    }

    /// The key of a DER `PrivateKeyInfo` (PKCS#8, RFC 5958), with a named or explicit curve.
    pub fn from_pkcs8_der(private_key_info: &[u8]) -> Result<Self, CryptoError> {
        private_key_info::decode(private_key_info)
    }

    /// The DER `PrivateKeyInfo` (PKCS#8, RFC 5958), a curve by its name.
    pub fn to_pkcs8_der(&self) -> Result<Secret, CryptoError> {
        private_key_info::encode(self)
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        match self {
            Self::Rsa(key) => PublicKey::Rsa(key.public_key()),
            Self::Ec(key) => PublicKey::Ec(key.point.clone()),
        }
    }

    /// Signs a message. ECDSA is deterministic (RFC 6979) and in DER; `rng` gives PSS its salt and blinds RSA.
    pub fn sign(
        &self,
        algorithm: &SignatureAlgorithm,
        message: &[u8],
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Vec<u8>, CryptoError> {
        match (self, *algorithm) {
            (Self::Ec(key), SignatureAlgorithm::Ecdsa(hash)) => ecdsa::sign_der(&key.scalar, hash, message),
            (Self::Rsa(key), SignatureAlgorithm::RsaPkcs1v15(hash)) => key
                .0
                .sign_with_rng(rng, pkcs1_scheme(hash), &hash.digest(message))
                .map_err(|_| CryptoError::RsaPrivateOperation),
            (
                Self::Rsa(key),
                SignatureAlgorithm::RsaPss {
                    hash,
                    mask_hash,
                    salt_length,
                },
            ) => {
                let mut salt = alloc::vec![0; salt_length];
                rng.fill_bytes(&mut salt);
                let bits = key.public_key().bits() - 1;
                key.private_operation(
                    &pss::encode(bits, &hash.digest(message), &salt, hash, mask_hash)?,
                    rng,
                )
            }
            _ => Err(CryptoError::AlgorithmMismatch),
        }
    }

    /// Signs deterministically by ECDSA in the plain format r ‖ s (TR-03111, 5.2.1).
    pub fn sign_plain(&self, hash: HashAlgorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        match self {
            Self::Ec(key) => ecdsa::sign_plain(&key.scalar, hash, message),
            Self::Rsa(_) => Err(CryptoError::AlgorithmMismatch),
        }
    }

    /// Signs a challenge as active authentication does by RSA (ISO/IEC 9796-2 scheme 1, Doc 9303-11, 6.1): the
    /// recoverable part comes from `rng`; the trailer is BC for SHA-1 and names the hash otherwise.
    pub fn sign_message_recovery(
        &self,
        hash: HashAlgorithm,
        challenge: &[u8],
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Vec<u8>, CryptoError> {
        let Self::Rsa(key) = self else {
            return Err(CryptoError::AlgorithmMismatch);
        };
        let mut m1 = alloc::vec![0; message_recovery::recoverable_length(&key.public_key(), hash)?];
        rng.fill_bytes(&mut m1);
        key.private_operation(&message_recovery::encode(hash, &m1, challenge), rng)
    }
}

impl RsaSigningKey {
    fn public_key(&self) -> RsaPublicKey {
        RsaPublicKey(self.0.to_public_key())
    }

    /// RSASP1 (RFC 8017, 5.2.1), blinded, and checked against a fault by the public operation.
    fn private_operation(
        &self,
        block: &[u8],
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Vec<u8>, CryptoError> {
        let failed = CryptoError::RsaPrivateOperation;
        let number = BoxedUint::from_be_slice(block, self.0.n_bits_precision()).map_err(|_| failed)?;
        let signature = rsa_decrypt_and_check(&self.0, Some(rng), &number).map_err(|_| failed)?;
        fixed_length(&signature, self.0.size()).map_err(|_| failed)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(key) => key.fmt(f),
            Self::Ec(key) => key.fmt(f),
        }
    }
}

impl fmt::Debug for RsaSigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(RSA, {} bits)", self.public_key().bits())
    }
}

impl fmt::Debug for EcSigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.point.curve().name())
    }
}
