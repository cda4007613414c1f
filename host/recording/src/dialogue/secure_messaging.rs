//! Secure messaging as a bystander who knows the keys sees it (Doc 9303-11, 9.8): both directions opened and sealed.

use chipgate_apdu::{
    Command, Response,
    tlv::{self, Element, Reader, Tag},
};
use chipgate_crypto::{Cipher, CryptoError, SessionKeys, constant_time_equal, pad, unpad};

const CRYPTOGRAM_OF_OBJECTS: Tag = Tag(0x85);
const CRYPTOGRAM: Tag = Tag(0x87);
const CHECKSUM: Tag = Tag(0x8E);
const EXPECTED_LENGTH: Tag = Tag(0x97);
const LONGEST_LENGTH: usize = 3;
const STATUS: Tag = Tag(0x99);
const LONGEST_STATUS: usize = 2;
/// The padding of ISO/IEC 9797-1, method 2.
const PADDING_INDICATOR: u8 = 0x01;
/// The bits of CLA that say that the command is protected with its header authenticated (ISO/IEC 7816-4, 5.4.1).
const PROTECTED: u8 = 0x0C;
/// The bit of CLA for chaining.
const CHAINING: u8 = 0x10;

/// Why a protected command or response stayed closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unopened {
    /// The file holds nothing that gives the keys.
    NoKeys,
    /// It is no protected command or response.
    Structure,
    /// The MAC is another one than the keys give.
    WrongMac,
    /// The cryptogram does not decrypt to padded data.
    Cryptogram,
}

impl Unopened {
    /// In words.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::NoKeys => "the recording does not give its keys",
            Self::Structure => "not the structure of secure messaging",
            Self::WrongMac => "the MAC is not one of the session's keys",
            Self::Cryptogram => "the cryptogram does not decrypt",
        }
    }
}

/// The keys of a session, and its send sequence counter.
#[derive(Clone)]
pub(crate) struct Messaging {
    keys: SessionKeys,
    counter: u128,
}

impl Messaging {
    pub(crate) const fn new(keys: SessionKeys, counter: u128) -> Self {
        Self { keys, counter }
    }

    /// The command inside.
    pub(crate) fn open_command(&mut self, outer: &Command) -> Result<Command, Unopened> {
        self.counter = self.counter.wrapping_add(1);
        let objects = objects(&outer.data)?;
        self.check(&self.command_prefix(outer), &objects)?;
        let mut command = Command::new(outer.class & !PROTECTED, outer.instruction, outer.p1, outer.p2);
        command.data = self.plain_data(&objects)?;
        command.expected = find(&objects, EXPECTED_LENGTH).map(expected_length);
        Ok(command)
    }

    /// The response inside.
    pub(crate) fn open_response(&mut self, outer: &Response) -> Result<Response, Unopened> {
        self.counter = self.counter.wrapping_add(1);
        let objects = objects(&outer.data)?;
        self.check(&[], &objects)?;
        Ok(Response::new(self.plain_data(&objects)?, outer.status))
    }

    /// A protected command of the same form as `like` with other data of the same length in it.
    pub(crate) fn seal_command(&mut self, like: &Command, data: &[u8]) -> Result<Vec<u8>, Unopened> {
        self.counter = self.counter.wrapping_add(1);
        let prefix = self.command_prefix(like);
        self.seal(&prefix, &like.data, data)
    }

    /// The data field of a protected response of the same form as `like` with other data of the same length in it.
    pub(crate) fn seal_response(&mut self, like: &Response, data: &[u8]) -> Result<Vec<u8>, Unopened> {
        self.counter = self.counter.wrapping_add(1);
        self.seal(&[], &like.data, data)
    }

    fn seal(&self, prefix: &[u8], like: &[u8], data: &[u8]) -> Result<Vec<u8>, Unopened> {
        let mut body = Vec::with_capacity(like.len());
        for object in objects(like)? {
            let value = match object.tag {
                CRYPTOGRAM => [&[PADDING_INDICATOR][..], &self.encrypt(data)?].concat(),
                CRYPTOGRAM_OF_OBJECTS => self.encrypt(data)?,
                CHECKSUM => self
                    .checksum(prefix, &body)
                    .map_err(|_| Unopened::Structure)?
                    .to_vec(),
                EXPECTED_LENGTH => object
                    .value
                    .get(..LONGEST_LENGTH)
                    .unwrap_or(object.value)
                    .to_vec(),
                STATUS => object
                    .value
                    .get(..LONGEST_STATUS)
                    .unwrap_or(object.value)
                    .to_vec(),
                // Plain data, or what no one knows: as long, and without a word of it.
                _ => vec![0; object.value.len()],
            };
            body.extend(tlv::encode(object.tag, &value));
        }
        Ok(body)
    }

