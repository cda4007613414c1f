//! Public keys in their X.509 form (RFC 5480, RFC 4055), and verification with them.

use alloc::vec::Vec;

use der::asn1::UintRef;
use der::{Decode, Encode, Sequence};
use spki::SubjectPublicKeyInfoRef;

use crate::der_writer::{NULL, bit_string, object_identifier, sequence, unsigned};
use crate::signature_algorithm::{EC_PUBLIC_KEY, RSA_ENCRYPTION, RSASSA_PSS};
use crate::{CryptoError, Curve, HashAlgorithm, PublicPoint, RsaPublicKey, SignatureAlgorithm, ecdsa};

const MALFORMED: CryptoError = CryptoError::Malformed {
    what: "SubjectPublicKeyInfo",
};

/// RSAPublicKey of RFC 8017, A.1.1.
#[derive(Sequence)]
struct RsaKeyValue<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

/// A public key that signatures are checked with, or that chip authentication agrees with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// An RSA key.
    Rsa(RsaPublicKey),
    /// A point on an elliptic curve.
    Ec(PublicPoint),
}

impl PublicKey {
    /// The key of a DER `SubjectPublicKeyInfo`. EC parameters may be named or explicit (see
    /// [`Curve::from_parameters_der`]); inherited ones are refused.
    pub fn from_spki_der(spki: &[u8]) -> Result<Self, CryptoError> {
        let info = SubjectPublicKeyInfoRef::from_der(spki).map_err(|_| MALFORMED)?;
        let key = info.subject_public_key.as_bytes().ok_or(MALFORMED)?;
        match info.algorithm.oid {
            EC_PUBLIC_KEY => {
                let parameters = info
                    .algorithm
                    .parameters
                    .ok_or(MALFORMED)?
                    .to_der()
                    .map_err(|_| MALFORMED)?;
                let curve = Curve::from_parameters_der(&parameters)?;
                Ok(Self::Ec(PublicPoint::from_encoded(curve, key)?))
            }
            RSA_ENCRYPTION | RSASSA_PSS => {
                let value = RsaKeyValue::from_der(key).map_err(|_| MALFORMED)?;
                Ok(Self::Rsa(RsaPublicKey::new(
                    value.modulus.as_bytes(),
                    value.exponent.as_bytes(),
                )?))
            }
            oid => Err(CryptoError::UnsupportedAlgorithm { oid }),
        }
    }

    /// The DER `SubjectPublicKeyInfo`, a curve by its name.
    pub fn to_spki_der(&self) -> Vec<u8> {
        match self {
            Self::Rsa(key) => encode_rsa(key),
            Self::Ec(point) => encode_ec(point, &object_identifier(&point.curve().oid())),
        }
    }

    /// The DER `SubjectPublicKeyInfo`, a curve by its explicit parameters.
    pub fn to_spki_der_explicit(&self) -> Vec<u8> {
        match self {
            Self::Rsa(key) => encode_rsa(key),
            Self::Ec(point) => encode_ec(point, &point.curve().explicit_parameters_der()),
        }
    }

    /// Verifies a signature over a message; an ECDSA signature is an `ECDSA-Sig-Value` in DER.
    pub fn verify(
        &self,
        algorithm: &SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        match (self, algorithm) {
            (Self::Ec(point), SignatureAlgorithm::Ecdsa(hash)) => {
                ecdsa::verify_der(point, *hash, message, signature)
            }
            (Self::Rsa(key), _) => key.verify(*algorithm, message, signature),
            (Self::Ec(_), _) => Err(CryptoError::AlgorithmMismatch),
        }
    }

    /// Verifies an ECDSA signature in the plain format r ‖ s (TR-03111, 5.2.1), as active authentication sends it.
    pub fn verify_plain(
        &self,
        hash: HashAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        match self {
            Self::Ec(point) => ecdsa::verify_plain(point, hash, message, signature),
            Self::Rsa(_) => Err(CryptoError::AlgorithmMismatch),
        }
    }
}

fn encode_rsa(key: &RsaPublicKey) -> Vec<u8> {
    let value = sequence(&[&unsigned(&key.modulus()), &unsigned(&key.exponent())]);
    let algorithm = sequence(&[&object_identifier(&RSA_ENCRYPTION), &NULL]);
    sequence(&[&algorithm, &bit_string(&value)])
}

fn encode_ec(point: &PublicPoint, parameters: &[u8]) -> Vec<u8> {
    let algorithm = sequence(&[&object_identifier(&EC_PUBLIC_KEY), parameters]);
    sequence(&[&algorithm, &bit_string(point.as_bytes())])
}
