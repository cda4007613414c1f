//! What a chip forgets without power.

use chipgate_apdu::StatusWord;

use super::{
    chain::Chain,
    memory::{Directory, Place},
    pace::PaceRun,
    passwords::PasswordReference,
    secure_messaging::SecureMessaging,
    terminal_authentication::TerminalState,
};

/// What a chip forgets without power.
pub(crate) struct State {
    /// The current directory.
    pub(crate) directory: Directory,
    /// The current file.
    pub(crate) file: Option<Place>,
    /// Whether EF.ATR/INFO was read.
    pub(crate) attributes_read: bool,
    /// Whether it has left the field, until it is reset.
    pub(crate) left: bool,
    /// Whether access to the less sensitive data was gained.
    pub(crate) access: Access,
    /// The session in force.
    pub(crate) session: Option<SecureMessaging>,
    /// The session that begins behind the response to this command.
    pub(crate) next_session: Option<SecureMessaging>,
    /// The challenge that EXTERNAL AUTHENTICATE must answer, once.
    pub(crate) challenge: Option<[u8; 8]>,
    /// PACE in progress.
    pub(crate) pace: Option<PaceRun>,
    /// The key that MSE:Set AT has chosen for chip authentication.
    pub(crate) chip_authentication: Option<usize>,
    /// ID_PICC: what the chip is called in terminal authentication, after its access protocol.
    pub(crate) chip_identity: Vec<u8>,
    /// Comp(PK_PCD): the terminal's ephemeral key of chip authentication, or of PACE with its mapping.
    pub(crate) terminal_ephemeral: Option<Vec<u8>>,
    /// How far terminal authentication has come.
    pub(crate) terminal: TerminalState,
    /// The commands of a chain so far.
    pub(crate) chain: Option<Chain>,
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
    /// By PACE with this password.
    Pace(PasswordReference),
}

impl Default for State {
    fn default() -> Self {
        Self {
            directory: Directory::MasterFile,
            file: None,
            attributes_read: false,
            left: false,
            access: Access::None,
            session: None,
            next_session: None,
            challenge: None,
            pace: None,
            chip_authentication: None,
            chip_identity: Vec::new(),
            terminal_ephemeral: None,
            terminal: TerminalState::default(),
            chain: None,
            waiting: None,
        }
    }
}

impl State {
    /// Ends secure messaging, and with it what it gave access to.
    pub(crate) fn end_session(&mut self) {
        if self.session.take().is_some() || self.access != Access::None {
            self.reset_access();
            self.file = None;
        }
    }

    /// Takes back whatever access was gained, and what was proved over it.
    pub(crate) fn reset_access(&mut self) {
        self.access = Access::None;
        self.chip_authentication = None;
        self.chip_identity = Vec::new();
        self.terminal_ephemeral = None;
        self.terminal = TerminalState::default();
    }
}
