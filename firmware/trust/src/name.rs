//! Distinguished names, and when two of them are the same (RFC 5280, 7.1).

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use chipgate_crypto::HashAlgorithm;
use der::asn1::{Any, ObjectIdentifier};
use der::{Encode, Tag, Tagged};
use x509_cert::name::Name;

use crate::tolerance;

/// id-at-countryName.
const COUNTRY_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");

/// A certificate's subject or issuer.
///
/// Two names are equal as RFC 5280, 7.1 compares them: attribute by attribute, whatever the string type, without
/// regard to case, and with runs of white space taken as one space. Unicode compatibility forms are not unified.
#[derive(Clone)]
pub struct CertificateName {
    text: String,
    country: Option<String>,
    canonical: Vec<BTreeSet<(ObjectIdentifier, Value)>>,
}

/// An attribute value in the form in which it is compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    /// Any of the string types, folded.
    Text(String),
    /// Any other type, as DER.
    Other(Vec<u8>),
}

impl CertificateName {
    /// Reads a DER `Name`.
    pub fn from_der(der: &[u8]) -> Option<Self> {
        tolerance::read(der).map(|name| Self::from_name(&name))
    }

    pub(crate) fn from_name(name: &Name) -> Self {
        let canonical = name.iter_rdn().map(|rdn| {
            rdn.iter()
                .map(|attribute| (attribute.oid, canonical_value(&attribute.value)))
                .collect()
        });
        let country = name.iter().find(|attribute| attribute.oid == COUNTRY_NAME);
        Self {
            text: display(name),
            country: country
                .and_then(|attribute| characters(&attribute.value))
                .map(|c| c.trim().to_uppercase()),
            canonical: canonical.collect(),
        }
    }

    /// Eight octets of SHA-256 over the name as it is compared: equal names have equal digests, and different ones hardly
    /// ever.
    pub fn digest(&self) -> [u8; 8] {
        let mut octets = Vec::new();
        for attributes in &self.canonical {
            octets.push(0xFF);
            for (kind, value) in attributes {
                let (tag, value) = match value {
                    Value::Text(text) => (0, text.as_bytes()),
                    Value::Other(der) => (1, der.as_slice()),
                };
                octets.push(tag);
                for part in [kind.as_bytes(), value] {
                    octets.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
                    octets.extend_from_slice(part);
                }
            }
        }
        let mut first = [0; 8];
        let digest = HashAlgorithm::Sha256.digest(&octets);
        first.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        first
    }

    /// `countryName` in upper case (two letters, ISO 3166-1; some issuers have three), if there is one.
    pub fn country(&self) -> Option<&str> {
        self.country.as_deref()
    }
}

impl PartialEq for CertificateName {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for CertificateName {}

impl PartialOrd for CertificateName {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// An order that agrees with equality, so that anchors can be indexed by name.
impl Ord for CertificateName {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.canonical.cmp(&other.canonical)
    }
}

impl fmt::Display for CertificateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for CertificateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificateName({})", self.text)
    }
}

fn canonical_value(value: &Any) -> Value {
    match characters(value) {
        Some(text) => Value::Text(fold(&text)),
        None => Value::Other(value.to_der().unwrap_or_default()),
    }
}

/// Lower case, no white space at the ends, one space for each run of it (RFC 4518, 2.6.1).
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
    folded
}

/// The characters of a DirectoryString, an IA5String or a NumericString; `None` for any other type and for
/// bytes that are no text of their type. TeletexString (T61String) is read as Latin-1, as issuers use it; a UniversalString was
/// made UTF-8 before ([`tolerance::read`]).
fn characters(value: &Any) -> Option<String> {
    let bytes = value.value();
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::VisibleString => {
            core::str::from_utf8(bytes).ok().map(ToString::to_string)
        }
        Tag::TeletexString => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
        Tag::BmpString => from_utf16(bytes),
        _ => None,
    }
}

fn from_utf16(bytes: &[u8]) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    if rest.is_empty() { text.ok() } else { None }
}

/// The name for people, in the order of the certificate: `C=VN, O=…, CN=…`.
fn display(name: &Name) -> String {
    let mut text = String::new();
    for attribute in name.iter() {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(&label(attribute.oid));
        text.push('=');
        text.push_str(characters(&attribute.value).as_deref().unwrap_or("?").trim());
    }
    text
}

fn label(oid: ObjectIdentifier) -> String {
    let known = [
        ("2.5.4.3", "CN"),
        ("2.5.4.5", "serialNumber"),
        ("2.5.4.6", "C"),
        ("2.5.4.7", "L"),
        ("2.5.4.8", "ST"),
        ("2.5.4.10", "O"),
        ("2.5.4.11", "OU"),
        ("1.2.840.113549.1.9.1", "emailAddress"),
    ];
    let dotted = oid.to_string();
    known
        .iter()
        .find(|(number, _)| *number == dotted)
        .map_or(dotted, |(_, name)| (*name).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    /// `C=…, CN=…` with the given string tags.
    fn name(country: (u8, &[u8]), common: (u8, &[u8])) -> CertificateName {
        let rdn = |oid: u8, (tag, value): (u8, &[u8])| {
            let mut attribute = vec![0x06, 3, 0x55, 0x04, oid, tag, value.len() as u8];
            attribute.extend_from_slice(value);
            let length = attribute.len() as u8;
            [&[0x31, length + 2, 0x30, length][..], &attribute].concat()
        };
        let content = [rdn(6, country), rdn(3, common)].concat();
        CertificateName::from_der(&[&[0x30, content.len() as u8][..], &content].concat()).unwrap()
    }

    #[test]
    fn names_that_differ_by_case_white_space_or_string_type_are_equal() {
        let printable = name((0x13, b"VN"), (0x13, b"CSCA Vietnam"));
        let utf8 = name((0x0C, b"vn"), (0x0C, b" csca   VIETNAM "));
        let teletex = name((0x13, b"VN"), (0x14, b"CSCA Vietnam"));
        let bmp_text: Vec<u8> = "CSCA vietnam".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let bmp = name((0x13, b"VN"), (0x1E, &bmp_text));
        let universal_text: Vec<u8> = "csca  VIETNAM"
            .chars()
            .flat_map(|c| u32::from(c).to_be_bytes())
            .collect();
        let universal = name((0x13, b"VN"), (0x1C, &universal_text));
        for other in [&utf8, &teletex, &bmp, &universal] {
            assert_eq!(&printable, other);
            assert_eq!(printable.digest(), other.digest());
        }
        assert_eq!(universal.to_string(), "C=VN, CN=csca  VIETNAM");
        let latin = name((0x13, b"CH"), (0x14, b"Conf\xE9d\xE9ration"));
        assert_eq!(latin, name((0x13, b"CH"), (0x0C, "Confédération".as_bytes())));
    }

    #[test]
    fn names_that_differ_in_a_value_or_an_attribute_are_not_equal() {
        let vietnam = name((0x13, b"VN"), (0x13, b"CSCA Vietnam"));
        assert_ne!(vietnam, name((0x13, b"VN"), (0x13, b"CSCA Viet nam")));
        assert_ne!(vietnam, name((0x13, b"DE"), (0x13, b"CSCA Vietnam")));
    }

    #[test]
    fn shows_the_name_and_its_country() {
        let vietnam = name((0x13, b"vn"), (0x0C, "CSCA Việt Nam".as_bytes()));
        assert_eq!(vietnam.to_string(), "C=vn, CN=CSCA Việt Nam");
        assert_eq!(vietnam.country(), Some("VN"));
    }
}
