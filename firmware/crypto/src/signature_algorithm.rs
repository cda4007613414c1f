//! Signature algorithms and their identifiers (RFC 4055, RFC 5754, RFC 5758, TR-03111 5.2.1).

use alloc::vec::Vec;

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Reader, TagMode, TagNumber};
use spki::{AlgorithmIdentifier, AlgorithmIdentifierRef};

use crate::der_writer::{NULL, explicit, object_identifier, sequence, unsigned};
use crate::{CryptoError, HashAlgorithm};

pub(crate) const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
pub(crate) const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
pub(crate) const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");
/// RFC 8017, A.2.3.
const DEFAULT_SALT_LENGTH: usize = 20;
/// trailerFieldBC.
const TRAILER_BC: u8 = 1;

/// (hash, PKCS#1 v1.5, ECDSA, plain ECDSA).
const IDENTIFIERS: [(HashAlgorithm, &str, &str, &str); 5] = [
    (
        HashAlgorithm::Sha1,
        "1.2.840.113549.1.1.5",
        "1.2.840.10045.4.1",
        "0.4.0.127.0.7.1.1.4.1.1",
    ),
    (
        HashAlgorithm::Sha224,
        "1.2.840.113549.1.1.14",
        "1.2.840.10045.4.3.1",
        "0.4.0.127.0.7.1.1.4.1.2",
    ),
    (
        HashAlgorithm::Sha256,
        "1.2.840.113549.1.1.11",
        "1.2.840.10045.4.3.2",
        "0.4.0.127.0.7.1.1.4.1.3",
    ),
    (
        HashAlgorithm::Sha384,
        "1.2.840.113549.1.1.12",
        "1.2.840.10045.4.3.3",
        "0.4.0.127.0.7.1.1.4.1.4",
    ),
    (
        HashAlgorithm::Sha512,
        "1.2.840.113549.1.1.13",
        "1.2.840.10045.4.3.4",
        "0.4.0.127.0.7.1.1.4.1.5",
    ),
];

/// How a signature was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureAlgorithm {
    /// ECDSA over this hash.
    Ecdsa(HashAlgorithm),
    /// RSASSA-PKCS1-v1_5 over this hash.
    RsaPkcs1v15(HashAlgorithm),
    /// RSASSA-PSS (RFC 8017, 8.1).
    RsaPss {
        /// The hash of the message.
        hash: HashAlgorithm,
        /// The hash inside the mask generation function MGF1.
        mask_hash: HashAlgorithm,
        /// The salt's length in bytes.
        salt_length: usize,
    },
}

impl SignatureAlgorithm {
    /// The algorithm of a DER `AlgorithmIdentifier`. In CMS a key's own algorithm (`rsaEncryption`, `ecPublicKey`)
    /// may stand in its place: then `digest`, the digest algorithm beside it, completes it. Where both name a hash
    /// they must agree.
    pub fn from_algorithm_identifier_der(
        identifier: &[u8],
        digest: Option<HashAlgorithm>,
    ) -> Result<Self, CryptoError> {
        let malformed = CryptoError::Malformed {
            what: "AlgorithmIdentifier",
        };
        let identifier = AlgorithmIdentifierRef::from_der(identifier).map_err(|_| malformed)?;
        let oid = identifier.oid;
        let algorithm = match oid {
            RSASSA_PSS => pss_from_parameters(identifier.parameters)?,
            RSA_ENCRYPTION => Self::RsaPkcs1v15(digest.ok_or(CryptoError::HashMissing { oid })?),
            EC_PUBLIC_KEY => Self::Ecdsa(digest.ok_or(CryptoError::HashMissing { oid })?),
            _ => from_combined(&oid)?,
        };
        match digest {
            Some(digest) if digest != algorithm.hash() => Err(CryptoError::HashMismatch),
            _ => Ok(algorithm),
        }
    }

    /// The DER `AlgorithmIdentifier`: no parameters for ECDSA, NULL for PKCS#1 v1.5 (RFC 5758, RFC 4055).
    pub fn to_algorithm_identifier_der(&self) -> Vec<u8> {
        let oid = object_identifier(&self.oid());
        match *self {
            Self::Ecdsa(_) => sequence(&[&oid]),
            Self::RsaPkcs1v15(_) => sequence(&[&oid, &NULL]),
            Self::RsaPss {
                hash,
                mask_hash,
                salt_length,
            } => sequence(&[&oid, &pss_parameters(hash, mask_hash, salt_length)]),
        }
    }

