//! The chip's side of basic access control (Doc 9303-11, 4.3).

use chipgate_apdu::{Command, Response, StatusWord};
use chipgate_crypto::{Cipher, HashAlgorithm, Secret, SessionKeys, constant_time_equal};

use crate::MutualAuthenticationLe;

use super::{Answer, VirtualCard, memory::Directory, secure_messaging::SecureMessaging, state::Access};

/// The length of the seed that the basic access keys come from (9.7.2).
const SEED: usize = 16;
/// The length of a cryptogram of EXTERNAL AUTHENTICATE: two challenges and half of the session's seed.
const CRYPTOGRAM: usize = 32;

impl VirtualCard {
    /// GET CHALLENGE: RND.IC (4.3.4.1, step 1).
    pub(super) fn get_challenge(&mut self, command: &Command) -> Answer {
        if self.state.access != Access::None && self.memory.terminals.is_some() {
            return self.terminal_challenge(command);
        }
        self.allow_basic_access()?;
        if command.expected != Some(8) && command.expected != Some(256) {
            return Err(StatusWord::WRONG_LENGTH);
        }
        let challenge = self.random();
        self.state.challenge = Some(challenge);
        Ok(Response::new(challenge, StatusWord::SUCCESS))
    }

    /// EXTERNAL AUTHENTICATE: mutual authentication (4.3.4.1, steps 4 to 6).
    pub(super) fn external_authenticate(&mut self, command: &Command) -> Answer {
        if self.state.access != Access::None && self.memory.terminals.is_some() {
            return self.authenticate_terminal(command);
        }
        self.allow_basic_access()?;
        let challenge = self.state.challenge.ok_or(StatusWord::CONDITIONS_NOT_SATISFIED)?;
        let le = self.personality.mutual_authentication_le;
        let wanted = match le {
            Some(MutualAuthenticationLe::Zero) => command.expected == Some(256),
            Some(MutualAuthenticationLe::Exact) => command.expected == Some(40),
            None => true,
        };
        if !wanted {
            return Err(StatusWord::WRONG_LENGTH); // the challenge stands: the same answer may come with another Le
        }
        self.state.challenge = None;
        let Some((cryptogram, mac)) = command
            .data
            .split_at_checked(CRYPTOGRAM)
            .filter(|(_, mac)| mac.len() == 8)
        else {
            return Err(StatusWord::WRONG_LENGTH);
        };
        let keys = self.basic_access_keys();
        let Some(opened) = open(&keys, cryptogram, mac, challenge) else {
            self.note_failure();
            return Err(StatusWord::NO_INFORMATION);
        };
        let response = self.agree(&keys, challenge, &opened)?;
        self.failed_tries = 0;
        self.state.access = Access::Basic;
        self.state.chip_identity = self.memory.document_number.clone();
        Ok(Response::new(response, StatusWord::SUCCESS))
    }

    fn allow_basic_access(&self) -> Result<(), StatusWord> {
        if !self.settings.basic_access {
            return Err(StatusWord::INSTRUCTION_NOT_SUPPORTED);
        }
        if self.state.directory != Directory::Application || self.state.access != Access::None {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED);
        }
        if self.is_blocked() {
            return Err(StatusWord::AUTHENTICATION_BLOCKED);
        }
        Ok(())
    }

    /// K_Enc and K_MAC from the machine readable zone (9.7.2).
    fn basic_access_keys(&self) -> SessionKeys {
        let mut seed = HashAlgorithm::Sha1.digest(self.memory.passwords.mrz_information.as_bytes());
        seed.truncate(SEED);
        let seed = Secret::new(seed);
        SessionKeys::derive(Cipher::TripleDes, seed.as_bytes())
    }

    /// Answers with RND.IC, RND.IFD and K.IC under the basic access keys, and makes the session from both halves.
    fn agree(
        &mut self,
        keys: &SessionKeys,
        challenge: [u8; 8],
        opened: &Opened,
    ) -> Result<Vec<u8>, StatusWord> {
        let half = Secret::new(self.random::<16>());
        let plain = Secret::new([&challenge[..], &opened.challenge, half.as_bytes()].concat());
        let cryptogram = Cipher::TripleDes
            .encrypt_cbc(keys.encryption.as_bytes(), &[0; 8], plain.as_bytes())
            .map_err(|_| StatusWord::UNKNOWN_ERROR)?;
        let mac = Cipher::TripleDes
            .mac(keys.mac.as_bytes(), &cryptogram)
            .map_err(|_| StatusWord::UNKNOWN_ERROR)?;

        let seed: Vec<u8> = opened
            .half
            .as_bytes()
            .iter()
            .zip(half.as_bytes())
            .map(|(left, right)| left ^ right)
            .collect();
        let session = SessionKeys::derive(Cipher::TripleDes, Secret::new(seed).as_bytes());
        // The counter starts with the lower halves of both challenges (9.8.6.3).
        let counter = [&challenge[4..], &opened.challenge[4..]].concat();
        self.begin(SecureMessaging::with_counter(session, counter));
        Ok([&cryptogram[..], &mac].concat())
    }

    /// Lets a session begin behind this response.
    pub(super) fn begin(&mut self, session: SecureMessaging) {
        let wrong_from = self.personality.wrong_mac_from;
        self.state.next_session = Some(session.with_wrong_macs_from(wrong_from));
    }
}

/// What the terminal's cryptogram holds: RND.IFD and K.IFD.
struct Opened {
    challenge: [u8; 8],
    half: Secret,
}

/// Checks the MAC, decrypts, and compares the challenge (4.3.4.1, step 4).
fn open(keys: &SessionKeys, cryptogram: &[u8], mac: &[u8], challenge: [u8; 8]) -> Option<Opened> {
    let own = Cipher::TripleDes.mac(keys.mac.as_bytes(), cryptogram).ok()?;
    if !constant_time_equal(&own, mac) {
        return None;
    }
    let plain = Cipher::TripleDes
        .decrypt_cbc(keys.encryption.as_bytes(), &[0; 8], cryptogram)
        .ok()?;
    let plain = Secret::new(plain);
    let (terminal, rest) = plain.as_bytes().split_first_chunk::<8>()?;
    let (returned, half) = rest.split_first_chunk::<8>()?;
    constant_time_equal(returned, &challenge).then(|| Opened {
        challenge: *terminal,
        half: Secret::new(half),
    })
}
