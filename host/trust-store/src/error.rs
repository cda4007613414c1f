//! What can go wrong with the folder or a file, and what to do about it.

use std::path::PathBuf;

use chipgate_trust::{TrustError, TrustFault};
use thiserror::Error;

use crate::format::Likeness;

/// The folder itself cannot be used.
#[derive(Debug, Error)]
pub enum StoreError {
    /// There is nothing at that path.
    #[error("{}: there is no trust folder: create it, or import a certificate into it", folder.display())]
    NotFound {
        /// The folder that was named.
        folder: PathBuf,
    },
    /// The path is a file.
    #[error("{}: not a folder: name the folder that holds the anchors", folder.display())]
    NotAFolder {
        /// The path that was named.
        folder: PathBuf,
    },
    /// The folder or a file in it cannot be read.
    #[error("{}: cannot be read ({source}): check its permissions", path.display())]
    Unreadable {
        /// What could not be read.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file cannot be written into the folder. What was there before is untouched.
    #[error("{}: cannot be written ({source}): check permissions and space", path.display())]
    NotWritable {
        /// What could not be written.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Why a file, or a part of it, was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The file is something else than its name or its use promises.
    #[error("looks like {found}: expected an X.509 certificate or CRL (DER or PEM) or a master list (CMS)")]
    Unrecognised {
        /// What it looks like.
        found: Likeness,
    },
    /// The file is larger than anything of its kind.
    #[error("has {size} bytes, more than a master list can have: check that it is the right file")]
    TooLarge {
        /// Its size in bytes.
        size: u64,
    },
    /// The file cannot be read.
    #[error("cannot be read ({kind}): check its permissions")]
    Unreadable {
        /// What the system said.
        kind: std::io::ErrorKind,
    },
    /// It has the right form, and cannot be used.
    #[error(transparent)]
    Unusable(#[from] TrustError),
    /// A master list that does not verify, or not under an anchor that is there.
    #[error(
        "the master list is not trusted: {fault}. Import its signer's CSCA first, or name that one's fingerprint"
    )]
    MasterList {
        /// Why.
        fault: TrustFault,
    },
    /// A revocation list that does not verify under an anchor that is there.
    #[error("the revocation list is not trusted: {fault}. Import its issuer's CSCA first")]
    RevocationList {
        /// Why.
        fault: TrustFault,
    },
}