    /// The algorithm's object identifier.
    pub fn oid(&self) -> ObjectIdentifier {
        match *self {
            Self::Ecdsa(hash) => ecdsa_oid(hash),
            Self::RsaPkcs1v15(hash) => pkcs1_oid(hash),
            Self::RsaPss { .. } => RSASSA_PSS,
        }
    }

    /// RSASSA-PSS with one hash for both purposes and a salt of its length.
    pub fn pss(hash: HashAlgorithm) -> Self {
        Self::RsaPss {
            hash,
            mask_hash: hash,
            salt_length: hash.output_length(),
        }
    }

    /// The hash of the message.
    pub fn hash(&self) -> HashAlgorithm {
        match *self {
            Self::Ecdsa(hash) | Self::RsaPkcs1v15(hash) | Self::RsaPss { hash, .. } => hash,
        }
    }
}

/// The hash of an ecdsa-plain-signatures identifier (TR-03111, 5.2.1), as active authentication names it in DG14.
pub fn ecdsa_plain_hash(oid: &ObjectIdentifier) -> Option<HashAlgorithm> {
    IDENTIFIERS
        .iter()
        .find(|(_, _, _, plain)| ObjectIdentifier::new_unwrap(plain) == *oid)
        .map(|(hash, ..)| *hash)
}

/// The hash of an ECDSA identifier of either kind: DG14 must name ecdsa-plain-signatures, and some documents name the
/// identifier of X9.62 for the same signatures.
pub fn ecdsa_hash(oid: &ObjectIdentifier) -> Option<HashAlgorithm> {
    let is_combined = |ecdsa: &str| ObjectIdentifier::new_unwrap(ecdsa) == *oid;
    let combined = IDENTIFIERS.iter().find(|(_, _, ecdsa, _)| is_combined(ecdsa));
    ecdsa_plain_hash(oid).or(combined.map(|(hash, ..)| *hash))
}

/// The ecdsa-plain-signatures identifier of a hash (TR-03111, 5.2.1).
pub fn ecdsa_plain_oid(hash: HashAlgorithm) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(row(hash).3)
}

fn from_combined(oid: &ObjectIdentifier) -> Result<SignatureAlgorithm, CryptoError> {
    for (hash, pkcs1, ecdsa, _) in IDENTIFIERS {
        if ObjectIdentifier::new_unwrap(pkcs1) == *oid {
            return Ok(SignatureAlgorithm::RsaPkcs1v15(hash));
        }
        if ObjectIdentifier::new_unwrap(ecdsa) == *oid {
            return Ok(SignatureAlgorithm::Ecdsa(hash));
        }
    }
    Err(CryptoError::UnsupportedAlgorithm { oid: *oid })
}

const fn row(hash: HashAlgorithm) -> (HashAlgorithm, &'static str, &'static str, &'static str) {
    match hash {
        HashAlgorithm::Sha1 => IDENTIFIERS[0],
        HashAlgorithm::Sha224 => IDENTIFIERS[1],
        HashAlgorithm::Sha256 => IDENTIFIERS[2],
        HashAlgorithm::Sha384 => IDENTIFIERS[3],
        HashAlgorithm::Sha512 => IDENTIFIERS[4],
    }
}

const fn pkcs1_oid(hash: HashAlgorithm) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(row(hash).1)
}

const fn ecdsa_oid(hash: HashAlgorithm) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(row(hash).2)
}