    /// The header of a command, padded; the MAC covers it (9.8.6.2, 9.8.7.2).
    fn command_prefix(&self, outer: &Command) -> Vec<u8> {
        pad(&outer.header(), self.keys.cipher.block_length())
    }

    fn check(&self, prefix: &[u8], objects: &[Element<'_>]) -> Result<(), Unopened> {
        let (last, covered) = objects.split_last().ok_or(Unopened::Structure)?;
        let found = (last.tag == CHECKSUM)
            .then_some(last.value)
            .ok_or(Unopened::Structure)?;
        let covered: Vec<u8> = covered.iter().flat_map(|object| object.raw).copied().collect();
        let expected = self.checksum(prefix, &covered).map_err(|_| Unopened::Structure)?;
        if constant_time_equal(&expected, found) {
            Ok(())
        } else {
            Err(Unopened::WrongMac)
        }
    }

    fn checksum(&self, prefix: &[u8], body: &[u8]) -> Result<[u8; 8], CryptoError> {
        let data = [&self.counter_block()[..], prefix, body].concat();
        self.keys.cipher.padded_mac(self.keys.mac.as_bytes(), &data)
    }

    fn plain_data(&self, objects: &[Element<'_>]) -> Result<Vec<u8>, Unopened> {
        let cryptogram = match (find(objects, CRYPTOGRAM), find(objects, CRYPTOGRAM_OF_OBJECTS)) {
            (Some(value), _) => value
                .strip_prefix(&[PADDING_INDICATOR])
                .ok_or(Unopened::Structure)?,
            (None, Some(value)) => value,
            (None, None) => return Ok(Vec::new()),
        };
        let failed = |_| Unopened::Cryptogram;
        let (key, iv) = (self.keys.encryption.as_bytes(), self.iv().map_err(failed)?);
        let padded = self
            .keys
            .cipher
            .decrypt_cbc(key, &iv, cryptogram)
            .map_err(failed)?;
        unpad(&padded).map(<[u8]>::to_vec).map_err(failed)
    }

    fn encrypt(&self, data: &[u8]) -> Result<Vec<u8>, Unopened> {
        let cipher = self.keys.cipher;
        self.iv()
            .and_then(|iv| {
                cipher.encrypt_cbc(
                    self.keys.encryption.as_bytes(),
                    &iv,
                    &pad(data, cipher.block_length()),
                )
            })
            .map_err(|_| Unopened::Structure)
    }

    /// Zero for 3DES, the encrypted counter for AES (9.8.6.1, 9.8.7.1).
    fn iv(&self) -> Result<Vec<u8>, CryptoError> {
        match self.keys.cipher {
            Cipher::TripleDes => Ok(vec![0; 8]),
            cipher => cipher.encrypt_block(self.keys.encryption.as_bytes(), &self.counter_block()),
        }
    }

    /// The counter, as long as a block.
    fn counter_block(&self) -> Vec<u8> {
        let bytes = self.counter.to_be_bytes();
        bytes[bytes.len() - self.keys.cipher.block_length()..].to_vec()
    }
}

/// Whether a command says that it is protected.
pub(crate) const fn is_protected(command: &Command) -> bool {
    command.class & PROTECTED == PROTECTED && command.class & !(PROTECTED | CHAINING) == 0
}

fn objects(bytes: &[u8]) -> Result<Vec<Element<'_>>, Unopened> {
    let mut reader = Reader::new(bytes);
    let mut objects = Vec::new();
    while let Some(element) = reader.next().map_err(|_| Unopened::Structure)? {
        objects.push(element);
    }
    Ok(objects)
}

fn find<'a>(objects: &[Element<'a>], wanted: Tag) -> Option<&'a [u8]> {
    let found = objects.iter().find(|object| object.tag == wanted);
    found.map(|object| object.value)
}

/// Le as DO 97 carries it.
fn expected_length(value: &[u8]) -> usize {
    match value {
        [0] => 256,
        [0, 0] => 65_536,
        _ => value
            .iter()
            .take(3)
            .fold(0, |length, &byte| length << 8 | usize::from(byte)),
    }
}
