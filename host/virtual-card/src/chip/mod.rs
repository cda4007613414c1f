//! The chip itself: what it answers to each command, after ISO/IEC 7816-4, Doc 9303-10 and Doc 9303-11. It shares
//! the primitives with the reader's side, and none of its protocol code.

mod active_authentication;
mod answering_key;
mod basic_access;
mod chain;
mod chip_authentication;
mod cv_certificate;
mod disturbance;
mod general_authenticate;
mod memory;
mod pace;
mod passwords;
mod read_binary;
mod secure_messaging;
mod security_environment;
mod select;
mod state;
mod terminal_authentication;

use core::{fmt, time::Duration};

use chipgate_apdu::{Command, Response, StatusWord};
use rand_core::CryptoRng;

use crate::{
    CardError, CardFile,
    card_file::{ChipSettings, Effect, Personality},
};
use memory::Memory;
use passwords::TryCounters;
use state::State;

/// What a command comes to: a response, or a status word alone.
type Answer = Result<Response, StatusWord>;

/// GET RESPONSE (ISO/IEC 7816-4, 11.8.1).
const GET_RESPONSE: u8 = 0xC0;
/// The bits of CLA that say that the command is protected with its header authenticated.
const PROTECTED: u8 = 0x0C;
/// SW1 for more data to be had by GET RESPONSE.
const MORE_DATA: u16 = 0x6100;
/// The instructions that may want cryptography with a key pair: PSO, EXTERNAL, GENERAL and INTERNAL AUTHENTICATE.
const KEY_PAIRS: [u8; 4] = [0x2A, 0x82, 0x86, 0x88];
/// The longest that a chip makes its reader wait.
const LONGEST_DELAY: Duration = Duration::from_secs(10);

/// A card in software: the bytes of a command in, the bytes of its response out.
///
/// It starts without power; a reader's first act is [`power_on`](Self::power_on).
pub struct VirtualCard {
    memory: Memory,
    settings: ChipSettings,
    personality: Personality,
    state: State,
    powered: bool,
    failed_tries: u32,
    tries: TryCounters,
    commands: u64,
    /// How often each disturbance was met.
    counts: Vec<u64>,
    /// What goes wrong with the command in hand.
    disturbed: Option<Effect>,
    last_response: Vec<u8>,
    gone: bool,
    rng: Box<dyn CryptoRng + Send>,
}

impl VirtualCard {
    /// A card from its file. The random numbers that the chip draws come from `rng`.
    pub fn new(card: &CardFile, rng: impl CryptoRng + Send + 'static) -> Result<Self, CardError> {
        Ok(Self {
            memory: Memory::new(card)?,
            settings: card.chip.clone(),
            personality: card.personality.clone(),
            state: State::default(),
            powered: false,
            failed_tries: 0,
            tries: TryCounters::default(),
            commands: 0,
            counts: vec![0; card.personality.disturbances.len()],
            disturbed: None,
            last_response: Vec::new(),
            gone: false,
            rng: Box::new(rng),
        })
    }

    /// The answer to reset.
    pub fn atr(&self) -> &[u8] {
        &self.settings.atr.0
    }

    /// Takes the power away; every security state goes with it.
    pub fn power_off(&mut self) {
        self.state = State::default();
        self.powered = false;
    }

    /// Gives power; the chip starts anew.
    pub fn power_on(&mut self) {
        self.state = State::default();
        self.powered = true;
    }

    /// Resets the chip; every security state is gone.
    pub fn reset(&mut self) {
        self.state = State::default();
    }

    /// Whether the card has left the reader, as its personality may want it to.
    pub fn is_gone(&self) -> bool {
        self.state.left || self.is_gone_for_good()
    }

    /// Whether it has left, and no reset brings it back.
    pub fn is_gone_for_good(&self) -> bool {
        let dropped = self.personality.drops_after;
        self.gone || dropped.is_some_and(|commands| self.commands >= commands)
    }

    /// How long the chip takes over a command: its own time, its time for cryptography with a key pair, and a penalty for
    /// failed tries.
    pub fn delay(&self, command: &[u8]) -> Duration {
        let own = &self.personality;
        let penalty = own
            .milliseconds_a_failed_try
            .saturating_mul(self.failed_tries.into());
        let computes = command
            .get(1)
            .is_some_and(|instruction| KEY_PAIRS.contains(instruction));
        let cryptography = if computes {
            own.milliseconds_of_cryptography
        } else {
            0
        };
        let all = own
            .milliseconds_a_command
            .saturating_add(penalty)
            .saturating_add(cryptography);
        Duration::from_millis(all).min(LONGEST_DELAY)
    }

    /// Whether the chip takes extended length fields.
    pub const fn takes_extended_length(&self) -> bool {
        self.personality.extended_length
    }

    /// How often access was tried in vain since it was last gained.
    pub const fn failed_tries(&self) -> u32 {
        self.failed_tries
    }

