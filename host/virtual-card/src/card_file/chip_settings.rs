//! What a card's chip can do.

use serde::{Deserialize, Serialize};

use super::defaults::{is_default, is_true, yes};
use crate::{
    KeyGroup,
    encoding::{HexBytes, group_name, one_or_several},
};

/// What a chip can do, and how it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChipSettings {
    /// The answer to reset.
    pub atr: HexBytes,
    /// How it answers SELECT of the master file.
    pub master_file: MasterFile,
    /// Whether a protocol has to open it; where not, its files are for everyone (Doc 9303-11, 4.1, note 1).
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub access_control: bool,
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
    /// Files that can be selected, and that no terminal may read all the same (6982).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable_files: Vec<String>,
}

/// How a chip answers SELECT of the master file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MasterFile {
    /// It selects it.
    Selectable,
    /// It selects it by a command without data alone (Doc 9303-10, table 1); named as 3F00 it is not found (6A82).
    WithoutData,
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
    /// Whether after PACE a terminal signs what is printed on the document, as after BAC: the document number with its check digit,
    /// or the card access number; and not the chip's ephemeral key (TR-03110-1, 3.5).
    #[serde(default, skip_serializing_if = "is_default")]
    pub static_binding: bool,
}
