use core::fmt;

/// The status word of a response, SW1-SW2 (ISO/IEC 7816-4, 5.6).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatusWord(pub u16);

impl StatusWord {
    /// The command was carried out.
    pub const SUCCESS: Self = Self(0x9000);
    /// The end of the file came before Ne bytes were read.
    pub const END_OF_FILE: Self = Self(0x6282);
    /// Authentication failed, and the chip does not say how many tries are left.
    pub const NO_INFORMATION: Self = Self(0x6300);
    /// Wrong length.
    pub const WRONG_LENGTH: Self = Self(0x6700);
    /// Secure messaging is not supported.
    pub const SECURE_MESSAGING_NOT_SUPPORTED: Self = Self(0x6882);
    /// The security status is not satisfied.
    pub const SECURITY_STATUS_NOT_SATISFIED: Self = Self(0x6982);
    /// The authentication method is blocked.
    pub const AUTHENTICATION_BLOCKED: Self = Self(0x6983);
    /// The conditions of use are not satisfied.
    pub const CONDITIONS_NOT_SATISFIED: Self = Self(0x6985);
    /// No current file.
    pub const COMMAND_NOT_ALLOWED: Self = Self(0x6986);
    /// An expected secure messaging data object is missing.
    pub const SM_DATA_MISSING: Self = Self(0x6987);
    /// A secure messaging data object is incorrect; the session is dead.
    pub const SM_DATA_INCORRECT: Self = Self(0x6988);
    /// Incorrect parameters in the command data field.
    pub const WRONG_DATA: Self = Self(0x6A80);
    /// Function not supported.
    pub const FUNCTION_NOT_SUPPORTED: Self = Self(0x6A81);
    /// File or application not found.
    pub const FILE_NOT_FOUND: Self = Self(0x6A82);
    /// Incorrect parameters P1-P2.
    pub const INCORRECT_P1P2: Self = Self(0x6A86);
    /// Referenced data not found.
    pub const REFERENCE_NOT_FOUND: Self = Self(0x6A88);
    /// The offset lies outside the file.
    pub const WRONG_OFFSET: Self = Self(0x6B00);
    /// The instruction is not supported.
    pub const INSTRUCTION_NOT_SUPPORTED: Self = Self(0x6D00);
    /// The class is not supported.
    pub const CLASS_NOT_SUPPORTED: Self = Self(0x6E00);
    /// No precise diagnosis.
    pub const UNKNOWN_ERROR: Self = Self(0x6F00);

    /// Whether the command was carried out.
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.0 == Self::SUCCESS.0
    }

    /// The tries that are left after a failed authentication: the last digit of `63Cx`.
    #[must_use]
    pub const fn tries_left(self) -> Option<u8> {
        if self.0 & 0xFFF0 == 0x63C0 {
            Some((self.0 & 0x0F) as u8)
        } else {
            None
        }
    }

    /// How many bytes of the response wait for GET RESPONSE, from `61xx`; `6100` means 256 or more.
    #[must_use]
    pub const fn waiting_length(self) -> Option<usize> {
        match self.0.to_be_bytes() {
            [0x61, 0] => Some(256),
            [0x61, length] => Some(length as usize),
            _ => None,
        }
    }

    /// The length that the chip wants instead, from `6Cxx`; `6C00` means 256.
    #[must_use]
    pub const fn exact_length(self) -> Option<usize> {
        match (self.0 >> 8, self.0 & 0xFF) {
            (0x6C, 0) => Some(256),
            (0x6C, length) => Some(length as usize),
            _ => None,
        }
    }

    /// SW1 and SW2.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 2] {
        self.0.to_be_bytes()
    }
}

impl fmt::Debug for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StatusWord({:04X})", self.0)
    }
}

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::StatusWord;

    #[test]
    fn tells_the_tries_that_are_left() {
        assert_eq!(StatusWord(0x63C2).tries_left(), Some(2));
        assert_eq!(StatusWord(0x6300).tries_left(), None);
        assert_eq!(StatusWord(0x6983).tries_left(), None);
    }

    #[test]
    fn takes_6c00_for_256() {
        assert_eq!(StatusWord(0x6C00).exact_length(), Some(256));
        assert_eq!(StatusWord(0x6C10).exact_length(), Some(16));
        assert_eq!(StatusWord(0x6700).exact_length(), None);
    }
}