    /// Answers one command. There is an answer to any bytes; an empty one is silence, which a faulty chip may fall into.
    pub fn respond(&mut self, command: &[u8]) -> Vec<u8> {
        self.commands += 1;
        let leaves = self.personality.leaves_on_extended_length && !self.state.attributes_read;
        if leaves && Command::parse(command).is_ok_and(|command| command.is_extended()) {
            self.state.left = true;
            return Vec::new();
        }
        let response = match Command::parse(command) {
            Ok(_) if !self.powered => Response::status_only(StatusWord::UNKNOWN_ERROR),
            Ok(command) if command.is_extended() && !self.personality.extended_length => {
                Response::status_only(StatusWord::WRONG_LENGTH)
            }
            Ok(command) => self.answer(&command),
            Err(_) => Response::status_only(StatusWord::WRONG_LENGTH),
        };
        let response = response.encode();
        let response = match self.disturbed.take() {
            Some(effect) => self.spoil(&effect, response),
            None => response,
        };
        self.last_response.clone_from(&response);
        response
    }

    fn answer(&mut self, command: &Command) -> Response {
        if command.instruction == GET_RESPONSE && self.state.waiting.is_some() {
            return self.get_response(command);
        }
        self.state.waiting = None;
        let response = if command.class & PROTECTED == PROTECTED {
            self.answer_protected(command)
        } else {
            self.state.end_session(); // a plain command ends secure messaging (Doc 9303-11, 9.8.3)
            self.carry_out_or_disturb(command)
                .unwrap_or_else(Response::status_only)
        };
        if let Some(next) = self.state.next_session.take() {
            self.state.session = Some(next);
        }
        self.send(command, response)
    }

    /// Unwraps the command, carries it out, and wraps its response, errors included.
    fn answer_protected(&mut self, outer: &Command) -> Response {
        let Some(mut session) = self.state.session.take() else {
            return Response::status_only(StatusWord::SM_DATA_INCORRECT);
        };
        let command = session.unwrap(outer).map(|mut command| {
            let capacity = session.capacity(self.room(outer));
            command.expected = command.expected.map(|length| fitting(&command, length, capacity));
            command
        });
        let wrapped = command.and_then(|command| {
            let response = self
                .carry_out_or_disturb(&command)
                .unwrap_or_else(Response::status_only);
            session.wrap(outer.instruction, &response)
        });
        match wrapped {
            Ok(response) => {
                self.state.session = Some(session);
                response
            }
            Err(status) => {
                self.state.end_session();
                Response::status_only(status)
            }
        }
    }

    /// How many bytes of response data the link takes now.
    fn room(&self, command: &Command) -> usize {
        let asked = command.expected.unwrap_or(256).max(256);
        asked.min(self.personality.max_response.saturating_sub(2))
    }

    fn carry_out(&mut self, command: &Command) -> Answer {
        let Some(whole) = self.join_chain(command)? else {
            return Ok(Response::status_only(StatusWord::SUCCESS)); // more is to come
        };
        let command = &whole;
        match (command.class, command.instruction) {
            (0x00, 0x86) => self.general_authenticate(command),
            (0x00, 0x2A) => self.verify_certificate(command),
            (0x00, 0xA4) => self.select(command),
            (0x00, 0xB0) => self.read_binary(command),
            (0x00, 0xB1) if self.personality.odd_read_binary => self.read_binary_odd(command),
            (0x00, 0x84) => self.get_challenge(command),
            (0x00, 0x82) => self.external_authenticate(command),
            (0x00, 0x22) => self.manage_security_environment(command),
            (0x00, 0x88) => self.internal_authenticate(command),
            (0x00, 0x2C) => self.reset_retry_counter(command),
            (0x00, _) => Err(StatusWord::INSTRUCTION_NOT_SUPPORTED),
            _ => Err(StatusWord::CLASS_NOT_SUPPORTED),
        }
    }

    /// Gives a response as it fits; the rest waits for GET RESPONSE.
    fn send(&mut self, command: &Command, response: Response) -> Response {
        let room = self.room(command);
        if response.data.len() <= room {
            return response;
        }
        self.state.waiting = Some((response.data, response.status));
        self.next_part(room)
    }

    fn get_response(&mut self, command: &Command) -> Response {
        let room = self.room(command).min(command.expected.unwrap_or(256));
        self.next_part(room)
    }

    fn next_part(&mut self, room: usize) -> Response {
        let Some((mut data, status)) = self.state.waiting.take() else {
            return Response::status_only(StatusWord::CONDITIONS_NOT_SATISFIED);
        };
        if data.len() <= room {
            return Response::new(data, status);
        }
        let rest = data.split_off(room);
        let more = StatusWord(MORE_DATA | if rest.len() < 256 { rest.len() as u16 } else { 0 });
        self.state.waiting = Some((rest, status));
        Response::new(data, more)
    }

    /// Random bytes of the chip.
    fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    /// Counts a failed try for access.
    fn note_failure(&mut self) {
        self.failed_tries = self.failed_tries.saturating_add(1);
    }

    /// Whether failed tries have blocked access.
    fn is_blocked(&self) -> bool {
        self.personality
            .tries
            .is_some_and(|tries| self.failed_tries >= tries)
    }
}

/// Shows no password, key, file or session.
impl fmt::Debug for VirtualCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualCard")
            .field("powered", &self.powered)
            .field("commands", &self.commands)
            .field("failed_tries", &self.failed_tries)
            .finish_non_exhaustive()
    }
}

/// READ BINARY gives less rather than overflow; other responses go out in parts.
fn fitting(command: &Command, length: usize, capacity: usize) -> usize {
    if read_binary::is_read_binary(command.instruction) {
        length.min(capacity)
    } else {
        length
    }
}
