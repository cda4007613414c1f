//! Reads protocol buffers' wire format, field by field, without knowing the messages.

use crate::{ModelsError, onnx::Message};

/// A text.
pub(crate) fn utf8(text: &[u8]) -> Result<String, ModelsError> {
    String::from_utf8(text.to_vec()).map_err(|_| broken(0, "a name"))
}

fn broken(offset: usize, expected: &str) -> ModelsError {
    ModelsError::UnexpectedNetwork {
        offset,
        expected: expected.to_owned(),
    }
}

/// A field of a message in protocol buffers' wire format.
pub(crate) enum Field<'a> {
    /// A number, with its field.
    Number(u64, u64),
    /// Four or eight bytes, with field and wire type.
    Fixed(u64, u64, &'a [u8]),
    /// A text, a list or a message.
    Bytes(u64, &'a [u8]),
}

impl Field<'_> {
    /// Adds the field to another message as it is.
    pub(crate) fn copy(self, out: Message) -> Message {
        match self {
            Self::Number(field, value) => out.number(field, value),
            Self::Fixed(field, wire, bytes) => out.fixed(field, wire, bytes),
            Self::Bytes(field, bytes) => out.bytes(field, bytes),
        }
    }
}

/// Goes through the fields of a message.
pub(crate) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    pub(crate) const fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn varint(&mut self) -> Result<u64, ModelsError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = *self
                .bytes
                .get(self.at)
                .ok_or_else(|| broken(self.at, "a number"))?;
            self.at += 1;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(broken(self.at, "a number of 64 bits"))
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], ModelsError> {
        let end = usize::try_from(length)
            .ok()
            .and_then(|length| self.at.checked_add(length));
        let taken = end.and_then(|end| self.bytes.get(self.at..end));
        let taken = taken.ok_or_else(|| broken(self.at, "more bytes"))?;
        self.at += taken.len();
        Ok(taken)
    }

    fn read(&mut self) -> Result<Field<'a>, ModelsError> {
        let key = self.varint()?;
        let (field, wire) = (key >> 3, key & 7);
        match wire {
            0 => Ok(Field::Number(field, self.varint()?)),
            1 => Ok(Field::Fixed(field, wire, self.take(8)?)),
            2 => {
                let length = self.varint()?;
                Ok(Field::Bytes(field, self.take(length)?))
            }
            5 => Ok(Field::Fixed(field, wire, self.take(4)?)),
            _ => Err(broken(self.at, "a field")),
        }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, ModelsError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let read = self.read();
        if read.is_err() {
            self.at = self.bytes.len();
        }
        Some(read)
    }
}
