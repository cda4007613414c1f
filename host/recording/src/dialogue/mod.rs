//! An exchange understood: each command by its meaning, secure messaging opened, files put together.
//!
//! The keys of secure messaging come from the recording itself. BAC's follow from the password and the two
//! cryptograms; those of PACE and of chip authentication from the reader's private keys, which are made of the recorded
//! random numbers anew. Every key is held against what was sent with it, so that a wrong one is never taken.

mod chip_authentication;
mod draws;
mod files;
mod interpreter;
mod keys;
mod meaning;
mod pace;
mod secure_messaging;
mod whole_exchange;

use std::{collections::BTreeMap, ops::Range};

use chipgate_apdu::{ChannelError, Command, Response};
use chipgate_crypto::{AgreementPrivateKey, Cipher, ObjectIdentifier};
use chipgate_lds::File;

use crate::Recording;
pub(crate) use chip_authentication::agrees;
pub(crate) use draws::Draws;
pub use files::{FileTrace, Found};
pub(crate) use keys::{
    Mapping, bac_document_keys, bac_open, cipher_of, mapping_of, mrz_information, pace_token, seed,
};
pub use meaning::Meaning;
pub(crate) use meaning::object;
pub(crate) use secure_messaging::Messaging;
pub use secure_messaging::Unopened;

/// A recording understood.
pub struct Dialogue {
    /// What went over the link, in its order.
    pub turns: Vec<Turn>,
    /// What became of each file that was asked for.
    pub files: BTreeMap<File, FileTrace>,
    /// How the chip was opened, if it was.
    pub access: Option<AccessUsed>,
}

/// How a chip was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessUsed {
    /// By basic access control.
    Bac,
    /// By PACE.
    Pace {
        /// The protocol's object identifier.
        protocol: ObjectIdentifier,
        /// The standardised domain parameters.
        parameters: u8,
        /// The reference of the password: 1 MRZ, 2 CAN, 3 PIN, 4 PUK.
        password: u8,
    },
}

/// A command and what came of it.
pub struct Turn {
    /// The line of the command in the file, from 1.
    pub line: usize,
    /// When it was sent, in microseconds after the beginning.
    pub at: u64,
    /// How long it took, in microseconds.
    pub took: u64,
    /// The places of its exchanges among the entries: the command, and each GET RESPONSE after it.
    pub entries: Vec<usize>,
    /// The command as it was sent; `None` if it is none.
    pub sent: Option<Command>,
    /// Whether it was protected.
    pub protected: bool,
    /// The command inside, or the plain one.
    pub command: Result<Command, Unopened>,
    /// What the command is for.
    pub meaning: Meaning,
    /// What came of it.
    pub answer: Answer,
    /// The private key that the reader used in it.
    pub(crate) key: Option<KeyUse>,
    /// What is wrong with what a successful answer says.
    pub(crate) oddity: Option<Oddity>,
}

/// What is wrong with an answer whose form is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Oddity {
    /// The public key is the reader's own.
    Reflected,
    /// The public key is in no group that it could be in.
    OffGroup,
    /// The chip's token of PACE, or its cryptogram of BAC, is another one than its keys give.
    WrongProof,
    /// The status word outside secure messaging is another one than the one inside.
    OtherStatus,
}

/// What came of a command.
pub enum Answer {
    /// The exchange failed.
    Failed(ChannelError),
    /// Bytes that are no response.
    NoResponse(Vec<u8>),
    /// A response.
    Response {
        /// As it was received, all its parts together.
        outer: Response,
        /// The one inside, or the plain one.
        inner: Result<Response, Unopened>,
    },
}

/// A private key of the reader, and the random numbers that it was made of.
#[derive(Clone)]
pub(crate) struct KeyUse {
    /// Which of the recording's draws, counted from 0.
    pub(crate) draws: Range<usize>,
    pub(crate) private: AgreementPrivateKey,
    /// The chip's public key of chip authentication, and the cipher of the session that follows.
    pub(crate) peer: Option<(Vec<u8>, Cipher)>,
}

impl Dialogue {
    /// Understands a recording as far as it can be.
    #[must_use]
    pub fn of(recording: &Recording) -> Self {
        interpreter::interpret(recording)
    }

    /// The bytes of a file that was read.
    #[must_use]
    pub fn file(&self, file: File) -> Option<&[u8]> {
        self.files
            .get(&file)
            .filter(|trace| !trace.bytes.is_empty())
            .map(|trace| trace.bytes.as_slice())
    }
}

impl Turn {
    /// The response inside, if there is one that was opened.
    #[must_use]
    pub const fn response(&self) -> Option<&Response> {
        match &self.answer {
            Answer::Response { inner: Ok(inner), .. } => Some(inner),
            _ => None,
        }
    }

    /// Whether the command succeeded.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.response()
            .is_some_and(|response| response.status.is_success())
    }
}
