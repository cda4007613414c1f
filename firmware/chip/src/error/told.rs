//! What logs and reports say of an error: its name, its step, and the chip's status word.

use super::ChipError;
use crate::Step;

impl ChipError {
    /// Its name in logs, reports and the JSON of the command line.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongPassword { .. } => "wrong-password",
            Self::PasswordBlocked { .. } => "password-blocked",
            Self::PasswordSuspended { .. } => "password-suspended",
            Self::PasswordDeactivated { .. } => "password-deactivated",
            Self::PasswordNotUsable { .. } => "password-not-usable",
            Self::NoTravelDocument => "no-travel-document",
            Self::CardLost { .. } => "card-lost",
            Self::AnotherCard { .. } => "another-card",
            Self::SlowedDown { .. } => "chip-slowed-down",
            Self::Cancelled { .. } => "cancelled",
            Self::Channel { .. } => "reader-failed",
            Self::Protocol { .. } => "chip-refused",
            Self::Malformed { .. } => "chip-malformed",
            Self::BadKey { .. } => "chip-bad-key",
            Self::SecureMessaging { .. } => "secure-messaging-broken",
            Self::SessionClosed { .. } => "session-closed",
            Self::Unsupported { .. } => "not-supported",
            Self::FileTooLong { .. } => "file-too-long",
            Self::FileTruncated { .. } => "file-truncated",
            Self::ChipAuthenticationFailed { .. } => "chip-authentication-failed",
            Self::ChipAuthenticationMappingFailed { .. } => "chip-authentication-mapping-failed",
            Self::ActiveAuthenticationFailed { .. } => "active-authentication-failed",
            Self::NoCertificateChain { .. } => "no-certificate-chain",
            Self::TerminalCertificateRefused { .. } => "terminal-certificate-refused",
            Self::TerminalAuthenticationFailed { .. } => "terminal-authentication-failed",
            Self::TerminalKey { .. } => "terminal-key-failed",
        }
    }

    /// The name of the step in which it arose.
    #[must_use]
    pub const fn step(&self) -> Option<&'static str> {
        match self {
            Self::WrongPassword { step, .. }
            | Self::PasswordBlocked { step, .. }
            | Self::PasswordSuspended { step, .. }
            | Self::PasswordDeactivated { step, .. }
            | Self::CardLost { step }
            | Self::SlowedDown { step }
            | Self::Cancelled { step }
            | Self::Channel { step, .. }
            | Self::Protocol { step, .. }
            | Self::Malformed { step, .. }
            | Self::BadKey { step, .. }
            | Self::SecureMessaging { step, .. }
            | Self::SessionClosed { step }
            | Self::TerminalCertificateRefused { step, .. }
            | Self::ChipAuthenticationFailed { step, .. } => Some(step.name()),
            Self::NoTravelDocument => Some(Step::SelectApplication.name()),
            Self::FileTooLong { .. } | Self::FileTruncated { .. } => Some(Step::ReadBinary.name()),
            Self::ActiveAuthenticationFailed { .. } => Some(Step::ActiveAuthentication.name()),
            Self::ChipAuthenticationMappingFailed { .. } => Some(Step::PaceMutualAuthentication.name()),
            Self::TerminalAuthenticationFailed { .. } => Some(Step::TerminalExternalAuthenticate.name()),
            Self::PasswordNotUsable { .. }
            | Self::AnotherCard { .. }
            | Self::Unsupported { .. }
            | Self::NoCertificateChain { .. }
            | Self::TerminalKey { .. } => None,
        }
    }

    /// The status word that the chip answered with, if that is what ended the conversation.
    #[must_use]
    pub const fn status_word(&self) -> Option<u16> {
        match self {
            Self::Protocol { status, .. }
            | Self::PasswordBlocked { status, .. }
            | Self::PasswordSuspended { status, .. }
            | Self::PasswordDeactivated { status, .. }
            | Self::TerminalCertificateRefused { status, .. }
            | Self::TerminalAuthenticationFailed { status } => Some(status.0),
            Self::WrongPassword {
                tries_left: Some(tries),
                ..
            } => Some(0x63C0 | *tries as u16),
            Self::SecureMessaging { fault, .. } | Self::ChipAuthenticationFailed { fault, .. } => {
                fault.status_word()
            }
            _ => None,
        }
    }
}
