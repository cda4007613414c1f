//! Goes through a recording in its order, as chip and reader did.

use std::collections::BTreeMap;

use chipgate_apdu::{
    Command, Response, StatusWord,
    tlv::{self, Tag},
};
use chipgate_crypto::{ObjectIdentifier, Secret};
use chipgate_lds::{File, SecurityInfos, parse_card_access, parse_dg14};

use super::{
    AccessUsed, Answer, Dialogue, FileTrace, Meaning, Messaging, Oddity, Turn, Unopened,
    chip_authentication::agrees,
    files, keys,
    meaning::{self, Context, Directory},
    pace::Pace,
    secure_messaging::is_protected,
    whole_exchange::{Whole, whole_exchange},
};
use crate::{Entry, Header, Recording};

pub(super) fn interpret(recording: &Recording) -> Dialogue {
    let mut interpreter = Interpreter {
        header: &recording.header,
        mrz: keys::mrz_information(&recording.header),
        draws: Vec::new(),
        directory: Directory::MasterFile,
        file: None,
        terminal: false,
        messaging: None,
        pace: Pace::default(),
        agreement_protocol: None,
        files: BTreeMap::new(),
        access: None,
    };
    let mut turns = Vec::new();
    let mut place = 0;
    while let Some(entry) = recording.entries.get(place) {
        let mut next = place + 1;
        match entry {
            Entry::Random { random } => interpreter.draws.push(random),
            Entry::Reset { .. } => interpreter.forget(),
            Entry::Clock { .. } => {}
            Entry::Exchange { .. } => {
                let (whole, end) = whole_exchange(&recording.entries, place);
                turns.push(interpreter.turn(whole));
                next = end;
            }
        }
        place = next;
    }
    keep_apart(&mut turns);
    Dialogue {
        turns,
        files: interpreter.files,
        access: interpreter.access,
    }
}

/// A draw that made one key was not rejected for the next one, though it may be too large for its group.
fn keep_apart(turns: &mut [Turn]) {
    let keys = |turn: &Turn| turn.key.as_ref().map(|key| key.draws.end);
    let ends: Vec<usize> = turns.iter().filter_map(keys).collect();
    for key in turns.iter_mut().filter_map(|turn| turn.key.as_mut()) {
        let before = ends.iter().filter(|&&end| end < key.draws.end).max();
        key.draws.start = key.draws.start.max(before.copied().unwrap_or(0));
    }
}

pub(super) struct Interpreter<'a> {
    pub(super) header: &'a Header,
    pub(super) mrz: Option<Secret>,
    pub(super) draws: Vec<&'a [u8]>,
    pub(super) directory: Directory,
    pub(super) file: Option<File>,
    pub(super) terminal: bool,
    /// The session's keys; `Err` while it is protected and the keys are not known.
    pub(super) messaging: Option<Messaging>,
    pub(super) pace: Pace,
    pub(super) agreement_protocol: Option<ObjectIdentifier>,
    pub(super) files: BTreeMap<File, FileTrace>,
    pub(super) access: Option<AccessUsed>,
}

impl<'a> Interpreter<'a> {
    fn forget(&mut self) {
        self.directory = Directory::MasterFile;
        self.file = None;
        self.terminal = false;
        self.messaging = None;
        self.pace = Pace::default();
    }

    fn turn(&mut self, whole: Whole<'a>) -> Turn {
        let sent = Command::parse(whole.command).ok();
        let protected = sent.as_ref().is_some_and(is_protected);
        let command = self.open_command(sent.as_ref(), protected);
        let answer = self.open_answer(whole.outcome, protected);
        let context = Context {
            directory: self.directory,
            file: self.file,
            terminal: self.terminal,
        };
        let mut turn = Turn {
            line: whole.line,
            at: whole.at,
            took: whole.took,
            entries: whole.entries,
            meaning: command
                .as_ref()
                .map_or(Meaning::Closed, |command| Meaning::of(command, context)),
            sent,
            protected,
            command,
            answer,
            key: None,
            oddity: None,
        };
        turn.oddity = other_status(&turn);
        self.follow(&mut turn);
        turn
    }

    fn open_command(&mut self, sent: Option<&Command>, protected: bool) -> Result<Command, Unopened> {
        let sent = sent.ok_or(Unopened::Structure)?;
        if !protected {
            self.messaging = None; // a plain command ends secure messaging (Doc 9303-11, 9.8.3)
            return Ok(sent.clone());
        }
        self.messaging
            .as_mut()
            .ok_or(Unopened::NoKeys)?
            .open_command(sent)
    }

    fn open_answer(
        &mut self,
        outcome: Result<Vec<u8>, chipgate_apdu::ChannelError>,
        protected: bool,
    ) -> Answer {
        let bytes = match outcome {
            Ok(bytes) => bytes,
            Err(error) => return Answer::Failed(error),
        };
        let Ok(outer) = Response::parse(&bytes) else {
            return Answer::NoResponse(bytes);
        };
        let inner = match &mut self.messaging {
            _ if !protected => Ok(outer.clone()),
            // An error in the open ends the session.
            _ if outer.data.is_empty() => Ok(outer.clone()),
            Some(messaging) => messaging.open_response(&outer),
            None => Err(Unopened::NoKeys),
        };
        Answer::Response { outer, inner }
    }

