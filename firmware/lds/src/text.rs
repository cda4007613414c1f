use alloc::{borrow::ToOwned, string::String, vec::Vec};
use core::fmt;

/// A text field, which some issuers write in a character set or a code of their own. It is personal data and does not appear in
/// `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub enum Text {
    /// UTF-8, as the standard wants it.
    Clear(String),
    /// Anything else: there is something, but it cannot be read here.
    Opaque(Vec<u8>),
}

impl Text {
    pub(crate) fn new(value: &[u8]) -> Self {
        match core::str::from_utf8(value) {
            Ok(text) => Self::Clear(text.to_owned()),
            Err(_) => Self::Opaque(value.to_vec()),
        }
    }

    /// The text, if it can be read.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Clear(text) => Some(text),
            Self::Opaque(_) => None,
        }
    }

    /// The bytes as they stand.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Clear(text) => text.as_bytes(),
            Self::Opaque(bytes) => bytes,
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::Clear(text.to_owned())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Clear(_) => "Text::Clear(…)",
            Self::Opaque(_) => "Text::Opaque(…)",
        })
    }
}
