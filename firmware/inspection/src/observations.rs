//! What an inspection saw: the files as they were read, and the proofs that others made of them.

use alloc::vec::Vec;
use core::fmt;

use chipgate_apdu::Timestamp;
use chipgate_chip::{
    Access, ActiveAuthentication, ChipAuthentication, ChipError, ReadOutcome, TerminalAuthentication,
};
use chipgate_lds::{DataGroup, File, Mrz, MrzKey, vietnam::CitizenQr};
use chipgate_trust::{CardSecurityAuthentication, PassiveAuthentication};

use crate::report::{FaceScore, Score};

/// How the chip was reached.
#[derive(Debug, Clone, Copy)]
pub enum AccessObservation<'a> {
    /// A chip was opened.
    Opened(&'a Access),
    /// There was no chip: the files were read from a disk.
    FilesOnly,
}

/// What reading one file came to. What is in the file does not appear in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub enum FileObservation {
    /// All of it, as it is on the chip.
    Read(Vec<u8>),
    /// The chip does not have it.
    NotFound,
    /// The chip does not give it without terminal authentication.
    Denied,
    /// It could not be read to its end, or its length is a lie.
    Unreadable,
}

impl fmt::Debug for FileObservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(bytes) => write!(f, "Read({} bytes)", bytes.len()),
            Self::NotFound => f.write_str("NotFound"),
            Self::Denied => f.write_str("Denied"),
            Self::Unreadable => f.write_str("Unreadable"),
        }
    }
}

impl From<ReadOutcome> for FileObservation {
    fn from(outcome: ReadOutcome) -> Self {
        match outcome {
            ReadOutcome::Read(bytes) => Self::Read(bytes),
            ReadOutcome::NotFound => Self::NotFound,
            ReadOutcome::Denied => Self::Denied,
        }
    }
}

/// The files of a chip, as far as reading them was tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files(Vec<(File, FileObservation)>);

impl Files {
    /// No file yet.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Notes what reading `file` came to. What was noted first stands: a file is read once.
    pub fn insert(&mut self, file: File, observation: impl Into<FileObservation>) {
        if self.get(file).is_none() {
            self.0.push((file, observation.into()));
        }
    }

    /// What reading `file` came to; none if it was not tried.
    pub fn get(&self, file: File) -> Option<&FileObservation> {
        self.0
            .iter()
            .find(|(of, _)| *of == file)
            .map(|(_, observation)| observation)
    }

    /// The bytes of `file`, if it was read.
    pub fn bytes(&self, file: File) -> Option<&[u8]> {
        match self.get(file)? {
            FileObservation::Read(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// How many bytes they have together.
    pub fn length(&self) -> usize {
        let read = self.0.iter().map(|(_, observation)| match observation {
            FileObservation::Read(bytes) => bytes.len(),
            _ => 0,
        });
        read.sum()
    }

    /// What reading a data group came to.
    pub(crate) fn group(&self, number: DataGroup) -> Option<&FileObservation> {
        self.get(File::DataGroup(number))
    }
}

/// What was printed on the document, or on what was shown for it.
#[derive(Debug, Clone, Copy)]
pub enum Printed<'a> {
    /// The whole machine readable zone.
    Mrz(&'a Mrz),
    /// Document number, date of birth and date of expiry.
    Key(&'a MrzKey),
    /// The QR code of a Vietnamese citizen card, which says number, name, date of birth and sex.
    CitizenQr(&'a CitizenQr),
}

/// What comparing the faces came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FaceObservation {
    /// No live picture was given.
    #[default]
    NotRequested,
    /// The portrait in DG2 cannot be decoded.
    PortraitUnreadable,
    /// No face was found in the portrait.
    NoFaceInPortrait,
    /// No face was found in the live picture.
    NoLiveFace,
    /// Several faces are in the live picture, and none stands out.
    SeveralLiveFaces,
    /// The live picture is too poor to compare.
    LivePictureTooPoor,
    /// The live picture is black: a cap on the lens, or no light.
    BlackFrame,
    /// The camera sends the same picture again and again: whoever is on it may have left long ago.
    FrozenCamera,
    /// The eyes in the live picture are closed or covered.
    EyesClosed,
    /// Mouth or chin are covered in the live picture.
    MouthCovered,
    /// A model is missing or does not run.
    Unavailable,
    /// The portrait of DG2 and the live face were compared.
    Compared(FaceScore),
}

/// How much the live picture looks like an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttackScore {
    /// 0 for a person, 1 for an attack.
    pub score: Score,
    /// From here on an attack is suspected.
    pub threshold: Score,
}

/// What came of asking the person for a movement that a picture cannot make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeObservation {
    /// The policy wants it ([`Policy::wants_challenge`](crate::Policy::wants_challenge)), and nothing was asked.
    NotAsked,
    /// The frames show it.
    Met,
    /// The frames do not show it.
    NotMet,
}

/// Everything that an inspection saw. The checks are computed from it by [`evaluate`](crate::evaluate), and from
/// nothing else.
#[derive(Debug, Clone, Copy)]
pub struct Observations<'a> {
    /// How the chip was reached.
    pub access: AccessObservation<'a>,
    /// The files as they were read, EF.CardAccess among them.
    pub files: &'a Files,
    /// Passive authentication of EF.SOD as it stands in `files`; none if EF.SOD could not be read.
    pub passive: Option<&'a PassiveAuthentication>,
    /// Chip authentication, if it was tried.
    pub chip_authentication: Option<Result<&'a ChipAuthentication, &'a ChipError>>,
    /// Active authentication, if it was tried.
    pub active_authentication: Option<Result<&'a ActiveAuthentication, &'a ChipError>>,
    /// Terminal authentication, if it was tried.
    pub terminal_authentication: Option<Result<&'a TerminalAuthentication, &'a ChipError>>,
    /// The check of EF.CardSecurity as it stands in `files`, which PACE with chip authentication mapping needs; none if it was
    /// not read.
    pub card_security: Option<&'a CardSecurityAuthentication>,
    /// What is printed, if it was given.
    pub printed: Option<Printed<'a>>,
    /// What comparing the faces came to.
    pub face: &'a FaceObservation,
    /// What attack detection came to, if it ran.
    pub attack: Option<AttackScore>,
    /// What came of a challenge; none if it was neither asked nor wanted, or no face was there to judge it by.
    pub challenge: Option<ChallengeObservation>,
    /// The time of the inspection.
    pub now: Timestamp,
}
