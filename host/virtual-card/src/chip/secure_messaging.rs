//! The chip's side of secure messaging (Doc 9303-11, 9.8).

use chipgate_apdu::{
    Command, Response, StatusWord,
    tlv::{self, Element, Reader, Tag},
};
use chipgate_crypto::{Cipher, SessionKeys, constant_time_equal, pad, unpad};

/// DO'85': the cryptogram of an odd instruction, without a padding indicator.
const CRYPTOGRAM_ODD: Tag = Tag(0x85);
/// DO'87': padding indicator and cryptogram.
const CRYPTOGRAM: Tag = Tag(0x87);
/// DO'8E': the checksum.
const CHECKSUM: Tag = Tag(0x8E);
/// DO'97': the expected length.
const EXPECTED_LENGTH: Tag = Tag(0x97);
/// DO'99': the status word.
const STATUS: Tag = Tag(0x99);
/// The padding indicator for ISO/IEC 9797-1, padding method 2.
const PADDING_METHOD_2: u8 = 0x01;
/// What DO'99' and DO'8E' take in a response.
const STATUS_AND_CHECKSUM: usize = 4 + 10;

/// A session: keys and send sequence counter.
pub(crate) struct SecureMessaging {
    keys: SessionKeys,
    counter: Vec<u8>,
    responses: u64,
    wrong_mac_from: Option<u64>,
}

/// The data objects of a protected command.
#[derive(Default)]
struct Objects<'a> {
    cryptogram: Option<Element<'a>>,
    expected: Option<Element<'a>>,
    checksum: Option<&'a [u8]>,
}

impl SecureMessaging {
    /// A session whose counter starts at zero, as after PACE and chip authentication.
    pub(crate) fn new(keys: SessionKeys) -> Self {
        let counter = vec![0; keys.cipher.block_length()];
        Self::with_counter(keys, counter)
    }

    /// A session whose counter starts at this value, as after basic access control.
    pub(crate) fn with_counter(keys: SessionKeys, counter: Vec<u8>) -> Self {
        Self {
            keys,
            counter,
            responses: 0,
            wrong_mac_from: None,
        }
    }

    /// The same session with wrong checksums from this response on.
    pub(crate) fn with_wrong_macs_from(mut self, response: Option<u64>) -> Self {
        self.wrong_mac_from = response;
        self
    }

    /// Checks a protected command and gives back the command in it (9.8.2). After an error the session is over.
    pub(crate) fn unwrap(&mut self, outer: &Command) -> Result<Command, StatusWord> {
        increment(&mut self.counter);
        let objects = Objects::read(&outer.data)?;
        self.check(outer, &objects)?;
        let mut command = Command::new(outer.class & !0x0C, outer.instruction, outer.p1, outer.p2);
        if let Some(element) = objects.cryptogram {
            command.data = self.decrypt(outer.instruction, &element)?;
        }
        command.expected = objects
            .expected
            .map(|element| expected_length(element.value))
            .transpose()?;
        Ok(command)
    }

    /// The checksum over counter, padded header and the objects before it (9.8.6.1).
    fn check(&self, outer: &Command, objects: &Objects<'_>) -> Result<(), StatusWord> {
        let checksum = objects.checksum.ok_or(StatusWord::SM_DATA_MISSING)?;
        let mut input = self.counter.clone();
        input.extend(pad(&outer.header(), self.block()));
        let protected = [objects.cryptogram, objects.expected];
        for element in protected.iter().flatten() {
            input.extend_from_slice(element.raw);
        }
        let bare = protected.iter().all(Option::is_none);
        let matches = constant_time_equal(&self.mac(&input)?, checksum)
            || (bare && constant_time_equal(&self.mac_of_blocks(&input)?, checksum));
        if matches {
            Ok(())
        } else {
            Err(StatusWord::SM_DATA_INCORRECT)
        }
    }

    fn decrypt(&self, instruction: u8, element: &Element<'_>) -> Result<Vec<u8>, StatusWord> {
        let odd = instruction & 1 == 1;
        let ((true, CRYPTOGRAM_ODD, cryptogram) | (false, CRYPTOGRAM, [PADDING_METHOD_2, cryptogram @ ..])) =
            (odd, element.tag, element.value)
        else {
            return Err(StatusWord::SM_DATA_INCORRECT);
        };
        let (cipher, key) = (self.keys.cipher, self.keys.encryption.as_bytes());
        let padded = cipher
            .decrypt_cbc(key, &self.initial_vector()?, cryptogram)
            .map_err(|_| StatusWord::SM_DATA_INCORRECT)?;
        unpad(&padded)
            .map(<[u8]>::to_vec)
            .map_err(|_| StatusWord::SM_DATA_INCORRECT)
    }

