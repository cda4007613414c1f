//! Deterministically encoded CBOR (RFC 8949, 4.2.1): a writer that can write nothing else, and a reader.
//!
//! The reader takes any well-formed CBOR; what makes it refuse other encodings is that each decoder here encodes again
//! what it understood, and compares.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use minicbor::data::Type;

use crate::report_error::ReportError;

/// Writes data items in their shortest form, with definite lengths.
#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }

    /// The initial byte and the argument in its shortest form (RFC 8949, 3 and 4.2.1).
    fn head(&mut self, major: u8, argument: u64) -> &mut Self {
        let bytes = argument.to_be_bytes();
        let (information, length) = match argument {
            0..=23 => (argument as u8, 0),
            24..=0xFF => (24, 1),
            0x100..=0xFFFF => (25, 2),
            0x1_0000..=0xFFFF_FFFF => (26, 4),
            _ => (27, 8),
        };
        self.0.push(major << 5 | information);
        self.0.extend_from_slice(&bytes[bytes.len() - length..]);
        self
    }

    pub(crate) fn unsigned(&mut self, value: u64) -> &mut Self {
        self.head(0, value)
    }

    pub(crate) fn integer(&mut self, value: i64) -> &mut Self {
        match u64::try_from(value) {
            Ok(value) => self.head(0, value),
            Err(_) => self.head(1, (-1 - value).unsigned_abs()),
        }
    }

    pub(crate) fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.head(2, value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    pub(crate) fn text(&mut self, value: &str) -> &mut Self {
        self.head(3, value.len() as u64);
        self.0.extend_from_slice(value.as_bytes());
        self
    }

    pub(crate) fn array(&mut self, length: usize) -> &mut Self {
        self.head(4, length as u64)
    }

    pub(crate) fn map(&mut self, length: usize) -> &mut Self {
        self.head(5, length as u64)
    }

    pub(crate) fn tag(&mut self, tag: u64) -> &mut Self {
        self.head(6, tag)
    }

    pub(crate) fn null(&mut self) -> &mut Self {
        self.head(7, 22)
    }
}

/// Reads data items; each error names the field that was to be read.
pub(crate) struct Reader<'a> {
    decoder: minicbor::Decoder<'a>,
    length: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            decoder: minicbor::Decoder::new(bytes),
            length: bytes.len(),
        }
    }

    fn read<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&mut minicbor::Decoder<'a>) -> Result<T, minicbor::decode::Error>,
    ) -> Result<T, ReportError> {
        let position = self.decoder.position();
        read(&mut self.decoder).map_err(|_| ReportError::Malformed { field, position })
    }

    pub(crate) fn unsigned(&mut self, field: &'static str) -> Result<u64, ReportError> {
        self.read(field, minicbor::Decoder::u64)
    }

    pub(crate) fn integer(&mut self, field: &'static str) -> Result<i64, ReportError> {
        self.read(field, minicbor::Decoder::i64)
    }

    pub(crate) fn bytes(&mut self, field: &'static str) -> Result<&'a [u8], ReportError> {
        self.read(field, minicbor::Decoder::bytes)
    }

    /// Bytes of one certain length.
    pub(crate) fn exactly<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], ReportError> {
        let position = self.decoder.position();
        self.bytes(field)?
            .try_into()
            .map_err(|_| ReportError::Malformed { field, position })
    }

    pub(crate) fn text(&mut self, field: &'static str) -> Result<String, ReportError> {
        self.read(field, minicbor::Decoder::str).map(ToString::to_string)
    }

    /// The length of an array; more items than bytes are left is an error before memory is taken.
    pub(crate) fn array(&mut self, field: &'static str) -> Result<usize, ReportError> {
        let length = self.read(field, minicbor::Decoder::array)?;
        self.bounded(field, length)
    }

    pub(crate) fn map(&mut self, field: &'static str) -> Result<usize, ReportError> {
        let length = self.read(field, minicbor::Decoder::map)?;
        self.bounded(field, length)
    }

    fn bounded(&self, field: &'static str, length: Option<u64>) -> Result<usize, ReportError> {
        let position = self.decoder.position();
        let left = self.length.saturating_sub(position);
        let length = length.and_then(|length| usize::try_from(length).ok());
        length
            .filter(|length| *length <= left)
            .ok_or(ReportError::Malformed { field, position })
    }

    /// An array of one certain length.
    pub(crate) fn array_of(&mut self, length: usize, field: &'static str) -> Result<(), ReportError> {
        let position = self.decoder.position();
        match self.array(field)? {
            found if found == length => Ok(()),
            _ => Err(ReportError::Malformed { field, position }),
        }
    }

    pub(crate) fn tag(&mut self, field: &'static str) -> Result<u64, ReportError> {
        self.read(field, minicbor::Decoder::tag)
            .map(minicbor::data::Tag::as_u64)
    }

    /// The item, or nothing where null stands.
    pub(crate) fn optional<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&mut Self) -> Result<T, ReportError>,
    ) -> Result<Option<T>, ReportError> {
        match self.read(field, |decoder| decoder.datatype())? {
            Type::Null => self.read(field, minicbor::Decoder::null).map(|()| None),
            _ => read(self).map(Some),
        }
    }

    /// Nothing follows.
    pub(crate) fn finish(self, field: &'static str) -> Result<(), ReportError> {
        match self.decoder.position() {
            position if position == self.length => Ok(()),
            position => Err(ReportError::Malformed { field, position }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8949, appendix A.
    #[test]
    fn writes_the_examples_of_the_standard() {
        let written = |write: fn(&mut Writer)| {
            let mut writer = Writer::default();
            write(&mut writer);
            writer.finish()
        };
        assert_eq!(written(|w| _ = w.unsigned(23)), [0x17]);
        assert_eq!(written(|w| _ = w.unsigned(24)), [0x18, 0x18]);
        assert_eq!(written(|w| _ = w.unsigned(1000)), [0x19, 0x03, 0xe8]);
        assert_eq!(
            written(|w| _ = w.unsigned(1_000_000)),
            [0x1a, 0x00, 0x0f, 0x42, 0x40]
        );
        assert_eq!(
            written(|w| _ = w.unsigned(u64::MAX)),
            [0x1b, 255, 255, 255, 255, 255, 255, 255, 255]
        );
        assert_eq!(written(|w| _ = w.integer(-1)), [0x20]);
        assert_eq!(written(|w| _ = w.integer(-1000)), [0x39, 0x03, 0xe7]);
        assert_eq!(
            written(|w| _ = w.integer(i64::MIN)),
            [0x3b, 127, 255, 255, 255, 255, 255, 255, 255]
        );
        assert_eq!(written(|w| _ = w.bytes(&[1, 2, 3, 4])), [0x44, 1, 2, 3, 4]);
        assert_eq!(written(|w| _ = w.text("ü")), [0x62, 0xc3, 0xbc]);
        assert_eq!(written(|w| _ = w.array(2).unsigned(1).null()), [0x82, 1, 0xf6]);
        assert_eq!(
            written(|w| _ = w.tag(18).map(1).unsigned(1).unsigned(2)),
            [0xd2, 0xa1, 1, 2]
        );
    }

    #[test]
    fn refuses_a_length_that_lies_before_taking_memory() {
        let lying = [0x9b, 0, 0, 0, 1, 0, 0, 0, 0];
        assert!(matches!(
            Reader::new(&lying).array("outcomes"),
            Err(ReportError::Malformed {
                field: "outcomes",
                ..
            })
        ));
    }
}
