use alloc::vec::Vec;
use core::fmt;

use chipgate_apdu::{ApduError, ChannelError, StatusWord, tlv::TlvError};
use chipgate_crypto::{CryptoError, ObjectIdentifier};
use chipgate_lds::{File, LdsError, PublicKeyReference, oid};

use crate::{PasswordKind, Step, TerminalKeyError};

/// Why a conversation with a chip came to nothing. Each variant is one thing that a caller can act on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChipError {
    /// The password is not the chip's.
    #[error("the chip refused the {} at {step}{}: check it and try again", password.name(), tries(*tries_left))]
    WrongPassword {
        /// Which password was tried.
        password: PasswordKind,
        /// Where the chip refused it.
        step: Step,
        /// The tries that are left, if the chip says so.
        tries_left: Option<u8>,
    },
    /// The chip takes this password no more.
    #[error("the {} is blocked ({status} at {step}): use another password, or refer the holder to the issuer", password.name())]
    PasswordBlocked {
        /// Which password was tried.
        password: PasswordKind,
        /// Where the chip said so.
        step: Step,
        /// What it said.
        status: StatusWord,
    },
    /// The chip has suspended this password until another one was used: the last try is left.
    #[error("the {} is suspended ({status} at {step}): open the chip with the CAN first", password.name())]
    PasswordSuspended {
        /// Which password was tried.
        password: PasswordKind,
        /// Where the chip said so.
        step: Step,
        /// What it said.
        status: StatusWord,
    },
    /// The chip has deactivated this password.
    #[error("the {} is deactivated ({status} at {step}): use another password, or have the issuer activate it", password.name())]
    PasswordDeactivated {
        /// Which password was tried.
        password: PasswordKind,
        /// Where the chip said so.
        step: Step,
        /// What it said.
        status: StatusWord,
    },
    /// The document takes no such password: a CAN, PIN or PUK is for PACE, which it does not offer.
    #[error("the document offers no PACE, and BAC takes no {}: give the machine readable zone", password.name())]
    PasswordNotUsable {
        /// Which password was given.
        password: PasswordKind,
    },
    /// The card holds no application of travel documents.
    #[error("the card is no electronic travel document: it has no application A0000002471001")]
    NoTravelDocument,
    /// The card is gone.
    #[error("the card left the reader at {step}: lay it back and keep it still")]
    CardLost {
        /// Where it was lost.
        step: Step,
    },
    /// Another card came back in the place of the one that was lost.
    #[error("another card lies on the reader ({by}): lay back the one that was read, or begin anew")]
    AnotherCard {
        /// By what it shows.
        by: CardDifference,
    },
    /// The chip makes its reader wait longer than the reader does.
    #[error(
        "the chip did not answer in time at {step}: after failed tries a chip slows down; let it lie a minute, then try \
         again with the right password"
    )]
    SlowedDown {
        /// Where it did not answer.
        step: Step,
    },
    /// Someone wished to stop.
    #[error("cancelled before {step}")]
    Cancelled {
        /// What was to come next.
        step: Step,
    },
    /// The reader failed.
    #[error("at {step}: {error}")]
    Channel {
        /// Where it failed.
        step: Step,
        /// How.
        error: ChannelError,
    },
    /// The chip refused a command.
    #[error("the chip answered {status} at {step}: it does not carry out this step, or not now")]
    Protocol {
        /// Which command.
        step: Step,
        /// What it answered.
        status: StatusWord,
    },
    /// The chip's answer is not what the standard prescribes.
    #[error("the chip's answer at {step} is malformed ({fault}): the card is defective or forged")]
    Malformed {
        /// Which answer.
        step: Step,
        /// What is wrong with it.
        fault: Malformation,
    },
    /// A key or a point that the chip sent, or a computation with it, was refused.
    #[error("the chip's key at {step} was refused: {error}")]
    BadKey {
        /// Where it came.
        step: Step,
        /// Why it was refused.
        error: CryptoError,
    },
    /// Secure messaging broke; the session's keys are wiped.
    #[error("secure messaging broke at {step} ({fault}): open the card again")]
    SecureMessaging {
        /// Which answer broke it.
        step: Step,
        /// What was wrong with it.
        fault: SecureMessagingFault,
    },
    /// The session ended with an earlier error.
    #[error("the session ended with an earlier error, so {step} cannot be done: open the card again")]
    SessionClosed {
        /// What was to be done.
        step: Step,
    },
    /// The document is of a kind that is not supported.
    #[error("not supported: {what}")]
    Unsupported {
        /// What is not supported.
        what: Unsupported,
    },
    /// A file says that it is longer than is read.
    #[error(
        "{file} says that it has {length} bytes, more than the {limit} that are read: raise the limit, or refuse the card"
    )]
    FileTooLong {
        /// Which file.
        file: File,
        /// Its length in bytes by its own header.
        length: usize,
        /// The most bytes that are read.
        limit: usize,
    },
    /// A file ends before its own header says so.
    #[error("{file} ends after {read} of {length} bytes: the card is defective")]
    FileTruncated {
        /// Which file.
        file: File,
        /// How many bytes came.
        read: usize,
        /// How many its header promises.
        length: usize,
    },
    /// The chip could not prove that it holds the key of chip authentication.
    #[error(
        "the chip does not hold the private key of chip authentication ({fault} at {step}): a copied card"
    )]
    ChipAuthenticationFailed {
        /// Where it came out.
        step: Step,
        /// How.
        fault: SecureMessagingFault,
    },
    /// The chip could not prove in PACE that it holds a key of EF.CardSecurity.
    #[error("the chip does not hold the private key of EF.CardSecurity ({fault}): a copied card")]
    ChipAuthenticationMappingFailed {
        /// How it came out.
        fault: MappingFault,
    },
    /// The chip's signature over the challenge is not by the key in DG15.
    #[error("the chip's signature over the challenge does not verify: a copied card")]
    ActiveAuthenticationFailed {
        /// The challenge that was sent.
        challenge: [u8; 8],
        /// What the chip answered.
        signature: Vec<u8>,
    },
    /// No certificates lead from a key that the chip knows to the terminal's.
    #[error(
        "no certificate chain leads from {} to the terminal: get certificates for this country",
        References(authorities)
    )]
    NoCertificateChain {
        /// The keys that the chip names.
        authorities: Vec<PublicKeyReference>,
    },
    /// The chip did not take a certificate.
    #[error(
        "the chip answered {status} to the certificate of {holder} at {step}: it may be expired by the chip's date, or signed by a key that it does not know"
    )]
    TerminalCertificateRefused {
        /// Whose certificate.
        holder: PublicKeyReference,
        /// Which command.
        step: Step,
        /// What it answered.
        status: StatusWord,
    },
    /// The chip did not take the terminal's signature.
    #[error(
        "the chip answered {status} to the terminal's signature: the key is not that of the certificate, or the chip binds to something else"
    )]
    TerminalAuthenticationFailed {
        /// What it answered.
        status: StatusWord,
    },
    /// The terminal's key did not sign.
    #[error("{error}")]
    TerminalKey {
        /// Why.
        error: TerminalKeyError,
    },
}

