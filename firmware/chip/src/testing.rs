//! What the tests of this crate share: a chip that plays a script, random numbers that are replayed, and the worked
//! examples of `test-vectors/`.

extern crate std;

use alloc::{string::String, vec::Vec};
use core::convert::Infallible;
use std::{collections::BTreeMap, path::Path};

use chipgate_apdu::{
    Channel, ChannelError, Command, Limits, Link, Response, StatusWord,
    tlv::{self, Tag},
};
use chipgate_crypto::{Cipher, Secret, SessionKeys, pad, unpad};
use chipgate_lds::MrzKey;
use rand_core::{TryCryptoRng, TryRng};
use serde::Deserialize;

use crate::{connection::Connection, secure_messaging::SecureMessaging};

/// The code with which a scripted chip ends the conversation when it is asked something else.
pub(crate) const OFF_SCRIPT: ChannelError = ChannelError::Broken(0xDEAD);

/// A chip that demands the commands of its script to the byte and gives its responses.
pub(crate) struct ScriptedChip {
    script: Vec<(Vec<u8>, Vec<u8>)>,
    next: usize,
    limits: Limits,
    end: ChannelError,
}

impl ScriptedChip {
    pub(crate) fn new(script: Vec<(Vec<u8>, Vec<u8>)>) -> Self {
        Self {
            script,
            next: 0,
            limits: Limits::short(Link::Replay),
            end: OFF_SCRIPT,
        }
    }

    /// What happens when the script is at its end.
    pub(crate) fn at_the_end(&mut self, error: ChannelError) {
        self.end = error;
    }

    pub(crate) fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Whether the whole script was played.
    pub(crate) fn is_finished(&self) -> bool {
        self.next == self.script.len()
    }
}

impl Channel for ScriptedChip {
    async fn transmit<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
    ) -> Result<&'a [u8], ChannelError> {
        let (expected, answer) = self.script.get(self.next).ok_or(self.end)?;
        if expected != command {
            std::eprintln!(
                "command {}: {} where {} is expected",
                self.next,
                ::hex::encode_upper(command),
                ::hex::encode_upper(expected)
            );
            return Err(OFF_SCRIPT);
        }
        self.next += 1;
        let target = response.get_mut(..answer.len()).ok_or(ChannelError::TooLong)?;
        target.copy_from_slice(answer);
        Ok(target)
    }

    async fn reset(&mut self) -> Result<(), ChannelError> {
        Ok(())
    }

    fn limits(&self) -> Limits {
        self.limits
    }
}

/// A chip that answers each command by a function, and counts the commands.
pub(crate) struct AnsweringChip<F> {
    answer: F,
    limits: Limits,
    pub(crate) commands: usize,
}

impl<F: FnMut(&Command) -> Response> AnsweringChip<F> {
    pub(crate) const fn new(limits: Limits, answer: F) -> Self {
        Self {
            answer,
            limits,
            commands: 0,
        }
    }
}

impl<F: FnMut(&Command) -> Response> Channel for AnsweringChip<F> {
    async fn transmit<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
    ) -> Result<&'a [u8], ChannelError> {
        self.commands += 1;
        let answer = (self.answer)(&Command::parse(command).unwrap()).encode();
        let target = response.get_mut(..answer.len()).ok_or(ChannelError::TooLong)?;
        target.copy_from_slice(&answer);
        Ok(target)
    }

    async fn reset(&mut self) -> Result<(), ChannelError> {
        Ok(())
    }

    fn limits(&self) -> Limits {
        self.limits
    }
}

/// The card's side of secure messaging after PACE or chip authentication.
pub(crate) struct CardSide {
    keys: SessionKeys,
    counter: u128,
}

impl CardSide {
    pub(crate) const fn new(keys: SessionKeys) -> Self {
        Self { keys, counter: 0 }
    }

    /// Answers the command inside by a function, protected; an alien MAC gets 6988 in plain.
    pub(crate) fn answer(
        &mut self,
        protected: &Command,
        answer: impl FnOnce(&Command) -> Response,
    ) -> Response {
        match self.open(protected) {
            Some(command) => {
                let response = answer(&command);
                self.protect(&response)
            }
            None => Response::status_only(StatusWord::SM_DATA_INCORRECT),
        }
    }

    fn open(&mut self, protected: &Command) -> Option<Command> {
        self.counter += 1;
        let cipher = self.keys.cipher;
        let (body, checksum) = protected.data.split_last_chunk::<10>()?;
        let mut authenticated = pad(&protected.header(), cipher.block_length());
        authenticated.extend_from_slice(body);
        if tlv::encode(Tag(0x8E), &self.checksum(&authenticated)) != checksum {
            return None;
        }
        let [class, instruction, p1, p2] = protected.header();
        let mut command = Command::new(class & !0x0C, instruction, p1, p2);
        let cryptogram = match instruction & 1 {
            0 => tlv::find(body, Tag(0x87)).unwrap().map(|value| &value[1..]),
            _ => tlv::find(body, Tag(0x85)).unwrap(),
        };
        if let Some(cryptogram) = cryptogram {
            let key = self.keys.encryption.as_bytes();
            let plain = cipher.decrypt_cbc(key, &self.iv(), cryptogram).unwrap();
            command.data = unpad(&plain).unwrap().to_vec();
        }
        Some(command)
    }

