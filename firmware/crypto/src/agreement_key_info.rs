//! Public keys of key agreement as SubjectPublicKeyInfo (Doc 9303-11, 9.2.6 and 9.6; TR-03110-3, A.2.1): in the forms that
//! chips are known to have, whatever the standard prescribes.

use alloc::vec::Vec;

use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier, UintRef};
use der::{Decode, Encode, Sequence};
use spki::SubjectPublicKeyInfoRef;

use crate::der_writer::{bit_string, object_identifier, sequence, unsigned};
use crate::signature_algorithm::EC_PUBLIC_KEY;
use crate::{AgreementGroup, AgreementPublicKey, CryptoError, DhGroup, DhPublicKey, PublicKey};

/// dhKeyAgreement of PKCS#3, which Doc 9303-11, 9.6 prescribes for version 1.
const DH_KEY_AGREEMENT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.3.1");
/// dhpublicnumber of X9.42, which some chips have in its place (Doc 9303-11, 8.5, note 2).
const DH_PUBLIC_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10046.2.1");
/// standardizedDomainParameters (TR-03110-3, A.2.1.1): the parameters are a number in the table.
const STANDARDIZED_DOMAIN_PARAMETERS: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.127.0.7.1.2");

const MALFORMED: CryptoError = CryptoError::Malformed {
    what: "SubjectPublicKeyInfo",
};

/// DHParameter of PKCS#3.
#[derive(Sequence)]
struct DhParameter<'a> {
    prime: UintRef<'a>,
    base: UintRef<'a>,
    #[asn1(optional = "true")]
    private_value_length: Option<UintRef<'a>>,
}

/// DomainParameters of X9.42 (RFC 3279, 2.3.3).
#[derive(Sequence)]
struct DomainParameters<'a> {
    p: UintRef<'a>,
    g: UintRef<'a>,
    q: UintRef<'a>,
    #[asn1(optional = "true")]
    j: Option<UintRef<'a>>,
    #[asn1(optional = "true")]
    validation: Option<ValidationParameters<'a>>,
}

#[derive(Sequence)]
struct ValidationParameters<'a> {
    seed: BitStringRef<'a>,
    counter: UintRef<'a>,
}

/// How a key's parameters are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgreementKeyFormat {
    /// As Doc 9303-11, 9.6 wants them: PKCS#3 for DH, explicit parameters for ECDH.
    Explicit,
    /// The curve by its name; PKCS#3 for DH.
    Named,
    /// X9.42 for DH, as some chips have it; explicit parameters for ECDH.
    X942,
    /// By the number of the standardised domain parameters (TR-03110-3, A.2.1.1).
    Standardized,
}

impl AgreementPublicKey {
    /// The key of a DER `SubjectPublicKeyInfo`: on a named curve or one of explicit parameters, in a group of PKCS#3 or of
    /// X9.42, or over standardised domain parameters. Explicit parameters must be those of a group that is known here.
    pub fn from_spki_der(spki: &[u8]) -> Result<Self, CryptoError> {
        let info = SubjectPublicKeyInfoRef::from_der(spki).map_err(|_| MALFORMED)?;
        let oid = info.algorithm.oid;
        if oid == EC_PUBLIC_KEY {
            return match PublicKey::from_spki_der(spki)? {
                PublicKey::Ec(point) => Ok(Self::Ecdh(point)),
                PublicKey::Rsa(_) => Err(CryptoError::AlgorithmMismatch),
            };
        }
        let parameters = info.algorithm.parameters.ok_or(MALFORMED)?;
        let group = match oid {
            DH_KEY_AGREEMENT => AgreementGroup::Dh(pkcs3(parameters)?),
            DH_PUBLIC_NUMBER => AgreementGroup::Dh(x942(parameters)?),
            STANDARDIZED_DOMAIN_PARAMETERS => standardized(parameters)?,
            oid => return Err(CryptoError::UnsupportedAlgorithm { oid }),
        };
        let key = info.subject_public_key.as_bytes().ok_or(MALFORMED)?;
        match group {
            AgreementGroup::Ecdh(_) => Self::from_bytes(group, key),
            // The key is an INTEGER in the BIT STRING (RFC 3279, 2.3.3).
            AgreementGroup::Dh(group) => {
                let number = UintRef::from_der(key).map_err(|_| MALFORMED)?;
                DhPublicKey::from_bytes(group, number.as_bytes()).map(Self::Dh)
            }
        }
    }