/// RSASSA-PSS-params (RFC 8017, A.2.3), with a salt of any length: OpenSSL makes it as long as the modulus lets it. Only MGF1 and
/// the trailer BC exist.
fn pss_from_parameters(parameters: Option<AnyRef<'_>>) -> Result<SignatureAlgorithm, CryptoError> {
    let malformed = CryptoError::Malformed {
        what: "RSASSA-PSS-params",
    };
    let parameters = parameters.ok_or(malformed)?;
    let (hash, mask, salt_length, trailer) = parameters
        .sequence(|fields| {
            let hash: Option<AlgorithmIdentifierRef<'_>> =
                fields.context_specific(TagNumber(0), TagMode::Explicit)?;
            let mask: Option<AlgorithmIdentifier<AlgorithmIdentifierRef<'_>>> =
                fields.context_specific(TagNumber(1), TagMode::Explicit)?;
            let salt_length: Option<u16> = fields.context_specific(TagNumber(2), TagMode::Explicit)?;
            let trailer: Option<u8> = fields.context_specific(TagNumber(3), TagMode::Explicit)?;
            Ok::<_, der::Error>((hash, mask, salt_length, trailer))
        })
        .map_err(|_| malformed)?;
    if trailer.is_some_and(|trailer| trailer != TRAILER_BC) {
        return Err(malformed);
    }
    let hash_of = |oid: ObjectIdentifier| {
        HashAlgorithm::from_oid(&oid).ok_or(CryptoError::UnsupportedAlgorithm { oid })
    };
    let mask_hash = match mask {
        None => HashAlgorithm::Sha1,
        Some(mask) if mask.oid != MGF1 => {
            return Err(CryptoError::UnsupportedAlgorithm { oid: mask.oid });
        }
        Some(mask) => hash_of(mask.parameters.ok_or(malformed)?.oid)?,
    };
    Ok(SignatureAlgorithm::RsaPss {
        hash: hash.map_or(Ok(HashAlgorithm::Sha1), |hash| hash_of(hash.oid))?,
        mask_hash,
        salt_length: salt_length.map_or(DEFAULT_SALT_LENGTH, usize::from),
    })
}

/// RSASSA-PSS-params in DER, where a field with its default value is left out.
fn pss_parameters(hash: HashAlgorithm, mask_hash: HashAlgorithm, salt_length: usize) -> Vec<u8> {
    let of = |hash: HashAlgorithm| sequence(&[&object_identifier(&hash.oid()), &NULL]);
    let mut fields = Vec::new();
    if hash != HashAlgorithm::Sha1 {
        fields.extend(explicit(0, &of(hash)));
    }
    if mask_hash != HashAlgorithm::Sha1 {
        fields.extend(explicit(
            1,
            &sequence(&[&object_identifier(&MGF1), &of(mask_hash)]),
        ));
    }
    if salt_length != DEFAULT_SALT_LENGTH {
        fields.extend(explicit(2, &unsigned(&salt_length.to_be_bytes())));
    }
    sequence(&[&fields])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_salt_may_be_as_long_as_the_modulus_lets_it() {
        // 350: what OpenSSL takes with RSA-3072 and SHA-256 where nothing else is said.
        for salt_length in [0, 20, 32, 222, 255, 256, 350, 478, 65_535] {
            let algorithm = SignatureAlgorithm::RsaPss {
                hash: HashAlgorithm::Sha256,
                mask_hash: HashAlgorithm::Sha256,
                salt_length,
            };
            let der = algorithm.to_algorithm_identifier_der();
            let read = SignatureAlgorithm::from_algorithm_identifier_der(&der, None);
            assert_eq!(read, Ok(algorithm), "{salt_length}");
        }
    }

    /// RFC 8017, A.2.3: 1 is the only trailer field, and nothing comes behind it.
    #[test]
    fn another_trailer_and_more_fields_are_malformed() {
        let parameters = |fields: &[u8]| {
            let der = sequence(&[&object_identifier(&RSASSA_PSS), &sequence(&[fields])]);
            SignatureAlgorithm::from_algorithm_identifier_der(&der, None)
        };
        let defaults = SignatureAlgorithm::RsaPss {
            hash: HashAlgorithm::Sha1,
            mask_hash: HashAlgorithm::Sha1,
            salt_length: 20,
        };
        assert_eq!(parameters(&[]), Ok(defaults));
        assert_eq!(parameters(&explicit(3, &[2, 1, 1])), Ok(defaults));
        for wrong in [
            explicit(3, &[2, 1, 2]),
            explicit(4, &[2, 1, 1]),
            explicit(2, &[2, 1, 0xFF]),
        ] {
            assert!(parameters(&wrong).is_err(), "{wrong:?}");
        }
    }
}
