//! The reader's side of a recorded exchange, carried out again with other random numbers against another chip.

use chipgate_apdu::{
    Response,
    tlv::{self, Tag},
};
use chipgate_crypto::{
    AgreementPrivateKey, AgreementPublicKey, Cipher, HashAlgorithm, ObjectIdentifier, Secret, SessionKeys,
    derive_password_key,
};

use super::{draws::FreshDraws, kept};
use crate::{
    dialogue::{self, KeyUse, Mapping, Meaning, Messaging, Turn, object},
    twin::Twin,
};

/// What the reader knows between commands.
pub(super) struct Reader<'a> {
    pub(super) twin: &'a Twin,
    pub(super) messaging: Option<Messaging>,
    /// The recorded document's keys of BAC, to open what was sent.
    pub(super) recorded_document: Option<SessionKeys>,
    pace: Pace,
    basic: Basic,
    agreement: Option<SessionKeys>,
}

#[derive(Default)]
struct Pace {
    protocol: Option<ObjectIdentifier>,
    password: u8,
    nonce: Option<Secret>,
    /// The terminal's nonce of the integrated mapping.
    terminal_nonce: Vec<u8>,
    map_key: Option<AgreementPrivateKey>,
    generator: Option<AgreementPublicKey>,
    key: Option<AgreementPrivateKey>,
    theirs: Option<AgreementPublicKey>,
    session: Option<SessionKeys>,
}

#[derive(Default)]
struct Basic {
    chip_challenge: Vec<u8>,
    challenge: Vec<u8>,
    key: Vec<u8>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(twin: &'a Twin, recorded_document: Option<SessionKeys>) -> Self {
        Self {
            twin,
            messaging: None,
            recorded_document,
            pace: Pace::default(),
            basic: Basic::default(),
            agreement: None,
        }
    }

    /// The data field of the command in place of the recorded one; `None` if it can't be made.
    pub(super) fn data(
        &mut self,
        turn: &Turn,
        old: &[u8],
        draws: &FreshDraws,
        key: Option<&AgreementPrivateKey>,
    ) -> Option<Vec<u8>> {
        match &turn.meaning {
            Meaning::PaceTemplate {
                protocol, password, ..
            } => {
                self.pace = Pace {
                    protocol: *protocol,
                    password: password.unwrap_or(0),
                    ..Pace::default()
                };
                Some(kept::data(turn, old))
            }
            Meaning::PaceMap => self.map(old, draws, key),
            Meaning::PaceAgree => {
                // The key is known from the step after it.
                let (key, generator) = (self.pace.key.as_ref()?, self.pace.generator.as_ref()?);
                let public = key.apply(generator).ok()?;
                Some(dynamic(0x83, &public.to_bytes()))
            }
            Meaning::PaceToken => {
                let session = self.pace.session.as_ref()?;
                let token = dialogue::pace_token(&self.pace.protocol?, session, self.pace.theirs.as_ref()?)?;
                Some(dynamic(0x85, &token))
            }
            Meaning::BasicAccess => self.basic_access(old, draws),
            Meaning::ChipAuthentication { set_template } => {
                let public = key?.public_key().ok()?.to_bytes();
                self.agree(turn.key.as_ref()?, key?);
                Some(if *set_template {
                    with_object(&kept::data(turn, old), 0x91, &public)
                } else {
                    dynamic(0x80, &public)
                })
            }
            _ => Some(
                draws
                    .in_place_of(old)
                    .map_or_else(|| kept::data(turn, old), <[u8]>::to_vec),
            ),
        }
    }

    /// The key of PACE's third step is taken before that step.
    pub(super) fn prepare(&mut self, key: &AgreementPrivateKey) {
        self.pace.key = Some(key.clone());
    }

    fn mapping(&self) -> Option<Mapping> {
        dialogue::mapping_of(&self.pace.protocol?)
    }

    fn map(&mut self, old: &[u8], draws: &FreshDraws, key: Option<&AgreementPrivateKey>) -> Option<Vec<u8>> {
        if self.mapping()? == Mapping::Integrated {
            let nonce = object(tlv::single(old, Tag(0x7C)).ok()?, 0x81)?;
            self.pace.terminal_nonce = draws.in_place_of(nonce)?.to_vec();
            return Some(dynamic(0x81, &self.pace.terminal_nonce));
        }
        let key = key?;
        self.pace.map_key = Some(key.clone());
        Some(dynamic(0x81, &key.public_key().ok()?.to_bytes()))
    }

    /// E.IFD ‖ M.IFD of the twin's document, over what was drawn in place of what the recorded one holds.
    fn basic_access(&mut self, old: &[u8], draws: &FreshDraws) -> Option<Vec<u8>> {
        let recorded = self.recorded_document.as_ref()?;
        let cryptogram = old.get(..32)?;
        let plain = recorded
            .cipher
            .decrypt_cbc(recorded.encryption.as_bytes(), &[0; 8], cryptogram)
            .ok()?;
        self.basic.challenge = draws.in_place_of(plain.get(..8)?)?.to_vec();
        self.basic.key = draws.in_place_of(plain.get(16..)?)?.to_vec();
        let plain = [
            self.basic.challenge.as_slice(),
            &self.basic.chip_challenge,
            &self.basic.key,
        ]
        .concat();
        let keys = self.document_keys()?;
        let mut data = keys
            .cipher
            .encrypt_cbc(keys.encryption.as_bytes(), &[0; 8], &plain)
            .ok()?;
        let mac = keys.cipher.mac(keys.mac.as_bytes(), &data).ok()?;
        data.extend(mac);
        Some(data)
    }

