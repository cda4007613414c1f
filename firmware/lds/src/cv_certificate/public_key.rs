use alloc::vec::Vec;

use chipgate_apdu::tlv::{self, Tag};
use chipgate_crypto::{
    CryptoError, Curve, HashAlgorithm, PublicKey, PublicPoint, RsaPublicKey, SignatureAlgorithm,
};
use der::asn1::ObjectIdentifier;

use super::{EcDomainParameters, STRUCTURE};
use crate::asn1::{Components, constructed, object_identifier};
use crate::{LdsError, oid};

const TEMPLATE: Tag = Tag(0x7F49);

/// A public key as a CV certificate holds it: what it is used for, and its numbers as they stood (TR-03110-3, D.3).
///
/// ```text
/// 7F49 { 06 id-TA-RSA-…     81 modulus   82 public exponent }
/// 7F49 { 06 id-TA-ECDSA-…   81 prime   82 a   83 b   84 base point   85 order   86 public point   87 cofactor }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CvPublicKey {
    /// `id-TA-…`: how signatures are made with it.
    pub algorithm: ObjectIdentifier,
    /// Its numbers.
    pub value: CvPublicKeyValue,
}

/// The numbers of a public key, big-endian.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CvPublicKeyValue {
    /// An RSA key (TR-03110-3, D.3.1).
    Rsa {
        /// The modulus: 81.
        modulus: Vec<u8>,
        /// The public exponent: 82.
        exponent: Vec<u8>,
    },
    /// A point on an elliptic curve (TR-03110-3, D.3.3).
    Ec {
        /// The curve, in a CVCA's certificate; a document verifier's and a terminal's key lies on the CVCA's curve.
        parameters: Option<EcDomainParameters>,
        /// The point, 04 ‖ x ‖ y: 86.
        point: Vec<u8>,
    },
}

/// TR-03110-3, tables 17 and 18.
const ALGORITHMS: [(ObjectIdentifier, Scheme, HashAlgorithm); 11] = [
    (
        oid::id_TA_RSA_v1_5_SHA_1,
        Scheme::RsaPkcs1v15,
        HashAlgorithm::Sha1,
    ),
    (
        oid::id_TA_RSA_v1_5_SHA_256,
        Scheme::RsaPkcs1v15,
        HashAlgorithm::Sha256,
    ),
    (
        oid::id_TA_RSA_v1_5_SHA_512,
        Scheme::RsaPkcs1v15,
        HashAlgorithm::Sha512,
    ),
    (oid::id_TA_RSA_PSS_SHA_1, Scheme::RsaPss, HashAlgorithm::Sha1),
    (oid::id_TA_RSA_PSS_SHA_256, Scheme::RsaPss, HashAlgorithm::Sha256),
    (oid::id_TA_RSA_PSS_SHA_512, Scheme::RsaPss, HashAlgorithm::Sha512),
    (oid::id_TA_ECDSA_SHA_1, Scheme::Ecdsa, HashAlgorithm::Sha1),
    (oid::id_TA_ECDSA_SHA_224, Scheme::Ecdsa, HashAlgorithm::Sha224),
    (oid::id_TA_ECDSA_SHA_256, Scheme::Ecdsa, HashAlgorithm::Sha256),
    (oid::id_TA_ECDSA_SHA_384, Scheme::Ecdsa, HashAlgorithm::Sha384),
    (oid::id_TA_ECDSA_SHA_512, Scheme::Ecdsa, HashAlgorithm::Sha512),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    RsaPkcs1v15,
    RsaPss,
    Ecdsa,
}

impl Scheme {
    fn with(self, hash: HashAlgorithm) -> SignatureAlgorithm {
        match self {
            Self::RsaPkcs1v15 => SignatureAlgorithm::RsaPkcs1v15(hash),
            Self::RsaPss => SignatureAlgorithm::pss(hash),
            Self::Ecdsa => SignatureAlgorithm::Ecdsa(hash),
        }
    }
}

impl CvPublicKey {
    /// A key for a certificate. `with_parameters` writes an elliptic curve's parameters, as a CVCA's certificate must and any other must
    /// not. `DoesNotFit` if terminal authentication has no such algorithm or the key is of another kind.
    pub fn new(
        algorithm: &SignatureAlgorithm,
        key: &PublicKey,
        with_parameters: bool,
    ) -> Result<Self, LdsError> {
        let row = ALGORITHMS
            .iter()
            .find(|(_, scheme, hash)| scheme.with(*hash) == *algorithm);
        let does_not_fit = LdsError::DoesNotFit {
            structure: STRUCTURE,
            field: "the signature algorithm",
        };
        let &(algorithm, scheme, _) = row.ok_or(does_not_fit)?;
        let value = match key {
            PublicKey::Rsa(key) if scheme != Scheme::Ecdsa => CvPublicKeyValue::Rsa {
                modulus: key.modulus().into_vec(),
                exponent: key.exponent().into_vec(),
            },
            PublicKey::Ec(point) if scheme == Scheme::Ecdsa => CvPublicKeyValue::Ec {
                parameters: if with_parameters {
                    Some(EcDomainParameters::of(point.curve())?)
                } else {
                    None
                },
                point: point.to_uncompressed(),
            },
            _ => return Err(does_not_fit),
        };
        Ok(Self { algorithm, value })
    }