    fn protect(&mut self, response: &Response) -> Response {
        self.counter += 1;
        let cipher = self.keys.cipher;
        let mut body = Vec::new();
        if !response.data.is_empty() {
            let padded = pad(&response.data, cipher.block_length());
            let key = self.keys.encryption.as_bytes();
            let mut value = [1].to_vec();
            value.extend(cipher.encrypt_cbc(key, &self.iv(), &padded).unwrap());
            body.extend(tlv::encode(Tag(0x87), &value));
        }
        body.extend(tlv::encode(Tag(0x99), &response.status.to_bytes()));
        body.extend(tlv::encode(Tag(0x8E), &self.checksum(&body)));
        Response::new(body, response.status)
    }

    fn counter(&self) -> Vec<u8> {
        self.counter.to_be_bytes()[16 - self.keys.cipher.block_length()..].to_vec()
    }

    fn iv(&self) -> Vec<u8> {
        let key = self.keys.encryption.as_bytes();
        match self.keys.cipher {
            Cipher::TripleDes => [0; 8].to_vec(),
            cipher => cipher.encrypt_block(key, &self.counter()).unwrap(),
        }
    }

    fn checksum(&self, data: &[u8]) -> [u8; 8] {
        let authenticated = [&self.counter()[..], data].concat();
        let key = self.keys.mac.as_bytes();
        self.keys.cipher.padded_mac(key, &authenticated).unwrap()
    }
}

/// Gives the bytes that it was given, in their order, and then counts.
pub(crate) struct ReplayedRandomness {
    bytes: Vec<u8>,
    next: usize,
}

impl ReplayedRandomness {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, next: 0 }
    }
}

impl TryRng for ReplayedRandomness {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, target: &mut [u8]) -> Result<(), Infallible> {
        for byte in target {
            *byte = self
                .bytes
                .get(self.next)
                .copied()
                .unwrap_or(self.next as u8 & 0x7F);
            self.next += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for ReplayedRandomness {}

/// One file of `test-vectors/worked-examples`.
#[derive(Deserialize)]
pub(crate) struct Example {
    format: String,
    version: u32,
    given: BTreeMap<String, String>,
    random: Vec<String>,
    exchange: Vec<Exchange>,
    expected: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Exchange {
    command: String,
    response: String,
}

impl Example {
    pub(crate) fn load(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-vectors/worked-examples");
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        let example: Self = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (example.format.as_str(), example.version),
            ("chipgate-worked-example", 1)
        );
        example
    }

    pub(crate) fn given(&self, key: &str) -> Vec<u8> {
        hex(&self.given[key])
    }

    pub(crate) fn knows(&self, key: &str) -> bool {
        self.given.contains_key(key)
    }

    pub(crate) fn expected(&self, key: &str) -> Vec<u8> {
        hex(&self.expected[key])
    }

    pub(crate) fn script(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.exchange
            .iter()
            .map(|step| (hex(&step.command), hex(&step.response)))
            .collect()
    }

    pub(crate) fn randomness(&self) -> ReplayedRandomness {
        ReplayedRandomness::new(self.random.iter().flat_map(|drawn| hex(drawn)).collect())
    }

    pub(crate) fn mrz_key(&self) -> MrzKey {
        let field = |name: &str| self.given[name].as_str();
        MrzKey::new(
            field("document_number"),
            field("birth_date"),
            field("expiry_date"),
        )
        .unwrap()
    }

    /// AES-128 secure messaging as it stood before the example.
    pub(crate) fn secure_messaging(&self) -> SecureMessaging {
        let counter = u128::from_be_bytes(self.given("counter").try_into().unwrap());
        let keys = self.keys(Cipher::Aes128, &self.given);
        SecureMessaging::at(keys, counter)
    }

    /// The keys that must come of it.
    pub(crate) fn expected_keys(&self, cipher: Cipher) -> SessionKeys {
        self.keys(cipher, &self.expected)
    }

    #[expect(clippy::unused_self, reason = "reads as a part of the example")]
    fn keys(&self, cipher: Cipher, values: &BTreeMap<String, String>) -> SessionKeys {
        SessionKeys {
            cipher,
            encryption: Secret::new(hex(&values["encryption_key"])),
            mac: Secret::new(hex(&values["mac_key"])),
        }
    }
}

/// Runs `play` with single bits of every response inverted in turn: every `stride`th of them.
pub(crate) fn for_each_altered_bit(example: &Example, stride: usize, mut play: impl FnMut(ScriptedChip)) {
    let script = example.script();
    for exchange in 0..script.len() {
        for bit in (0..script[exchange].1.len() * 8).step_by(stride) {
            let mut altered = script.clone();
            altered[exchange].1[bit / 8] ^= 0x80 >> (bit % 8);
            play(ScriptedChip::new(altered));
        }
    }
}

/// A connection with secure messaging on it.
pub(crate) fn secured(chip: ScriptedChip, messaging: SecureMessaging) -> Connection<ScriptedChip> {
    let mut connection = Connection::new(chip, true);
    connection.secure(messaging);
    connection
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    ::hex::decode(text).unwrap()
}