    /// The twin's document basic access keys.
    fn document_keys(&self) -> Option<SessionKeys> {
        let information = self.twin.passwords.information()?;
        Some(dialogue::bac_document_keys(&Secret::new(information)))
    }

    fn agree(&mut self, recorded: &KeyUse, key: &AgreementPrivateKey) {
        self.agreement = recorded.peer.as_ref().and_then(|(old, cipher)| {
            let (_, new) = self.twin.agreement.iter().find(|(known, _)| known == old)?;
            let theirs = AgreementPublicKey::from_bytes(key.group(), new).ok()?;
            let shared = key.agree(&theirs).ok()?;
            Some(SessionKeys::derive(*cipher, shared.as_bytes()))
        });
    }

    /// What the reader takes from the twin's response.
    pub(super) fn follow(&mut self, turn: &Turn, response: &Response) -> Option<()> {
        match &turn.meaning {
            Meaning::GetChallenge => self.basic.chip_challenge.clone_from(&response.data),
            Meaning::PaceNonce => {
                let encrypted = object(tlv::single(&response.data, Tag(0x7C)).ok()?, 0x80)?;
                let cipher = self.cipher()?;
                let key = derive_password_key(cipher, &self.password()?);
                let iv = vec![0; cipher.block_length()];
                self.pace.nonce = Some(Secret::new(
                    cipher.decrypt_cbc(key.as_bytes(), &iv, encrypted).ok()?,
                ));
            }
            Meaning::PaceMap => self.pace.generator = self.generator(&response.data),
            Meaning::PaceAgree => {
                let key = self.pace.key.as_ref()?;
                let theirs = object(tlv::single(&response.data, Tag(0x7C)).ok()?, 0x84)?;
                let theirs = AgreementPublicKey::from_bytes(key.group(), theirs).ok()?;
                let shared = key.agree(&theirs).ok()?;
                self.pace.session = Some(SessionKeys::derive(self.cipher()?, shared.as_bytes()));
                self.pace.theirs = Some(theirs);
            }
            Meaning::PaceToken if response.status.is_success() => {
                self.messaging = self.pace.session.take().map(|keys| Messaging::new(keys, 0));
            }
            Meaning::BasicAccess if response.status.is_success() => {
                self.messaging = self.basic_session(&response.data);
            }
            Meaning::ChipAuthentication { set_template }
                if response.status.is_success() && dialogue::agrees(*set_template, &response.data) =>
            {
                self.messaging = self.agreement.take().map(|keys| Messaging::new(keys, 0));
            }
            _ => {}
        }
        Some(())
    }

    fn cipher(&self) -> Option<Cipher> {
        dialogue::cipher_of(&self.pace.protocol?)
    }

    /// f(π) of Doc 9303-11, 9.7.3.
    fn password(&self) -> Option<Vec<u8>> {
        let passwords = &self.twin.passwords;
        let characters = |text: &Option<String>| text.as_ref().map(|text| text.clone().into_bytes());
        match self.pace.password {
            1 => Some(HashAlgorithm::Sha1.digest(passwords.information()?.as_bytes())),
            2 => characters(&passwords.can),
            3 => characters(&passwords.pin),
            4 => characters(&passwords.puk),
            _ => None,
        }
    }

    fn generator(&self, response: &[u8]) -> Option<AgreementPublicKey> {
        let nonce = self.pace.nonce.as_ref()?;
        let group = self.pace.key.as_ref()?.group();
        if self.mapping()? == Mapping::Integrated {
            let (s, t) = (nonce.as_bytes(), &self.pace.terminal_nonce);
            return group.map_integrated(self.cipher()?, s, t).ok();
        }
        let theirs = object(tlv::single(response, Tag(0x7C)).ok()?, 0x82)?;
        let theirs = AgreementPublicKey::from_bytes(group, theirs).ok()?;
        let shared = self.pace.map_key.as_ref()?.apply(&theirs).ok()?;
        group.map_generic(nonce.as_bytes(), &shared).ok()
    }

    /// Keys and counter of BAC (Doc 9303-11, 4.3.3 and 9.8.6.3).
    fn basic_session(&self, response: &[u8]) -> Option<Messaging> {
        let keys = self.document_keys()?;
        let plain = keys
            .cipher
            .decrypt_cbc(keys.encryption.as_bytes(), &[0; 8], response.get(..32)?)
            .ok()?;
        let shared = dialogue::seed(&self.basic.key, plain.get(16..)?);
        let mut counter = [0; 8];
        counter[..4].copy_from_slice(self.basic.chip_challenge.get(4..)?);
        counter[4..].copy_from_slice(self.basic.challenge.get(4..)?);
        Some(Messaging::new(
            SessionKeys::derive(Cipher::TripleDes, &shared),
            u64::from_be_bytes(counter).into(),
        ))
    }
}

/// DO'7C' with one object in it.
fn dynamic(tag: u32, value: &[u8]) -> Vec<u8> {
    tlv::encode(Tag(0x7C), &tlv::encode(Tag(tag), value))
}

/// The same objects with another value in one of them.
fn with_object(data: &[u8], tag: u32, value: &[u8]) -> Vec<u8> {
    let mut reader = tlv::Reader::new(data);
    let mut bytes = Vec::new();
    while let Ok(Some(element)) = reader.next() {
        if element.tag == Tag(tag) {
            bytes.extend(tlv::encode(Tag(tag), value));
        } else {
            bytes.extend_from_slice(element.raw);
        }
    }
    bytes
}
