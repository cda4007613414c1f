//! BER-TLV data objects (ISO/IEC 7816-4, 5.2.2 and ISO/IEC 8825-1), with definite lengths.
//!
//! ```
//! use chipgate_apdu::tlv::{self, Tag};
//!
//! let bytes = tlv::encode(Tag(0x5F1F), b"P<UTO");
//! assert_eq!(bytes, [0x5F, 0x1F, 5, b'P', b'<', b'U', b'T', b'O']);
//! assert_eq!(tlv::single(&bytes, Tag(0x5F1F))?, b"P<UTO");
//! # Ok::<(), tlv::TlvError>(())
//! ```

use alloc::vec::Vec;
use core::fmt;

/// A tag as it is written, up to four bytes: `Tag(0x7F49)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub u32);

impl Tag {
    /// Whether the object holds further objects: bit 6 of the first byte.
    #[must_use]
    pub const fn is_constructed(self) -> bool {
        let bytes = self.0.to_be_bytes();
        let mut index = 0;
        while index < 3 && bytes[index] == 0 {
            index += 1;
        }
        bytes[index] & 0x20 != 0
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({:X})", self.0)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}", self.0)
    }
}

/// What is wrong with a data object, and where: `position` counts bytes from the start of what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TlvError {
    /// The bytes end inside a tag, a length or a value.
    #[error("the data end inside a data object at byte {position}")]
    Truncated {
        /// Where the object starts.
        position: usize,
    },
    /// The tag has more than four bytes.
    #[error("the tag at byte {position} has more than four bytes")]
    LongTag {
        /// Where the object starts.
        position: usize,
    },
    /// The length is indefinite or has more than four bytes.
    #[error("the length at byte {position} is indefinite or has more than four bytes")]
    UnsupportedLength {
        /// Where the object starts.
        position: usize,
    },
    /// Another object stands where this one must.
    #[error("data object {expected} is missing at byte {position}")]
    Missing {
        /// The tag that must stand there.
        expected: Tag,
        /// Where it must stand.
        position: usize,
    },
    /// There are bytes behind the last object.
    #[error("there are bytes behind the last data object at byte {position}")]
    TrailingBytes {
        /// Where they start.
        position: usize,
    },
}

/// One data object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// Its tag.
    pub tag: Tag,
    /// Its value.
    pub value: &'a [u8],
    /// Tag, length and value, as they stood.
    pub raw: &'a [u8],
}

/// Reads one data object after the other.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    /// Reads the objects in `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// The next object, or `None` at the end.
    #[allow(
        clippy::should_implement_trait,
        reason = "it can fail, and must not be skipped over by an adapter"
    )]
    pub fn next(&mut self) -> Result<Option<Element<'a>>, TlvError> {
        let rest = &self.bytes[self.position..];
        if rest.is_empty() {
            return Ok(None);
        }
        let truncated = TlvError::Truncated {
            position: self.position,
        };
        let (tag, header, length) = header_at(rest, self.position)?;
        let end = header.checked_add(length).ok_or(truncated)?;
        let raw = rest.get(..end).ok_or(truncated)?;
        self.position += end;
        Ok(Some(Element {
            tag,
            value: &raw[header..],
            raw,
        }))
    }

    /// The next object, which must have this tag.
    pub fn expect(&mut self, tag: Tag) -> Result<Element<'a>, TlvError> {
        let missing = TlvError::Missing {
            expected: tag,
            position: self.position,
        };
        self.next()?.filter(|element| element.tag == tag).ok_or(missing)
    }

    /// Succeeds if nothing is left.
    pub const fn finish(&self) -> Result<(), TlvError> {
        if self.position == self.bytes.len() {
            Ok(())
        } else {
            Err(TlvError::TrailingBytes {
                position: self.position,
            })
        }
    }
}

/// The value of the one object that `bytes` are.
pub fn single(bytes: &[u8], tag: Tag) -> Result<&[u8], TlvError> {
    let mut reader = Reader::new(bytes);
    let element = reader.expect(tag)?;
    reader.finish()?;
    Ok(element.value)
}

/// The value of the first object with this tag, at the top level.
pub fn find(bytes: &[u8], tag: Tag) -> Result<Option<&[u8]>, TlvError> {
    let mut reader = Reader::new(bytes);
    while let Some(element) = reader.next()? {
        if element.tag == tag {
            return Ok(Some(element.value));
        }
    }
    Ok(None)
}

/// Tag, length of the header and length of the value, from the first bytes of an object: how long a file is.
pub fn header(bytes: &[u8]) -> Result<(Tag, usize, usize), TlvError> {
    header_at(bytes, 0)
}

fn header_at(bytes: &[u8], position: usize) -> Result<(Tag, usize, usize), TlvError> {
    let (tag, tag_length) = tag_at(bytes, position)?;
    let truncated = TlvError::Truncated { position };
    let first = *bytes.get(tag_length).ok_or(truncated)?;
    match first {
        0..=0x7F => Ok((tag, tag_length + 1, first.into())),
        0x81..=0x84 => {
            let count = usize::from(first & 0x7F);
            let field = bytes
                .get(tag_length + 1..tag_length + 1 + count)
                .ok_or(truncated)?;
            let length = field
                .iter()
                .fold(0_usize, |length, &byte| (length << 8) | usize::from(byte));
            Ok((tag, tag_length + 1 + count, length))
        }
        _ => Err(TlvError::UnsupportedLength { position }),
    }
}

