//! Why a conversation with a chip came to nothing.

mod causes;
mod told;

use alloc::vec::Vec;
use core::fmt;

use chipgate_apdu::{ChannelError, StatusWord};
use chipgate_crypto::CryptoError;
use chipgate_lds::{File, PublicKeyReference};

use crate::{PasswordKind, Step, TerminalKeyError};
pub use causes::{CardDifference, Malformation, MappingFault, SecureMessagingFault, Unsupported};

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
    /// The document takes no such password: a CAN, PIN or PUK is for PACE, which it does not offer, or not with this one.
    #[error("this document takes no {}: give the machine readable zone", password.name())]
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

impl ChipError {
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
