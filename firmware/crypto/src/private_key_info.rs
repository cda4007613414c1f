//! Private keys in PKCS#8 (RFC 5958); elliptic curve keys in it by RFC 5915.

use der::asn1::{AnyRef, BitStringRef, OctetStringRef};
use der::{Decode, Encode, Sequence};
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, PrivateKeyInfoRef};
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use crate::signature_algorithm::{EC_PUBLIC_KEY, RSA_ENCRYPTION};
use crate::signing_key::{EcSigningKey, RsaSigningKey};
use crate::{CryptoError, Curve, PrivateScalar, PublicPoint, Secret, SigningKey};

const MALFORMED: CryptoError = CryptoError::Malformed {
    what: "PrivateKeyInfo",
};

/// ECPrivateKey of RFC 5915.
#[derive(Sequence)]
struct EcPrivateKey<'a> {
    version: u8,
    private_key: &'a OctetStringRef,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    parameters: Option<AnyRef<'a>>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    public_key: Option<BitStringRef<'a>>,
}

pub(crate) fn decode(encoded: &[u8]) -> Result<SigningKey, CryptoError> {
    let info = PrivateKeyInfoRef::from_der(encoded).map_err(|_| MALFORMED)?;
    match info.algorithm.oid {
        RSA_ENCRYPTION => decode_rsa(encoded),
        EC_PUBLIC_KEY => decode_ec(&info),
        oid => Err(CryptoError::UnsupportedAlgorithm { oid }),
    }
}

fn decode_rsa(encoded: &[u8]) -> Result<SigningKey, CryptoError> {
    let key = rsa::PrivateKey::from_pkcs8_der(encoded).map_err(|_| CryptoError::RsaKey)?;
    Ok(SigningKey::Rsa(RsaSigningKey(key)))
}

/// The public key inside, where there is one, must be the private key's own.
fn decode_ec(info: &PrivateKeyInfoRef<'_>) -> Result<SigningKey, CryptoError> {
    let parameters = info
        .algorithm
        .parameters
        .ok_or(MALFORMED)?
        .to_der()
        .map_err(|_| MALFORMED)?;
    let curve = Curve::from_parameters_der(&parameters)?;
    let key = EcPrivateKey::from_der(info.private_key.as_bytes()).map_err(|_| MALFORMED)?;
    if key.version != 1 {
        return Err(MALFORMED);
    }
    let scalar = PrivateScalar::from_bytes(curve, key.private_key.as_bytes())?;
    let point = scalar.public_point()?;
    if let Some(public_key) = key.public_key {
        let stated = PublicPoint::from_uncompressed(curve, public_key.as_bytes().ok_or(MALFORMED)?)?;
        if stated != point {
            return Err(CryptoError::InvalidPoint { curve });
        }
    }
    Ok(SigningKey::Ec(EcSigningKey { scalar, point }))
}

pub(crate) fn encode(key: &SigningKey) -> Result<Secret, CryptoError> {
    match key {
        SigningKey::Rsa(key) => {
            let document = key.0.to_pkcs8_der().map_err(|_| MALFORMED)?;
            Ok(Secret::new(document.as_bytes()))
        }
        SigningKey::Ec(key) => encode_ec(key).map_err(|_| MALFORMED),
    }
}

fn encode_ec(key: &EcSigningKey) -> der::Result<Secret> {
    let scalar = key.scalar.to_bytes();
    let inner = EcPrivateKey {
        version: 1,
        private_key: OctetStringRef::new(scalar.as_bytes())?,
        parameters: None,
        public_key: Some(BitStringRef::from_bytes(key.point.as_bytes())?),
    };
    let inner = Zeroizing::new(inner.to_der()?);
    let curve = key.point.curve().oid();
    let algorithm = AlgorithmIdentifierRef {
        oid: EC_PUBLIC_KEY,
        parameters: Some(AnyRef::from(&curve)),
    };
    PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(&inner)?)
        .to_der()
        .map(Secret::new)
}
