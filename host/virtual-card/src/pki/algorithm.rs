//! What the keys of the test PKI are, and how they sign.

use core::{fmt, str::FromStr};

use chipgate_crypto::{Curve, HashAlgorithm, PublicKey, SignatureAlgorithm, SigningKey};
use rand_core::CryptoRng;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::CardError;

/// A key and how it signs, as in `rsa-3072-pss-sha256`, `rsa-2048-pkcs1-sha512` or `ecdsa-brainpoolP384r1-sha384`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignerAlgorithm {
    /// RSASSA-PSS, with one hash for everything and a salt as long as it.
    RsaPss {
        /// The modulus in bits.
        bits: usize,
        /// The hash.
        hash: HashAlgorithm,
    },
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1 {
        /// The modulus in bits.
        bits: usize,
        /// The hash.
        hash: HashAlgorithm,
    },
    /// ECDSA.
    Ecdsa {
        /// The curve.
        curve: Curve,
        /// The hash.
        hash: HashAlgorithm,
    },
}

impl SignerAlgorithm {
    /// ECDSA with the hash that is as strong as the curve: SHA-224 to SHA-512.
    pub const fn on(curve: Curve) -> Self {
        let hash = match curve.field_length() {
            0..=28 => HashAlgorithm::Sha224,
            29..=40 => HashAlgorithm::Sha256,
            41..=48 => HashAlgorithm::Sha384,
            _ => HashAlgorithm::Sha512,
        };
        Self::Ecdsa { curve, hash }
    }

    /// Every scheme with every key that travel documents use and every hash that fits it; RSA with 2048 bits.
    pub fn all() -> impl Iterator<Item = Self> {
        HashAlgorithm::ALL.into_iter().flat_map(|hash| {
            let rsa = [
                Self::RsaPss { bits: 2048, hash },
                Self::RsaPkcs1 { bits: 2048, hash },
            ];
            let curves = Curve::ALL
                .into_iter()
                .map(move |curve| Self::Ecdsa { curve, hash });
            rsa.into_iter().chain(curves)
        })
    }

    /// The scheme.
    pub fn signature(self) -> SignatureAlgorithm {
        match self {
            Self::RsaPss { hash, .. } => SignatureAlgorithm::pss(hash),
            Self::RsaPkcs1 { hash, .. } => SignatureAlgorithm::RsaPkcs1v15(hash),
            Self::Ecdsa { hash, .. } => SignatureAlgorithm::Ecdsa(hash),
        }
    }

    /// A fresh key of this kind.
    pub fn generate(self, rng: &mut (impl CryptoRng + ?Sized)) -> Result<SigningKey, CardError> {
        Ok(match self {
            Self::RsaPss { bits, .. } | Self::RsaPkcs1 { bits, .. } => SigningKey::generate_rsa(bits, rng)?,
            Self::Ecdsa { curve, .. } => SigningKey::generate_ec(curve, rng)?,
        })
    }

    /// How a key signs by default: ECDSA with a hash as strong as its curve, RSA by PSS with SHA-256.
    pub(crate) fn usual(key: &SigningKey) -> SignatureAlgorithm {
        match key.public_key() {
            PublicKey::Rsa(_) => SignatureAlgorithm::pss(HashAlgorithm::Sha256),
            PublicKey::Ec(point) => Self::on(point.curve()).signature(),
        }
    }
}

impl fmt::Display for SignerAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RsaPss { bits, hash } => write!(f, "rsa-{bits}-pss-{}", hash_name(*hash)),
            Self::RsaPkcs1 { bits, hash } => write!(f, "rsa-{bits}-pkcs1-{}", hash_name(*hash)),
            Self::Ecdsa { curve, hash } => write!(f, "ecdsa-{}-{}", curve.name(), hash_name(*hash)),
        }
    }
}

impl FromStr for SignerAlgorithm {
    type Err = CardError;

    fn from_str(name: &str) -> Result<Self, CardError> {
        parse(name).ok_or_else(|| CardError::UnknownAlgorithm {
            name: name.to_owned(),
        })
    }
}

fn parse(name: &str) -> Option<SignerAlgorithm> {
    let (rest, hash) = name.rsplit_once('-')?;
    let hash = HashAlgorithm::ALL
        .into_iter()
        .find(|known| hash_name(*known) == hash)?;
    if let Some(curve) = rest.strip_prefix("ecdsa-") {
        let same = |known: &Curve| known.name().eq_ignore_ascii_case(curve);
        let curve = Curve::ALL.into_iter().find(same)?;
        return Some(SignerAlgorithm::Ecdsa { curve, hash });
    }
    let (bits, scheme) = rest.strip_prefix("rsa-")?.split_once('-')?;
    let bits = bits.parse().ok().filter(|bits| (1024..=8192).contains(bits))?;
    match scheme {
        "pss" => Some(SignerAlgorithm::RsaPss { bits, hash }),
        "pkcs1" => Some(SignerAlgorithm::RsaPkcs1 { bits, hash }),
        _ => None,
    }
}

const fn hash_name(hash: HashAlgorithm) -> &'static str {
    match hash {
        HashAlgorithm::Sha1 => "sha1",
        HashAlgorithm::Sha224 => "sha224",
        HashAlgorithm::Sha256 => "sha256",
        HashAlgorithm::Sha384 => "sha384",
        HashAlgorithm::Sha512 => "sha512",
    }
}

impl Serialize for SignerAlgorithm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SignerAlgorithm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(|_| D::Error::custom("no such algorithm"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_is_found_again_by_its_name() {
        for algorithm in SignerAlgorithm::all() {
            assert_eq!(
                algorithm.to_string().parse::<SignerAlgorithm>().unwrap(),
                algorithm
            );
        }
        for name in [
            "",
            "rsa-2048",
            "rsa-64-pss-sha256",
            "ecdsa-p999-sha256",
            "ecdsa-P-256-md5",
        ] {
            assert!(name.parse::<SignerAlgorithm>().is_err(), "{name}");
        }
    }
}
