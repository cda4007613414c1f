//! A card as it is kept on disk: versioned JSON with everything that makes the card, its keys included.

use core::fmt;
use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};

use crate::{
    CardError, KeyGroup, Profile,
    encoding::{HexBytes, HexNumber, HexSecret, SecretText, group_name, one_or_several},
    on_disk::{read_at_most, write_private},
};

/// The version of the format that this crate reads and writes (docs/schemas/card.schema.json).
pub const CARD_FILE_VERSION: u32 = 1;
/// The longest card file that is read, in bytes. The files of a chip have some hundred thousand, and twice as many digits here.
const LONGEST_CARD_FILE: u64 = 64 << 20;
/// A card file is JSON, and so UTF-8.
const NO_TEXT: CardError = CardError::NotACardFile {
    line: 1,
    column: 1,
    problem: "this is no text in UTF-8",
};

/// A personalised card.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardFile {
    /// The version of the format.
    pub version: u32,
    /// The profile that it was issued after.
    pub profile: Profile,
    /// The faults that it was issued with, by name.
    #[serde(default)]
    pub faults: Vec<String>,
    /// The personalities that it was issued with, by name; [`personality`](Self::personality) is what they come to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub personalities: Vec<String>,
    /// What opens it.
    pub passwords: Passwords,
    /// What its chip can do.
    pub chip: ChipSettings,
    /// What differs from a prompt and flawless chip.
    #[serde(default)]
    pub personality: Personality,
    /// Its private keys.
    pub keys: ChipKeys,
    /// Its files by their names, as in `EF.COM` or `DG1`.
    pub files: BTreeMap<String, HexBytes>,
}

/// What opens a card, as it is printed on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passwords {
    /// The card access number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub can: Option<SecretText>,
    /// The PIN, where the card has one: three tries, the last of them after the card access number only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<SecretText>,
    /// The PUK, where the card has one: it gives a blocked PIN its tries back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub puk: Option<SecretText>,
    /// The lines of the machine readable zone, one under the other.
    pub mrz: SecretText,
    /// What the QR code says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qr: Option<SecretText>,
}

/// What a chip can do, and how it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChipSettings {
    /// The answer to reset.
    pub atr: HexBytes,
    /// How it answers SELECT of the master file.
    pub master_file: MasterFile,
    /// Whether basic access control opens it (Doc 9303-11, 4.3).
    pub basic_access: bool,
    /// The variants of PACE that open it (Doc 9303-11, 4.4); none if PACE does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "one_or_several")]
    pub pace: Vec<PaceSettings>,
    /// What terminal authentication needs, where the chip speaks it (TR-03110-1, 3.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal_authentication: Option<TerminalAuthenticationSettings>,
    /// Whether the application can be selected before access was gained; where not, it answers 6985.
    pub select_before_access: bool,
    /// Files that are there, and that no terminal may read (6982).
    #[serde(default)]
    pub refused_files: Vec<String>,
}

/// How a chip answers SELECT of the master file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MasterFile {
    /// It selects it.
    Selectable,
    /// It answers 6D00, as the Vietnamese citizen card does.
    Refused,
}

/// A variant of PACE that a chip speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaceSettings {
    /// The protocol's object identifier, dotted: it names the mapping and the cipher.
    pub protocol: String,
    /// The group; card files of the first version call it `curve`.
    #[serde(with = "group_name", alias = "curve")]
    pub group: KeyGroup,
    /// Whether the card access number opens it, beside the machine readable zone.
    pub can: bool,
}

/// What terminal authentication needs (TR-03110-3, 2.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerminalAuthenticationSettings {
    /// The CV certificates of the authorities that the chip trusts, the most recent one first.
    pub trust_points: Vec<HexBytes>,
    /// The latest date that the chip has been shown, YYMMDD: certificates that ended before it are refused.
    pub current_date: String,
}

/// A chip's private keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChipKeys {
    /// For chip authentication (Doc 9303-11, 6.2); the first one serves PACE with chip authentication mapping, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "one_or_several")]
    pub chip_authentication: Vec<AgreementKey>,
    /// For active authentication (Doc 9303-11, 6.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_authentication: Option<AnsweringKey>,
}

/// A static key for key agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementKey {
    /// The protocol's object identifier, dotted.
    pub protocol: String,
    /// The group; card files of the first version call it `curve`.
    #[serde(with = "group_name", alias = "curve")]
    pub group: KeyGroup,
    /// The key identifier, where the chip has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<u8>,
    /// The private key, big-endian.
    pub private_key: HexSecret,
}

/// A key that answers a challenge by a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnsweringKey {
    /// The hash function.
    pub hash: HashName,
    /// Whether the trailer of an RSA signature names the hash; by default it does except for SHA-1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trailer: Option<Trailer>,
    /// The private key as PKCS#8.
    pub private_key: HexSecret,
}

/// Hash functions for active authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HashName {
    /// SHA-1; under RSA with the trailer BC.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// How the trailer of a signature with message recovery says which hash it is over (ISO/IEC 9796-2, 8.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trailer {
    /// BC: not at all.
    Implicit,
    /// A byte for the hash, then CC.
    Explicit,
}

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
    /// How it answers READ BINARY for more than the file has left.
    #[serde(skip_serializing_if = "is_default")]
    pub beyond_end: BeyondEnd,
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

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_true(value: &bool) -> bool {
    *value
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Default for Personality {
    fn default() -> Self {
        Self {
            extended_length: true,
            max_response: 65_538,
            odd_read_binary: true,
            short_identifiers: true,
            beyond_end: BeyondEnd::Warning,
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

impl CardFile {
    /// Reads a card from its JSON.
    pub fn from_json(text: &str) -> Result<Self, CardError> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let Version { version } = serde_json::from_str(text).map_err(|error| not_a_card_file(&error))?;
        if version != CARD_FILE_VERSION {
            return Err(CardError::UnknownVersion {
                found: version,
                known: CARD_FILE_VERSION,
            });
        }
        serde_json::from_str(text).map_err(|error| not_a_card_file(&error))
    }

    /// The card as JSON, keys and all.
    pub fn to_json(&self) -> Result<String, CardError> {
        serde_json::to_string_pretty(self)
            .map(|text| text + "\n")
            .map_err(|error| not_a_card_file(&error))
    }

    /// Reads a card from a file.
    pub fn read(path: &Path) -> Result<Self, CardError> {
        let bytes = read_at_most(path, LONGEST_CARD_FILE)?;
        Self::from_json(str::from_utf8(&bytes).map_err(|_| NO_TEXT)?)
    }

    /// Writes the card to a file that only its owner can read (mode 0600).
    pub fn write(&self, path: &Path) -> Result<(), CardError> {
        write_private(path, self.to_json()?.as_bytes())
    }

    /// A file's bytes, by its name.
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(|bytes| bytes.0.as_slice())
    }
}

/// Shows what the card is and which files it has, never what is in them.
impl fmt::Debug for CardFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardFile")
            .field("profile", &self.profile)
            .field("faults", &self.faults)
            .field("files", &self.files.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// What is wrong and where; serde's messages for values name types and fields, and quote short scalars only.
fn not_a_card_file(error: &serde_json::Error) -> CardError {
    let problem = match error.classify() {
        serde_json::error::Category::Data => "a field is missing, unknown or of the wrong kind",
        serde_json::error::Category::Eof => "the file ends early",
        serde_json::error::Category::Syntax => "this is not JSON",
        serde_json::error::Category::Io => "it could not be read",
    };
    CardError::NotACardFile {
        line: error.line(),
        column: error.column(),
        problem,
    }
}
