//! Lists of known defects: TR-03129-2, 7 (defect lists) and Doc 9303-12, 7.3 (deviation lists). A defect belongs to the
//! documents of one signer.

mod entry;
mod known_defect;
mod unreadable;

use alloc::vec::Vec;

use chipgate_apdu::Timestamp;
use chipgate_crypto::HashAlgorithm;
use der::asn1::ObjectIdentifier;
use der::{Decode, Reader, SliceReader, Tag};

use crate::anchors::TrustAnchors;
use crate::authentication::Authentication;
use crate::certificate::Certificate;
use crate::elements::{element, elements};
use crate::fault::{TrustError, TrustFault};
use crate::path::{PathOptions, Purpose};
use crate::signed_data::SignedData;
use crate::signed_object::{Asked, authenticate};
use crate::{ber, oid};

pub use self::entry::Defect;
pub use self::known_defect::KnownDefect;
pub use self::unreadable::{DefectFault, UnreadableDefect};

/// The content of a defect list or a deviation list.
///
/// ```text
/// DefectList ::= SEQUENCE { version INTEGER {v1(0), v2(1)}, hashAlg OBJECT IDENTIFIER, defects SET OF Defect }
/// Defect ::= SEQUENCE { signerIdentifier SignerIdentifier OPTIONAL, certificateHash OCTET STRING OPTIONAL,
///     knownDefects SET OF VersionedKnownDefect, description UTF8String OPTIONAL }
/// DeviationList ::= SEQUENCE { version INTEGER {v0(0)}, digestAlgorithm AlgorithmIdentifier OPTIONAL,
///     deviations SET OF SEQUENCE { documents DeviationDocuments, descriptions SET OF DeviationDescription } }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefectList {
    hash: HashAlgorithm,
    /// Its entries.
    pub defects: Vec<Defect>,
    /// How many entries were passed over: those that name no signer but a type, a period or numbers of documents, and those
    /// that cannot be read.
    pub passed_over: usize,
    /// The entries, and the known defects of entries, that cannot be read.
    pub unreadable: Vec<UnreadableDefect>,
}

/// What the check of a defect or deviation list came to, step by step.
pub type DefectListAuthentication = Authentication<DefectList>;

impl DefectList {
    /// What is known to be wrong with the documents of this signer.
    pub fn of(&self, signer: &Certificate) -> Vec<KnownDefect> {
        let defects = self.defects.iter();
        let concerned = defects.filter(|defect| defect.is_of(signer, self.hash));
        concerned.flat_map(|defect| defect.known.clone()).collect()
    }

    /// Reads the content of a signed list; `is_deviation_list` tells the two kinds apart.
    fn from_content(content: &[u8], is_deviation_list: bool) -> der::Result<Self> {
        let mut reader = SliceReader::new(content)?;
        let list = reader.sequence(|fields| {
            u8::decode(fields)?;
            let hash = hash_algorithm(fields)?;
            let entries = elements(element(fields, Tag::Set)?)?;
            let mut unreadable = Vec::new();
            let all = entries.len();
            let mut defects: Vec<_> = (1..)
                .zip(entries)
                .filter_map(|entry| Defect::read(entry, is_deviation_list, &mut unreadable))
                .collect();
            defects.retain(|defect| defect.concerned.names_a_signer());
            Ok::<_, der::Error>(Self {
                hash,
                passed_over: all - defects.len(),
                unreadable,
                defects,
            })
        })?;
        reader.finish()?;
        Ok(list)
    }
}

/// An OBJECT IDENTIFIER, an AlgorithmIdentifier, or nothing: SHA-256 then.
fn hash_algorithm<'a>(fields: &mut SliceReader<'a>) -> der::Result<HashAlgorithm> {
    let unknown = || der::Error::from(Tag::ObjectIdentifier.value_error());
    let oid = match Tag::peek(fields)? {
        Tag::ObjectIdentifier => ObjectIdentifier::decode(fields)?,
        Tag::Sequence => fields.sequence(|algorithm: &mut SliceReader<'a>| {
            let oid = ObjectIdentifier::decode(algorithm)?;
            algorithm.drain(algorithm.remaining_len())?;
            Ok::<_, der::Error>(oid)
        })?,
        _ => return Ok(HashAlgorithm::Sha256),
    };
    HashAlgorithm::from_oid(&oid).ok_or_else(unknown)
}

/// Checks a defect list or a deviation list: its signature, and that a path leads from an anchor to its signer's
/// certificate, which is for this purpose.
pub fn authenticate_defect_list(
    der: &[u8],
    anchors: &dyn TrustAnchors,
    now: Timestamp,
    options: &PathOptions,
) -> DefectListAuthentication {
    let Some(der) = ber::to_der(der) else {
        return Authentication::unsigned(TrustFault::Unreadable, None);
    };
    let cms = match SignedData::from_der(&der) {
        Ok(cms) => cms,
        Err(fault) => return Authentication::unsigned(fault, None),
    };
    let is_deviation_list = cms.content_type == oid::ID_ICAO_DEVIATION_LIST;
    let (content_type, purpose) = if is_deviation_list {
        (oid::ID_ICAO_DEVIATION_LIST, Purpose::DeviationLists)
    } else {
        (oid::ID_DEFECT_LIST, Purpose::DefectLists)
    };
    let asked = Asked {
        content_types: &[content_type],
        purpose,
        anchors,
        now,
        options,
    };
    let read = |content: &[u8]| {
        DefectList::from_content(content, is_deviation_list).map_err(|_| TrustFault::ContentUnreadable)
    };
    authenticate(&cms, &asked, read, |list, _, _| list)
}

/// A list whose signature nobody checked, and the certificates beside it: to be shown, and to tell it from other files.
pub fn read_unverified_defect_list(der: &[u8]) -> Result<(DefectList, Vec<Certificate>), TrustError> {
    let der = ber::to_der(der).ok_or(TrustError::NotADefectList)?;
    let cms = SignedData::from_der(&der).map_err(|_| TrustError::NotADefectList)?;
    let is_deviation_list = cms.content_type == oid::ID_ICAO_DEVIATION_LIST;
    if !is_deviation_list && cms.content_type != oid::ID_DEFECT_LIST {
        return Err(TrustError::NotADefectList);
    }
    let content = cms.content.ok_or(TrustError::NotADefectList)?;
    let list =
        DefectList::from_content(content, is_deviation_list).map_err(|_| TrustError::NotADefectList)?;
    Ok((list, cms.certificates))
}
