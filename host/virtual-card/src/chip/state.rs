//! What a chip forgets without power.

use chipgate_apdu::StatusWord;

use super::{
    memory::{Directory, Place},
    pace::PaceStep,
    secure_messaging::SecureMessaging,
};

/// What a chip forgets without power.
pub(crate) struct State {
    /// The current directory.
    pub(crate) directory: Directory,
    /// The current file.
    pub(crate) file: Option<Place>,
    /// Whether access to the less sensitive data was gained.
    pub(crate) access: Access,
    /// The session in force.
    pub(crate) session: Option<SecureMessaging>,
    /// The session that begins behind the response to this command.
    pub(crate) next_session: Option<SecureMessaging>,
    /// The challenge that EXTERNAL AUTHENTICATE must answer, once.
    pub(crate) challenge: Option<[u8; 8]>,
    /// How far PACE has come.
    pub(crate) pace: PaceStep,
    /// Whether MSE:Set AT has chosen chip authentication.
    pub(crate) chip_authentication: bool,
    /// What is left of a long response, with its status word.
    pub(crate) waiting: Option<(Vec<u8>, StatusWord)>,
}

/// How access was gained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Not at all.
    None,
    /// By basic access control.
    Basic,
    /// By PACE.
    Pace,
}

impl Default for State {
    fn default() -> Self {
        Self {
            directory: Directory::MasterFile,
            file: None,
            access: Access::None,
            session: None,
            next_session: None,
            challenge: None,
            pace: PaceStep::Idle,
            chip_authentication: false,
            waiting: None,
        }
    }
}

impl State {
    /// Ends secure messaging, and with it what it gave access to.
    pub(crate) fn end_session(&mut self) {
        if self.session.take().is_some() || self.access != Access::None {
            self.access = Access::None;
            self.file = None;
            self.chip_authentication = false;
        }
    }
}
