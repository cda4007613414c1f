//! CSCA master lists (Doc 9303-12, 9): certificates that one state vouches for.

use alloc::vec::Vec;

use chipgate_apdu::Timestamp;
use der::{Decode, Reader, SliceReader, Tag};

use crate::anchors::TrustAnchors;
use crate::certificate::{Certificate, fingerprint};
use crate::elements::{element, elements};
use crate::fault::{StepResult, TrustError, TrustFault};
use crate::oid;
use crate::passive::Chain;
use crate::path::{PathOptions, Purpose};
use crate::signed_data::SignedData;
use crate::verified::Verified;

/// The content of a master list.
///
/// ```text
/// CscaMasterList ::= SEQUENCE { version INTEGER (0), certList SET OF Certificate }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterList {
    /// Its certificates, CSCA and link certificates alike.
    pub certificates: Vec<Certificate>,
    /// Entries that are no certificate, or none that can be used: SHA-256 of their bytes, and why.
    pub unreadable: Vec<([u8; 32], TrustError)>,
}

/// What the check of a master list came to, step by step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterListAuthentication {
    /// Whether the list is well-formed and its signature holds under the certificate in it.
    pub signature: StepResult,
    /// Whether a trust anchor issued that certificate for signing master lists.
    pub issuer_certificate: StepResult,
    /// Whether both certificates are valid now.
    pub validity: StepResult,
    /// Whether both certificates are free of revocation by a current list.
    pub revocation: StepResult,
    /// The certificate that the list names as its signer's.
    pub signer: Option<Certificate>,
    /// The list, if its signature and path hold.
    pub verified: Option<Verified<MasterList>>,
}

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
        let cms = SignedData::from_der(der).map_err(|_| TrustError::NotAMasterList)?;
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
            unreadable: Vec::new(),
        };
        for entry in entries {
            match Certificate::from_der(entry) {
                Ok(certificate) => list.certificates.push(certificate),
                Err(error) => list.unreadable.push((fingerprint(entry), error)),
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

/// Checks a master list: its signature, and that an anchor issued its signer's certificate.
pub fn authenticate_master_list(
    der: &[u8],
    anchors: &dyn TrustAnchors,
    now: Timestamp,
    options: &PathOptions,
) -> MasterListAuthentication {
    let cms = match SignedData::from_der(der) {
        Ok(cms) => cms,
        Err(fault) => return MasterListAuthentication::unsigned(fault, None),
    };
    let (content, signed) = match cms.verify(oid::ID_ICAO_CSCA_MASTER_LIST) {
        Ok(verified) => verified,
        Err(fault) => return MasterListAuthentication::unsigned(fault, cms.claimed_signer().cloned()),
    };
    let Ok(list) = MasterList::from_content(content) else {
        return MasterListAuthentication::unsigned(TrustFault::ContentUnreadable, Some(signed.signer));
    };
    let chain = Chain::check(&signed, Purpose::MasterLists, anchors, now, options);
    MasterListAuthentication {
        signature: StepResult::Successful,
        issuer_certificate: chain.anchor.as_ref().map(|_| ()).map_err(|fault| *fault).into(),
        validity: chain.validity,
        revocation: chain.revocation,
        signer: Some(signed.signer),
        verified: chain.anchor.ok().map(|_| Verified::new(list)),
    }
}

impl MasterListAuthentication {
    fn unsigned(fault: TrustFault, signer: Option<Certificate>) -> Self {
        let undetermined = StepResult::Undetermined(fault);
        Self {
            signature: fault.into(),
            issuer_certificate: undetermined,
            validity: undetermined,
            revocation: undetermined,
            signer,
            verified: None,
        }
    }
}
