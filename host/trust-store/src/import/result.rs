//! What an import came to, object by object.

use std::path::PathBuf;

use chipgate_trust::UnreadableDefect;

use crate::error::Refusal;
use crate::listing::Listed;
use crate::store::Refused;
use crate::verification::Verification;

/// What came of one object of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The file that it came from.
    pub from: PathBuf,
    /// Which part of the file, counted from 1, where it holds several.
    pub part: Option<usize>,
    /// At which line of the file it begins, counted from 1, in LDIF.
    pub line: Option<usize>,
    /// The entry of the directory that it belongs to, in LDIF.
    pub entry: Option<String>,
    /// What came of it.
    pub result: ImportResult,
}

/// What came of an object that was to be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportResult {
    /// It is in the store now, in this file.
    Added(Box<Listed>),
    /// A master list is in the store now, in this file, and brought in so many anchors.
    AddedMasterList {
        /// The file that it is in.
        file: PathBuf,
        /// How many anchors are new by it.
        anchors: usize,
        /// What became of the signature on each of its certificates.
        verification: Verification,
        /// Its entries that do not count, and why.
        refused: Vec<Refused>,
    },
    /// A defect or deviation list is in the store now, in this file.
    AddedDefectList {
        /// The file that it is in.
        file: PathBuf,
        /// How many entries it has.
        defects: usize,
        /// How many entries were passed over: they name no signer, or cannot be read.
        passed_over: usize,
        /// The entries, and the known defects of entries, that cannot be read.
        unreadable: Vec<UnreadableDefect>,
    },
    /// A document signer's certificate is in the store now.
    AddedSigner(Box<Listed>),
    /// A revocation list is in the store now, in the place of older ones of its issuer.
    Replaced {
        /// The new one.
        list: Box<Listed>,
        /// How many older ones are gone.
        older: usize,
    },
    /// A revocation list in whose place a newer one of its issuer is here already.
    Superseded(Box<Listed>),
    /// What the directory deleted was removed.
    Removed,
    /// Lists that the directory deletes and that stay, by their fingerprints in hexadecimal digits: they protect, and nobody
    /// signed the deletion.
    Kept(Vec<String>),
    /// Anchors that were distrusted are trusted again: an operator named them.
    TakenBack(Vec<Listed>),
    /// It was in the store before.
    AlreadyThere,
    /// It was not taken.
    Refused(Refusal),
}

impl ImportResult {
    /// Whether the object is in the store now.
    pub(super) const fn is_here(&self) -> bool {
        !matches!(
            self,
            Self::Superseded(_) | Self::Removed | Self::Kept(_) | Self::Refused(_)
        )
    }
}
