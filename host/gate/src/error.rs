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
    #[error("the outbox {} can't be used: {reason}; make room or mend its rights, what waits in it stays there", folder.display())]
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
    /// The verifier's address is none.
    #[error(
        "{address:?} is no address of a verifier: it begins with https://, or with http:// for one on this machine"
    )]
    NoAddress {
        /// What was given.
        address: String,
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
    #[error("{} is broken: `chipgate report restart --after N` begins it anew, where N is the last number that the verifier has of this device (its page Devices shows it)", file.display())]
    BrokenChain {
        /// The file.
        file: PathBuf,
    },
    /// The device key can't be read or written.
    #[error("the device key {} can't be used: {reason}", file.display())]
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
    /// The verifier refuses.
    #[error("the verifier refuses: {message} ({code})")]
    VerifierRefuses {
        /// The verifier's code.
        code: String,
        /// The verifier's words.
        message: String,
    },
    /// The device is not registered at the verifier.
    #[error(
        "the verifier knows no device {device}: register it there with `chipgate verifier device add {device} --key FILE`, FILE being its public key"
    )]
    UnknownDevice {
        /// Its name.
        device: String,
    },
    /// The device was revoked at the verifier.
    #[error("the verifier has revoked the device {device}: ask its operator why")]
    DeviceRevoked {
        /// Its name.
        device: String,
    },
    /// The verifier did not answer in time.
    #[error(
        "the verifier at {address} did not answer within {seconds} seconds: the network or the verifier is too slow, or a firewall is between"
    )]
    VerifierTimedOut {
        /// Its address.
        address: String,
        /// How long was waited.
        seconds: u64,
    },
    /// No connection came about.
    #[error("the verifier at {address} can't be reached: {reason}")]
    VerifierUnreachable {
        /// Its address.
        address: String,
        /// What came in between, and what to look at.
        reason: String,
    },
    /// The verifier asks for patience.
    #[error("the verifier at {address} asks to come again later: {reason}")]
    VerifierBusy {
        /// Its address.
        address: String,
        /// Its words.
        reason: String,
    },
    /// The verifier's name leads nowhere.
    #[error(
        "the name in {address} leads to no machine: look at its spelling, and at this machine's network and name server"
    )]
    UnknownHost {
        /// The address.
        address: String,
    },
    /// The connection is not protected as it must be.
    #[error(
        "TLS with {address} failed ({reason}): does a verifier behind TLS listen there, and is its certificate's authority known here (--report-ca)?"
    )]
    TlsFailed {
        /// The address.
        address: String,
        /// What failed.
        reason: String,
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

    /// Whether the verifier is merely away, so that waiting helps; everything else someone has to mend.
    #[must_use]
    pub const fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::VerifierTimedOut { .. } | Self::VerifierUnreachable { .. } | Self::VerifierBusy { .. }
        )
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
            Self::NoAddress { .. } => "no-address",
            Self::VerifierRefuses { .. } => "verifier-refuses",
            Self::UnknownDevice { .. } => "unknown-device",
            Self::DeviceRevoked { .. } => "device-revoked",
            Self::VerifierTimedOut { .. } => "verifier-timed-out",
            Self::VerifierUnreachable { .. } => "verifier-unreachable",
            Self::VerifierBusy { .. } => "verifier-busy",
            Self::UnknownHost { .. } => "unknown-host",
            Self::TlsFailed { .. } => "tls-failed",
            Self::NotAVerifier { .. } => "not-a-verifier",
        }
    }
}
