use alloc::vec::Vec;

use chipgate_apdu::tlv::{self, Tag};
use der::asn1::ObjectIdentifier;

use super::{BODY, CvPublicKey, HolderAuthorization, PublicKeyReference, STRUCTURE};
use crate::asn1::{Components, constructed, object_identifier, single};
use crate::{Date, LdsError};

const PROFILE_IDENTIFIER: Tag = Tag(0x5F29);
/// Version 1 of the profile (TR-03110-3, C.1.1).
const PROFILE: u8 = 0;
const AUTHORITY_REFERENCE: Tag = Tag(0x42);
const HOLDER_REFERENCE: Tag = Tag(0x5F20);
const EFFECTIVE_DATE: Tag = Tag(0x5F25);
const EXPIRATION_DATE: Tag = Tag(0x5F24);
const EXTENSIONS: Tag = Tag(0x65);
const DISCRETIONARY_DATA_TEMPLATE: Tag = Tag(0x73);

/// An extension, which terminal authentication version 1 does not have and a chip does not refuse (TR-03110-3, C.3).
///
/// ```text
/// 73 { 06 what it is   … }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateExtension {
    /// What it is.
    pub identifier: ObjectIdentifier,
    /// The data objects behind the identifier, as they stood.
    pub data: Vec<u8>,
}

/// What a CV certificate says: the fields of the body in their order (TR-03110-3, table 23).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CvCertificateBody {
    /// Whose key checks the signature: 42.
    pub authority: PublicKeyReference,
    /// The holder's public key: 7F49.
    pub public_key: CvPublicKey,
    /// The name of that key: 5F20.
    pub holder: PublicKeyReference,
    /// What the holder is and may do: 7F4C.
    pub authorization: HolderAuthorization,
    /// The day on which it was made, in UTC, from 2000 to 2099: 5F25.
    pub effective_date: Date,
    /// The day after which it expires, in UTC, from 2000 to 2099: 5F24.
    pub expiration_date: Date,
    /// Extensions: 65.
    pub extensions: Vec<CertificateExtension>,
}

impl CvCertificateBody {
    /// Reads a body with its tag 7F4E.
    pub fn parse(body: &[u8]) -> Result<Self, LdsError> {
        Self::parse_value(single(STRUCTURE, body, BODY)?)
    }

    pub(super) fn parse_value(value: &[u8]) -> Result<Self, LdsError> {
        let mut components = Components::new(STRUCTURE, value);
        if components.expect(PROFILE_IDENTIFIER)?.value != [PROFILE] {
            return Err(LdsError::Unsupported {
                structure: STRUCTURE,
                what: "another profile than version 1",
            });
        }
        let authority = components.expect(AUTHORITY_REFERENCE)?.value;
        let public_key = CvPublicKey::parse_in(&mut components)?;
        let holder = components.expect(HOLDER_REFERENCE)?.value;
        let authorization = HolderAuthorization::parse_in(&mut components)?;
        let effective_date = date(&mut components, EFFECTIVE_DATE, "the effective date")?;
        let expiration_date = date(&mut components, EXPIRATION_DATE, "the expiration date")?;
        let extensions = extensions(&mut components)?;
        components.finish()?;
        Ok(Self {
            authority: PublicKeyReference::parse("the certification authority reference", authority)?,
            public_key,
            holder: PublicKeyReference::parse("the certificate holder reference", holder)?,
            authorization,
            effective_date,
            expiration_date,
            extensions,
        })
    }

    /// The body with its tag, which is what is signed. A year outside 2000 to 2099 loses its century.
    pub fn encode(&self) -> Vec<u8> {
        constructed(
            BODY,
            &[
                tlv::encode(PROFILE_IDENTIFIER, &[PROFILE]),
                tlv::encode(AUTHORITY_REFERENCE, self.authority.as_bytes()),
                self.public_key.encode(),
                tlv::encode(HOLDER_REFERENCE, self.holder.as_bytes()),
                self.authorization.encode(),
                tlv::encode(EFFECTIVE_DATE, &digits(self.effective_date)),
                tlv::encode(EXPIRATION_DATE, &digits(self.expiration_date)),
                self.encode_extensions(),
            ],
        )
    }

    fn encode_extensions(&self) -> Vec<u8> {
        let templates: Vec<Vec<u8>> = self
            .extensions
            .iter()
            .map(|extension| {
                let identifier = object_identifier(&extension.identifier);
                constructed(DISCRETIONARY_DATA_TEMPLATE, &[identifier, extension.data.clone()])
            })
            .collect();
        if templates.is_empty() {
            return Vec::new();
        }
        constructed(EXTENSIONS, &templates)
    }
}

fn extensions(components: &mut Components<'_>) -> Result<Vec<CertificateExtension>, LdsError> {
    let mut extensions = Vec::new();
    let Some(list) = components.optional(EXTENSIONS)? else {
        return Ok(extensions);
    };
    let mut templates = components.within(list.value);
    while let Some(template) = templates.optional(DISCRETIONARY_DATA_TEMPLATE)? {
        let mut members = templates.within(template.value);
        let identifier = members.object_identifier("an extension's identifier")?;
        let mut data = Vec::new();
        while let Some(member) = members.next()? {
            data.extend_from_slice(member.raw);
        }
        extensions.push(CertificateExtension { identifier, data });
    }
    templates.finish()?;
    if extensions.is_empty() {
        return Err(templates.invalid("the list of extensions, which is empty,"));
    }
    Ok(extensions)
}

/// YYMMDD, a byte a digit, in 2000 to 2099 (TR-03110-3, D.2.1.3).
fn date(components: &mut Components<'_>, tag: Tag, field: &'static str) -> Result<Date, LdsError> {
    let value = components.expect(tag)?.value;
    let two = |at: usize| match value.get(at..at + 2) {
        Some(&[tens @ 0..=9, ones @ 0..=9]) => Some(tens * 10 + ones),
        _ => None,
    };
    let date = || Date::new(2000 + u16::from(two(0)?), two(2)?, two(4)?);
    let date = date().filter(|_| value.len() == 6);
    date.ok_or_else(|| components.invalid(field))
}

fn digits(date: Date) -> [u8; 6] {
    let (year, month, day) = ((date.year % 100) as u8, date.month, date.day);
    [year / 10, year % 10, month / 10, month % 10, day / 10, day % 10]
}
