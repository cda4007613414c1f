//! The signed attributes of a SignerInfo (RFC 5652, 5.3, 5.4 and 11).

use alloc::vec::Vec;

use chipgate_apdu::{Timestamp, tlv};
use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Decode, Reader, SliceReader, Tag};
use x509_cert::time::Time;

use crate::certificate::timestamp;
use crate::elements::{element, elements};
use crate::fault::TrustFault;
use crate::oid;

/// `SignedAttributes ::= SET SIZE (1..MAX) OF Attribute`, each kept as DER.
///
/// ```text
/// Attribute ::= SEQUENCE { attrType OBJECT IDENTIFIER, attrValues SET OF AttributeValue }
/// ```
pub(crate) struct SignedAttributes<'a> {
    encoded: Vec<&'a [u8]>,
    attributes: Vec<(ObjectIdentifier, Vec<&'a [u8]>)>,
}

impl<'a> SignedAttributes<'a> {
    /// Reads the content octets of the implicitly tagged set.
    pub(crate) fn read(content: &'a [u8]) -> der::Result<Self> {
        let encoded = elements(content)?;
        let attributes = encoded
            .iter()
            .map(|der| attribute(der))
            .collect::<der::Result<_>>()?;
        Ok(Self { encoded, attributes })
    }

    /// RFC 5652, 5.3 and 11: contentType and messageDigest are there, once, and are those of the content.
    pub(crate) fn check(&self, content_type: ObjectIdentifier, digest: &[u8]) -> Result<(), TrustFault> {
        let named = self
            .single(oid::ID_CONTENT_TYPE)
            .ok_or(TrustFault::SignedAttributesMissing)?;
        if ObjectIdentifier::from_der(named) != Ok(content_type) {
            return Err(TrustFault::ContentTypeMismatch);
        }
        let signed = self
            .single(oid::ID_MESSAGE_DIGEST)
            .ok_or(TrustFault::SignedAttributesMissing)?;
        let signed = <&OctetStringRef>::from_der(signed).map_err(|_| TrustFault::SignedAttributesMissing)?;
        if signed.as_bytes() == digest {
            Ok(())
        } else {
            Err(TrustFault::DigestMismatch)
        }
    }

    /// signingTime (RFC 5652, 11.3), if it is there, once and well-formed.
    pub(crate) fn signing_time(&self) -> Option<Timestamp> {
        self.single(oid::ID_SIGNING_TIME)
            .and_then(|der| Time::from_der(der).ok())
            .map(timestamp)
    }

    /// RFC 5652, 5.4: what is signed is the DER encoding of the attributes with the tag of a SET OF, not the
    /// implicit tag that they are sent with. DER (X.690, 11.6) sorts the elements by their octets; issuers are known that sent
    /// and signed them in another order, so that this encoding follows where it differs. The order changes nothing of what
    /// the attributes say.
    pub(crate) fn to_be_verified(&self) -> Vec<Vec<u8>> {
        let mut sorted = self.encoded.clone();
        sorted.sort_unstable();
        let mut encodings = Vec::from([set_of(&sorted)]);
        if sorted != self.encoded {
            encodings.push(set_of(&self.encoded));
        }
        encodings
    }

    /// The one value of the attribute that is there once.
    fn single(&self, attribute: ObjectIdentifier) -> Option<&'a [u8]> {
        let mut found = self.attributes.iter().filter(|(name, _)| *name == attribute);
        match (found.next().map(|(_, values)| values.as_slice()), found.next()) {
            (Some([value]), None) => Some(value),
            _ => None,
        }
    }
}

fn set_of(elements: &[&[u8]]) -> Vec<u8> {
    tlv::encode(tlv::Tag(0x31), &elements.concat())
}

fn attribute(der: &[u8]) -> der::Result<(ObjectIdentifier, Vec<&[u8]>)> {
    let mut reader = SliceReader::new(der)?;
    let attribute = reader.sequence(|fields| {
        let name = ObjectIdentifier::decode(fields)?;
        let values = element(fields, Tag::Set)?;
        Ok::<_, der::Error>((name, elements(values)?))
    })?;
    reader.finish()?;
    Ok(attribute)
}
