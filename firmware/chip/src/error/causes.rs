//! What lies behind an error.

use crate::Step;
use chipgate_apdu::{ApduError, StatusWord, tlv::TlvError};
use chipgate_crypto::{CryptoError, ObjectIdentifier};
use chipgate_lds::{File, LdsError, oid};

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
    pub(super) const fn status_word(self) -> Option<u16> {
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
    /// A command is too long for the chip or the reader.
    #[error(
        "a command of more than 255 bytes ({0}), since extended length fields do not work and the chip takes no chain of commands: use a reader with extended length"
    )]
    LongCommand(Step),
    /// The file lies at an offset that READ BINARY does not reach.
    #[error("reading behind byte 16,777,215 of a file")]
    Offset,
}
