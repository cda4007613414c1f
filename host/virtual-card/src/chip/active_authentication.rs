//! The chip's side of active authentication (Doc 9303-11, 6.1).

use chipgate_apdu::{Command, Response, StatusWord};
use chipgate_crypto::SigningKey;

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
        let signature = match &answering.key {
            // ISO/IEC 9796-2, scheme 1: part of the message is recovered from the signature.
            key @ SigningKey::Rsa(_) => {
                key.sign_message_recovery(answering.hash, &command.data, &mut *self.rng)
            }
            // The plain signature format of TR-03111: r and s one after the other.
            key @ SigningKey::Ec(_) => key.sign_plain(answering.hash, &command.data),
        };
        let signature = signature.map_err(|_| StatusWord::UNKNOWN_ERROR)?;
        Ok(Response::new(signature, StatusWord::SUCCESS))
    }
}
