//! What the names of entries mean in the directory of the ICAO PKD.

use crate::ldif::Kind;

/// What a name of the PKD means, if it means a signer or a list.
pub(crate) fn kind_of_entry(dn: &str) -> Option<Kind> {
    match list_of(dn) {
        Some(list) if list.is_master_list => Some(Kind::MasterList),
        Some(_) => Some(Kind::RevocationList),
        None => signer_of(dn).map(|_| Kind::Certificate),
    }
}

/// A document signer of the directory: `cn=…+sn=3A05,o=dsc,c=VN,dc=data,…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SignerEntry {
    pub(crate) serial_number: Vec<u8>,
    pub(crate) country: String,
    /// The values of the issuer's name that stands in `cn`, in lower case.
    issuer: Vec<String>,
}

impl SignerEntry {
    /// Whether the entry's `cn` is this name of an issuer.
    pub(crate) fn names_issuer(&self, name: &str) -> bool {
        !self.issuer.is_empty() && self.issuer == values(name)
    }
}

/// What signer an entry's name means, if it means one.
pub(crate) fn signer_of(dn: &str) -> Option<SignerEntry> {
    let parts = parts(dn);
    let first = parts.first().filter(|_| has(&parts, "o", "dsc"))?;
    let digits: String = value_of(first, "sn")?
        .chars()
        .filter(char::is_ascii_hexdigit)
        .collect();
    let even = if digits.len().is_multiple_of(2) {
        digits
    } else {
        format!("0{digits}")
    };
    Some(SignerEntry {
        serial_number: hex::decode(even).ok()?,
        country: country(&parts)?,
        issuer: value_of(first, "cn").map(values).unwrap_or_default(),
    })
}

/// A list of the directory: `cn=…,o=crl,c=VN,dc=data,…` or `o=ml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListEntry {
    pub(crate) is_master_list: bool,
    pub(crate) country: String,
    /// The values of the name that stands in `cn`, in lower case.
    values: Vec<String>,
}

impl ListEntry {
    /// Whether the entry's `cn` is this name, whatever the order of its parts and whatever its attributes are called.
    pub(crate) fn names(&self, name: &str) -> bool {
        !self.values.is_empty() && self.values == values(name)
    }
}

/// What list an entry's name means, if it means one.
pub(crate) fn list_of(dn: &str) -> Option<ListEntry> {
    let parts = parts(dn);
    let is_master_list = has(&parts, "o", "ml");
    if !is_master_list && !has(&parts, "o", "crl") {
        return None;
    }
    Some(ListEntry {
        is_master_list,
        country: country(&parts)?,
        values: values(value_of(parts.first()?, "cn")?),
    })
}

/// The attributes of one relative distinguished name, in lower case.
type Part = Vec<(String, String)>;

/// The parts of a distinguished name as RFC 4514 writes it, with or without spaces between them.
fn parts(dn: &str) -> Vec<Part> {
    let attributes = |part: &str| -> Part {
        let attributes = split(part, '+').into_iter();
        let pairs = attributes.filter_map(|attribute| {
            let (kind, value) = attribute.split_once('=')?;
            Some((kind.trim().to_lowercase(), unescaped(value.trim()).to_lowercase()))
        });
        pairs.collect()
    };
    split(dn, ',').into_iter().map(attributes).collect()
}

/// Splits where the separator is not escaped and not between quotation marks.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start) = (Vec::new(), 0);
    let (mut is_escaped, mut is_quoted) = (false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if character == separator && !is_quoted => {
                parts.extend(text.get(start..at));
                start = at + separator.len_utf8();
            }
            _ => {}
        }
    }
    parts.extend(text.get(start..));
    parts
}

/// RFC 4514, 2.4: a character behind a backslash, or an octet in two hexadecimal digits; RFC 1779: quotation marks around all.
fn unescaped(value: &str) -> String {
    let value = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
        .unwrap_or(value);
    let mut octets = Vec::new();
    let mut rest = value;
    while let Some((plain, behind)) = rest.split_once('\\') {
        octets.extend(plain.bytes());
        let octet = behind
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(octet) = octet {
            octets.push(octet);
            rest = behind.get(2..).unwrap_or_default();
        } else {
            let length = behind.chars().next().map_or(0, char::len_utf8);
            let (character, behind) = behind.split_at(length);
            octets.extend(character.bytes());
            rest = behind;
        }
    }
    octets.extend(rest.bytes());
    String::from_utf8_lossy(&octets).into_owned()
}

