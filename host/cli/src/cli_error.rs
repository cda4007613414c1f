//! How a command ends without a result.

use chipgate_apdu::ApduError;
use chipgate_chip::ChipError;
use chipgate_face::FaceError;
use chipgate_gate::GateError;
use chipgate_inspection::PolicyError;
use chipgate_lds::LdsError;
use chipgate_pcsc::PcscError;
use chipgate_recording::RecordingError;
use chipgate_trust_store::StoreError;
use chipgate_verifier::VerifierError;
use chipgate_virtual_card::CardError;

/// Why a command came to nothing, for a person and, by its code, for a program.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Pcsc(#[from] PcscError),
    #[error(transparent)]
    Chip(#[from] ChipError),
    #[error(transparent)]
    Gate(#[from] GateError),
    #[error(transparent)]
    Face(#[from] FaceError),
    /// A picture that can't be used.
    #[error("{}: {error}", file.display())]
    Picture {
        file: std::path::PathBuf,
        error: FaceError,
    },
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A policy file that does not load.
    #[error("{}: {error}", file.display())]
    PolicyFile {
        file: std::path::PathBuf,
        error: PolicyError,
    },
    #[error(transparent)]
    Card(#[from] CardError),
    #[error(transparent)]
    Recording(#[from] RecordingError),
    #[error(transparent)]
    Trust(#[from] StoreError),
    #[error(transparent)]
    Verifier(#[from] VerifierError),
    /// A password on the command line that is none.
    #[error("{option}: {}", explained(option, error))]
    Password { option: &'static str, error: LdsError },
    /// A key or a machine readable zone in a file that is none.
    #[error("{what}: {error}")]
    Mrz { what: &'static str, error: LdsError },
    /// Several ways to name one thing, or none.
    #[error("{0}")]
    Usage(String),
    /// A file can't be read or written.
    #[error("{file}: {}", in_words(error))]
    File { file: String, error: std::io::Error },
    /// What was invented is there, and the anchors of its issuers are not.
    #[error(
        "{} is written, but not the anchors of its issuers ({error}); without them its issuer is unknown: run it again with --force", out.display()
    )]
    Anchors {
        out: std::path::PathBuf,
        error: Box<Self>,
    },
    /// Something that the program starts did not work.
    #[error("{0}")]
    Environment(String),
    #[error(transparent)]
    Apdu(#[from] ApduError),
}

impl CliError {
    pub(crate) fn file(file: &std::path::Path, error: std::io::Error) -> Self {
        Self::File {
            file: file.display().to_string(),
            error,
        }
    }

    /// The code for programs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Pcsc(error) => pcsc_code(error),
            Self::Chip(error) => error.code(),
            Self::Gate(error) => error.code(),
            Self::Face(_) => "face",
            Self::Picture { .. } => "picture",
            Self::Policy(_) | Self::PolicyFile { .. } => "policy",
            Self::Card(_) => "card-file",
            Self::Recording(_) => "recording",
            Self::Trust(_) => "trust-store",
            Self::Verifier(_) => "verifier",
            Self::Password { .. } | Self::Mrz { .. } => "mrz",
            Self::Usage(_) => "usage",
            Self::File { .. } | Self::Anchors { .. } => "file",
            Self::Environment(_) => "environment",
            Self::Apdu(_) => "apdu",
        }
    }

    /// 2 for wrong usage, 1 for everything else.
    pub(crate) const fn exit_status(&self) -> u8 {
        let names_a_bad_address = matches!(
            self,
            Self::Gate(GateError::NoAddress { .. } | GateError::PlainHttp { .. })
                | Self::Verifier(VerifierError::PlainHttp { .. })
        );
        if names_a_bad_address || matches!(self, Self::Usage(_) | Self::Password { .. }) {
            2
        } else {
            1
        }
    }

    fn chip(&self) -> Option<&ChipError> {
        match self {
            Self::Chip(error) | Self::Gate(GateError::Chip(error)) => Some(error),
            _ => None,
        }
    }

    /// The `error` object of the JSON output.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        let chip = self.chip();
        serde_json::json!({ "error": {
            "code": self.code(),
            "message": self.to_string(),
            "step": chip.and_then(ChipError::step),
            "status_word": chip.and_then(ChipError::status_word).map(|status| format!("{status:04X}")),
        } })
    }
}

/// What is wrong with what was typed: nobody has a file that could be damaged.
fn explained(option: &str, error: &LdsError) -> String {
    if option == "--qr" {
        return "this is not what the QR code of a citizen card says: twelve digits, then name, dates and the rest, with | between them; \
                put it in quotation marks"
            .to_owned();
    }
    error.to_string()
}

/// The system's error, with what to do where that is plain.
fn in_words(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "it is not there: look at its name and its folder".to_owned(),
        std::io::ErrorKind::PermissionDenied => "this user may not read or write it".to_owned(),
        _ => error.to_string(),
    }
}

fn pcsc_code(error: &PcscError) -> &'static str {
    match error {
        PcscError::NoService => "no-service",
        PcscError::NoReader => "no-reader",
        PcscError::UnknownReader { .. } => "unknown-reader",
        PcscError::NoCard { .. } => "no-card",
        PcscError::UnresponsiveCard { .. } => "unresponsive-card",
        PcscError::InUse { .. } => "reader-in-use",
        PcscError::Cancelled => "cancelled",
        PcscError::Service(_) => "service-failed",
    }
}
