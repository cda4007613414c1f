//! The chip's side of PACE with generic mapping over an elliptic curve (Doc 9303-11, 4.4; TR-03110-2, 3.2).

use chipgate_apdu::{
    Response, StatusWord,
    tlv::{self, Tag},
};
use chipgate_crypto::{
    HashAlgorithm, ObjectIdentifier, PrivateScalar, PublicPoint, Secret, SessionKeys, constant_time_equal,
    derive_password_key, generic_mapping,
};

use super::{
    Answer, VirtualCard, general_authenticate::dynamic_data, memory::Pace, secure_messaging::SecureMessaging,
    state::Access,
};

/// The password is the machine readable zone (TR-03110-3, B.11.1, DO'83').
pub(super) const REFERENCE_MRZ: u8 = 0x01;
/// The password is the card access number.
pub(super) const REFERENCE_CAN: u8 = 0x02;

/// How far PACE has come: each step holds what the next one needs.
pub(crate) enum PaceStep {
    /// PACE was not begun, or it has ended.
    Idle,
    /// MSE:Set AT has named the password.
    Chosen(Secret),
    /// The encrypted nonce is out; this is the nonce.
    Nonce(Secret),
    /// The nonce is mapped to this generator.
    Mapped(PublicPoint),
    /// Both ephemeral keys are known.
    Agreed(Agreed),
}

/// What the mutual authentication needs.
pub(crate) struct Agreed {
    keys: SessionKeys,
    own: PublicPoint,
    terminal: PublicPoint,
}

impl VirtualCard {
    /// The password that a reference names, in the form that the key derivation takes (9.7.3).
    pub(super) fn pace_password(&self, reference: u8) -> Result<Secret, StatusWord> {
        let can = self
            .memory
            .can
            .as_ref()
            .filter(|_| self.memory.pace.as_ref().is_some_and(|pace| pace.can));
        match (reference, can) {
            (REFERENCE_MRZ, _) => Ok(Secret::new(
                HashAlgorithm::Sha1.digest(self.memory.mrz_information.as_bytes()),
            )),
            (REFERENCE_CAN, Some(can)) => Ok(can.clone()),
            _ => Err(StatusWord::REFERENCE_NOT_FOUND),
        }
    }

    /// One step of PACE: takes the terminal's object and gives the chip's. Whatever fails, PACE begins anew.
    pub(super) fn pace_step(&mut self, objects: &[u8]) -> Answer {
        let pace = self
            .memory
            .pace
            .clone()
            .ok_or(StatusWord::INSTRUCTION_NOT_SUPPORTED)?;
        match core::mem::replace(&mut self.state.pace, PaceStep::Idle) {
            PaceStep::Idle => Err(StatusWord::CONDITIONS_NOT_SATISFIED),
            PaceStep::Chosen(password) => self.encrypted_nonce(&pace, &password, objects),
            PaceStep::Nonce(nonce) => self.map_nonce(&pace, &nonce, objects),
            PaceStep::Mapped(generator) => self.agree_on_keys(&pace, &generator, objects),
            PaceStep::Agreed(agreed) => self.authenticate(&pace, agreed, objects),
        }
    }

    /// Step 1: a random nonce under the key from the password (4.4.4.1, step 1).
    fn encrypted_nonce(&mut self, pace: &Pace, password: &Secret, objects: &[u8]) -> Answer {
        if !objects.is_empty() {
            return Err(StatusWord::WRONG_DATA);
        }
        let nonce = Secret::new(self.random::<16>());
        let key = derive_password_key(pace.cipher, password.as_bytes());
        let iv = vec![0; pace.cipher.block_length()];
        let encrypted = pace
            .cipher
            .encrypt_cbc(key.as_bytes(), &iv, nonce.as_bytes())
            .map_err(|_| StatusWord::UNKNOWN_ERROR)?;
        self.state.pace = PaceStep::Nonce(nonce);
        Ok(reply(0x80, &encrypted))
    }