fn tag_at(bytes: &[u8], position: usize) -> Result<(Tag, usize), TlvError> {
    let truncated = TlvError::Truncated { position };
    let first = *bytes.first().ok_or(truncated)?;
    let mut tag = u32::from(first);
    if first & 0x1F != 0x1F {
        return Ok((Tag(tag), 1));
    }
    for length in 2..=4 {
        let byte = *bytes.get(length - 1).ok_or(truncated)?;
        tag = (tag << 8) | u32::from(byte);
        if byte & 0x80 == 0 {
            return Ok((Tag(tag), length));
        }
    }
    Err(TlvError::LongTag { position })
}

/// One data object, with the shortest length field.
#[must_use]
pub fn encode(tag: Tag, value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(value.len() + 8);
    push_significant(&mut bytes, tag.0);
    if value.len() < 0x80 {
        bytes.push(value.len() as u8);
    } else {
        let length = value.len() as u32;
        bytes.push(0x80 | (4 - length.leading_zeros() / 8) as u8);
        push_significant(&mut bytes, length);
    }
    bytes.extend_from_slice(value);
    bytes
}

/// Appends a number big-endian without leading zero bytes; zero is one byte.
fn push_significant(bytes: &mut Vec<u8>, number: u32) {
    let all = number.to_be_bytes();
    let skipped = (number.leading_zeros() / 8).min(3) as usize;
    bytes.extend_from_slice(&all[skipped..]);
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

    use super::{Reader, Tag, TlvError, encode, find, header, single};

    #[test]
    fn reads_one_object_after_the_other() {
        let bytes = [0x30, 1, 7, 0x5F, 0x1F, 2, 8, 9];
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.expect(Tag(0x30)).unwrap().value, [7]);
        assert_eq!(reader.finish(), Err(TlvError::TrailingBytes { position: 3 }));
        assert_eq!(reader.next().unwrap().unwrap().raw, [0x5F, 0x1F, 2, 8, 9]);
        assert_eq!(reader.next(), Ok(None));
        assert_eq!(find(&bytes, Tag(0x5F1F)), Ok(Some(&[8, 9][..])));
        assert_eq!(find(&bytes, Tag(0x31)), Ok(None));
    }

    #[test]
    fn names_the_object_that_is_missing_and_where() {
        let mut reader = Reader::new(&[0x30, 0, 0x31, 0]);
        reader.expect(Tag(0x30)).unwrap();
        assert_eq!(
            reader.expect(Tag(0x87)),
            Err(TlvError::Missing {
                expected: Tag(0x87),
                position: 2
            })
        );
    }

    #[test]
    fn rejects_indefinite_and_overlong_lengths() {
        assert_eq!(
            single(&[0x30, 0x80, 0, 0], Tag(0x30)),
            Err(TlvError::UnsupportedLength { position: 0 })
        );
        let bytes = [0x30, 0x85, 0, 0, 0, 0, 1, 0];
        assert_eq!(
            single(&bytes, Tag(0x30)),
            Err(TlvError::UnsupportedLength { position: 0 })
        );
        assert_eq!(
            single(&[0x1F, 0x81, 0x81, 0x81, 0x01, 0], Tag(1)),
            Err(TlvError::LongTag { position: 0 })
        );
    }

    #[test]
    fn tells_a_files_length_before_it_is_there() {
        assert_eq!(header(&[0x75, 0x82, 0x50, 0x00]), Ok((Tag(0x75), 4, 0x5000)));
        assert_eq!(
            header(&[0x75, 0x82, 0x50]),
            Err(TlvError::Truncated { position: 0 })
        );
    }

    #[test]
    fn knows_which_tags_hold_objects() {
        assert!(Tag(0x7F49).is_constructed());
        assert!(Tag(0x30).is_constructed());
        assert!(!Tag(0x5F1F).is_constructed());
        assert!(!Tag(0x87).is_constructed());
    }

    fn tags() -> impl Strategy<Value = Tag> {
        prop::sample::select(vec![
            Tag(0),
            Tag(0x30),
            Tag(0x87),
            Tag(0x5F1F),
            Tag(0x7F49),
            Tag(0x5F_8101),
        ])
    }

    proptest! {
        #[test]
        fn survives_a_round_trip(tag in tags(), value in prop::collection::vec(any::<u8>(), 0..70_000)) {
            let bytes = encode(tag, &value);
            prop_assert_eq!(single(&bytes, tag), Ok(&value[..]));
        }

        #[test]
        fn fails_on_every_truncation(tag in tags(), value in prop::collection::vec(any::<u8>(), 0..300)) {
            let bytes = encode(tag, &value);
            for length in 0..bytes.len() {
                prop_assert!(single(&bytes[..length], tag).is_err());
            }
        }

        #[test]
        fn never_panics_on_any_bytes(bytes: Vec<u8>) {
            let mut reader = Reader::new(&bytes);
            while let Ok(Some(_)) = reader.next() {}
        }
    }
}
