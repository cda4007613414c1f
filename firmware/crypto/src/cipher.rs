//! The ciphers and MACs of basic access control, PACE and secure messaging (Doc 9303-11, 9.8).

use alloc::vec::Vec;

use aes::cipher::{BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit, array::Array};
use cmac::{Cmac, Mac};
use des::{Des, TdesEde2};

use crate::{CryptoError, pad};

/// A cipher with the MAC that Doc 9303-11 pairs it with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cipher {
    /// Two-key triple DES with the retail MAC (ISO/IEC 9797-1 algorithm 3).
    TripleDes,
    /// AES-128 with CMAC.
    Aes128,
    /// AES-192 with CMAC.
    Aes192,
    /// AES-256 with CMAC.
    Aes256,
}

/// Runs `$body` with `$C` as the block cipher's type.
macro_rules! with_cipher {
    ($cipher:expr, $C:ident => $body:expr) => {
        match $cipher {
            Cipher::TripleDes => {
                type $C = TdesEde2;
                $body
            }
            Cipher::Aes128 => {
                type $C = aes::Aes128;
                $body
            }
            Cipher::Aes192 => {
                type $C = aes::Aes192;
                $body
            }
            Cipher::Aes256 => {
                type $C = aes::Aes256;
                $body
            }
        }
    };
}

impl Cipher {
    /// Every cipher here.
    pub const ALL: [Self; 4] = [Self::TripleDes, Self::Aes128, Self::Aes192, Self::Aes256];

    /// The length of a key in bytes.
    pub const fn key_length(self) -> usize {
        match self {
            Self::TripleDes | Self::Aes128 => 16,
            Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }

    /// The length of a block in bytes.
    pub const fn block_length(self) -> usize {
        match self {
            Self::TripleDes => 8,
            _ => 16,
        }
    }

    /// Encrypts whole blocks in CBC mode; `iv` is one block.
    pub fn encrypt_cbc(self, key: &[u8], iv: &[u8], data: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.check_blocks(key, iv, data)?;
        let mut blocks = data.to_vec();
        with_cipher!(self, C => {
            let mut mode = cbc::Encryptor::<C>::new_from_slices(key, iv).map_err(|_| self.key_error(key))?;
            for block in blocks.chunks_exact_mut(self.block_length()) {
                let block: &mut Array<u8, _> = block.try_into().map_err(|_| self.block_error(data))?;
                mode.encrypt_block(block);
            }
        });
        Ok(blocks)
    }

    /// Decrypts whole blocks in CBC mode; `iv` is one block. Padding stays.
    pub fn decrypt_cbc(self, key: &[u8], iv: &[u8], data: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.check_blocks(key, iv, data)?;
        let mut blocks = data.to_vec();
        with_cipher!(self, C => {
            let mut mode = cbc::Decryptor::<C>::new_from_slices(key, iv).map_err(|_| self.key_error(key))?;
            for block in blocks.chunks_exact_mut(self.block_length()) {
                let block: &mut Array<u8, _> = block.try_into().map_err(|_| self.block_error(data))?;
                mode.decrypt_block(block);
            }
        });
        Ok(blocks)
    }

    /// Encrypts one block, as for secure messaging's initialisation vector under AES.
    pub fn encrypt_block(self, key: &[u8], block: &[u8]) -> Result<Vec<u8>, CryptoError> {
        if block.len() != self.block_length() {
            return Err(self.block_error(block));
        }
        let mut output = block.to_vec();
        with_cipher!(self, C => {
            let cipher = C::new_from_slice(key).map_err(|_| self.key_error(key))?;
            let out: &mut Array<u8, _> = output.as_mut_slice().try_into().map_err(|_| self.block_error(block))?;
            cipher.encrypt_block(out);
        });
        Ok(output)
    }

    /// The MAC of the data as BAC and PACE's tokens take it. Triple DES: ISO/IEC 9797-1 algorithm 3 after
    /// padding method 2; AES: the first eight bytes of CMAC over the data as they are.
    pub fn mac(self, key: &[u8], data: &[u8]) -> Result<[u8; 8], CryptoError> {
        match self {
            Self::TripleDes => self.retail_mac(key, data),
            Self::Aes128 => first_eight(cmac_of::<Cmac<aes::Aes128>>(key, data), self.key_error(key)),
            Self::Aes192 => first_eight(cmac_of::<Cmac<aes::Aes192>>(key, data), self.key_error(key)),
            Self::Aes256 => first_eight(cmac_of::<Cmac<aes::Aes256>>(key, data), self.key_error(key)),
        }
    }

    /// The MAC of the data with padding method 2 to the cipher's block length, as secure messaging takes it
    /// under every cipher (Doc 9303-11, 9.8.6).
    pub fn padded_mac(self, key: &[u8], data: &[u8]) -> Result<[u8; 8], CryptoError> {
        match self {
            Self::TripleDes => self.mac(key, data),
            _ => self.mac(key, &pad(data, self.block_length())),
        }
    }

    /// ISO/IEC 9797-1 MAC algorithm 3 with DES, a zero initialisation vector and padding method 2.
    fn retail_mac(self, key: &[u8], data: &[u8]) -> Result<[u8; 8], CryptoError> {
        let (Some(first), 16) = (key.get(..8), key.len()) else {
            return Err(self.key_error(key));
        };
        let single = Des::new_from_slice(first).map_err(|_| self.key_error(key))?;
        let double = TdesEde2::new_from_slice(key).map_err(|_| self.key_error(key))?;

        let padded = pad(data, 8);
        let (blocks, _) = padded.as_chunks::<8>();
        let Some((last, before)) = blocks.split_last() else {
            return Err(self.block_error(data));
        };
        // DES-CBC under the first half over all blocks but the last; the last block's DES, the output
        // transformation's inverse and DES again are triple DES under both halves.
        let mut state = [0u8; 8];
        for block in before {
            xor(&mut state, *block);
            single.encrypt_block((&mut state).into());
        }
        xor(&mut state, *last);
        double.encrypt_block((&mut state).into());
        Ok(state)
    }

    fn check_blocks(self, key: &[u8], iv: &[u8], data: &[u8]) -> Result<(), CryptoError> {
        if key.len() != self.key_length() {
            return Err(self.key_error(key));
        }
        if iv.len() != self.block_length() {
            return Err(self.block_error(iv));
        }
        if !data.len().is_multiple_of(self.block_length()) {
            return Err(self.block_error(data));
        }
        Ok(())
    }

    fn key_error(self, key: &[u8]) -> CryptoError {
        CryptoError::KeyLength {
            expected: self.key_length(),
            found: key.len(),
        }
    }

    fn block_error(self, data: &[u8]) -> CryptoError {
        CryptoError::BlockLength {
            block: self.block_length(),
            found: data.len(),
        }
    }
}

fn cmac_of<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
    mac.update(data);
    Some(mac.finalize().into_bytes().to_vec())
}

fn first_eight(mac: Option<Vec<u8>>, error: CryptoError) -> Result<[u8; 8], CryptoError> {
    mac.and_then(|mac| mac.first_chunk::<8>().copied()).ok_or(error)
}

fn xor(state: &mut [u8; 8], block: [u8; 8]) {
    for (byte, other) in state.iter_mut().zip(block) {
        *byte ^= other;
    }
}
