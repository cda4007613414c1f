//! CSCA master lists (Doc 9303-12, 9): certificates that one state vouches for.

use alloc::vec::Vec;

use chipgate_apdu::Timestamp;
use der::{Decode, Reader, SliceReader, Tag};

use crate::anchors::TrustAnchors;
use crate::authentication::Authentication;
use crate::certificate::{Certificate, fingerprint};
use crate::elements::element;
use crate::fault::{TrustError, TrustFault};
use crate::path::{PathOptions, Purpose};
use crate::signed_data::SignedData;
use crate::signed_object::{Asked, authenticate};
use crate::{ber, oid};

/// How many entries a list may have. The largest that is published has some six hundred; each costs time and memory, and a list is
/// read before anyone knows who signed it.
const MOST_ENTRIES: usize = 16_384;

/// The content of a master list.
///
/// ```text
/// CscaMasterList ::= SEQUENCE { version INTEGER (0), certList SET OF Certificate }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterList {
    /// Its certificates, CSCA and link certificates alike.
    pub certificates: Vec<Certificate>,
    /// The place of each of them in the list, counted from 1.
    pub places: Vec<usize>,
    /// Entries that are no certificate, or none that can be used.
    pub unreadable: Vec<UnreadableEntry>,
}

/// An entry of a master list that can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnreadableEntry {
    /// Its place in the list, counted from 1.
    pub place: usize,
    /// SHA-256 of its bytes.
    pub fingerprint: [u8; 32],
    /// What is wrong with it.
    pub error: TrustError,
}

/// What the check of a master list came to, step by step.
pub type MasterListAuthentication = Authentication<MasterList>;

/// A master list whose signature nobody checked: to be shown, and to find the certificates that could vouch for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnverifiedMasterList {
    /// The certificates beside the signature: the signer's, and often its issuer's.
    pub beside: Vec<Certificate>,
    /// The list.
    pub list: MasterList,
}

impl UnverifiedMasterList {
    /// Reads a ContentInfo that holds a master list.
    pub fn from_der(der: &[u8]) -> Result<Self, TrustError> {
        let der = ber::to_der(der).ok_or(TrustError::NotAMasterList)?;
        let cms = SignedData::from_der(&der).map_err(|_| TrustError::NotAMasterList)?;
        if cms.content_type != oid::ID_ICAO_CSCA_MASTER_LIST {
            return Err(TrustError::NotAMasterList);
        }
        let list = MasterList::from_content(cms.content.ok_or(TrustError::NotAMasterList)?)?;
        Ok(Self {
            beside: cms.certificates,
            list,
        })
    }
}

impl MasterList {
    fn from_content(content: &[u8]) -> Result<Self, TrustError> {
        let entries = entries(content).map_err(|_| TrustError::NotAMasterList)?;
        let mut list = Self {
            certificates: Vec::with_capacity(entries.len()),
            places: Vec::with_capacity(entries.len()),
            unreadable: Vec::new(),
        };
        for (place, entry) in (1..).zip(entries) {
            match Certificate::from_der(entry) {
                Ok(certificate) => {
                    list.certificates.push(certificate);
                    list.places.push(place);
                }
                Err(error) => list.unreadable.push(UnreadableEntry {
                    place,
                    fingerprint: fingerprint(entry),
                    error,
                }),
            }
        }
        Ok(list)
    }
}

fn entries(content: &[u8]) -> der::Result<Vec<&[u8]>> {
    let mut reader = SliceReader::new(content)?;
    let entries = reader.sequence(|list| {
        // Doc 9303-12, 9: CscaMasterListVersion ::= INTEGER {v0(0)}.
        if u8::decode(list)? != 0 {
            return Err(der::Error::from(Tag::Integer.value_error()));
        }
        let mut set = SliceReader::new(element(list, Tag::Set)?)?;
        let mut entries = Vec::new();
        while !set.is_finished() {
            if entries.len() == MOST_ENTRIES {
                return Err(der::Error::from(Tag::Set.length_error()));
            }
            entries.push(set.tlv_bytes()?);
        }
        Ok(entries)
    })?;
    reader.finish()?;
    Ok(entries)
}

/// Checks a master list: its signature, and that a path leads from an anchor to its signer's certificate.
pub fn authenticate_master_list(
    der: &[u8],
    anchors: &dyn TrustAnchors,
    now: Timestamp,
    options: &PathOptions,
) -> MasterListAuthentication {
    let Some(der) = ber::to_der(der) else {
        return Authentication::unsigned(TrustFault::Unreadable, None);
    };
    let cms = match SignedData::from_der(&der) {
        Ok(cms) => cms,
        Err(fault) => return Authentication::unsigned(fault, None),
    };
    let asked = Asked {
        content_types: &[oid::ID_ICAO_CSCA_MASTER_LIST],
        purpose: Purpose::MasterLists,
        anchors,
        now,
        options,
    };
    let read = |content: &[u8]| MasterList::from_content(content).map_err(|_| TrustFault::ContentUnreadable);
    authenticate(&cms, &asked, read, |list, _, _| list)
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    /// A list of this version with so many empty entries.
    fn content(version: u8, entries: usize) -> Vec<u8> {
        let field = |tag: u8, value: &[u8]| {
            let length = value.len();
            match u8::try_from(length) {
                Ok(short @ 0..128) => [&[tag, short], value].concat(),
                _ => [&[tag, 0x82, (length >> 8) as u8, length as u8], value].concat(),
            }
        };
        let set = field(0x31, &[0x30, 0].repeat(entries));
        field(0x30, &[&[2, 1, version], &set[..]].concat())
    }

    #[test]
    fn a_list_of_another_version_or_without_end_is_no_master_list() {
        let read = |version, entries| MasterList::from_content(&content(version, entries));
        assert_eq!(read(0, MOST_ENTRIES).unwrap().unreadable.len(), MOST_ENTRIES);
        assert_eq!(read(0, MOST_ENTRIES + 1), Err(TrustError::NotAMasterList));
        assert_eq!(read(1, 1), Err(TrustError::NotAMasterList));
        assert_eq!(read(0, 0).unwrap().certificates, vec![]);
    }
}
