//! The certificate extensions that decide about trust (RFC 5280, 4.2; Doc 9303-12, 7).

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use chipgate_apdu::{Timestamp, tlv};
use der::asn1::{GeneralizedTime, ObjectIdentifier, OctetString, PrintableStringRef};
use der::{Decode, Reader, SliceReader, Tag};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{CrlDistributionPoints, ExtendedKeyUsage, KeyUsage};

use crate::elements::{CONTEXT_0_PRIMITIVE, CONTEXT_1_PRIMITIVE, element, elements, optional_element};
use crate::fault::TrustFault;
use crate::oid;
use crate::revocation_list::names;

/// Extensions whose meaning is taken into account here, so that they may be critical.
const KNOWN: [ObjectIdentifier; 12] = [
    oid::ID_CE_SUBJECT_KEY_IDENTIFIER,
    oid::ID_CE_KEY_USAGE,
    oid::ID_CE_PRIVATE_KEY_USAGE_PERIOD,
    oid::ID_CE_SUBJECT_ALT_NAME,
    oid::ID_CE_ISSUER_ALT_NAME,
    oid::ID_CE_BASIC_CONSTRAINTS,
    oid::ID_CE_CRL_DISTRIBUTION_POINTS,
    oid::ID_CE_CERTIFICATE_POLICIES,
    oid::ID_CE_AUTHORITY_KEY_IDENTIFIER,
    oid::ID_CE_EXT_KEY_USAGE,
    oid::ID_ICAO_NAME_CHANGE,
    oid::ID_ICAO_DOCUMENT_TYPE_LIST,
];

/// Doc 9303-12 knows a dozen; each is compared with those before it.
const MOST_EXTENSIONS: usize = 64;

/// In which time the private key may be used: the first and the last moment, each if it is given.
///
/// ```text
/// PrivateKeyUsagePeriod ::= SEQUENCE {
///     notBefore  [0] IMPLICIT GeneralizedTime OPTIONAL,
///     notAfter   [1] IMPLICIT GeneralizedTime OPTIONAL }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrivateKeyUsage {
    /// The first moment.
    pub not_before: Option<Timestamp>,
    /// The last moment.
    pub not_after: Option<Timestamp>,
}

impl PrivateKeyUsage {
    /// Whether a signature made at this moment lies within the period. Its end is included, to the second.
    pub fn covers(&self, at: Timestamp) -> bool {
        self.not_before.is_none_or(|start| start <= at)
            && self.not_after.is_none_or(|end| at.seconds() <= end.seconds())
    }
}

/// What a certificate's extensions say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extensions {
    pub(crate) subject_key_identifier: Option<Vec<u8>>,
    pub(crate) authority_key_identifier: Option<Vec<u8>>,
    pub(crate) key_usage: Option<KeyUsage>,
    pub(crate) extended_key_usage: Option<Vec<ObjectIdentifier>>,
    pub(crate) private_key_usage: Option<PrivateKeyUsage>,
    pub(crate) document_types: Option<Vec<String>>,
    /// The names of its CRL distribution points, each in DER (RFC 5280, 4.2.1.13).
    pub(crate) distribution_points: Vec<Vec<u8>>,
    is_authority: bool,
    has_unknown_critical: bool,
    is_malformed: bool,
}

/// Whether the extension forbids the use of the certificate, since its meaning is not known here (RFC 5280, 4.2).
pub(crate) fn is_unknown_critical(extension: &Extension) -> bool {
    extension.critical && !KNOWN.contains(&extension.extn_id)
}

impl Extensions {
    pub(crate) fn read(extensions: &[Extension]) -> Self {
        if extensions.len() > MOST_EXTENSIONS {
            return Self {
                is_malformed: true,
                ..Self::default()
            };
        }
        let mut read = Self::default();
        for (index, extension) in extensions.iter().enumerate() {
            // RFC 5280, 4.2: no extension appears twice.
            let repeated = extensions
                .iter()
                .take(index)
                .any(|earlier| earlier.extn_id == extension.extn_id);
            read.is_malformed |= repeated || read.take(extension).is_none();
        }
        read
    }

    /// Takes in one extension; `None` if its value is malformed.
    fn take(&mut self, extension: &Extension) -> Option<()> {
        let value = extension.extn_value.as_bytes();
        match extension.extn_id {
            oid::ID_CE_SUBJECT_KEY_IDENTIFIER => {
                self.subject_key_identifier = Some(OctetString::from_der(value).ok()?.as_bytes().to_vec());
            }
            oid::ID_CE_AUTHORITY_KEY_IDENTIFIER => {
                self.authority_key_identifier = key_identifier(value).ok()?;
            }
            oid::ID_CE_KEY_USAGE => self.key_usage = Some(KeyUsage::from_der(value).ok()?),
            oid::ID_CE_BASIC_CONSTRAINTS => self.is_authority = certification_authority(value).ok()?,
            oid::ID_CE_EXT_KEY_USAGE => {
                self.extended_key_usage = Some(ExtendedKeyUsage::from_der(value).ok()?.0);
            }
            oid::ID_CE_PRIVATE_KEY_USAGE_PERIOD => {
                self.private_key_usage = Some(private_key_usage(value).ok()?);
            }
            oid::ID_ICAO_DOCUMENT_TYPE_LIST => self.document_types = Some(document_types(value).ok()?),
            oid::ID_CE_CRL_DISTRIBUTION_POINTS => self.distribution_points = distribution_points(value),
            _ => self.has_unknown_critical |= is_unknown_critical(extension),
        }
        Some(())
    }

