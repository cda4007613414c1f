//! Command chaining: data that is too long for one command comes in several (ISO/IEC 7816-4, 5.3.3; Doc 9303-10, 3.6.5).

use chipgate_apdu::{
    Command, StatusWord,
    tlv::{self, Tag},
};

use super::VirtualCard;

/// The bit of CLA that says that the command is not the last of its chain.
const CHAINING: u8 = 0x10;
/// GENERAL AUTHENTICATE, whose commands the bit links even where each is whole (Doc 9303-11, 4.4.4.2).
const GENERAL_AUTHENTICATE: u8 = 0x86;
/// DO'7C': dynamic authentication data.
const DYNAMIC_DATA: Tag = Tag(0x7C);
/// The most data that a chain of commands may bring.
const LONGEST_CHAIN: usize = 65_535;
/// Last command of the chain expected.
const LAST_COMMAND_EXPECTED: StatusWord = StatusWord(0x6883);
/// Command chaining not supported.
const NOT_SUPPORTED: StatusWord = StatusWord(0x6884);

/// The commands of a chain so far.
pub(crate) struct Chain {
    /// INS, P1 and P2, which all of them share.
    header: [u8; 3],
    data: Vec<u8>,
}

impl VirtualCard {
    /// The command with the data of the whole chain that it ends, or nothing where more must come.
    pub(super) fn join_chain(&mut self, command: &Command) -> Result<Option<Command>, StatusWord> {
        let header = [command.instruction, command.p1, command.p2];
        let more = command.class & CHAINING != 0;
        let links = command.instruction == GENERAL_AUTHENTICATE;
        let mut data = match self.state.chain.take() {
            Some(chain) if chain.header == header => chain.data,
            Some(_) => return Err(LAST_COMMAND_EXPECTED),
            None => Vec::new(),
        };
        data.extend_from_slice(&command.data);
        if data.len() > LONGEST_CHAIN {
            return Err(StatusWord::WRONG_LENGTH);
        }
        if more && self.personality.chaining && !(links && is_whole(&data)) {
            self.state.chain = Some(Chain { header, data });
            return Ok(None);
        }
        if more && !links {
            return Err(NOT_SUPPORTED);
        }
        let mut whole = command.clone().with_data(data);
        whole.class &= !CHAINING;
        Ok(Some(whole))
    }
}

/// Whether these are all the data of a step of GENERAL AUTHENTICATE, or none that more would mend.
fn is_whole(data: &[u8]) -> bool {
    tlv::header(data).map_or(data.len() > 4, |(tag, header, value)| {
        tag != DYNAMIC_DATA || data.len() >= header.saturating_add(value)
    })
}