    pub(super) fn parse_in(components: &mut Components<'_>) -> Result<Self, LdsError> {
        Self::parse_value(components.expect(TEMPLATE)?.value)
    }

    fn parse_value(value: &[u8]) -> Result<Self, LdsError> {
        let mut components = Components::new(STRUCTURE, value);
        let algorithm = components.object_identifier("the algorithm of the public key")?;
        let row = ALGORITHMS.iter().find(|(known, ..)| *known == algorithm);
        let &(_, scheme, _) = row.ok_or(LdsError::Unsupported {
            structure: STRUCTURE,
            what: "a key for another purpose than terminal authentication",
        })?;
        let value = match scheme {
            Scheme::Ecdsa => elliptic_curve_key(&mut components)?,
            Scheme::RsaPkcs1v15 | Scheme::RsaPss => CvPublicKeyValue::Rsa {
                modulus: components.expect(Tag(0x81))?.value.to_vec(),
                exponent: components.expect(Tag(0x82))?.value.to_vec(),
            },
        };
        components.finish()?;
        Ok(Self { algorithm, value })
    }

    /// The key with its tag.
    pub fn encode(&self) -> Vec<u8> {
        let mut parts = Vec::from([object_identifier(&self.algorithm)]);
        let mut push = |tag, value: &[u8]| parts.push(tlv::encode(Tag(tag), value));
        match &self.value {
            CvPublicKeyValue::Rsa { modulus, exponent } => {
                push(0x81, modulus);
                push(0x82, exponent);
            }
            CvPublicKeyValue::Ec { parameters, point } => {
                if let Some(curve) = parameters {
                    push(0x81, &curve.prime);
                    push(0x82, &curve.a);
                    push(0x83, &curve.b);
                    push(0x84, &curve.base_point);
                    push(0x85, &curve.order);
                }
                push(0x86, point);
                if let Some(cofactor) = parameters.as_ref().and_then(|curve| curve.cofactor.as_ref()) {
                    push(0x87, cofactor);
                }
            }
        }
        constructed(TEMPLATE, &parts)
    }

    /// How signatures are made with this key. An ECDSA signature is in the plain format, r ‖ s.
    pub fn signature_algorithm(&self) -> Option<SignatureAlgorithm> {
        let row = ALGORITHMS.iter().find(|(known, ..)| *known == self.algorithm);
        row.map(|(_, scheme, hash)| scheme.with(*hash))
    }

    /// The curve whose parameters stand in it. Parameters that are not exactly those of a known curve are an error.
    pub fn curve(&self) -> Result<Option<Curve>, CryptoError> {
        match &self.value {
            CvPublicKeyValue::Ec {
                parameters: Some(parameters),
                ..
            } => parameters.curve().map(Some),
            _ => Ok(None),
        }
    }

    /// The key, checked to be one. `inherited` is the curve of the CVCA's key, for a key without parameters of its own.
    pub fn key(&self, inherited: Option<Curve>) -> Result<PublicKey, CryptoError> {
        match &self.value {
            CvPublicKeyValue::Rsa { modulus, exponent } => {
                RsaPublicKey::new(modulus, exponent).map(PublicKey::Rsa)
            }
            CvPublicKeyValue::Ec { point, .. } => {
                let curve = self
                    .curve()?
                    .or(inherited)
                    .ok_or(CryptoError::UnknownParameters { field: "curve" })?;
                PublicPoint::from_uncompressed(curve, point).map(PublicKey::Ec)
            }
        }
    }
}

/// The parameters are all there, but for the cofactor, or all absent.
fn elliptic_curve_key(components: &mut Components<'_>) -> Result<CvPublicKeyValue, LdsError> {
    let Some(prime) = components.optional(Tag(0x81))? else {
        let point = components.expect(Tag(0x86))?.value.to_vec();
        let parameters = None;
        return Ok(CvPublicKeyValue::Ec { parameters, point });
    };
    let prime = prime.value.to_vec();
    let mut next = |tag| Ok::<_, LdsError>(components.expect(Tag(tag))?.value.to_vec());
    let (a, b, base_point, order) = (next(0x82)?, next(0x83)?, next(0x84)?, next(0x85)?);
    let point = next(0x86)?;
    let cofactor = components.optional(Tag(0x87))?;
    let parameters = Some(EcDomainParameters {
        prime,
        a,
        b,
        base_point,
        order,
        cofactor: cofactor.map(|element| element.value.to_vec()),
    });
    Ok(CvPublicKeyValue::Ec { parameters, point })
}
