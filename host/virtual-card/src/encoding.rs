//! How bytes, secrets and curves are written in a card file.

use core::fmt;

use chipgate_crypto::{Curve, Secret};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

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

/// Curves under their usual names, as in `brainpoolP256r1`.
#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes what it serialises by reference"
)]
pub(crate) mod curve_name {
    use super::{Curve, Deserialize, Deserializer, Error, Serializer};

    /// The curves that a card here may use.
    const KNOWN: [Curve; 5] = [
        Curve::P256,
        Curve::P384,
        Curve::P521,
        Curve::BrainpoolP256r1,
        Curve::BrainpoolP384r1,
    ];

    pub(crate) fn serialize<S: Serializer>(curve: &Curve, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(curve.name())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Curve, D::Error> {
        let name = String::deserialize(deserializer)?;
        let found = KNOWN.into_iter().find(|curve| curve.name() == name);
        found.ok_or_else(|| D::Error::custom("no curve that a virtual card knows"))
    }
}