    /// What the turn changes, and which key it used.
    fn follow(&mut self, turn: &mut Turn) {
        let (Ok(command), meaning) = (&turn.command, turn.meaning.clone()) else {
            return;
        };
        let data = command.data.clone();
        let odd = command.instruction & 1 == 1;
        let selects = command.instruction == 0xA4;
        let response = turn.response().cloned();
        let status = response.as_ref().map(|response| response.status);
        let success = turn.succeeded();
        match meaning {
            Meaning::SelectMasterFile if success => self.enter(Directory::MasterFile),
            Meaning::SelectApplication { name } if success => self.enter(Directory::of_application(&name)),
            Meaning::SelectFile { file, .. } => self.select(file, status),
            Meaning::ReadBinary { file, offset } => {
                if let (Some(file), Some(response)) = (file, &response) {
                    files::note_reading(&mut self.files, file, (offset, odd), response);
                    if !response.data.is_empty() {
                        self.file = Some(file);
                    }
                } else if success {
                    self.file = None; // an unknown one is the current file now
                }
            }
            Meaning::BasicAccess if success => turn.oddity = self.basic_access(&data, response.as_ref()),
            Meaning::PaceTemplate {
                protocol,
                password,
                parameters,
            } => {
                self.pace = Pace {
                    protocol,
                    password,
                    parameters,
                    ..Pace::default()
                }
            }
            Meaning::PaceNonce => {
                self.pace.nonce = response
                    .as_ref()
                    .and_then(|response| self.pace_nonce(&response.data));
            }
            Meaning::PaceMap => {
                turn.key = self.pace_map(&data);
                self.pace.map_key.clone_from(&turn.key);
                let theirs = response
                    .as_ref()
                    .and_then(|response| dynamic(&response.data, 0x82));
                let ours = dynamic(&data, 0x81);
                if self.pace.protocol.as_ref().and_then(keys::mapping_of) != Some(keys::Mapping::Integrated) {
                    turn.oddity = self.odd_key(ours.as_deref(), theirs.as_deref());
                }
                self.pace.mapped = ours.map(|ours| (ours, theirs.unwrap_or_default()));
            }
            Meaning::PaceAgree => {
                turn.key = self.pace_agree(&data);
                self.pace.theirs = response
                    .as_ref()
                    .and_then(|response| dynamic(&response.data, 0x84));
                self.pace.ours = dynamic(&data, 0x83);
                turn.oddity = self.odd_key(self.pace.ours.as_deref(), self.pace.theirs.as_deref());
            }
            Meaning::PaceToken => {
                turn.key = self.pace_token(&data);
                if success {
                    turn.oddity = response
                        .as_ref()
                        .and_then(|response| self.odd_token(&response.data));
                    self.pace_succeeded();
                }
            }
            Meaning::ChipAuthenticationTemplate { protocol } => self.agreement_protocol = protocol,
            Meaning::ChipAuthentication { set_template } => {
                let agreed = self.chip_authentication(&data, set_template);
                if let Some((key, keys)) = agreed {
                    turn.key = Some(key);
                    let agreed = response
                        .as_ref()
                        .is_some_and(|response| agrees(set_template, &response.data));
                    if success && agreed {
                        self.messaging = Some(Messaging::new(keys, 0));
                    } else if success {
                        turn.oddity = Some(Oddity::WrongProof);
                    }
                }
            }
            Meaning::TerminalTemplate if success => self.terminal = true,
            // By a path, or to a parent.
            Meaning::Other if success && selects => self.enter(Directory::Other),
            _ => {}
        }
    }

    fn enter(&mut self, directory: Directory) {
        self.directory = directory;
        self.file = None;
    }

    fn select(&mut self, file: Option<File>, status: Option<StatusWord>) {
        let Some(status) = status else {
            return;
        };
        if let Some(file) = file {
            files::note_selection(&mut self.files, file, status);
            if let Some(trace) = self.files.get_mut(&file) {
                trace.selected |= status.is_success();
            }
        }
        if status.is_success() {
            self.file = file;
        }
    }

    fn basic_access(&mut self, command: &[u8], response: Option<&Response>) -> Option<Oddity> {
        let document = keys::bac_document_keys(self.mrz.as_ref()?);
        if let Some((keys, counter)) = keys::bac_session(&document, command, &response?.data) {
            self.messaging = Some(Messaging::new(keys, counter));
            self.access = Some(AccessUsed::Bac);
            return None;
        }
        // A command of another password says nothing about the answer.
        keys::bac_open(&document, command).map(|_| Oddity::WrongProof)
    }

    pub(super) fn infos(&self, file: File) -> Option<SecurityInfos> {
        let bytes = &self.files.get(&file)?.bytes;
        match file {
            File::CardAccess => parse_card_access(bytes).ok(),
            _ => parse_dg14(bytes).ok(),
        }
    }
}

/// Whether the status word in secure messaging (DO'99') is another one than outside.
fn other_status(turn: &Turn) -> Option<Oddity> {
    let Answer::Response { outer, inner: Ok(_) } = &turn.answer else {
        return None;
    };
    let inside = meaning::object(&outer.data, 0x99).filter(|_| turn.protected)?;
    (inside != outer.status.to_bytes()).then_some(Oddity::OtherStatus)
}

/// An object of the dynamic authentication data, DO'7C'.
pub(super) fn dynamic(data: &[u8], tag: u32) -> Option<Vec<u8>> {
    let inside = tlv::single(data, Tag(0x7C)).ok()?;
    meaning::object(inside, tag).map(<[u8]>::to_vec)
}
