//! SELECT (ISO/IEC 7816-4, 11.2.2; Doc 9303-10, 3.6).

use chipgate_apdu::{
    Command, Response, StatusWord,
    tlv::{self, Tag},
};

use super::{
    Answer, VirtualCard,
    memory::{CARD_SECURITY, Directory, FINGERS, IRISES, Place},
    state::Access,
};
use crate::MasterFile;

/// The application of an electronic travel document (Doc 9303-10, 3.6.1).
const APPLICATION: [u8; 7] = [0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01];
/// The identifier of the master file.
const MASTER_FILE: u16 = 0x3F00;

impl VirtualCard {
    pub(super) fn select(&mut self, command: &Command) -> Answer {
        match (command.p1, command.data.as_slice()) {
            (0x00, []) => self.select_master_file(),
            (0x00 | 0x02, &[high, low]) => match u16::from_be_bytes([high, low]) {
                MASTER_FILE if self.settings.master_file == MasterFile::WithoutData => {
                    Err(StatusWord::FILE_NOT_FOUND)
                }
                MASTER_FILE => self.select_master_file(),
                identifier => self.select_file(identifier),
            },
            (0x04, name) => self.select_application(name, command),
            (0x00 | 0x02, _) => Err(StatusWord::WRONG_LENGTH),
            _ => Err(StatusWord::INCORRECT_P1P2),
        }
    }

    fn select_master_file(&mut self) -> Answer {
        if self.settings.master_file == MasterFile::Refused {
            return Err(StatusWord::INSTRUCTION_NOT_SUPPORTED);
        }
        self.state.directory = Directory::MasterFile;
        self.state.file = None;
        Ok(Response::status_only(StatusWord::SUCCESS))
    }

    fn select_application(&mut self, name: &[u8], command: &Command) -> Answer {
        if name != APPLICATION {
            return Err(StatusWord::FILE_NOT_FOUND);
        }
        if self.state.access == Access::None && !self.settings.select_before_access {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED);
        }
        self.state.directory = Directory::Application;
        self.state.file = None;
        let wants_template = command.p2 & 0x0C == 0 && command.expected.is_some();
        let name = tlv::encode(Tag(0x84), &APPLICATION);
        let template = if wants_template {
            tlv::encode(Tag(0x6F), &name)
        } else {
            Vec::new()
        };
        Ok(Response::new(template, StatusWord::SUCCESS))
    }

    fn select_file(&mut self, identifier: u16) -> Answer {
        let place = (self.state.directory, identifier);
        if !self.memory.unreadable.contains(&place) {
            self.readable(place)?;
        }
        self.state.file = Some(place);
        Ok(Response::status_only(StatusWord::SUCCESS))
    }

    /// Whether a file can be selected and read now. Before access was gained nothing tells which files there are, and fingers
    /// and irises are guarded on chips that can authenticate a terminal.
    pub(super) fn readable(&self, place: Place) -> Result<&[u8], StatusWord> {
        let (directory, _) = place;
        let gained = match self.state.access {
            _ if !self.settings.access_control => true,
            Access::None => directory == Directory::MasterFile && place != CARD_SECURITY,
            Access::Basic => place != CARD_SECURITY,
            Access::Pace(_) => true,
        };
        let right = match place {
            FINGERS if self.memory.terminals.is_some() => 0x01,
            IRISES if self.memory.terminals.is_some() => 0x02,
            _ => 0,
        };
        let proved = self.state.terminal.rights & right == right;
        let refused = [&self.memory.refused, &self.memory.unreadable];
        if !gained || !proved || refused.into_iter().any(|places| places.contains(&place)) {
            return Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED);
        }
        self.memory
            .files
            .get(&place)
            .map(Vec::as_slice)
            .ok_or(StatusWord::FILE_NOT_FOUND)
    }
}
