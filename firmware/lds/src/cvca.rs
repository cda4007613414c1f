use alloc::vec::Vec;

use chipgate_apdu::tlv::{self, Tag};

use crate::asn1::Components;
use crate::{LdsError, PublicKeyReference};

const STRUCTURE: &str = "EF.CVCA";
const REFERENCE: Tag = Tag(0x42);
/// How long the file is, padded with zeros (TR-03110-3, table 16).
const LENGTH: usize = 36;

/// EF.CVCA: the keys with which a certificate chain for the chip may begin (TR-03110-3, A.7.2.4).
///
/// ```text
/// 42 current reference   42 previous reference   00 … 00
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CvcaReferences {
    /// The most recent key.
    pub current: PublicKeyReference,
    /// The one before it, if the chip still takes it.
    pub previous: Option<PublicKeyReference>,
}

impl CvcaReferences {
    /// Reads the whole file. Its length is not compared with the standard's 36 bytes, since chips are read to where they end: so a file
    /// that is cut off in its padding is read as well.
    pub fn parse(file: &[u8]) -> Result<Self, LdsError> {
        let (first, rest) = object(file)?;
        let current = PublicKeyReference::parse("the current reference", first)?;
        let (previous, padding) = match rest {
            [0x42, ..] => {
                let (second, padding) = object(rest)?;
                let previous = PublicKeyReference::parse("the previous reference", second)?;
                (Some(previous), padding)
            }
            _ => (None, rest),
        };
        if padding.iter().any(|&byte| byte != 0) {
            return Err(Components::new(STRUCTURE, file).invalid("the padding"));
        }
        Ok(Self { current, previous })
    }

    /// Writes the file of 36 bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut file = tlv::encode(REFERENCE, self.current.as_bytes());
        if let Some(previous) = &self.previous {
            file.extend(tlv::encode(REFERENCE, previous.as_bytes()));
        }
        // Two references of sixteen bytes fill it.
        file.resize(LENGTH, 0);
        file
    }

    /// Both, the current one first.
    pub fn all(&self) -> impl Iterator<Item = &PublicKeyReference> {
        core::iter::once(&self.current).chain(&self.previous)
    }
}

/// The value of the reference at the start, and what is behind it.
fn object(bytes: &[u8]) -> Result<(&[u8], &[u8]), LdsError> {
    let element = Components::new(STRUCTURE, bytes).expect(REFERENCE)?;
    Ok((element.value, bytes.get(element.raw.len()..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::CvcaReferences;
    use crate::PublicKeyReference;

    fn reference(number: u32) -> PublicKeyReference {
        PublicKeyReference::new("UT", "CVCA", &std::format!("{:05}", number % 100_000)).unwrap()
    }

    #[test]
    fn reads_one_and_two_references_before_the_padding() {
        let one = hex::decode("420b55544356434130303030 31".replace(' ', "")).unwrap();
        for padding in [0, 23] {
            let file = [&one[..], &std::vec![0; padding]].concat();
            let read = CvcaReferences::parse(&file).unwrap();
            assert_eq!((read.current, read.previous), (reference(1), None));
        }
        let two = [&one[..], &one[..]].concat();
        assert_eq!(CvcaReferences::parse(&two).unwrap().all().count(), 2);
    }

    #[test]
    fn refuses_what_is_behind_two_references_and_other_files() {
        let one = hex::decode("420b5554435643413030303031").unwrap();
        assert!(CvcaReferences::parse(&[&one[..], &one, &one].concat()).is_err());
        assert!(CvcaReferences::parse(&[&one[..], &[0, 0, 1]].concat()).is_err());
        assert!(CvcaReferences::parse(&[0; 36]).is_err());
        assert!(CvcaReferences::parse(&[]).is_err());
        assert!(CvcaReferences::parse(&[0x42, 0, 0]).is_err());
    }

    proptest! {
        #[test]
        fn survives_a_round_trip_and_fails_on_every_truncation_before_the_padding(
            current: u32, previous in any::<Option<u32>>()
        ) {
            let references = CvcaReferences { current: reference(current), previous: previous.map(reference) };
            let file = references.encode();
            prop_assert_eq!(file.len(), 36);
            prop_assert_eq!(CvcaReferences::parse(&file), Ok(references));
            for length in 0..13 {
                prop_assert!(CvcaReferences::parse(&file[..length]).is_err());
            }
        }
    }
}
