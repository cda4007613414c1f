//! Bytes that nobody else should see.

use alloc::vec::Vec;
use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// Secret bytes: wiped when dropped, compared in constant time, never shown by `Debug`.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes over the bytes. The caller's own copies, if any, are the caller's to wipe.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    /// The bytes themselves.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Keeps the first `length` bytes and wipes the rest.
    pub(crate) fn truncate(&mut self, length: usize) {
        if let Some(rest) = self.0.get_mut(length..) {
            rest.zeroize();
        }
        self.0.truncate(length);
    }

    /// Puts the other's bytes behind its own; give it the capacity beforehand, or it leaves copies.
    pub(crate) fn append(&mut self, other: &Self) {
        self.0.extend_from_slice(other.as_bytes());
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// How many bytes there are; the length itself is no secret.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

impl From<&[u8]> for Secret {
    fn from(bytes: &[u8]) -> Self {
        Self::new(bytes)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

/// Whether two byte strings are equal, in a time that depends on their lengths only.
pub fn constant_time_equal(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn debug_shows_the_length_only() {
        assert_eq!(format!("{:?}", Secret::new([0x41; 16])), "Secret(16 bytes)");
    }

    #[test]
    fn equal_bytes_are_equal_and_a_prefix_is_not() {
        assert_eq!(Secret::new([1, 2, 3]), Secret::new([1, 2, 3]));
        assert_ne!(Secret::new([1, 2, 3]), Secret::new([1, 2]));
        assert!(!constant_time_equal(&[1, 2, 3], &[1, 2, 4]));
    }
}
