//! The chip's side of chip authentication, version 1, over an elliptic curve (Doc 9303-11, 6.2; TR-03110-1, 3.4).

use chipgate_apdu::{
    Response, StatusWord,
    tlv::{self, Tag},
};
use chipgate_crypto::{Cipher, PublicPoint, SessionKeys};

use super::{
    Answer, VirtualCard, general_authenticate::dynamic_data, memory::Agreement,
    secure_messaging::SecureMessaging, security_environment::Template, state::Access,
};

impl VirtualCard {
    /// MSE:Set AT, before GENERAL AUTHENTICATE (6.2.4.2).
    pub(super) fn choose_chip_authentication(&mut self, template: &Template<'_>) -> Answer {
        let agreement = self.agreement()?;
        check_key(agreement, template)?;
        if template.protocol != Some(agreement.protocol.as_bytes()) {
            return Err(StatusWord::WRONG_DATA);
        }
        self.state.chip_authentication = true;
        Ok(Response::status_only(StatusWord::SUCCESS))
    }

    /// GENERAL AUTHENTICATE: the terminal's ephemeral public key in DO'80' (6.2.4.2).
    pub(super) fn agree_by_general_authenticate(&mut self, objects: &[u8]) -> Answer {
        let public_key = tlv::single(objects, Tag(0x80)).map_err(|_| StatusWord::WRONG_DATA)?;
        self.agree_with(public_key)?;
        Ok(dynamic_data(&[]))
    }

    /// MSE:Set KAT: everything in one command, under triple DES only (6.2.4.1).
    pub(super) fn agree_by_key_agreement_template(&mut self, template: &Template<'_>) -> Answer {
        let agreement = self.agreement()?;
        check_key(agreement, template)?;
        if agreement.cipher != Cipher::TripleDes {
            return Err(StatusWord::WRONG_DATA);
        }
        self.agree_with(template.public_key.ok_or(StatusWord::WRONG_DATA)?)?;
        Ok(Response::status_only(StatusWord::SUCCESS))
    }

    /// The chip's key, once access was gained.
    fn agreement(&self) -> Result<&Agreement, StatusWord> {
        if self.state.access == Access::None {
            return Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED);
        }
        self.memory
            .agreement
            .as_ref()
            .ok_or(StatusWord::REFERENCE_NOT_FOUND)
    }

    /// The new session begins behind the response to this command (6.2.2, step 3).
    fn agree_with(&mut self, public_key: &[u8]) -> Result<(), StatusWord> {
        let agreement = self.agreement()?;
        let terminal = PublicPoint::from_uncompressed(agreement.key.curve(), public_key)
            .map_err(|_| StatusWord::WRONG_DATA)?;
        let shared = agreement
            .key
            .agree(&terminal)
            .map_err(|_| StatusWord::WRONG_DATA)?;
        let keys = SessionKeys::derive(agreement.cipher, shared.as_bytes());
        self.begin(SecureMessaging::new(keys));
        Ok(())
    }
}

/// A key identifier in the command must be the chip's; without one there is only one key it can mean.
fn check_key(agreement: &Agreement, template: &Template<'_>) -> Result<(), StatusWord> {
    match (template.key, agreement.key_id) {
        (None, _) => Ok(()),
        (Some([given]), Some(own)) if *given == own => Ok(()),
        _ => Err(StatusWord::REFERENCE_NOT_FOUND),
    }
}