/// The references, as a sentence names them.
struct References<'a>(&'a [PublicKeyReference]);

impl fmt::Display for References<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => f.write_str("no key that the chip names"),
            [first, rest @ ..] => {
                write!(f, "{first}")?;
                rest.iter().try_for_each(|reference| write!(f, " or {reference}"))
            }
        }
    }
}

/// By what it shows that another card came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CardDifference {
    /// It is no travel document.
    #[error("it is no travel document")]
    Kind,
    /// Its EF.CardAccess is another one.
    #[error("its EF.CardAccess differs")]
    CardAccess,
    /// The password that opened the first card does not open it.
    #[error("the password does not open it")]
    Password,
    /// Its EF.SOD is another one, or gone.
    #[error("its EF.SOD differs")]
    SecurityObject,
}

/// What is malformed in a chip's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformation {
    /// It is no response APDU.
    #[error("{0}")]
    Apdu(ApduError),
    /// It is not BER-TLV, or an object is missing.
    #[error("{0}")]
    Tlv(TlvError),
    /// A structure of the LDS in it is wrong.
    #[error("{0}")]
    Lds(LdsError),
    /// Its length is wrong.
    #[error("{found} bytes where {expected} are expected")]
    Length {
        /// How many bytes the standard prescribes.
        expected: usize,
        /// How many came.
        found: usize,
    },
    /// A READ BINARY that succeeded brought nothing.
    #[error("no data")]
    Empty,
    /// The chip returned the reader's own public key.
    #[error("the reader's own public key came back")]
    ReflectedKey,
    /// A nonce or challenge is not the one that was sent.
    #[error("the reader's challenge did not come back")]
    WrongChallenge,
    /// A file starts with another tag than its own.
    #[error("the file starts with tag {found:02X}")]
    WrongTag {
        /// The tag that it starts with.
        found: u32,
    },
}

