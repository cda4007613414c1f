//! CSCA master lists (Doc 9303-12, 9): certificates that one state vouches for.

use alloc::vec::Vec;

use chipgate_apdu::Timestamp;
use der::{Decode, Reader, SliceReader, Tag};

use crate::anchors::TrustAnchors;
use crate::authentication::Authentication;
use crate::certificate::{Certificate, fingerprint};
use crate::elements::{element, elements};
use crate::fault::{TrustError, TrustFault};
use crate::path::{PathOptions, Purpose};
use crate::signed_data::SignedData;
use crate::signed_object::{Asked, authenticate};
use crate::{ber, oid};

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
        u8::decode(list)?;
        elements(element(list, Tag::Set)?)
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