    /// Step 2: the generator G' = s·G + H (4.4.4.1, step 3a; TR-03110-3, A.3.4.1).
    fn map_nonce(&mut self, pace: &Pace, nonce: &Secret, objects: &[u8]) -> Answer {
        let terminal = point(pace, objects, 0x81)?;
        let key = PrivateScalar::generate(pace.curve, &mut *self.rng);
        let own = key.public_point().map_err(|_| StatusWord::UNKNOWN_ERROR)?;
        let shared = key.multiply(&terminal).map_err(|_| StatusWord::NO_INFORMATION)?;
        let generator =
            generic_mapping(pace.curve, nonce.as_bytes(), &shared).map_err(|_| StatusWord::NO_INFORMATION)?;
        self.state.pace = PaceStep::Mapped(generator);
        Ok(reply(0x82, &own.to_uncompressed()))
    }

    /// Step 3: ephemeral keys over that generator, and the session keys from them (4.4.4.1, step 3b).
    fn agree_on_keys(&mut self, pace: &Pace, generator: &PublicPoint, objects: &[u8]) -> Answer {
        let terminal = point(pace, objects, 0x83)?;
        let key = PrivateScalar::generate(pace.curve, &mut *self.rng);
        let own = key
            .public_point_for(generator)
            .map_err(|_| StatusWord::UNKNOWN_ERROR)?;
        if own == terminal {
            return Err(StatusWord::NO_INFORMATION); // both public keys must differ
        }
        let shared = key.agree(&terminal).map_err(|_| StatusWord::NO_INFORMATION)?;
        let keys = SessionKeys::derive(pace.cipher, shared.as_bytes());
        let answer = reply(0x84, &own.to_uncompressed());
        self.state.pace = PaceStep::Agreed(Agreed { keys, own, terminal });
        Ok(answer)
    }

    /// Step 4: the terminal's token is checked, the chip's is given (4.4.4.1, step 4).
    fn authenticate(&mut self, pace: &Pace, agreed: Agreed, objects: &[u8]) -> Answer {
        let Agreed { keys, own, terminal } = agreed;
        let given = tlv::single(objects, Tag(0x85)).map_err(|_| StatusWord::WRONG_DATA)?;
        let expected = token(&keys, &pace.protocol, &own)?;
        if !constant_time_equal(&expected, given) {
            self.note_failure();
            return Err(StatusWord::NO_INFORMATION);
        }
        let answer = reply(0x86, &token(&keys, &pace.protocol, &terminal)?);
        self.failed_tries = 0;
        self.state.access = Access::Pace;
        self.begin(SecureMessaging::new(keys));
        Ok(answer)
    }
}

/// An authentication token: the MAC over the other side's public key as a data object (TR-03110-3, A.2.4, D.3.3).
fn token(
    keys: &SessionKeys,
    protocol: &ObjectIdentifier,
    point: &PublicPoint,
) -> Result<[u8; 8], StatusWord> {
    let oid = tlv::encode(Tag(0x06), protocol.as_bytes());
    let point = tlv::encode(Tag(0x86), &point.to_uncompressed());
    let data = tlv::encode(Tag(0x7F49), &[oid, point].concat());
    // CMAC takes the data as they are; the retail MAC pads them by itself.
    keys.cipher
        .mac(keys.mac.as_bytes(), &data)
        .map_err(|_| StatusWord::UNKNOWN_ERROR)
}

/// The terminal's public key: a point of the curve, not infinity.
fn point(pace: &Pace, objects: &[u8], tag: u32) -> Result<PublicPoint, StatusWord> {
    let encoded = tlv::single(objects, Tag(tag)).map_err(|_| StatusWord::WRONG_DATA)?;
    PublicPoint::from_uncompressed(pace.curve, encoded).map_err(|_| StatusWord::NO_INFORMATION)
}

fn reply(tag: u32, value: &[u8]) -> Response {
    dynamic_data(&tlv::encode(Tag(tag), value))
}