    /// The DER `SubjectPublicKeyInfo`.
    pub fn to_spki_der(&self, format: AgreementKeyFormat) -> Vec<u8> {
        let key = match self {
            Self::Ecdh(point) => point.to_uncompressed(),
            Self::Dh(key) => unsigned(key.as_bytes()),
        };
        let algorithm = match (format, self) {
            (AgreementKeyFormat::Standardized, _) => sequence(&[
                &object_identifier(&STANDARDIZED_DOMAIN_PARAMETERS),
                &unsigned(&[self.group().domain_parameter_id()]),
            ]),
            (AgreementKeyFormat::Named, Self::Ecdh(point)) => {
                return PublicKey::Ec(point.clone()).to_spki_der();
            }
            (_, Self::Ecdh(point)) => return PublicKey::Ec(point.clone()).to_spki_der_explicit(),
            (AgreementKeyFormat::X942, Self::Dh(key)) => {
                let group = key.group().parameters();
                let parameters = sequence(&[&unsigned(group.p), &unsigned(group.g), &unsigned(group.q)]);
                sequence(&[&object_identifier(&DH_PUBLIC_NUMBER), &parameters])
            }
            (_, Self::Dh(key)) => {
                let group = key.group().parameters();
                let parameters = sequence(&[&unsigned(group.p), &unsigned(group.g)]);
                sequence(&[&object_identifier(&DH_KEY_AGREEMENT), &parameters])
            }
        };
        sequence(&[&algorithm, &bit_string(&key)])
    }
}

fn pkcs3(parameters: AnyRef<'_>) -> Result<DhGroup, CryptoError> {
    let malformed = CryptoError::Malformed { what: "DHParameter" };
    let encoded = parameters.to_der().map_err(|_| malformed)?;
    let given = DhParameter::from_der(&encoded).map_err(|_| malformed)?;
    recognise(given.prime, given.base)
}

fn x942(parameters: AnyRef<'_>) -> Result<DhGroup, CryptoError> {
    let malformed = CryptoError::Malformed {
        what: "DomainParameters of X9.42",
    };
    let encoded = parameters.to_der().map_err(|_| malformed)?;
    let given = DomainParameters::from_der(&encoded).map_err(|_| malformed)?;
    let group = recognise(given.p, given.g)?;
    if significant(group.parameters().q) == given.q.as_bytes() {
        Ok(group)
    } else {
        Err(CryptoError::UnknownParameters { field: "order" })
    }
}

fn standardized(parameters: AnyRef<'_>) -> Result<AgreementGroup, CryptoError> {
    let id: u8 = parameters
        .decode_as()
        .map_err(|_: der::Error| CryptoError::Malformed {
            what: "standardizedDomainParameters",
        })?;
    AgreementGroup::from_domain_parameter_id(id)
}

/// A prime of the sender's own choosing can make every agreement known to him: only known groups pass. The one with a
/// prime of 1024 bits is deprecated.
fn recognise(prime: UintRef<'_>, base: UintRef<'_>) -> Result<DhGroup, CryptoError> {
    let group = DhGroup::ALL
        .into_iter()
        .find(|group| group.parameters().p == prime.as_bytes())
        .ok_or(CryptoError::UnknownParameters { field: "prime" })?;
    if significant(group.parameters().g) != base.as_bytes() {
        return Err(CryptoError::UnknownParameters { field: "generator" });
    }
    AgreementGroup::from_domain_parameter_id(group.domain_parameter_id()).map(|_| group)
}

fn significant(number: &[u8]) -> &[u8] {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len());
    &number[start..]
}