fn value_of<'a>(part: &'a Part, kind: &str) -> Option<&'a str> {
    let found = part.iter().find(|(of, _)| of == kind);
    found.map(|(_, value)| value.as_str())
}

fn has(parts: &[Part], kind: &str, value: &str) -> bool {
    let mut values = parts.iter().skip(1).filter_map(|part| value_of(part, kind));
    values.any(|found| found == value)
}

/// The state whose branch of the directory it is in.
fn country(parts: &[Part]) -> Option<String> {
    let mut values = parts.iter().skip(1).filter_map(|part| value_of(part, "c"));
    values.next().map(str::to_uppercase)
}

/// The values of a name in text, sorted: what is written is a name in the value of another one, so that what is still escaped
/// in it is no separator of ours.
fn values(name: &str) -> Vec<String> {
    let name = unescaped(name);
    let parts = name.split([',', '+']).filter_map(|part| part.split_once('='));
    let mut values: Vec<_> = parts.map(|(_, value)| value.trim().to_lowercase()).collect();
    values.sort();
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_list_of_the_directory_by_its_issuer() {
        let dn = "cn=CN\\=CSCA One\\,O\\=State\\,C\\=VN,o=crl,c=VN,dc=data";
        let entry = list_of(dn).unwrap();
        assert!(!entry.is_master_list && entry.country == "VN");
        assert!(entry.names("C=VN, O=State, CN=CSCA ONE") && !entry.names("C=VN, O=State, CN=CSCA Two"));
        assert!(list_of("cn=1,o=ml,c=VN,dc=data").unwrap().is_master_list);
        assert_eq!(list_of("cn=1+sn=7,o=dsc,c=VN,dc=data"), None);
    }

    #[test]
    fn a_signer_is_known_by_its_serial_number_and_its_issuer() {
        let dn = "cn=CN\\=CSCA One\\,O\\=State\\,C\\=VN+sn=3A05,o=dsc,c=vn,dc=data";
        for dn in [
            dn,
            "sn=3A05+cn=CN\\=CSCA One\\,O\\=State\\,C\\=VN,o=dsc,c=vn,dc=data",
        ] {
            let entry = signer_of(dn).unwrap();
            assert_eq!(
                (entry.serial_number.as_slice(), entry.country.as_str()),
                (&[0x3A, 5][..], "VN")
            );
            assert!(entry.names_issuer("C=VN, O=State, CN=CSCA One"), "{entry:?}");
            assert!(!entry.names_issuer("C=VN, O=State, CN=CSCA Two"));
        }
        assert_eq!(
            signer_of("cn=1+sn=7,o=dsc,c=VN,dc=data").unwrap().serial_number,
            [7]
        );
        for other in ["o=crl,c=VN", "cn=1,o=dsc,c=VN,dc=data", "cn=1+sn=7,o=dsc,dc=data"] {
            assert_eq!(signer_of(other), None, "{other}");
        }
        // Spaces behind the commas, and separators in hexadecimal digits.
        let spaced = "cn=CN\\3DCSCA One\\2C O\\3dState\\2CC\\3DVN + sn=3A05, O=dsc , c=vn, dc=data";
        let entry = signer_of(spaced).unwrap();
        assert!(
            entry.country == "VN" && entry.names_issuer("C=VN, O=State, CN=CSCA One"),
            "{entry:?}"
        );
        let quoted = list_of("cn=\"CN=CSCA One, O=State, C=VN\", o=crl, c=VN").unwrap();
        assert!(quoted.names("C=VN, O=State, CN=CSCA One"), "{quoted:?}");
        let kinds = [
            "cn=1+sn=7,o=dsc,c=VN,dc=d",
            "cn=1,o=crl,c=VN,dc=d",
            "cn=1,o=ml,c=VN,dc=d",
            "c=VN",
        ];
        let expected = [
            Some(Kind::Certificate),
            Some(Kind::RevocationList),
            Some(Kind::MasterList),
            None,
        ];
        assert_eq!(kinds.map(kind_of_entry), expected);
    }
}
