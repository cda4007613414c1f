//! How bytes, secrets and groups are written in a card file.

use core::fmt;

use chipgate_crypto::Secret;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::KeyGroup;

/// Bytes, written as hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct HexBytes(pub Vec<u8>);

/// Shows the length only: a file of a card is personal data.
impl fmt::Debug for HexBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HexBytes({} bytes)", self.0.len())
    }
}

impl Serialize for HexBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for HexBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        decode_hex(&String::deserialize(deserializer)?).map(Self)
    }
}

/// A byte or a status word, written as two or four hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HexNumber(pub u16);

impl Serialize for HexNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = self.0;
        if number < 0x100 {
            serializer.collect_str(&format_args!("{number:02X}"))
        } else {
            serializer.collect_str(&format_args!("{number:04X}"))
        }
    }
}

impl<'de> Deserialize<'de> for HexNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = u16::from_str_radix(&text, 16).ok();
        let number = number.filter(|_| matches!(text.len(), 2 | 4) && !text.starts_with('+'));
        number
            .map(Self)
            .ok_or_else(|| D::Error::custom("expected two or four hexadecimal digits"))
    }
}

fn decode_hex<E: Error>(text: &str) -> Result<Vec<u8>, E> {
    hex::decode(text).map_err(|_| E::custom("expected pairs of hexadecimal digits"))
}

/// A key: hexadecimal in the file, wiped in memory, never shown by `Debug`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HexSecret(pub Secret);

impl Serialize for HexSecret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0.as_bytes()))
    }
}

impl<'de> Deserialize<'de> for HexSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        decode_hex(&String::deserialize(deserializer)?).map(|bytes| Self(Secret::new(bytes)))
    }
}

/// A password as its holder reads it; wiped in memory, never shown by `Debug`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretText(Secret);

impl SecretText {
    /// Takes over the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Secret::new(text.into().into_bytes()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(self.0.as_bytes()).unwrap_or_default() // it was made from a string
    }
}

impl Serialize for SecretText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// Groups under their names, as in `brainpoolP256r1` or `dh-2048-256`.
#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes what it serialises by reference"
)]
pub(crate) mod group_name {
    use super::{Deserialize, Deserializer, Error, KeyGroup, Serializer};

    pub(crate) fn serialize<S: Serializer>(group: &KeyGroup, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(group.name())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<KeyGroup, D::Error> {
        let name = String::deserialize(deserializer)?;
        let found = KeyGroup::all().find(|group| group.name() == name);
        found.ok_or_else(|| D::Error::custom("no group that a virtual card knows"))
    }
}

/// A list; a single value stands for a list of one, as the first card files had it.
pub(crate) mod one_or_several {
    use super::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrSeveral<T> {
        Several(Vec<T>),
        One(T),
    }

    pub(crate) fn serialize<T: Serialize, S: Serializer>(
        list: &[T],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        list.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<T>, D::Error> {
        Ok(match OneOrSeveral::deserialize(deserializer)? {
            OneOrSeveral::Several(list) => list,
            OneOrSeveral::One(value) => vec![value],
        })
    }
}
