use alloc::{string::String, vec::Vec};
use core::fmt;

use crate::LdsError;

/// The longest reference (TR-03110-3, table 27): a country of two characters, a mnemonic of up to nine, a sequence number of five.
const LONGEST: usize = 16;
const COUNTRY: usize = 2;
const SEQUENCE_NUMBER: usize = 5;

/// The name of a public key in CV certificates: as the holder's reference (5F20) and, in what its holder signs, as the certification
/// authority's reference (42) (TR-03110-3, A.7.1).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKeyReference(Vec<u8>);

impl PublicKeyReference {
    /// Makes a reference from an ISO 3166-1 country code of two letters, the holder's mnemonic of up to nine characters, and a sequence
    /// number of five digits or capital letters.
    pub fn new(country: &str, mnemonic: &str, sequence_number: &str) -> Result<Self, LdsError> {
        let letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase());
        let number = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let fits = country.len() == COUNTRY
            && letters(country)
            && mnemonic.is_ascii()
            && sequence_number.len() == SEQUENCE_NUMBER
            && sequence_number.bytes().all(number);
        let bytes = [country, mnemonic, sequence_number].concat().into_bytes();
        Self::parse("public key reference", &bytes)
            .ok()
            .filter(|_| fits)
            .ok_or(LdsError::DoesNotFit {
                structure: "CV certificate",
                field: "a public key reference",
            })
    }

    /// Takes up to 16 assigned characters of ISO/IEC 8859-1 (TR-03110-3, D.2.1.4). Their division is not enforced: references are
    /// compared as a whole.
    pub(crate) fn parse(field: &'static str, value: &[u8]) -> Result<Self, LdsError> {
        let assigned = |byte: &u8| !matches!(byte, 0..=0x1F | 0x7F..=0x9F);
        if (1..=LONGEST).contains(&value.len()) && value.iter().all(assigned) {
            return Ok(Self(value.to_vec()));
        }
        let structure = "CV certificate";
        Err(LdsError::Field { structure, field })
    }

    /// Takes the bytes as they stand in tag 42, 5F20 or 83.
    pub fn from_bytes(value: &[u8]) -> Result<Self, LdsError> {
        Self::parse("a public key reference", value)
    }

    /// The bytes, for MSE:SET DST and for comparison.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The country's code: the first two characters.
    pub fn country(&self) -> String {
        latin_1(self.0.get(..COUNTRY).unwrap_or_default())
    }

    /// The holder's mnemonic: what stands between country and sequence number.
    pub fn mnemonic(&self) -> String {
        let end = self.0.len().saturating_sub(SEQUENCE_NUMBER);
        latin_1(self.0.get(COUNTRY..end).unwrap_or_default())
    }

    /// The sequence number: the last five characters.
    pub fn sequence_number(&self) -> String {
        let start = self.0.len().saturating_sub(SEQUENCE_NUMBER);
        latin_1(self.0.get(start.max(COUNTRY)..).unwrap_or_default())
    }
}

/// The characters of ISO/IEC 8859-1 are the first 256 of Unicode.
fn latin_1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

impl fmt::Display for PublicKeyReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&latin_1(&self.0))
    }
}

impl fmt::Debug for PublicKeyReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKeyReference({self})")
    }
}

#[cfg(test)]
mod tests {
    use alloc::{
        format,
        string::{String, ToString},
    };

    use super::PublicKeyReference;

    #[test]
    fn a_reference_is_made_and_taken_apart() {
        let reference = PublicKeyReference::new("UT", "GATE", "00A01").unwrap();
        assert_eq!(reference.as_bytes(), b"UTGATE00A01");
        assert_eq!(reference.to_string(), "UTGATE00A01");
        assert_eq!(format!("{reference:?}"), "PublicKeyReference(UTGATE00A01)");
        let parts = (
            reference.country(),
            reference.mnemonic(),
            reference.sequence_number(),
        );
        assert_eq!(parts, ("UT".into(), "GATE".into(), "00A01".into()));
        let short = PublicKeyReference::from_bytes(b"UT1").unwrap();
        let parts = (short.country(), short.mnemonic(), short.sequence_number());
        assert_eq!(parts, ("UT".into(), String::new(), "1".into()));
    }

    #[test]
    fn refuses_what_is_no_reference() {
        for (country, mnemonic, number) in [
            ("U", "GATE", "00001"),
            ("ut", "GATE", "00001"),
            ("UT", "TENLETTERS", "00001"),
            ("UT", "GATE", "0001"),
            ("UT", "GATE", "0000a"),
            ("UT", "GÄTE", "00001"),
            ("UT", "GA\u{1}E", "00001"),
        ] {
            assert!(PublicKeyReference::new(country, mnemonic, number).is_err());
        }
        for value in [&b""[..], b"UTSEVENTEENCHAR01", b"UT\x7F00001", b"UT\x9F", b"\0"] {
            assert!(PublicKeyReference::from_bytes(value).is_err());
        }
        assert_eq!(
            PublicKeyReference::from_bytes(b"UTM\xDCE00001")
                .unwrap()
                .to_string(),
            "UTMÜE00001"
        );
    }
}
