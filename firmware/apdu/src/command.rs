use alloc::vec::Vec;

use crate::ApduError;

/// The most data that short length fields carry.
const SHORT_DATA: usize = 255;
/// The most response data that a short Le asks for.
const SHORT_EXPECTED: usize = 256;
/// The bit of CLA that says that the command is not the last of its chain.
const CHAINED: u8 = 0x10;
/// The most data that extended length fields carry.
const EXTENDED_DATA: usize = 65_535;
/// The most response data that an extended Le asks for.
const EXTENDED_EXPECTED: usize = 65_536;

/// A command APDU (ISO/IEC 7816-4, 5.1), whatever the length fields that it is sent with.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    /// CLA.
    pub class: u8,
    /// INS.
    pub instruction: u8,
    /// P1.
    pub p1: u8,
    /// P2.
    pub p2: u8,
    /// The command data field, up to 65,535 bytes.
    pub data: Vec<u8>,
    /// Ne, the most bytes of response data that are expected, 1 to 65,536; `None` if none are.
    pub expected: Option<usize>,
}

impl Command {
    /// A command without data that expects none.
    #[must_use]
    pub const fn new(class: u8, instruction: u8, p1: u8, p2: u8) -> Self {
        Self {
            class,
            instruction,
            p1,
            p2,
            data: Vec::new(),
            expected: None,
        }
    }

    /// The same command with a data field.
    #[must_use]
    pub fn with_data(mut self, data: impl Into<Vec<u8>>) -> Self {
        self.data = data.into();
        self
    }

    /// The same command, expecting up to `length` bytes (Ne).
    #[must_use]
    pub const fn expecting(mut self, length: usize) -> Self {
        self.expected = Some(length);
        self
    }

    /// CLA INS P1 P2.
    #[must_use]
    pub const fn header(&self) -> [u8; 4] {
        [self.class, self.instruction, self.p1, self.p2]
    }

    /// Whether it needs extended length fields.
    #[must_use]
    pub fn is_extended(&self) -> bool {
        self.data.len() > SHORT_DATA || self.expected.is_some_and(|length| length > SHORT_EXPECTED)
    }

    /// The same command as a chain of commands with short length fields (ISO/IEC 7816-4, 5.3.3): the last one, and those
    /// before it, each of which bit 5 of CLA marks.
    #[must_use]
    pub fn short_chain(&self) -> (Self, Vec<Self>) {
        let [class, instruction, p1, p2] = self.header();
        let mut pieces: Vec<&[u8]> = self.data.chunks(SHORT_DATA).collect();
        let last = Self {
            data: pieces.pop().unwrap_or_default().to_vec(),
            expected: self.expected.map(|length| length.min(SHORT_EXPECTED)),
            ..Self::new(class, instruction, p1, p2)
        };
        let linked = |piece: &[u8]| Self::new(class | CHAINED, instruction, p1, p2).with_data(piece);
        (last, pieces.into_iter().map(linked).collect())
    }

    /// The bytes that go over the link: short length fields where they suffice, else extended ones
    /// (ISO/IEC 7816-4, 5.2).
    pub fn encode(&self) -> Result<Vec<u8>, ApduError> {
        if self.data.len() > EXTENDED_DATA {
            return Err(ApduError::TooLong {
                length: self.data.len(),
            });
        }
        if let Some(length) = self
            .expected
            .filter(|&length| length == 0 || length > EXTENDED_EXPECTED)
        {
            return Err(ApduError::TooLong { length });
        }
        let mut bytes = Vec::with_capacity(self.data.len() + 9);
        bytes.extend_from_slice(&self.header());
        if self.is_extended() {
            self.encode_extended(&mut bytes);
        } else {
            self.encode_short(&mut bytes);
        }
        Ok(bytes)
    }

    fn encode_short(&self, bytes: &mut Vec<u8>) {
        if !self.data.is_empty() {
            bytes.push(self.data.len() as u8);
            bytes.extend_from_slice(&self.data);
        }
        if let Some(length) = self.expected {
            bytes.push(length as u8); // 256 is written 00
        }
    }

    fn encode_extended(&self, bytes: &mut Vec<u8>) {
        bytes.push(0);
        if !self.data.is_empty() {
            bytes.extend_from_slice(&(self.data.len() as u16).to_be_bytes());
            bytes.extend_from_slice(&self.data);
        }
        if let Some(length) = self.expected {
            bytes.extend_from_slice(&(length as u16).to_be_bytes()); // 65,536 is written 0000
        }
    }

