//! The chip's side of PACE (Doc 9303-11, 4.4; TR-03110-2, 3.2).

use chipgate_apdu::{
    StatusWord,
    tlv::{self, Tag},
};
use chipgate_crypto::{
    Cipher, ObjectIdentifier, Secret, SessionKeys, constant_time_equal, derive_password_key, pad,
};

use super::{
    Answer, VirtualCard,
    general_authenticate::dynamic_data,
    memory::{Mapping, Pace},
    passwords::PasswordReference,
    secure_messaging::SecureMessaging,
    state::Access,
};
use crate::agreement::{
    Element, NotInGroup, PrivateKey, chip_authentication_data, integrated_mapping, map_generically,
};

/// PACE in progress.
pub(crate) struct PaceRun {
    pub(crate) pace: Pace,
    pub(crate) reference: PasswordReference,
    /// Whether the terminal has asked for the names of the authorities (DO'7F4C').
    pub(crate) names_authorities: bool,
    pub(crate) step: PaceStep,
}

/// How far PACE has come: each step holds what the next one needs.
pub(crate) enum PaceStep {
    /// MSE:Set AT has named the password.
    Chosen(Secret),
    /// The encrypted nonce is out; this is the nonce.
    Nonce(Secret),
    /// The nonce is mapped to this generator; with the chip authentication data, if the mapping has them.
    Mapped(Element, Option<Secret>),
    /// Both ephemeral keys are known.
    Agreed(Box<Agreed>),
}

/// What the mutual authentication needs.
pub(crate) struct Agreed {
    keys: SessionKeys,
    own: Element,
    terminal: Element,
    chip_authentication_data: Option<Secret>,
}

impl From<NotInGroup> for StatusWord {
    /// The other side's key is refused (4.4.4.2).
    fn from(_: NotInGroup) -> Self {
        Self::NO_INFORMATION
    }
}

impl VirtualCard {
    /// One step of PACE: takes the terminal's object and gives the chip's. Whatever fails, PACE begins anew.
    pub(super) fn pace_step(&mut self, objects: &[u8]) -> Answer {
        let PaceRun {
            pace,
            reference,
            names_authorities,
            step,
        } = self
            .state
            .pace
            .take()
            .ok_or(StatusWord::CONDITIONS_NOT_SATISFIED)?;
        let (step, answer) = match step {
            PaceStep::Chosen(password) => {
                self.allow_try(reference)?;
                self.encrypted_nonce(&pace, &password, objects)?
            }
            PaceStep::Nonce(nonce) => self.map_nonce(&pace, &nonce, objects)?,
            PaceStep::Mapped(generator, data) => self.agree_on_keys(&pace, &generator, data, objects)?,
            PaceStep::Agreed(agreed) => {
                return self.authenticate(&pace, reference, names_authorities, *agreed, objects);
            }
        };
        self.state.pace = Some(PaceRun {
            pace,
            reference,
            names_authorities,
            step,
        });
        Ok(dynamic_data(&answer))
    }

    /// Step 1: a random nonce under the key from the password (4.4.3.3).
    fn encrypted_nonce(
        &mut self,
        pace: &Pace,
        password: &Secret,
        objects: &[u8],
    ) -> Result<(PaceStep, Vec<u8>), StatusWord> {
        if !objects.is_empty() {
            return Err(StatusWord::WRONG_DATA);
        }
        let mut nonce = vec![0; nonce_length(pace)];
        self.rng.fill_bytes(&mut nonce);
        let nonce = Secret::new(nonce);
        let key = derive_password_key(pace.cipher, password.as_bytes());
        let iv = vec![0; pace.cipher.block_length()];
        let encrypted = pace
            .cipher
            .encrypt_cbc(key.as_bytes(), &iv, nonce.as_bytes())
            .map_err(|_| StatusWord::UNKNOWN_ERROR)?;
        Ok((PaceStep::Nonce(nonce), tlv::encode(Tag(0x80), &encrypted)))
    }

    /// Step 2: the nonce becomes a generator (4.4.3.3.1 to 4.4.3.3.3).
    fn map_nonce(
        &mut self,
        pace: &Pace,
        nonce: &Secret,
        objects: &[u8],
    ) -> Result<(PaceStep, Vec<u8>), StatusWord> {
        let given = object(objects, 0x81)?;
        if pace.mapping == Mapping::Integrated {
            let generator = integrated_mapping(pace.group, pace.cipher, nonce.as_bytes(), given)?;
            return Ok((PaceStep::Mapped(generator, None), tlv::encode(Tag(0x82), &[])));
        }
        let terminal = Element::decode(pace.group, given)?;
        let key = PrivateKey::generate(pace.group, &mut *self.rng);
        let own = key.public_key()?;
        let generator = map_generically(pace.group, nonce.as_bytes(), &key.times(&terminal)?)?;
        let data = match pace.mapping {
            Mapping::ChipAuthentication => Some(self.chip_authentication_data(&key)?),
            Mapping::Generic | Mapping::Integrated => None,
        };
        Ok((
            PaceStep::Mapped(generator, data),
            tlv::encode(Tag(0x82), &own.encode()),
        ))
    }

    /// CA_IC, which proves that the chip holds its static key (4.4.3.5.1).
    fn chip_authentication_data(&self, mapping: &PrivateKey) -> Result<Secret, StatusWord> {
        let mut keys = self.memory.agreement.iter();
        keys.find_map(|agreement| chip_authentication_data(&agreement.key, mapping))
            .ok_or(StatusWord::UNKNOWN_ERROR)
    }

