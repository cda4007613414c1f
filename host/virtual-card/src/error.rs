//! What can go wrong on this side of the card, and what to do about it.

use std::{io, path::PathBuf};

use chipgate_crypto::CryptoError;
use chipgate_lds::LdsError;

/// Why a card could not be issued, read or presented.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// No profile has this name.
    #[error("there is no profile `{name}`: `chipgate card profiles` lists them")]
    UnknownProfile {
        /// The name that was asked for.
        name: String,
    },
    /// No personality has this name.
    #[error("there is no personality `{name}`: `chipgate card personalities` lists them")]
    UnknownPersonality {
        /// The name that was asked for.
        name: String,
    },
    /// No signature algorithm has this name.
    #[error(
        "there is no signature algorithm `{name}`: write it as in rsa-3072-pss-sha256, rsa-2048-pkcs1-sha512 or \
         ecdsa-brainpoolP384r1-sha384"
    )]
    UnknownAlgorithm {
        /// The name that was asked for.
        name: String,
    },
    /// No fault has this name.
    #[error("there is no fault `{name}`: `chipgate card faults` lists them")]
    UnknownFault {
        /// The name that was asked for.
        name: String,
    },
    /// The fault needs something that the profile's cards lack.
    #[error(
        "the fault `{fault}` does not fit the profile `{profile}`: take the profile that it is listed with"
    )]
    FaultDoesNotFit {
        /// The fault's name.
        fault: &'static str,
        /// The profile's name.
        profile: &'static str,
    },
    /// A file or folder could not be read or written.
    #[error("{}: {}", path.display(), in_words(source))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no card file.
    #[error("not a card file, at line {line}, column {column}: {problem}; issue the card again")]
    NotACardFile {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there; it quotes no secret.
        problem: &'static str,
    },
    /// The card file is of a version that this program does not know.
    #[error("a card file of version {found}, and this program knows version {known}: issue the card again")]
    UnknownVersion {
        /// The version in the file.
        found: u32,
        /// The version that this program writes.
        known: u32,
    },
    /// A value in the card file is not what it is for.
    #[error("the card file's `{field}` is not usable: {problem}")]
    UnusableValue {
        /// The field's name in the file.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The portrait is neither a JPEG nor a JPEG 2000 picture whose size can be read.
    #[error("the portrait is no JPEG or JPEG 2000 picture with a size in its header: convert it to JPEG")]
    UnusablePortrait,
    /// A cryptographic operation failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// A file of the chip could not be made.
    #[error(transparent)]
    Lds(#[from] LdsError),
    /// Another card lies in the virtual reader.
    #[error(
        "a card lies in the virtual reader at {address} already: take that one out, or lay this one in the second place \
         with --vpcd 127.0.0.1:35964"
    )]
    ReaderOccupied {
        /// Where the reader's place is.
        address: String,
    },
    /// The virtual reader could not be reached.
    #[error(
        "no virtual reader listens at {address} ({source}): start the PC/SC service (`sudo pcscd`, or `systemctl start pcscd`) with the virtual reader of vsmartcard-vpcd installed, or name its address with --vpcd"
    )]
    NoVirtualReader {
        /// Where the card tried to connect.
        address: String,
        /// What the system said.
        source: io::Error,
    },
}

impl CardError {
    /// A failed access to `path`.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}

/// The system's error, with what to do where that is plain.
fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it is not there: look at its name and its folder".to_owned(),
        io::ErrorKind::PermissionDenied => "this user may not read or write it".to_owned(),
        _ => error.to_string(),
    }
}
