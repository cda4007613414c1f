use alloc::vec::Vec;

use chipgate_apdu::{
    Command, Response, StatusWord,
    tlv::{self, Element, Reader, Tag, TlvError},
};
use chipgate_crypto::{Cipher, CryptoError, SessionKeys, pad, unpad};
use subtle::ConstantTimeEq;

use crate::SecureMessagingFault;

/// The cryptogram of a command with an odd instruction, or of its response: plain BER-TLV inside.
const CRYPTOGRAM_OF_OBJECTS: Tag = Tag(0x85);
/// The cryptogram, after a byte that names the padding.
const CRYPTOGRAM: Tag = Tag(0x87);
/// The MAC.
const CHECKSUM: Tag = Tag(0x8E);
/// The expected length, Le.
const EXPECTED_LENGTH: Tag = Tag(0x97);
/// The status word.
const STATUS: Tag = Tag(0x99);
/// The padding of ISO/IEC 9797-1, method 2.
const PADDING_INDICATOR: u8 = 0x01;
/// CLA with secure messaging, header authenticated (ISO/IEC 7816-4, 5.4.1).
const CLASS_PROTECTED: u8 = 0x0C;
/// The status word and the MAC of a protected response.
const STATUS_AND_CHECKSUM: usize = 4 + 10;
/// The longest response data that a short Le brings.
const SHORT_RESPONSE: usize = 256;
/// An extended Le of 0000.
const EXTENDED_RESPONSE: usize = 65_536;

/// Secure messaging (Doc 9303-11, 9.8): session keys and the send sequence counter.
pub(crate) struct SecureMessaging {
    keys: SessionKeys,
    counter: u128,
}

impl SecureMessaging {
    /// Starts with the counter at zero, as after PACE and chip authentication.
    pub(crate) const fn new(keys: SessionKeys) -> Self {
        Self { keys, counter: 0 }
    }

    /// Starts with the counter that BAC gives (Doc 9303-11, 9.8.6.3).
    pub(crate) fn after_bac(keys: SessionKeys, counter: [u8; 8]) -> Self {
        Self {
            keys,
            counter: u64::from_be_bytes(counter).into(),
        }
    }

    /// Goes on in the middle of a session.
    #[cfg(test)]
    pub(crate) const fn at(keys: SessionKeys, counter: u128) -> Self {
        Self { keys, counter }
    }

    #[cfg(test)]
    pub(crate) const fn keys(&self) -> &SessionKeys {
        &self.keys
    }

    /// The protected command (Doc 9303-11, 9.8.4). It asks for a response with extended length fields if the expected
    /// data do not fit short ones and `extended` allows it.
    pub(crate) fn protect(&mut self, command: &Command, extended: bool) -> Result<Command, CryptoError> {
        self.counter = self.counter.wrapping_add(1);
        let class = command.class | CLASS_PROTECTED;
        let mut body = self.protected_data(command)?;
        if let Some(length) = command.expected {
            body.extend(tlv::encode(EXPECTED_LENGTH, &expected_length(length)));
        }
        let header = [class, command.instruction, command.p1, command.p2];
        let mut authenticated = pad(&header, self.keys.cipher.block_length());
        authenticated.extend_from_slice(&body);
        body.extend(tlv::encode(CHECKSUM, &self.checksum(&authenticated)?));
        let longest = self.protected_length(command.expected.unwrap_or(0));
        let expected = if extended && longest > SHORT_RESPONSE {
            EXTENDED_RESPONSE
        } else {
            SHORT_RESPONSE
        };
        Ok(Command::new(class, command.instruction, command.p1, command.p2)
            .with_data(body)
            .expecting(expected))
    }

    /// DO 87 (even instruction) or DO 85 (odd instruction); nothing for a command without data.
    fn protected_data(&self, command: &Command) -> Result<Vec<u8>, CryptoError> {
        if command.data.is_empty() {
            return Ok(Vec::new());
        }
        let Cipherer { cipher, key, iv } = self.cipherer()?;
        let cryptogram = cipher.encrypt_cbc(key, &iv, &pad(&command.data, cipher.block_length()))?;
        if command.instruction & 1 == 1 {
            return Ok(tlv::encode(CRYPTOGRAM_OF_OBJECTS, &cryptogram));
        }
        let mut value = Vec::with_capacity(cryptogram.len() + 1);
        value.push(PADDING_INDICATOR);
        value.extend(cryptogram);
        Ok(tlv::encode(CRYPTOGRAM, &value))
    }

    /// The response inside a protected one; the MAC is checked before anything is decrypted.
    pub(crate) fn unprotect(&mut self, protected: &Response) -> Result<Response, SecureMessagingFault> {
        self.counter = self.counter.wrapping_add(1);
        if protected.data.is_empty() {
            return Err(SecureMessagingFault::Unprotected(protected.status));
        }
        let objects = Objects::parse(&protected.data).map_err(SecureMessagingFault::Structure)?;
        let expected = self
            .checksum(objects.authenticated)
            .map_err(SecureMessagingFault::Cipher)?;
        if !bool::from(expected.as_slice().ct_eq(objects.checksum)) {
            return Err(SecureMessagingFault::WrongMac);
        }
        if objects.status != protected.status.to_bytes() {
            return Err(SecureMessagingFault::StatusMismatch);
        }
        let data = match objects.cryptogram {
            Some(cryptogram) => self.decrypt(cryptogram).map_err(SecureMessagingFault::Cipher)?,
            None => Vec::new(),
        };
        Ok(Response::new(data, protected.status))
    }

