//! One SignerInfo (RFC 5652, 5.3).

use alloc::vec::Vec;

use chipgate_crypto::HashAlgorithm;
use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Decode, Reader, SliceReader, Tag};
use x509_cert::serial_number::SerialNumber;

use crate::certificate::Certificate;
use crate::elements::{CONTEXT_0, CONTEXT_0_PRIMITIVE, element};
use crate::name::CertificateName;
use crate::signed_attributes::SignedAttributes;
use crate::tolerance::Tolerant;

/// Which certificate is the signer's.
///
/// ```text
/// SignerIdentifier ::= CHOICE {
///     issuerAndSerialNumber  SEQUENCE { issuer Name, serialNumber INTEGER },
///     subjectKeyIdentifier   [0] IMPLICIT OCTET STRING }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignerIdentifier {
    /// By the name of its issuer and the content octets of its serial number.
    IssuerAndSerialNumber(CertificateName, Vec<u8>),
    /// By the subject key identifier in it.
    SubjectKeyIdentifier(Vec<u8>),
}

impl SignerIdentifier {
    /// Whether it means this certificate.
    pub fn is(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerAndSerialNumber(issuer, serial_number) => {
                certificate.issuer() == issuer && certificate.serial_number() == serial_number
            }
            Self::SubjectKeyIdentifier(identifier) => {
                certificate.subject_key_identifier() == Some(identifier)
            }
        }
    }

    /// Reads the content octets of an IssuerAndSerialNumber.
    pub(crate) fn from_fields(content: &[u8]) -> der::Result<Self> {
        let mut named = SliceReader::new(content)?;
        let identifier = Self::decode_named(&mut named)?;
        named.finish()?;
        Ok(identifier)
    }

    fn decode_named(named: &mut SliceReader<'_>) -> der::Result<Self> {
        let name = CertificateName::from_der(named.tlv_bytes()?)
            .ok_or_else(|| der::Error::from(Tag::Sequence.value_error()))?;
        let serial_number = SerialNumber::<Tolerant>::decode(named)?;
        Ok(Self::IssuerAndSerialNumber(
            name,
            serial_number.as_bytes().to_vec(),
        ))
    }

    pub(crate) fn decode(reader: &mut SliceReader<'_>) -> der::Result<Self> {
        if Tag::peek(reader)? == CONTEXT_0_PRIMITIVE {
            return Ok(Self::SubjectKeyIdentifier(
                element(reader, CONTEXT_0_PRIMITIVE)?.to_vec(),
            ));
        }
        reader.sequence(Self::decode_named)
    }
}

/// ```text
/// SignerInfo ::= SEQUENCE {
///     version             CMSVersion,
///     sid                 SignerIdentifier,
///     digestAlgorithm     AlgorithmIdentifier,
///     signedAttrs         [0] IMPLICIT SET OF Attribute OPTIONAL,
///     signatureAlgorithm  AlgorithmIdentifier,
///     signature           OCTET STRING,
///     unsignedAttrs       [1] IMPLICIT SET OF Attribute OPTIONAL }
/// ```
pub(crate) struct SignerInfo<'a> {
    pub(crate) signer: SignerIdentifier,
    pub(crate) digest: Option<HashAlgorithm>,
    pub(crate) attributes: Option<SignedAttributes<'a>>,
    /// The AlgorithmIdentifier as DER.
    pub(crate) algorithm: &'a [u8],
    pub(crate) signature: &'a [u8],
}

impl<'a> SignerInfo<'a> {
    pub(crate) fn read(der: &'a [u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(der)?;
        let info = reader.sequence(Self::read_fields)?;
        reader.finish()?;
        Ok(info)
    }

    fn read_fields(fields: &mut SliceReader<'a>) -> der::Result<Self> {
        u8::decode(fields)?;
        let signer = SignerIdentifier::decode(fields)?;
        let digest = fields.sequence(|algorithm: &mut SliceReader<'a>| {
            let digest = ObjectIdentifier::decode(algorithm)?;
            algorithm.drain(algorithm.remaining_len())?;
            Ok::<_, der::Error>(HashAlgorithm::from_oid(&digest))
        })?;
        let attributes = crate::elements::optional_element(fields, CONTEXT_0)?;
        let algorithm = fields.tlv_bytes()?;
        let signature = <&OctetStringRef>::decode(fields)?;
        crate::elements::optional_element(fields, crate::elements::CONTEXT_1)?;
        Ok(Self {
            signer,
            digest,
            attributes: attributes.map(SignedAttributes::read).transpose()?,
            algorithm,
            signature: signature.as_bytes(),
        })
    }
}
