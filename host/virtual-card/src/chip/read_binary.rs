//! READ BINARY, with even and odd instruction byte (ISO/IEC 7816-4, 11.3.3).

use chipgate_apdu::{
    Command, Response, StatusWord,
    tlv::{self, Tag},
};

use super::{
    Answer, VirtualCard,
    memory::{ATTRIBUTES, Place},
};
use crate::{BeyondEnd, LongestRead, TooLong};

const READ_BINARY: u8 = 0xB0;
const READ_BINARY_ODD: u8 = 0xB1;
/// The bit of P1 that says that a short file identifier follows.
const SHORT_IDENTIFIER: u8 = 0x80;
/// How many offsets the even instruction has.
const OFFSETS: usize = 0x8000;
/// DO'54': the offset, in the command.
const OFFSET: Tag = Tag(0x54);
/// DO'53': discretionary data, in the response.
const DATA: Tag = Tag(0x53);
/// What tag and length of DO'53' may take.
const DATA_HEADER: usize = 4;

pub(super) const fn is_read_binary(instruction: u8) -> bool {
    matches!(instruction, READ_BINARY | READ_BINARY_ODD)
}

impl VirtualCard {
    pub(super) fn read_binary(&mut self, command: &Command) -> Answer {
        let expected = command.expected.ok_or(StatusWord::WRONG_LENGTH)?;
        let (place, offset) = if command.p1 & SHORT_IDENTIFIER == 0 {
            let place = self.state.file.ok_or(StatusWord::COMMAND_NOT_ALLOWED)?;
            (place, usize::from(u16::from_be_bytes([command.p1, command.p2])))
        } else if command.p1 & 0x60 == 0 && self.personality.short_identifiers {
            (
                self.by_short_identifier(command.p1 & 0x1F),
                usize::from(command.p2),
            )
        } else {
            return Err(StatusWord::INCORRECT_P1P2);
        };
        if self.personality.ends_at_32_kib && self.goes_beyond_32_kib(place, offset, expected)? {
            return Err(StatusWord::WRONG_OFFSET);
        }
        let response = self.part(place, offset, expected)?;
        self.state.file = Some(place);
        self.state.attributes_read |= place == ATTRIBUTES;
        Ok(response)
    }

    pub(super) fn read_binary_odd(&mut self, command: &Command) -> Answer {
        let expected = command.expected.ok_or(StatusWord::WRONG_LENGTH)?;
        let offset = tlv::single(&command.data, OFFSET).map_err(|_| StatusWord::WRONG_DATA)?;
        if offset.is_empty() || offset.len() > 3 {
            return Err(StatusWord::WRONG_DATA);
        }
        let offset = offset
            .iter()
            .fold(0, |offset, &byte| offset << 8 | usize::from(byte));
        let place = match [command.p1, command.p2] {
            [0, 0] => self.state.file.ok_or(StatusWord::COMMAND_NOT_ALLOWED)?,
            [0, short @ 1..=0x1E] => self.by_short_identifier(short),
            identifier => (self.state.directory, u16::from_be_bytes(identifier)),
        };
        let part = self.part(place, offset, expected.saturating_sub(DATA_HEADER).max(1))?;
        self.state.file = Some(place);
        Ok(Response::new(tlv::encode(DATA, &part.data), part.status))
    }

    /// The file of the current directory whose identifier ends in these five bits.
    fn by_short_identifier(&self, short: u8) -> Place {
        let directory = self.state.directory;
        let short_of = |identifier: u16| match identifier {
            0x2F00 => 0x1E, // EF.DIR (Doc 9303-10, 3.11.2)
            identifier => identifier as u8 & 0x1F,
        };
        let known = self.memory.files.keys().chain(&self.memory.refused);
        let mut matching =
            known.filter(|(place, identifier)| *place == directory && short_of(*identifier) == short);
        // A file that is not there is answered for like any other, by its access rule first.
        matching
            .next()
            .copied()
            .unwrap_or((directory, 0x0100 | u16::from(short)))
    }

    /// Whether a reading ends behind the last byte that the even instruction can name (Doc 9303-10, 3.6.6, note 1).
    fn goes_beyond_32_kib(&self, place: Place, offset: usize, expected: usize) -> Result<bool, StatusWord> {
        let rest = self.readable(place)?.len().saturating_sub(offset);
        Ok(offset.saturating_add(expected.min(rest)) > OFFSETS)
    }

    fn part(&self, place: Place, offset: usize, expected: usize) -> Answer {
        let file = self.readable(place)?;
        let rest = file
            .get(offset..)
            .filter(|rest| !rest.is_empty())
            .ok_or(StatusWord::WRONG_OFFSET)?;
        let everything = matches!(expected, 256 | 65_536); // Le 00 asks for what there is
        let longest = self.personality.longest_read;
        if let Some(LongestRead { bytes, answer }) = longest.filter(|longest| expected > longest.bytes) {
            let rest = &rest[..bytes.min(rest.len())];
            return match answer {
                TooLong::WrongLength => Err(StatusWord::WRONG_LENGTH),
                TooLong::WrongOffset => Err(StatusWord::WRONG_OFFSET),
                TooLong::ExactLength => Err(exact_length(rest.len())),
                TooLong::Warning => Ok(Response::new(rest, StatusWord::END_OF_FILE)),
            };
        }
        let ends = rest.len() < expected && !everything;
        let status = match self.personality.beyond_end {
            BeyondEnd::Warning if ends => StatusWord::END_OF_FILE,
            BeyondEnd::WrongOffset if ends => return Err(StatusWord::WRONG_OFFSET),
            BeyondEnd::WrongLength if ends => return Err(StatusWord::WRONG_LENGTH),
            BeyondEnd::ExactLength if ends => return Err(exact_length(rest.len())),
            _ => StatusWord::SUCCESS,
        };
        Ok(Response::new(&rest[..expected.min(rest.len())], status))
    }
}

/// 6Cxx; 00 stands for 256.
fn exact_length(length: usize) -> StatusWord {
    StatusWord(0x6C00 | (length & 0xFF) as u16)
}