/// What broke secure messaging (Doc 9303-11, 9.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecureMessagingFault {
    /// The chip answered without protection: it ended the session, or someone else answered.
    #[error("an unprotected answer {0}")]
    Unprotected(StatusWord),
    /// The chip told, under protection, that it has ended the session: a data object was missing (6987) or incorrect
    /// (6988).
    #[error("the chip ended the session with {0}")]
    Ended(StatusWord),
    /// The data objects of the answer are not those of the standard.
    #[error("{0}")]
    Structure(TlvError),
    /// The MAC does not verify.
    #[error("the MAC does not verify")]
    WrongMac,
    /// The protected status word is not the one outside.
    #[error("the protected status word is not the one outside")]
    StatusMismatch,
    /// The data do not decrypt.
    #[error("{0}")]
    Cipher(CryptoError),
}

/// What is wrong with the chip authentication data of PACE (Doc 9303-11, 4.4.3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MappingFault {
    /// The chip sent none, or they do not decrypt.
    #[error("no chip authentication data")]
    NoData,
    /// They are no number that the curve takes.
    #[error("{0}")]
    BadData(CryptoError),
    /// EF.CardSecurity holds no key on PACE's curve.
    #[error("no key on PACE's curve")]
    NoKey,
    /// They belong to another static key.
    #[error("the data belong to another key")]
    WrongKey,
}

impl SecureMessagingFault {
    const fn status_word(self) -> Option<u16> {
        match self {
            Self::Unprotected(status) | Self::Ended(status) => Some(status.0),
            _ => None,
        }
    }
}

/// What kind of document or key is not supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// EF.CardAccess offers PACE, in no variant that is supported.
    #[error(
        "none of the PACE variants that EF.CardAccess offers (supported: version 2 over standardised domain parameters)"
    )]
    PaceVariant,
    /// EF.CardAccess does not offer the PACE protocol that was asked for.
    #[error("{}: EF.CardAccess does not offer it over standardised domain parameters", oid::name(.0).unwrap_or("this PACE protocol"))]
    PaceProtocol(ObjectIdentifier),
    /// EF.CardAccess offers PACE over deprecated domain parameters only.
    #[error("PACE as EF.CardAccess offers it: {0}")]
    PaceDomainParameters(CryptoError),
    /// DG14 holds no chip authentication that is supported.
    #[error(
        "no chip authentication of DG14 (supported: version 1 with keys in known groups and on known curves)"
    )]
    ChipAuthentication,
    /// The key in DG15 is unknown.
    #[error("the key in DG15: {0}")]
    ActiveAuthenticationKey(CryptoError),
    /// DG15 holds an EC key, and DG14 does not say with which hash the chip signs.
    #[error("active authentication by ECDSA, since DG14 does not name its algorithm")]
    ActiveAuthenticationAlgorithm,
    /// The terminal's certificate names an algorithm that is not known.
    #[error("terminal authentication by the algorithm {0}")]
    TerminalKeyAlgorithm(ObjectIdentifier),
    /// Terminal authentication needs a key of chip authentication, or of PACE with chip authentication mapping, to bind to.
    #[error("terminal authentication without chip authentication before it")]
    TerminalBinding,
    /// The file holds more than one data object.
    #[error("reading {0}")]
    File(File),
    /// The file lies at an offset that READ BINARY does not reach.
    #[error("reading behind byte 16,777,215 of a file")]
    Offset,
}

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

    pub(crate) const fn malformed(step: Step, fault: Malformation) -> Self {
        Self::Malformed { step, fault }
    }

    pub(crate) const fn channel(step: Step, error: ChannelError) -> Self {
        match error {
            ChannelError::CardLost => Self::CardLost { step },
            ChannelError::TimedOut if step.waits_for_failed_tries() => Self::SlowedDown { step },
            error => Self::Channel { step, error },
        }
    }
}

/// The part of a message that tells the tries that are left.
const fn tries(left: Option<u8>) -> &'static str {
    match left {
        Some(0) => " (no try left)",
        Some(1) => " (one try left)",
        Some(2) => " (two tries left)",
        Some(_) => " (several tries left)",
        None => "",
    }
}