    /// Step 3: ephemeral keys over that generator, and the session keys from them (4.4.1).
    fn agree_on_keys(
        &mut self,
        pace: &Pace,
        generator: &Element,
        chip_authentication_data: Option<Secret>,
        objects: &[u8],
    ) -> Result<(PaceStep, Vec<u8>), StatusWord> {
        let terminal = Element::decode(pace.group, object(objects, 0x83)?)?;
        let key = PrivateKey::generate(pace.group, &mut *self.rng);
        let own = key.times(generator)?;
        if own == terminal {
            return Err(StatusWord::NO_INFORMATION); // both public keys must differ
        }
        let shared = key.agree(&terminal)?;
        let answer = tlv::encode(Tag(0x84), &own.encode());
        let agreed = Agreed {
            keys: SessionKeys::derive(pace.cipher, shared.as_bytes()),
            own,
            terminal,
            chip_authentication_data,
        };
        Ok((PaceStep::Agreed(Box::new(agreed)), answer))
    }

    /// Step 4: the terminal's token is checked, the chip's is given (4.4.3.4).
    fn authenticate(
        &mut self,
        pace: &Pace,
        reference: PasswordReference,
        names_authorities: bool,
        agreed: Agreed,
        objects: &[u8],
    ) -> Answer {
        let given = object(objects, 0x85)?;
        let expected = token(&agreed.keys, &pace.protocol, &agreed.own)?;
        if !constant_time_equal(&expected, given) {
            return Err(self.fail_try(reference));
        }
        let mut answer = tlv::encode(Tag(0x86), &token(&agreed.keys, &pace.protocol, &agreed.terminal)?);
        if names_authorities {
            for (tag, point) in [0x87, 0x88].into_iter().zip(self.trust_points()) {
                answer.extend(tlv::encode(Tag(tag), &point.reference));
            }
        }
        if let Some(data) = &agreed.chip_authentication_data {
            answer.extend(tlv::encode(Tag(0x8A), &encrypted(&agreed.keys, data)?));
        }
        self.pass_try(reference);
        self.state.reset_access();
        self.state.access = Access::Pace(reference);
        self.state.chip_identity = self.pace_identity(reference, &agreed.own);
        // With chip authentication mapping the chip is authentic already, and its terminal named by this key (7.1).
        let mapped = agreed.chip_authentication_data.is_some();
        self.state.terminal_ephemeral = mapped.then(|| agreed.terminal.compressed());
        self.begin(SecureMessaging::new(agreed.keys));
        Ok(dynamic_data(&answer))
    }
}

impl VirtualCard {
    /// ID_IC, which a terminal signs: the chip's ephemeral key, or what is printed on the document (TR-03110-1, 3.5).
    fn pace_identity(&self, reference: PasswordReference, own: &Element) -> Vec<u8> {
        let terminals = self.memory.terminals.as_ref();
        let printed = match reference {
            _ if terminals.is_none_or(|terminals| !terminals.static_binding) => None,
            PasswordReference::Mrz => Some(self.memory.document_number.clone()),
            PasswordReference::Can => {
                let can = self.memory.passwords.can.as_ref();
                can.map(|can| can.as_bytes().to_vec())
            }
            PasswordReference::Pin | PasswordReference::Puk => None,
        };
        printed.unwrap_or_else(|| own.compressed())
    }
}

/// l: for the integrated mapping as many blocks as the key is long (4.4.3.3).
const fn nonce_length(pace: &Pace) -> usize {
    match (pace.mapping, pace.cipher) {
        (Mapping::Integrated, Cipher::Aes192 | Cipher::Aes256) => 32,
        _ => 16,
    }
}

/// A_IC: the chip authentication data under the session's key, with an initialisation vector of its own (4.4.3.5).
fn encrypted(keys: &SessionKeys, data: &Secret) -> Result<Vec<u8>, StatusWord> {
    let (cipher, key) = (keys.cipher, keys.encryption.as_bytes());
    let padded = Secret::new(pad(data.as_bytes(), cipher.block_length()));
    cipher
        .encrypt_block(key, &[0xFF; 16])
        .and_then(|iv| cipher.encrypt_cbc(key, &iv, padded.as_bytes()))
        .map_err(|_| StatusWord::UNKNOWN_ERROR)
}

/// An authentication token: the MAC over the other side's public key as a data object (TR-03110-3, A.2.4, D.3).
fn token(keys: &SessionKeys, protocol: &ObjectIdentifier, key: &Element) -> Result<[u8; 8], StatusWord> {
    let oid = tlv::encode(Tag(0x06), protocol.as_bytes());
    let key = tlv::encode(Tag(key.tag()), &key.encode());
    let data = tlv::encode(Tag(0x7F49), &[oid, key].concat());
    // CMAC takes the data as they are; the retail MAC pads them by itself.
    keys.cipher
        .mac(keys.mac.as_bytes(), &data)
        .map_err(|_| StatusWord::UNKNOWN_ERROR)
}

/// The terminal's one object.
fn object(objects: &[u8], tag: u32) -> Result<&[u8], StatusWord> {
    tlv::single(objects, Tag(tag)).map_err(|_| StatusWord::WRONG_DATA)
}
