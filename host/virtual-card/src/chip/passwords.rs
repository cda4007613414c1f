//! The passwords of PACE, and how often they may be tried (TR-03110-2, 3.3; TR-03110-3, B.11 and B.14.1).

use chipgate_apdu::{Command, Response, StatusWord};
use chipgate_crypto::{HashAlgorithm, Secret};

use super::{Answer, VirtualCard, memory::Pace, state::Access};

/// How often a PIN may be tried; the last try is suspended until the card access number was given.
const PIN_TRIES: u8 = 3;
/// How often a PUK may be tried.
const PUK_TRIES: u8 = 10;

/// A password by its reference in DO'83' (TR-03110-3, B.14.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PasswordReference {
    Mrz,
    Can,
    Pin,
    Puk,
}

/// The tries that are left; they outlast a loss of power.
pub(crate) struct TryCounters {
    pin: u8,
    puk: u8,
}

impl Default for TryCounters {
    fn default() -> Self {
        Self {
            pin: PIN_TRIES,
            puk: PUK_TRIES,
        }
    }
}

impl PasswordReference {
    pub(crate) const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Mrz),
            2 => Some(Self::Can),
            3 => Some(Self::Pin),
            4 => Some(Self::Puk),
            _ => None,
        }
    }
}

impl VirtualCard {
    /// The password in the form that the key derivation takes (Doc 9303-11, 9.7.3).
    pub(super) fn pace_password(
        &self,
        pace: &Pace,
        reference: PasswordReference,
    ) -> Result<Secret, StatusWord> {
        let passwords = &self.memory.passwords;
        let found = match reference {
            PasswordReference::Mrz => {
                let digest = HashAlgorithm::Sha1.digest(passwords.mrz_information.as_bytes());
                Some(Secret::new(digest))
            }
            PasswordReference::Can => passwords.can.clone().filter(|_| pace.can),
            PasswordReference::Pin => passwords.pin.clone(),
            PasswordReference::Puk => passwords.puk.clone(),
        };
        found.ok_or(StatusWord::REFERENCE_NOT_FOUND)
    }

    /// What MSE:Set AT says of the tries: a password that lost some is selected with a warning.
    pub(super) fn tries_warning(&self, reference: PasswordReference) -> StatusWord {
        match reference {
            PasswordReference::Pin if self.tries.pin < PIN_TRIES => left(self.tries.pin),
            PasswordReference::Puk if self.tries.puk < PUK_TRIES => left(self.tries.puk),
            _ => StatusWord::SUCCESS,
        }
    }

    /// Whether a try is possible: a suspended PIN wants the card access number first, a blocked one the PUK.
    pub(super) fn allow_try(&self, reference: PasswordReference) -> Result<(), StatusWord> {
        match reference {
            PasswordReference::Pin if self.tries.pin == 0 => Err(StatusWord::AUTHENTICATION_BLOCKED),
            PasswordReference::Puk if self.tries.puk == 0 => Err(StatusWord::AUTHENTICATION_BLOCKED),
            PasswordReference::Pin if self.tries.pin == 1 && !self.opened_by(PasswordReference::Can) => {
                Err(StatusWord::CONDITIONS_NOT_SATISFIED)
            }
            _ => Ok(()),
        }
    }

    /// Counts a failed try, and says what is left where the password has a counter.
    pub(super) fn fail_try(&mut self, reference: PasswordReference) -> StatusWord {
        self.note_failure();
        let counter = match reference {
            PasswordReference::Pin => &mut self.tries.pin,
            PasswordReference::Puk => &mut self.tries.puk,
            PasswordReference::Mrz | PasswordReference::Can => return StatusWord::NO_INFORMATION,
        };
        *counter = counter.saturating_sub(1);
        left(*counter)
    }

    /// A right password has all its tries again; a PUK does not, each use of it counts.
    pub(super) fn pass_try(&mut self, reference: PasswordReference) {
        self.failed_tries = 0;
        match reference {
            PasswordReference::Pin => self.tries.pin = PIN_TRIES,
            PasswordReference::Puk => self.tries.puk = self.tries.puk.saturating_sub(1),
            PasswordReference::Mrz | PasswordReference::Can => {}
        }
    }

    /// RESET RETRY COUNTER: gives a PIN its tries back, after the PUK (TR-03110-3, B.7.1).
    pub(super) fn reset_retry_counter(&mut self, command: &Command) -> Answer {
        if !self.opened_by(PasswordReference::Puk) {
            return Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED);
        }
        if [command.p1, command.p2] != [0x03, 0x03] || !command.data.is_empty() {
            return Err(StatusWord::INCORRECT_P1P2);
        }
        self.tries.pin = PIN_TRIES;
        Ok(Response::status_only(StatusWord::SUCCESS))
    }

    pub(super) fn opened_by(&self, reference: PasswordReference) -> bool {
        self.state.access == Access::Pace(reference)
    }
}

/// 63Cx: so many tries are left.
fn left(tries: u8) -> StatusWord {
    StatusWord(0x63C0 | u16::from(tries.min(15)))
}
