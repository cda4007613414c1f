//! A card as it is kept on disk: versioned JSON with everything that makes the card, its keys included.

mod chip_settings;
mod defaults;
mod keys;
mod personality;

use core::fmt;
use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};

use crate::{
    CardError, Profile,
    encoding::{HexBytes, SecretText},
    on_disk::{read_at_most, write_private},
};
pub use chip_settings::{ChipSettings, MasterFile, PaceSettings, TerminalAuthenticationSettings};
pub use keys::{AgreementKey, AnsweringKey, ChipKeys, HashName, Trailer};
pub use personality::{
    BeyondEnd, Disturbance, Effect, LongestRead, MutualAuthenticationLe, Personality, TooLong,
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
