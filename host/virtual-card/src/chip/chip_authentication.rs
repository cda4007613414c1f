//! The chip's side of chip authentication, version 1 (Doc 9303-11, 6.2; TR-03110-1, 3.4).

use chipgate_apdu::{
    Response, StatusWord,
    tlv::{self, Tag},
};
use chipgate_crypto::{Cipher, SessionKeys};

use super::{
    Answer, VirtualCard, general_authenticate::dynamic_data, memory::Agreement,
    secure_messaging::SecureMessaging, security_environment::Template, state::Access,
};
use crate::agreement::Element;

impl VirtualCard {
    /// MSE:Set AT, before GENERAL AUTHENTICATE (6.2.4.2).
    pub(super) fn choose_chip_authentication(&mut self, template: &Template<'_>) -> Answer {
        let protocol = template.protocol.ok_or(StatusWord::WRONG_DATA)?;
        let chosen = self.choose_key(template, |key| key.protocol.as_bytes() == protocol)?;
        self.state.chip_authentication = Some(chosen);
        Ok(Response::status_only(StatusWord::SUCCESS))
    }

    /// GENERAL AUTHENTICATE: the terminal's ephemeral public key in DO'80' (6.2.4.2).
    pub(super) fn agree_by_general_authenticate(&mut self, chosen: usize, objects: &[u8]) -> Answer {
        let public_key = tlv::single(objects, Tag(0x80)).map_err(|_| StatusWord::WRONG_DATA)?;
        self.agree_with(chosen, public_key)?;
        Ok(dynamic_data(&[]))
    }

    /// MSE:Set KAT: everything in one command, under triple DES only (6.2.4.1).
    pub(super) fn agree_by_key_agreement_template(&mut self, template: &Template<'_>) -> Answer {
        let chosen = self.choose_key(template, |key| key.cipher == Cipher::TripleDes)?;
        self.agree_with(chosen, template.public_key.ok_or(StatusWord::WRONG_DATA)?)?;
        Ok(Response::status_only(StatusWord::SUCCESS))
    }

    /// The key that a command means, once access was gained: the one with the identifier that it names, or the only one.
    fn choose_key(
        &self,
        template: &Template<'_>,
        speaks: impl Fn(&Agreement) -> bool,
    ) -> Result<usize, StatusWord> {
        if self.state.access == Access::None {
            return Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED);
        }
        let keys = &self.memory.agreement;
        let named = |key: &Agreement| match template.key {
            None => true,
            Some(given) => key
                .key_id
                .is_some_and(|own| own == *given.last().unwrap_or(&0) && given.len() == 1),
        };
        if !keys.iter().any(named) {
            return Err(StatusWord::REFERENCE_NOT_FOUND);
        }
        let mut matching = keys
            .iter()
            .enumerate()
            .filter(|(_, key)| named(key) && speaks(key))
            .map(|(index, _)| index);
        let first = matching.next().ok_or(StatusWord::WRONG_DATA)?;
        match matching.next() {
            None => Ok(first),
            Some(_) => Err(StatusWord::REFERENCE_NOT_FOUND), // several, and the command does not say which
        }
    }

    /// The new session begins behind the response to this command (6.2.2, step 3).
    fn agree_with(&mut self, chosen: usize, public_key: &[u8]) -> Result<(), StatusWord> {
        let agreement = self.memory.agreement.get(chosen);
        let agreement = agreement.ok_or(StatusWord::REFERENCE_NOT_FOUND)?;
        let refused = |_| StatusWord::WRONG_DATA;
        let terminal = Element::decode(agreement.key.group(), public_key).map_err(refused)?;
        let shared = agreement.key.agree(&terminal).map_err(refused)?;
        let keys = SessionKeys::derive(agreement.cipher, shared.as_bytes());
        self.state.terminal = super::terminal_authentication::TerminalState::default(); // what was proved belongs to the key before this one
        self.state.terminal_ephemeral = Some(terminal.compressed());
        self.begin(SecureMessaging::new(keys));
        Ok(())
    }
}
