//! The chip's side of active authentication (Doc 9303-11, 6.1).

use chipgate_apdu::{Command, Response, StatusWord};

use super::{Answer, VirtualCard, state::Access};

impl VirtualCard {
    /// INTERNAL AUTHENTICATE: a signature over the terminal's challenge of eight bytes (6.1.2).
    pub(super) fn internal_authenticate(&mut self, command: &Command) -> Answer {
        if self.state.access == Access::None {
            return Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED);
        }
        let answering = self
            .memory
            .answering
            .as_ref()
            .ok_or(StatusWord::INSTRUCTION_NOT_SUPPORTED)?;
        if command.data.len() != 8 || command.expected.is_none() {
            return Err(StatusWord::WRONG_LENGTH);
        }
        let signature = answering.sign(&command.data, &mut *self.rng);
        let signature = signature.ok_or(StatusWord::UNKNOWN_ERROR)?;
        Ok(Response::new(signature, StatusWord::SUCCESS))
    }
}