    /// Reads a command as it came, in any of the seven cases of ISO/IEC 7816-4, 5.2.
    pub fn parse(bytes: &[u8]) -> Result<Self, ApduError> {
        let malformed = ApduError::MalformedCommand { length: bytes.len() };
        let Some((&[class, instruction, p1, p2], body)) = bytes.split_first_chunk::<4>() else {
            return Err(malformed);
        };
        let (data, expected) = match body {
            [] => (&[][..], None),
            [le] => (&[][..], Some(short_length(*le))),
            [0, high, low] => (&[][..], Some(extended_length(*high, *low))),
            [0, high, low, rest @ ..] => {
                let (data, le) = split(rest, u16::from_be_bytes([*high, *low]).into()).ok_or(malformed)?;
                match le {
                    [] => (data, None),
                    [high, low] => (data, Some(extended_length(*high, *low))),
                    _ => return Err(malformed),
                }
            }
            [lc, rest @ ..] => {
                let (data, le) = split(rest, (*lc).into()).ok_or(malformed)?;
                match le {
                    [] => (data, None),
                    [le] => (data, Some(short_length(*le))),
                    _ => return Err(malformed),
                }
            }
        };
        Ok(Self {
            class,
            instruction,
            p1,
            p2,
            data: data.to_vec(),
            expected,
        })
    }
}

/// Never shows the data: a command may carry a secret.
impl core::fmt::Debug for Command {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self {
            class,
            instruction,
            p1,
            p2,
            data,
            expected,
        } = self;
        write!(
            f,
            "Command({class:02X} {instruction:02X} {p1:02X} {p2:02X}, {} bytes, ",
            data.len()
        )?;
        write!(f, "expecting {expected:?})")
    }
}

/// The first `length` bytes and the rest; a data field is never empty.
fn split(bytes: &[u8], length: usize) -> Option<(&[u8], &[u8])> {
    if length == 0 {
        None
    } else {
        bytes.split_at_checked(length)
    }
}

const fn short_length(le: u8) -> usize {
    if le == 0 { SHORT_EXPECTED } else { le as usize }
}

const fn extended_length(high: u8, low: u8) -> usize {
    match u16::from_be_bytes([high, low]) {
        0 => EXTENDED_EXPECTED,
        length => length as usize,
    }
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use proptest::prelude::{Strategy, any, prop, prop_assert_eq, proptest};

    use super::Command;
    use crate::ApduError;

    #[test]
    fn encodes_the_seven_cases() {
        let command = Command::new(0, 0xB0, 1, 2);
        assert_eq!(command.encode().unwrap(), [0, 0xB0, 1, 2]);
        assert_eq!(
            command.clone().expecting(256).encode().unwrap(),
            [0, 0xB0, 1, 2, 0]
        );
        assert_eq!(
            command.clone().expecting(257).encode().unwrap(),
            [0, 0xB0, 1, 2, 0, 1, 1]
        );
        assert_eq!(
            command.clone().expecting(65_536).encode().unwrap(),
            [0, 0xB0, 1, 2, 0, 0, 0]
        );
        let with_data = command.with_data([9, 8]);
        assert_eq!(with_data.encode().unwrap(), [0, 0xB0, 1, 2, 2, 9, 8]);
        assert_eq!(
            with_data.clone().expecting(1).encode().unwrap(),
            [0, 0xB0, 1, 2, 2, 9, 8, 1]
        );
        let extended = with_data.expecting(300).encode().unwrap();
        assert_eq!(extended, [0, 0xB0, 1, 2, 0, 0, 2, 9, 8, 1, 44]);
    }

    #[test]
    fn refuses_what_no_length_field_carries() {
        let long = Command::new(0, 0, 0, 0).with_data(vec![0; 65_536]);
        assert_eq!(long.encode(), Err(ApduError::TooLong { length: 65_536 }));
        assert_eq!(
            Command::new(0, 0, 0, 0).expecting(0).encode(),
            Err(ApduError::TooLong { length: 0 })
        );
    }

    #[test]
    fn rejects_length_fields_that_do_not_add_up() {
        for bytes in [
            &[0, 0xB0, 0][..],
            &[0, 0xB0, 0, 0, 3, 1, 2],
            &[0, 0xB0, 0, 0, 1, 1, 0, 0],
            &[0, 0xB0, 0, 0, 0, 0, 0, 1],
            &[0, 0xB0, 0, 0, 0, 0, 2, 1],
        ] {
            assert_eq!(
                Command::parse(bytes),
                Err(ApduError::MalformedCommand { length: bytes.len() })
            );
        }
    }

    #[test]
    fn never_shows_its_data() {
        let text = alloc::format!("{:?}", Command::new(0, 0x20, 0, 0).with_data([0xAB; 3]));
        assert_eq!(text, "Command(00 20 00 00, 3 bytes, expecting None)");
    }

    fn commands() -> impl Strategy<Value = Command> {
        let data = prop::collection::vec(any::<u8>(), 0..600);
        let expected = prop::option::of(1..=65_536_usize);
        (any::<[u8; 4]>(), data, expected).prop_map(|([class, instruction, p1, p2], data, expected)| {
            Command {
                class,
                instruction,
                p1,
                p2,
                data,
                expected,
            }
        })
    }

    proptest! {
        #[test]
        fn survives_a_round_trip(command in commands()) {
            prop_assert_eq!(Command::parse(&command.encode().unwrap()), Ok(command));
        }

        #[test]
        fn never_panics_on_any_bytes(bytes: Vec<u8>) {
            let _ = Command::parse(&bytes);
        }
    }
}