    fn decrypt(&self, cryptogram: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let Cipherer { cipher, key, iv } = self.cipherer()?;
        let padded = cipher.decrypt_cbc(key, &iv, cryptogram)?;
        unpad(&padded).map(<[u8]>::to_vec)
    }

    /// MAC(SSC ‖ data), padded (Doc 9303-11, 9.8.6.2 and 9.8.7.2).
    fn checksum(&self, data: &[u8]) -> Result<[u8; 8], CryptoError> {
        let mut authenticated = self.counter_block();
        authenticated.extend_from_slice(data);
        self.keys
            .cipher
            .padded_mac(self.keys.mac.as_bytes(), &authenticated)
    }

    /// The IV is zero for 3DES and the encrypted counter for AES (Doc 9303-11, 9.8.6.1 and 9.8.7.1).
    fn cipherer(&self) -> Result<Cipherer<'_>, CryptoError> {
        let cipher = self.keys.cipher;
        let key = self.keys.encryption.as_bytes();
        let iv = match cipher {
            Cipher::TripleDes => [0; 8].to_vec(),
            _ => cipher.encrypt_block(key, &self.counter_block())?,
        };
        Ok(Cipherer { cipher, key, iv })
    }

    /// The counter, as long as a block.
    fn counter_block(&self) -> Vec<u8> {
        let bytes = self.counter.to_be_bytes();
        bytes[bytes.len() - self.keys.cipher.block_length()..].to_vec()
    }

    /// How long the data field of a protected response with `length` bytes in it is.
    pub(crate) const fn protected_length(&self, length: usize) -> usize {
        if length == 0 {
            return STATUS_AND_CHECKSUM;
        }
        let block = self.keys.cipher.block_length();
        let value = (length / block + 1) * block + 1;
        let header = match value {
            0..0x80 => 2,
            0x80..0x100 => 3,
            0x100..0x1_0000 => 4,
            _ => 5,
        };
        header + value + STATUS_AND_CHECKSUM
    }

    /// The most data of which a protected response fits into `limit` bytes, status word included.
    pub(crate) const fn most_data(&self, limit: usize) -> usize {
        let block = self.keys.cipher.block_length();
        let mut blocks = limit / block;
        while blocks > 0 {
            let data = blocks * block - 1;
            if self.protected_length(data) + 2 <= limit {
                return data;
            }
            blocks -= 1;
        }
        0
    }
}

struct Cipherer<'a> {
    cipher: Cipher,
    key: &'a [u8],
    iv: Vec<u8>,
}

/// The data objects of a protected response (Doc 9303-11, figure 6).
struct Objects<'a> {
    cryptogram: Option<&'a [u8]>,
    status: [u8; 2],
    checksum: &'a [u8],
    /// The bytes that the MAC covers: everything before it.
    authenticated: &'a [u8],
}

impl<'a> Objects<'a> {
    /// `[87 | 85] 99 8E`, and nothing else.
    fn parse(bytes: &'a [u8]) -> Result<Self, TlvError> {
        let mut reader = Reader::new(bytes);
        let mut element = reader.next()?;
        let mut authenticated = 0;
        let cryptogram = match element {
            Some(Element {
                tag: CRYPTOGRAM,
                value,
                raw,
            }) => {
                authenticated += raw.len();
                element = reader.next()?;
                Some(
                    value
                        .strip_prefix(&[PADDING_INDICATOR])
                        .ok_or(TlvError::Missing {
                            expected: CRYPTOGRAM,
                            position: 0,
                        })?,
                )
            }
            Some(Element {
                tag: CRYPTOGRAM_OF_OBJECTS,
                value,
                raw,
            }) => {
                authenticated += raw.len();
                element = reader.next()?;
                Some(value)
            }
            _ => None,
        };
        let missing = TlvError::Missing {
            expected: STATUS,
            position: authenticated,
        };
        let status = element.filter(|element| element.tag == STATUS).ok_or(missing)?;
        authenticated += status.raw.len();
        let checksum = reader.expect(CHECKSUM)?.value;
        reader.finish()?;
        Ok(Self {
            cryptogram,
            status: status.value.try_into().map_err(|_| missing)?,
            checksum,
            authenticated: &bytes[..authenticated],
        })
    }
}

/// Le as DO 97 carries it: one byte up to 256 (00), else two (65,536 is 0000).
fn expected_length(length: usize) -> Vec<u8> {
    if length <= SHORT_RESPONSE {
        [length as u8].to_vec()
    } else {
        (length as u16).to_be_bytes().to_vec()
    }
}

/// Whether a status word says that the chip has ended secure messaging.
pub(crate) const fn ends_the_session(status: StatusWord) -> bool {
    matches!(
        status,
        StatusWord::SM_DATA_MISSING | StatusWord::SM_DATA_INCORRECT
    )
}
