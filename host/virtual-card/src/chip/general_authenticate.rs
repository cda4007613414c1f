//! GENERAL AUTHENTICATE (ISO/IEC 7816-4, 11.5.5): the steps of PACE and of chip authentication.

use chipgate_apdu::{
    Command, Response, StatusWord,
    tlv::{self, Tag},
};

use super::{Answer, VirtualCard};

/// DO'7C': dynamic authentication data.
const DYNAMIC_DATA: Tag = Tag(0x7C);

impl VirtualCard {
    pub(super) fn general_authenticate(&mut self, command: &Command) -> Answer {
        if [command.p1, command.p2] != [0, 0] {
            return Err(StatusWord::INCORRECT_P1P2);
        }
        let objects = tlv::single(&command.data, DYNAMIC_DATA).map_err(|_| StatusWord::WRONG_DATA)?;
        if let Some(chosen) = self.state.chip_authentication.take() {
            return self.agree_by_general_authenticate(chosen, objects);
        }
        self.pace_step(objects)
    }
}

/// A response of dynamic authentication data.
pub(super) fn dynamic_data(objects: &[u8]) -> Response {
    Response::new(tlv::encode(DYNAMIC_DATA, objects), StatusWord::SUCCESS)
}
