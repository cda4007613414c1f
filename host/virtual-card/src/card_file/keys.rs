//! A card's private keys.

use serde::{Deserialize, Serialize};

use crate::{
    KeyGroup,
    encoding::{HexSecret, group_name, one_or_several},
};

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
