use std::path::{Path, PathBuf};

use chipgate_chip::ChipError;
use chipgate_face::FaceError;
use chipgate_trust_store::StoreError;

/// Why an inspection ended without a verdict, or a report could not be made.
///
/// What a document lacks is an outcome of a check, never one of these.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// The chip could not be read.
    #[error(transparent)]
    Chip(#[from] ChipError),
    /// The trust material could not be read.
    #[error(transparent)]
    Trust(#[from] StoreError),
    /// The live picture can't be used.
    #[error("the live picture can't be used: {0}")]
    LivePicture(FaceError),
    /// The face models are not there.
    #[error("the face models can't be loaded: {0}")]
    Models(FaceError),
    /// The folder of files holds no EF.SOD.
    #[error("{} can't be read: {reason}; the folder must hold what `chipgate read --out` wrote, at least EF.SOD.bin", file.display())]
    Files {
        /// The file.
        file: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// The outbox can't be read or written.
    #[error("the outbox {} can't be used: {reason}; make room or mend its rights, no report is lost", folder.display())]
    Outbox {
        /// Its folder.
        folder: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// Another program uses the outbox and does not end.
    #[error("another chipgate has used the outbox {} for a minute: let it end, or name another folder by --outbox", folder.display())]
    OutboxInUse {
        /// Its folder.
        folder: PathBuf,
    },
    /// Reports would go over the network unprotected.
    #[error("{address} is not protected by TLS: use https://, or a verifier on this machine")]
    PlainHttp {
        /// The address.
        address: String,
    },
    /// The outbox belongs to another device.
    #[error("the outbox {} belongs to device {owner}, not to {device}: name another folder by --outbox", folder.display())]
    ForeignOutbox {
        /// Its folder.
        folder: PathBuf,
        /// Whose chain it holds.
        owner: String,
        /// Who asked.
        device: String,
    },
    /// The chain file is broken.
    #[error("{} is broken: put it back from a backup; a new chain would show at the verifier as a gap", file.display())]
    BrokenChain {
        /// The file.
        file: PathBuf,
    },
    /// The device key can't be read or written.
    #[error("the device key {} can't be used: {reason} (`chipgate report key --out FILE` makes a new one)", file.display())]
    DeviceKey {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The device's name is none that a verifier takes.
    #[error("{name:?} is no name for a device: 1 to 64 letters, digits, dots, hyphens and underscores")]
    DeviceName {
        /// The name.
        name: String,
    },
    /// The report could not be made.
    #[error("the report could not be made: {reason}")]
    Report {
        /// What is wrong.
        reason: String,
    },
    /// The file of certificate authorities is unreadable.
    #[error("{} holds no certificate in PEM: name the authorities of the verifier's TLS certificate", file.display())]
    UnreadableAuthorities {
        /// The file.
        file: PathBuf,
    },
    /// The verifier refuses this device.
    #[error("the verifier refuses: {message} ({code})")]
    VerifierRefuses {
        /// The verifier's code.
        code: String,
        /// The verifier's words.
        message: String,
    },
    /// Something else answers at the verifier's address.
    #[error("what answers at {address} is no chipgate verifier: look at the address")]
    NotAVerifier {
        /// The address.
        address: String,
    },
}

impl GateError {
    pub(crate) fn outbox(folder: &Path, error: &std::io::Error) -> Self {
        Self::Outbox {
            folder: folder.to_owned(),
            reason: error.to_string(),
        }
    }

    /// The error's code, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Chip(error) => error.code(),
            Self::Trust(_) => "trust-store",
            Self::LivePicture(_) => "live-picture",
            Self::Models(_) => "models",
            Self::Files { .. } => "files",
            Self::Outbox { .. } => "outbox",
            Self::OutboxInUse { .. } => "outbox-in-use",
            Self::PlainHttp { .. } => "plain-http",
            Self::ForeignOutbox { .. } => "foreign-outbox",
            Self::BrokenChain { .. } => "broken-chain",
            Self::DeviceKey { .. } => "device-key",
            Self::DeviceName { .. } => "device-name",
            Self::Report { .. } => "report",
            Self::UnreadableAuthorities { .. } => "authorities",
            Self::VerifierRefuses { .. } => "verifier-refuses",
            Self::NotAVerifier { .. } => "not-a-verifier",
        }
    }
}
