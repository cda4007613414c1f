use crate::LdsError;

/// What is left to read of a binary record; a length is compared with what is there before anything is taken.
pub struct Cursor<'a> {
    rest: &'a [u8],
    structure: &'static str,
}

impl<'a> Cursor<'a> {
    pub const fn new(structure: &'static str, bytes: &'a [u8]) -> Self {
        let rest = bytes;
        Self { rest, structure }
    }

    /// The same for a part of the record.
    pub const fn within<'b>(&self, bytes: &'b [u8]) -> Cursor<'b> {
        Cursor::new(self.structure, bytes)
    }

    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// An error that names a field of the record.
    pub const fn invalid(&self, field: &'static str) -> LdsError {
        LdsError::Field {
            structure: self.structure,
            field,
        }
    }

    pub fn take(&mut self, length: usize) -> Result<&'a [u8], LdsError> {
        let split = self.rest.split_at_checked(length);
        let (taken, rest) = split.ok_or(self.invalid("a length in the biometric record"))?;
        self.rest = rest;
        Ok(taken)
    }

    /// A number of up to eight bytes, big-endian.
    fn number(&mut self, length: usize) -> Result<u64, LdsError> {
        let bytes = self.take(length)?;
        Ok(bytes
            .iter()
            .fold(0, |number, &byte| (number << 8) | u64::from(byte)))
    }

    pub fn u8(&mut self) -> Result<u8, LdsError> {
        self.number(1).map(|number| number as u8)
    }

    pub fn u16(&mut self) -> Result<u16, LdsError> {
        self.number(2).map(|number| number as u16)
    }

    pub fn u32(&mut self) -> Result<u32, LdsError> {
        self.number(4).map(|number| number as u32)
    }

    pub fn u48(&mut self) -> Result<u64, LdsError> {
        self.number(6)
    }
}
