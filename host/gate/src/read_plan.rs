//! The read plan: which file is read when, and what is done between (Doc 9303-11, 4.2).

use chipgate_chip::{
    Access, AccessOptions, ActiveAuthentication, ChipAuthentication, ChipError, Password, Progress,
    TerminalAuthentication, TerminalCertificates, TerminalKey,
};
use chipgate_inspection::Files;
use chipgate_lds::{DataGroup, File};

/// A step of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadStep {
    /// PACE or BAC.
    Open,
    /// Reads a file.
    Read(File),
    /// Proves the chip by the key in DG14, so that what follows travels under its keys.
    ChipAuthentication,
    /// Lets the chip sign a challenge by the key in DG15.
    ActiveAuthentication,
    /// Proves the terminal to the chip, if there is one to be proven ([`ReadRequest::terminal`]).
    TerminalAuthentication,
}

impl ReadStep {
    /// Its name in logs and among the times.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Read(file) => file.name(),
            Self::ChipAuthentication => "chip-authentication",
            Self::ActiveAuthentication => "active-authentication",
            Self::TerminalAuthentication => "terminal-authentication",
        }
    }
}

/// What an inspection does with a chip, in order. Data groups that neither EF.SOD nor EF.COM lists are left out,
/// and so is EF.CardSecurity where PACE was not one with chip authentication mapping.
///
/// The portrait is the slow part. Active authentication comes after it, so that the face is embedded while the chip signs.
pub const READ_PLAN: [ReadStep; 11] = [
    ReadStep::Open,
    ReadStep::Read(File::CardSecurity),
    ReadStep::Read(File::Com),
    ReadStep::Read(File::Sod),
    ReadStep::Read(File::DataGroup(DataGroup::DG14)),
    ReadStep::ChipAuthentication,
    ReadStep::TerminalAuthentication,
    ReadStep::Read(File::DataGroup(DataGroup::DG1)),
    ReadStep::Read(File::DataGroup(DataGroup::DG2)),
    ReadStep::Read(File::DataGroup(DataGroup::DG15)),
    ReadStep::ActiveAuthentication,
];

/// Every file of the application that EF.SOD or EF.COM lists, as it is, and no check of the chip.
pub const READ_EVERYTHING: [ReadStep; 19] = [
    ReadStep::Open,
    ReadStep::Read(File::Com),
    ReadStep::Read(File::Sod),
    ReadStep::Read(File::DataGroup(DataGroup::DG1)),
    ReadStep::Read(File::DataGroup(DataGroup::DG2)),
    ReadStep::Read(File::DataGroup(DataGroup::DG3)),
    ReadStep::Read(File::DataGroup(DataGroup::DG4)),
    ReadStep::Read(File::DataGroup(DataGroup::DG5)),
    ReadStep::Read(File::DataGroup(DataGroup::DG6)),
    ReadStep::Read(File::DataGroup(DataGroup::DG7)),
    ReadStep::Read(File::DataGroup(DataGroup::DG8)),
    ReadStep::Read(File::DataGroup(DataGroup::DG9)),
    ReadStep::Read(File::DataGroup(DataGroup::DG10)),
    ReadStep::Read(File::DataGroup(DataGroup::DG11)),
    ReadStep::Read(File::DataGroup(DataGroup::DG12)),
    ReadStep::Read(File::DataGroup(DataGroup::DG13)),
    ReadStep::Read(File::DataGroup(DataGroup::DG14)),
    ReadStep::Read(File::DataGroup(DataGroup::DG15)),
    ReadStep::Read(File::DataGroup(DataGroup::DG16)),
];

/// The same for a terminal that the chip gives fingerprints and irises ([`ReadRequest::terminal`]): the chip proves itself
/// first, since the terminal's proof binds to that.
pub const READ_AS_TERMINAL: [ReadStep; 22] = [
    ReadStep::Open,
    ReadStep::Read(File::CardSecurity),
    ReadStep::Read(File::Com),
    ReadStep::Read(File::Sod),
    ReadStep::Read(File::DataGroup(DataGroup::DG14)),
    ReadStep::ChipAuthentication,
    ReadStep::TerminalAuthentication,
    ReadStep::Read(File::DataGroup(DataGroup::DG1)),
    ReadStep::Read(File::DataGroup(DataGroup::DG2)),
    ReadStep::Read(File::DataGroup(DataGroup::DG3)),
    ReadStep::Read(File::DataGroup(DataGroup::DG4)),
    ReadStep::Read(File::DataGroup(DataGroup::DG5)),
    ReadStep::Read(File::DataGroup(DataGroup::DG6)),
    ReadStep::Read(File::DataGroup(DataGroup::DG7)),
    ReadStep::Read(File::DataGroup(DataGroup::DG8)),
    ReadStep::Read(File::DataGroup(DataGroup::DG9)),
    ReadStep::Read(File::DataGroup(DataGroup::DG10)),
    ReadStep::Read(File::DataGroup(DataGroup::DG11)),
    ReadStep::Read(File::DataGroup(DataGroup::DG12)),
    ReadStep::Read(File::DataGroup(DataGroup::DG13)),
    ReadStep::Read(File::DataGroup(DataGroup::DG15)),
    ReadStep::Read(File::DataGroup(DataGroup::DG16)),
];

/// What happens while a chip is read, for a person to watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A step begins. After the card was lost the chip is opened, and proves itself, once more.
    Begin(ReadStep),
    /// Bytes of a file have come.
    Progress(Progress),
    /// The card left the reader in the middle, and is waited for.
    CardLost,
    /// A card lies on the reader again; whether it is the same one comes out when it is opened.
    CardReturned,
}

/// What a chip gave and proved.
#[derive(Debug)]
pub struct ChipRead {
    /// How it was opened.
    pub access: Access,
    /// Its files.
    pub files: Files,
    /// Why the files that could not be read to their end could not.
    pub unreadable: Vec<(File, ChipError)>,
    /// What came of chip authentication, if it was tried.
    pub chip_authentication: Option<Result<ChipAuthentication, ChipError>>,
    /// What came of active authentication, if it was tried.
    pub active_authentication: Option<Result<ActiveAuthentication, ChipError>>,
    /// What came of terminal authentication, if it was tried.
    pub terminal_authentication: Option<Result<TerminalAuthentication, ChipError>>,
}

/// How a chip is read.
pub struct ReadRequest<'a> {
    /// What is done, in order: [`READ_PLAN`] for an inspection.
    pub plan: &'a [ReadStep],
    /// What opens it.
    pub password: &'a Password,
    /// How it is opened and read.
    pub options: &'a AccessOptions,
    /// What the chip signs in active authentication.
    pub challenge: [u8; 8],
    /// Who the reader is to the chip; without it no fingerprints and irises are read.
    pub terminal: Option<Terminal<'a>>,
}

/// The certificates of a terminal, and the key that belongs to its own.
#[derive(Clone, Copy)]
pub struct Terminal<'a> {
    /// The certificates, in any order.
    pub certificates: &'a TerminalCertificates,
    /// The key, wherever it is.
    pub key: &'a dyn TerminalKey,
}
