//! How a chip differs from a prompt and flawless one.

use serde::{Deserialize, Serialize};

use super::defaults::{is_default, is_true};
use crate::encoding::HexNumber;

/// How a chip departs from a prompt and flawless one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says whether the chip knows one thing, independent of the others, as the card file has it"
)]
pub struct Personality {
    /// Whether it takes extended length fields; where not, they give 6700.
    pub extended_length: bool,
    /// The longest response in bytes, status word included.
    pub max_response: usize,
    /// Whether it knows READ BINARY with an odd instruction byte (B1).
    pub odd_read_binary: bool,
    /// Whether it knows short file identifiers; where not, they give 6A86.
    #[serde(skip_serializing_if = "is_true")]
    pub short_identifiers: bool,
    /// Whether it takes commands in a chain; where not, they give 6884. GENERAL AUTHENTICATE it links all the same.
    #[serde(skip_serializing_if = "is_true")]
    pub chaining: bool,
    /// How it answers READ BINARY for more than the file has left.
    #[serde(skip_serializing_if = "is_default")]
    pub beyond_end: BeyondEnd,
    /// Whether READ BINARY with its even instruction byte may not go beyond byte 32,767; where it would, 6B00.
    #[serde(skip_serializing_if = "is_default")]
    pub ends_at_32_kib: bool,
    /// Whether the chip leaves the field at a command with extended length fields before EF.ATR/INFO was read.
    #[serde(skip_serializing_if = "is_default")]
    pub leaves_on_extended_length: bool,
    /// The most bytes that READ BINARY may ask for, and how it answers for more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_read: Option<LongestRead>,
    /// Whether PACE wants the domain parameters named (DO'84') even where they are clear; where they are not named, 6A80.
    #[serde(skip_serializing_if = "is_default")]
    pub wants_parameter_id: bool,
    /// Which Le EXTERNAL AUTHENTICATE of BAC must have; another gives 6700.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mutual_authentication_le: Option<MutualAuthenticationLe>,
    /// How long each command takes, in milliseconds.
    pub milliseconds_a_command: u64,
    /// How much longer a command takes that wants cryptography with a key pair, in milliseconds.
    #[serde(skip_serializing_if = "is_default")]
    pub milliseconds_of_cryptography: u64,
    /// How much longer each failed try for access makes the next one, in milliseconds.
    pub milliseconds_a_failed_try: u64,
    /// After so many failed tries in a row access is blocked (6983).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries: Option<u32>,
    /// From this protected response on, counted from 1, the checksums are wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrong_mac_from: Option<u64>,
    /// After so many commands the card is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drops_after: Option<u64>,
    /// What goes wrong at which command.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disturbances: Vec<Disturbance>,
}

/// How READ BINARY ends where the file has fewer bytes than were asked for. All of these are met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BeyondEnd {
    /// What there is, and 6282.
    #[default]
    Warning,
    /// What there is, and 9000.
    Less,
    /// Nothing, and 6B00.
    WrongOffset,
    /// Nothing, and 6700.
    WrongLength,
    /// Nothing, and 6Cxx with what there is.
    ExactLength,
}

/// The most bytes that READ BINARY may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongestRead {
    /// How many bytes.
    pub bytes: usize,
    /// How it answers for more.
    pub answer: TooLong,
}

/// How READ BINARY is refused that asks for more than the chip can give at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TooLong {
    /// 6700.
    WrongLength,
    /// 6B00.
    WrongOffset,
    /// 6Cxx with what it can give.
    ExactLength,
    /// As much as it can give, and 6282.
    Warning,
}

/// The Le of EXTERNAL AUTHENTICATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MutualAuthenticationLe {
    /// 00.
    Zero,
    /// 28, the length of the response.
    Exact,
}

/// Something that goes wrong at a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disturbance {
    /// INS of the commands that it is about; all, if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction: Option<HexNumber>,
    /// P1 of these commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p1: Option<HexNumber>,
    /// The file that they select or read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// From the how manieth of them on, counted from 1 since the card was made.
    pub from: u64,
    /// Whether at that one only.
    #[serde(default, skip_serializing_if = "is_default")]
    pub once: bool,
    /// What goes wrong.
    pub effect: Effect,
}

/// What goes wrong at a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case",
    tag = "kind",
    deny_unknown_fields
)]
pub enum Effect {
    /// It is not carried out: this status word, protected where the session is.
    Status {
        /// The status word.
        status: HexNumber,
    },
    /// This status word alone and unprotected, whatever came of the command.
    PlainStatus {
        /// The status word.
        status: HexNumber,
    },
    /// Forty random bytes.
    Garbage,
    /// No answer.
    Silence,
    /// No answer, and no card any more.
    Gone,
    /// The response before it, once more.
    Replayed,
    /// The first half of the response, and 9000.
    Truncated,
    /// The status word outside is not the protected one.
    OtherStatus,
    /// 9000 without data.
    NoData,
    /// Files never end: zeros come behind their last byte.
    EndlessFile,
    /// A bit of the response data is another one.
    FlippedBit {
        /// In which byte; counted on from the start where there are fewer.
        byte: usize,
    },
    /// The chip sends the terminal's own public key back.
    Reflected,
}

impl Default for Personality {
    fn default() -> Self {
        Self {
            extended_length: true,
            max_response: 65_538,
            odd_read_binary: true,
            short_identifiers: true,
            chaining: true,
            beyond_end: BeyondEnd::Warning,
            ends_at_32_kib: false,
            leaves_on_extended_length: false,
            longest_read: None,
            wants_parameter_id: false,
            mutual_authentication_le: None,
            milliseconds_a_command: 0,
            milliseconds_of_cryptography: 0,
            milliseconds_a_failed_try: 0,
            tries: None,
            wrong_mac_from: None,
            drops_after: None,
            disturbances: Vec::new(),
        }
    }
}
