//! The chip's side of terminal authentication, version 1 (TR-03110-1, 3.5; TR-03110-3, B.3).

use chipgate_apdu::{Command, Response, StatusWord};

use super::{
    Answer, VirtualCard,
    cv_certificate::{CvCertificate, Refusal, Role, TrustPoint},
    security_environment::Template,
    state::Access,
};

/// How many trust points a chip keeps (TR-03110-3, 2.5.2).
const TRUST_POINTS: usize = 2;

/// How far terminal authentication has come.
#[derive(Default)]
pub(crate) struct TerminalState {
    /// The key that the next certificate is checked under.
    selected: Option<TrustPoint>,
    /// The key of the last certificate that is not an authority's; the next one may be used before power is gone.
    imported: Option<TrustPoint>,
    /// The terminal's own key, once MSE:Set AT has named it.
    terminal: Option<TrustPoint>,
    /// The challenge that EXTERNAL AUTHENTICATE must answer, once.
    challenge: Option<[u8; 8]>,
    /// The rights that the terminal has proved.
    pub(crate) rights: u8,
    /// Whether it has proved any: it does so once in a session (Doc 9303-11, 7.1.3).
    done: bool,
}

impl VirtualCard {
    /// MSE:Set DST: the key that the next certificate is checked under (B.14.4).
    pub(super) fn choose_verification_key(&mut self, template: &Template<'_>) -> Answer {
        self.allow_terminal_authentication()?;
        let reference = template.password.ok_or(StatusWord::WRONG_DATA)?;
        let imported = self.state.terminal.imported.iter();
        let mut known = self.trust_points().iter().chain(imported);
        let found = known.rfind(|point| point.reference == reference).cloned();
        self.state.terminal.selected = Some(found.ok_or(StatusWord::REFERENCE_NOT_FOUND)?);
        Ok(Response::status_only(StatusWord::SUCCESS))
    }

    /// PSO: Verify Certificate (B.14.5).
    pub(super) fn verify_certificate(&mut self, command: &Command) -> Answer {
        if [command.p1, command.p2] != [0x00, 0xBE] {
            return Err(StatusWord::INCORRECT_P1P2);
        }
        self.allow_terminal_authentication()?;
        let selected = self.state.terminal.selected.take();
        let issuer = selected.ok_or(StatusWord::CONDITIONS_NOT_SATISFIED)?;
        let certificate = CvCertificate::parse(&command.data).ok_or(StatusWord::WRONG_DATA)?;
        let today = self.today();
        let taken = certificate
            .validate(&issuer, today)
            .map_err(|refusal| match refusal {
                Refusal::Key | Refusal::Authority => StatusWord::WRONG_DATA,
                Refusal::Signature | Refusal::Expired | Refusal::Role => StatusWord::NO_INFORMATION,
            })?;
        self.import(taken);
        Ok(Response::status_only(StatusWord::SUCCESS))
    }

    /// MSE:Set AT for external authentication: the terminal's own key (B.14.1).
    pub(super) fn choose_terminal_key(&mut self, template: &Template<'_>) -> Answer {
        self.allow_terminal_authentication()?;
        let reference = template.password.ok_or(StatusWord::WRONG_DATA)?;
        let imported = self.state.terminal.imported.as_ref();
        let found = imported.filter(|point| point.role == Role::Terminal && point.reference == reference);
        self.state.terminal.terminal = Some(found.cloned().ok_or(StatusWord::REFERENCE_NOT_FOUND)?);
        Ok(Response::status_only(StatusWord::SUCCESS))
    }

    /// GET CHALLENGE: r_PICC.
    pub(super) fn terminal_challenge(&mut self, command: &Command) -> Answer {
        self.allow_terminal_authentication()?;
        if command.expected != Some(8) && command.expected != Some(256) {
            return Err(StatusWord::WRONG_LENGTH);
        }
        let challenge = self.random();
        self.state.terminal.challenge = Some(challenge);
        Ok(Response::new(challenge, StatusWord::SUCCESS))
    }

    /// EXTERNAL AUTHENTICATE: the signature over ID_PICC ‖ r_PICC ‖ Comp(PK_PCD) (TR-03110-1, 3.5.1).
    pub(super) fn authenticate_terminal(&mut self, command: &Command) -> Answer {
        self.allow_terminal_authentication()?;
        let state = &mut self.state.terminal;
        let (Some(terminal), Some(challenge)) = (state.terminal.take(), state.challenge.take()) else {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED);
        };
        let ephemeral = self.state.terminal_ephemeral.as_deref();
        let ephemeral = ephemeral.ok_or(StatusWord::CONDITIONS_NOT_SATISFIED)?;
        let data = [&self.state.chip_identity[..], &challenge, ephemeral].concat();
        if terminal.has_expired(self.today()) || !terminal.verifies(&data, &command.data) {
            return Err(StatusWord::NO_INFORMATION);
        }
        self.state.terminal.rights = terminal.rights;
        self.state.terminal.done = true;
        Ok(Response::status_only(StatusWord::SUCCESS))
    }

    /// After chip authentication or its mapping only, whose ephemeral key of the terminal it proves to hold (Doc 9303-11, 7.1); and once.
    fn allow_terminal_authentication(&self) -> Result<(), StatusWord> {
        if self.state.access == Access::None || self.state.terminal.done {
            return Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED);
        }
        if self.memory.terminals.is_none() {
            return Err(StatusWord::INSTRUCTION_NOT_SUPPORTED);
        }
        if self.state.terminal_ephemeral.is_none() {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED);
        }
        Ok(())
    }

    /// The authorities that the chip trusts, the most recent one first.
    pub(super) fn trust_points(&self) -> &[TrustPoint] {
        self.memory
            .terminals
            .as_ref()
            .map_or(&[], |terminals| &terminals.trust_points)
    }

    fn today(&self) -> [u8; 6] {
        self.memory
            .terminals
            .as_ref()
            .map_or([0; 6], |terminals| terminals.current_date)
    }

    /// An authority's key stays, and EF.CVCA names it from now on, in the place of the least recent one; any other is forgotten
    /// with the power. The date of every certificate that the chip believes moves its clock on (TR-03110-3, 2.5.1, 2.5.2).
    fn import(&mut self, point: TrustPoint) {
        if let Some(terminals) = &mut self.memory.terminals {
            if let Some(date) = point.believable_date() {
                terminals.current_date = terminals.current_date.max(date);
            }
            if point.role == Role::Authority {
                terminals
                    .trust_points
                    .retain(|known| known.reference != point.reference);
                terminals.trust_points.insert(0, point);
                terminals
                    .trust_points
                    .sort_by_key(|known| core::cmp::Reverse(known.effective));
                terminals.trust_points.truncate(TRUST_POINTS);
                self.renew_cvca_file();
                return;
            }
        }
        self.state.terminal.imported = Some(point);
    }

    fn renew_cvca_file(&mut self) {
        let references: Vec<Vec<u8>> = self
            .trust_points()
            .iter()
            .map(|point| point.reference.clone())
            .collect();
        if let Some(file) = self.memory.files.get_mut(&super::memory::CVCA) {
            *file = crate::issue::cvca_file(&references);
        }
    }
}