    /// RFC 5280, 4.2: a malformed, a repeated or an unknown critical extension forbids the use of the certificate.
    pub(crate) fn check(&self) -> Result<(), TrustFault> {
        match (self.is_malformed, self.has_unknown_critical) {
            (true, _) => Err(TrustFault::CertificateMalformed),
            (false, true) => Err(TrustFault::UnknownCriticalExtension),
            (false, false) => Ok(()),
        }
    }

    pub(crate) fn is_malformed(&self) -> bool {
        self.is_malformed
    }

    /// basicConstraints has cA.
    pub(crate) fn is_authority(&self) -> bool {
        self.is_authority
    }

    /// Doc 9303-12, CSCA profile: cA is true and keyUsage has keyCertSign.
    pub(crate) fn may_sign_certificates(&self) -> bool {
        self.is_authority && self.key_usage.as_ref().is_none_or(KeyUsage::key_cert_sign)
    }

    /// Doc 9303-12, CSCA profile: keyUsage has cRLSign.
    pub(crate) fn may_sign_revocation_lists(&self) -> bool {
        self.is_authority && self.key_usage.as_ref().is_none_or(KeyUsage::crl_sign)
    }
}

/// A value that can't be read names no point: it makes no list complete, and takes nothing from the certificate.
fn distribution_points(der: &[u8]) -> Vec<Vec<u8>> {
    let points = CrlDistributionPoints::from_der(der).map_or_else(|_| Vec::new(), |points| points.0);
    let named = points
        .iter()
        .filter_map(|point| point.distribution_point.as_ref());
    named.flat_map(names).collect()
}

/// `BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }`. The
/// path's length is no matter here (see [`crate::path`]). A CSCA in use has a BOOLEAN of 01 instead of FF: as in BER, any
/// octet but zero is true.
fn certification_authority(der: &[u8]) -> der::Result<bool> {
    let mut reader = SliceReader::new(der)?;
    let authority = reader.sequence(|content| {
        let authority = optional_element(content, Tag::Boolean)?;
        content.drain(content.remaining_len())?;
        Ok::<_, der::Error>(authority.is_some_and(|octets| octets != [0]))
    })?;
    reader.finish()?;
    Ok(authority)
}

/// `AuthorityKeyIdentifier ::= SEQUENCE { keyIdentifier [0] IMPLICIT OCTET STRING OPTIONAL, … }`. Issuer and
/// serial number are not used: the issuer is found by name.
pub(crate) fn key_identifier(der: &[u8]) -> der::Result<Option<Vec<u8>>> {
    let mut reader = SliceReader::new(der)?;
    let identifier = reader.sequence(|content| {
        let identifier = optional_element(content, CONTEXT_0_PRIMITIVE)?.map(<[u8]>::to_vec);
        content.drain(content.remaining_len())?;
        Ok::<_, der::Error>(identifier)
    })?;
    reader.finish()?;
    Ok(identifier)
}

fn private_key_usage(der: &[u8]) -> der::Result<PrivateKeyUsage> {
    let mut reader = SliceReader::new(der)?;
    let period = reader.sequence(|content| {
        let not_before = optional_element(content, CONTEXT_0_PRIMITIVE)?;
        let not_after = optional_element(content, CONTEXT_1_PRIMITIVE)?;
        Ok::<_, der::Error>((not_before, not_after))
    })?;
    reader.finish()?;
    let time = |octets: Option<&[u8]>| octets.map(generalized_time).transpose();
    Ok(PrivateKeyUsage {
        not_before: time(period.0)?,
        not_after: time(period.1)?,
    })
}

/// The content octets of a GeneralizedTime.
fn generalized_time(octets: &[u8]) -> der::Result<Timestamp> {
    let time = GeneralizedTime::from_der(&tlv::encode(tlv::Tag(0x18), octets))?;
    let milliseconds = time.to_unix_duration().as_millis();
    Ok(Timestamp(u64::try_from(milliseconds).unwrap_or(u64::MAX)))
}

/// `DocumentTypeList ::= SEQUENCE { version INTEGER, docTypeList SET OF PrintableString }` (Doc 9303-12).
fn document_types(der: &[u8]) -> der::Result<Vec<String>> {
    let mut reader = SliceReader::new(der)?;
    let types = reader.sequence(|content| {
        u8::decode(content)?;
        elements(element(content, Tag::Set)?)
    })?;
    reader.finish()?;
    let text =
        |der: &&[u8]| PrintableStringRef::from_der(der).map(|text| text.as_str().trim_end().to_string());
    types.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn private(count: usize) -> Vec<Extension> {
        let extension = |index| Extension {
            extn_id: ObjectIdentifier::new_unwrap(&format!("1.3.6.1.4.1.99999.{index}")),
            critical: false,
            extn_value: OctetString::new([0x05, 0]).unwrap(),
        };
        (0..count).map(extension).collect()
    }

    #[test]
    fn a_certificate_with_more_extensions_than_any_has_is_malformed() {
        assert!(!Extensions::read(&private(64)).is_malformed());
        assert!(Extensions::read(&private(65)).is_malformed());
    }
}
