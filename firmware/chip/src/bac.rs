//! Basic access control (Doc 9303-11, 4.3).

use alloc::vec::Vec;

use chipgate_apdu::{Channel, Command, StatusWord};
use chipgate_crypto::{Cipher, CryptoError, HashAlgorithm, Secret, SessionKeys};
use chipgate_lds::MrzKey;
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{
    ChipError, Malformation, PasswordKind, Step, connection::Connection, refusal::refused,
    secure_messaging::SecureMessaging,
};

/// The length of E.IC ‖ M.IC.
const RESPONSE_LENGTH: usize = 40;
const CIPHER: Cipher = Cipher::TripleDes;
const ZERO_IV: [u8; 8] = [0; 8];

/// Carries out BAC with the application selected, and starts secure messaging.
pub(crate) async fn authenticate<C: Channel>(
    connection: &mut Connection<C>,
    key: &MrzKey,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<(), ChipError> {
    let keys = document_keys(key);
    let challenge = get_challenge(connection).await?;
    let attempt = Attempt::new(challenge, rng);
    match attempt.run(connection, &keys, RESPONSE_LENGTH).await {
        // Some chips take no Le of 28 here, only 00; the challenge is spent by then.
        Err(ChipError::Protocol {
            status: StatusWord::WRONG_LENGTH,
            ..
        }) => {
            let challenge = get_challenge(connection).await?;
            Attempt::new(challenge, rng).run(connection, &keys, 256).await
        }
        outcome => outcome,
    }
}

/// The document basic access keys (Doc 9303-11, 9.7.2): from the first 16 bytes of SHA-1 of the MRZ information.
fn document_keys(key: &MrzKey) -> SessionKeys {
    let hash = Zeroizing::new(HashAlgorithm::Sha1.digest(key.information().as_bytes()));
    SessionKeys::derive(CIPHER, &hash[..16])
}

/// RND.IC.
async fn get_challenge<C: Channel>(connection: &mut Connection<C>) -> Result<[u8; 8], ChipError> {
    let step = Step::BacGetChallenge;
    let response = connection
        .send(step, &Command::new(0x00, 0x84, 0x00, 0x00).expecting(8))
        .await?;
    if !response.status.is_success() {
        return Err(ChipError::Protocol {
            step,
            status: response.status,
        });
    }
    response.data.as_slice().try_into().map_err(|_| {
        ChipError::malformed(
            step,
            Malformation::Length {
                expected: 8,
                found: response.data.len(),
            },
        )
    })
}

/// One mutual authentication: RND.IC, RND.IFD and K.IFD.
struct Attempt {
    chip_challenge: [u8; 8],
    challenge: [u8; 8],
    key: Secret,
}

impl Attempt {
    fn new(chip_challenge: [u8; 8], rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut challenge = [0; 8];
        rng.fill_bytes(&mut challenge);
        let mut key = Zeroizing::new([0; 16]);
        rng.fill_bytes(key.as_mut());
        Self {
            chip_challenge,
            challenge,
            key: Secret::new(key.as_slice()),
        }
    }

    async fn run<C: Channel>(
        self,
        connection: &mut Connection<C>,
        keys: &SessionKeys,
        expected: usize,
    ) -> Result<(), ChipError> {
        let step = Step::BacMutualAuthentication;
        let bad = |error| ChipError::BadKey { step, error };
        let command = Command::new(0x00, 0x82, 0x00, 0x00)
            .with_data(self.cryptogram(keys).map_err(bad)?)
            .expecting(expected);
        let response = connection.send(step, &command).await?;
        if !response.status.is_success() {
            return Err(refused(PasswordKind::Mrz, step, response.status));
        }
        let chip_key = self.chip_key(keys, &response.data)?;
        connection.secure(self.secure_messaging(&chip_key));
        Ok(())
    }

    /// E.IFD ‖ M.IFD, where E.IFD = E(RND.IFD ‖ RND.IC ‖ K.IFD).
    fn cryptogram(&self, keys: &SessionKeys) -> Result<Vec<u8>, CryptoError> {
        let mut plain = Zeroizing::new(Vec::with_capacity(32));
        plain.extend_from_slice(&self.challenge);
        plain.extend_from_slice(&self.chip_challenge);
        plain.extend_from_slice(self.key.as_bytes());
        let mut cryptogram = CIPHER.encrypt_cbc(keys.encryption.as_bytes(), &ZERO_IV, &plain)?;
        let mac = CIPHER.mac(keys.mac.as_bytes(), &cryptogram)?;
        cryptogram.extend_from_slice(&mac);
        Ok(cryptogram)
    }

    /// K.IC out of E.IC ‖ M.IC, after the MAC and both challenges have been checked.
    fn chip_key(&self, keys: &SessionKeys, response: &[u8]) -> Result<Secret, ChipError> {
        let step = Step::BacMutualAuthentication;
        let bad = |error| ChipError::BadKey { step, error };
        let malformed = |fault| ChipError::malformed(step, fault);
        let Some((cryptogram, mac)) = response
            .split_last_chunk::<8>()
            .filter(|_| response.len() == RESPONSE_LENGTH)
        else {
            return Err(malformed(Malformation::Length {
                expected: RESPONSE_LENGTH,
                found: response.len(),
            }));
        };
        let expected = CIPHER.mac(keys.mac.as_bytes(), cryptogram).map_err(bad)?;
        if !bool::from(expected.ct_eq(mac)) {
            return Err(wrong_password(step));
        }
        let plain = Zeroizing::new(
            CIPHER
                .decrypt_cbc(keys.encryption.as_bytes(), &ZERO_IV, cryptogram)
                .map_err(bad)?,
        );
        // R = RND.IC ‖ RND.IFD ‖ K.IC
        let challenges = [self.chip_challenge, self.challenge].concat();
        if !bool::from(plain[..16].ct_eq(challenges.as_slice())) {
            return Err(malformed(Malformation::WrongChallenge));
        }
        Ok(Secret::new(&plain[16..]))
    }

    /// K.IFD ⊕ K.IC give the session keys; the last halves of the challenges give the counter.
    fn secure_messaging(&self, chip_key: &Secret) -> SecureMessaging {
        let seed: Zeroizing<Vec<u8>> = Zeroizing::new(
            self.key
                .as_bytes()
                .iter()
                .zip(chip_key.as_bytes())
                .map(|(ours, theirs)| ours ^ theirs)
                .collect(),
        );
        let mut counter = [0; 8];
        counter[..4].copy_from_slice(&self.chip_challenge[4..]);
        counter[4..].copy_from_slice(&self.challenge[4..]);
        SecureMessaging::after_bac(SessionKeys::derive(CIPHER, &seed), counter)
    }
}

/// A chip that answers with another key than the document's: it cannot know the password.
const fn wrong_password(step: Step) -> ChipError {
    ChipError::WrongPassword {
        password: PasswordKind::Mrz,
        step,
        tries_left: None,
    }
}
