//! The little of ASN.1 that the files need, on BER-TLV: lengths need not be the shortest, since issuers write longer ones.

use alloc::vec::Vec;

use chipgate_apdu::tlv::{self, Element, Reader, Tag};
use der::asn1::ObjectIdentifier;

use crate::LdsError;

pub const INTEGER: Tag = Tag(0x02);
pub const OCTET_STRING: Tag = Tag(0x04);
pub const OBJECT_IDENTIFIER: Tag = Tag(0x06);
pub const UTF8_STRING: Tag = Tag(0x0C);
pub const PRINTABLE_STRING: Tag = Tag(0x13);
pub const SEQUENCE: Tag = Tag(0x30);
pub const SET: Tag = Tag(0x31);

/// The value of the one object that `bytes` are, for an error that names the structure.
pub fn single<'a>(structure: &'static str, bytes: &'a [u8], tag: Tag) -> Result<&'a [u8], LdsError> {
    tlv::single(bytes, tag).map_err(LdsError::encoding(structure))
}

/// The value of the first object with this tag.
pub fn find<'a>(structure: &'static str, bytes: &'a [u8], tag: Tag) -> Result<Option<&'a [u8]>, LdsError> {
    tlv::find(bytes, tag).map_err(LdsError::encoding(structure))
}

/// Reads the components of a SEQUENCE, a SET or a template in their order.
#[derive(Clone)]
pub struct Components<'a> {
    reader: Reader<'a>,
    structure: &'static str,
}

impl<'a> Components<'a> {
    /// The components in `value`, of which errors say that they are in `structure`.
    pub const fn new(structure: &'static str, value: &'a [u8]) -> Self {
        let reader = Reader::new(value);
        Self { reader, structure }
    }

    /// The components in `value`, in the same structure.
    pub const fn within<'b>(&self, value: &'b [u8]) -> Components<'b> {
        Components::new(self.structure, value)
    }

    /// An error that names a field of the structure.
    pub const fn invalid(&self, field: &'static str) -> LdsError {
        LdsError::Field {
            structure: self.structure,
            field,
        }
    }

    /// The next component, whatever it is.
    pub fn next(&mut self) -> Result<Option<Element<'a>>, LdsError> {
        self.reader.next().map_err(LdsError::encoding(self.structure))
    }

    /// The next component, which must have this tag.
    pub fn expect(&mut self, tag: Tag) -> Result<Element<'a>, LdsError> {
        self.reader
            .expect(tag)
            .map_err(LdsError::encoding(self.structure))
    }

    /// The next component if it has this tag; else it stays.
    pub fn optional(&mut self, tag: Tag) -> Result<Option<Element<'a>>, LdsError> {
        let mut ahead = self.clone();
        let element = ahead.next()?.filter(|element| element.tag == tag);
        if element.is_some() {
            *self = ahead;
        }
        Ok(element)
    }

    /// Succeeds if nothing is left.
    pub fn finish(&self) -> Result<(), LdsError> {
        self.reader.finish().map_err(LdsError::encoding(self.structure))
    }

    /// An OBJECT IDENTIFIER.
    pub fn object_identifier(&mut self, field: &'static str) -> Result<ObjectIdentifier, LdsError> {
        let value = self.expect(OBJECT_IDENTIFIER)?.value;
        ObjectIdentifier::from_bytes(value).map_err(|_| self.invalid(field))
    }

    /// An INTEGER from 0 to 255.
    pub fn small_integer(&mut self, field: &'static str) -> Result<u8, LdsError> {
        let value = self.expect(INTEGER)?.value;
        small(value).ok_or_else(|| self.invalid(field))
    }

    /// An INTEGER from 0 to 255, if one stands there.
    pub fn optional_small_integer(&mut self, field: &'static str) -> Result<Option<u8>, LdsError> {
        match self.optional(INTEGER)? {
            Some(element) => small(element.value).map(Some).ok_or_else(|| self.invalid(field)),
            None => Ok(None),
        }
    }

    /// The bytes of an INTEGER that is not negative, without leading zeros, if one stands there.
    pub fn optional_unsigned_integer(&mut self, field: &'static str) -> Result<Option<Vec<u8>>, LdsError> {
        let Some(element) = self.optional(INTEGER)? else {
            return Ok(None);
        };
        match element.value {
            [] | [0x80..=0xFF, ..] => Err(self.invalid(field)),
            value => Ok(Some(without_leading_zeros(value).to_vec())),
        }
    }
}

/// The content of an INTEGER from 0 to 255.
pub fn small(value: &[u8]) -> Option<u8> {
    match value {
        [number @ 0..=0x7F] | [0, number] => Some(*number),
        _ => None,
    }
}

/// At least one byte is left.
fn without_leading_zeros(mut bytes: &[u8]) -> &[u8] {
    while let [0, rest @ ..] = bytes
        && !rest.is_empty()
    {
        bytes = rest;
    }
    bytes
}

/// An object that holds `parts` one behind the other.
pub fn constructed(tag: Tag, parts: &[Vec<u8>]) -> Vec<u8> {
    tlv::encode(tag, &parts.concat())
}

/// An OBJECT IDENTIFIER.
pub fn object_identifier(oid: &ObjectIdentifier) -> Vec<u8> {
    tlv::encode(OBJECT_IDENTIFIER, oid.as_bytes())
}

/// An INTEGER from the big-endian bytes of a number that is not negative; no bytes are zero.
pub fn unsigned_integer(bytes: &[u8]) -> Vec<u8> {
    let bytes = without_leading_zeros(bytes);
    let mut content = Vec::with_capacity(bytes.len() + 1);
    if bytes.first().is_none_or(|&first| first >= 0x80) {
        content.push(0);
    }
    content.extend_from_slice(bytes);
    tlv::encode(INTEGER, &content)
}

#[cfg(test)]
mod tests {
    use super::{Components, INTEGER, small, unsigned_integer};
    use chipgate_apdu::tlv;

    #[test]
    fn integers_are_unsigned_and_survive_a_round_trip() {
        for number in 0..=255_u8 {
            let bytes = unsigned_integer(&[number]);
            assert_eq!(small(tlv::single(&bytes, INTEGER).unwrap()), Some(number));
            let mut components = Components::new("test", &bytes);
            assert_eq!(
                components.optional_unsigned_integer("n").unwrap(),
                Some([number].to_vec())
            );
        }
        assert_eq!(unsigned_integer(&[]), [2, 1, 0]);
        assert_eq!(unsigned_integer(&[0, 0, 1, 0]), [2, 2, 1, 0]);
    }

    #[test]
    fn rejects_negative_and_empty_integers() {
        assert_eq!(small(&[0x80]), None);
        assert_eq!(small(&[]), None);
        assert_eq!(small(&[1, 0]), None);
        assert!(
            Components::new("test", &[2, 1, 0x80])
                .optional_unsigned_integer("n")
                .is_err()
        );
        assert!(
            Components::new("test", &[2, 0])
                .optional_unsigned_integer("n")
                .is_err()
        );
    }
}