    /// Protects a response to an instruction (9.8.4): its data and its status word, whatever it is.
    pub(crate) fn wrap(&mut self, instruction: u8, response: &Response) -> Result<Response, StatusWord> {
        increment(&mut self.counter);
        self.responses += 1;
        let mut data = if response.data.is_empty() {
            Vec::new()
        } else {
            self.encrypt(instruction, &response.data)?
        };
        data.extend(tlv::encode(STATUS, &response.status.to_bytes()));
        let mut mac = self.mac(&[&self.counter[..], &data].concat())?;
        if self.wrong_mac_from.is_some_and(|first| self.responses >= first) {
            mac[0] ^= 1;
        }
        data.extend(tlv::encode(CHECKSUM, &mac));
        Ok(Response::new(data, response.status))
    }

    fn encrypt(&self, instruction: u8, data: &[u8]) -> Result<Vec<u8>, StatusWord> {
        let (cipher, key) = (self.keys.cipher, self.keys.encryption.as_bytes());
        let padded = pad(data, self.block());
        let cryptogram = cipher
            .encrypt_cbc(key, &self.initial_vector()?, &padded)
            .map_err(|_| StatusWord::UNKNOWN_ERROR)?;
        if instruction & 1 == 1 {
            return Ok(tlv::encode(CRYPTOGRAM_ODD, &cryptogram));
        }
        Ok(tlv::encode(
            CRYPTOGRAM,
            &[&[PADDING_METHOD_2], &cryptogram[..]].concat(),
        ))
    }

    /// The most data whose protected response takes at most `room` bytes.
    pub(crate) fn capacity(&self, room: usize) -> usize {
        let block = self.block();
        let mut padded = room.saturating_sub(STATUS_AND_CHECKSUM + 3) / block * block;
        while padded > 0 && object_length(padded + 1) + STATUS_AND_CHECKSUM > room {
            padded -= block;
        }
        padded.saturating_sub(1)
    }

    /// Triple DES: zeros; AES: the encrypted counter (9.8.6.1, 9.8.7.1).
    fn initial_vector(&self) -> Result<Vec<u8>, StatusWord> {
        match self.keys.cipher {
            Cipher::TripleDes => Ok(vec![0; self.block()]),
            cipher => cipher
                .encrypt_block(self.keys.encryption.as_bytes(), &self.counter)
                .map_err(|_| StatusWord::UNKNOWN_ERROR),
        }
    }

    fn mac(&self, input: &[u8]) -> Result<[u8; 8], StatusWord> {
        self.keys
            .cipher
            .padded_mac(self.keys.mac.as_bytes(), input)
            .map_err(|_| StatusWord::UNKNOWN_ERROR)
    }

    /// The MAC of an input that already ends in padding: of a header alone, which some readers pad once and some
    /// pad twice.
    fn mac_of_blocks(&self, input: &[u8]) -> Result<[u8; 8], StatusWord> {
        let unpadded = unpad(input).map_err(|_| StatusWord::UNKNOWN_ERROR)?;
        self.mac(unpadded)
    }

    fn block(&self) -> usize {
        self.keys.cipher.block_length()
    }
}

impl<'a> Objects<'a> {
    /// Each object at most once, the checksum last.
    fn read(data: &'a [u8]) -> Result<Self, StatusWord> {
        let mut objects = Self::default();
        let mut reader = Reader::new(data);
        while let Some(element) = reader.next().map_err(|_| StatusWord::SM_DATA_INCORRECT)? {
            let place = match element.tag {
                CRYPTOGRAM | CRYPTOGRAM_ODD if objects.expected.is_none() => &mut objects.cryptogram,
                EXPECTED_LENGTH => &mut objects.expected,
                CHECKSUM if objects.checksum.is_none() => {
                    objects.checksum = Some(element.value);
                    continue;
                }
                _ => return Err(StatusWord::SM_DATA_INCORRECT),
            };
            if objects.checksum.is_some() || place.replace(element).is_some() {
                return Err(StatusWord::SM_DATA_INCORRECT);
            }
        }
        Ok(objects)
    }
}

/// Ne from DO'97': one byte for a short length field, two for an extended one; zero is the most there is.
fn expected_length(value: &[u8]) -> Result<usize, StatusWord> {
    match *value {
        [0] => Ok(256),
        [low] => Ok(low.into()),
        [0, 0] => Ok(65_536),
        [high, low] => Ok(u16::from_be_bytes([high, low]).into()),
        _ => Err(StatusWord::SM_DATA_INCORRECT),
    }
}

/// How long an object with a tag of one byte is.
const fn object_length(value: usize) -> usize {
    value
        + match value {
            0..=0x7F => 2,
            0x80..=0xFF => 3,
            _ => 4,
        }
}

/// The next value of a big-endian counter.
fn increment(counter: &mut [u8]) {
    for byte in counter.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            break;
        }
    }
}
