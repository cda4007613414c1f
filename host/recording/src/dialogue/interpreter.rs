//! Goes through a recording in its order, as chip and reader did.

use std::collections::BTreeMap;

use chipgate_apdu::{
    Command, Response, StatusWord,
    tlv::{self, Tag},
};
use chipgate_crypto::{
    AgreementGroup, AgreementPublicKey, Cipher, HashAlgorithm, ObjectIdentifier, Secret, SessionKeys,
    derive_password_key,
};
use chipgate_lds::{File, SecurityInfos, parse_card_access, parse_dg14};

use super::{
    AccessUsed, Answer, Dialogue, FileTrace, KeyUse, Meaning, Messaging, Oddity, Turn, Unopened, files, keys,
    meaning::{self, Context, Directory},
    secure_messaging::is_protected,
};
use crate::{Entry, Header, Outcome, Recording};

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

/// A command with all parts of its response.
struct Whole<'a> {
    line: usize,
    at: u64,
    took: u64,
    entries: Vec<usize>,
    command: &'a [u8],
    outcome: Result<Vec<u8>, chipgate_apdu::ChannelError>,
}

/// The exchange at `place` with each GET RESPONSE that belongs to it, and the place behind them.
fn whole_exchange(entries: &[Entry], place: usize) -> (Whole<'_>, usize) {
    let mut whole = Whole {
        line: place + 2, // the header is the first line
        at: 0,
        took: 0,
        entries: vec![place],
        command: &[],
        outcome: Ok(Vec::new()),
    };
    let mut end = place;
    let mut waiting = None;
    while let Some(Entry::Exchange {
        at,
        took,
        command,
        outcome,
    }) = entries.get(end)
    {
        if end == place {
            (whole.at, whole.command) = (*at, command);
        } else if command.get(1) == Some(&0xC0) {
            whole.entries.push(end);
        } else {
            break;
        }
        whole.took = at.saturating_add(*took).saturating_sub(whole.at);
        end += 1;
        waiting = append(&mut whole.outcome, outcome);
        if waiting.is_none() {
            break;
        }
    }
    // Nobody came for the rest: then 61xx is the status word.
    if let (Some(status), Ok(bytes)) = (waiting, &mut whole.outcome) {
        bytes.extend_from_slice(&status);
    }
    (whole, end)
}

/// Adds a part of a response; its status word where it says that another one follows (61xx).
fn append(whole: &mut Result<Vec<u8>, chipgate_apdu::ChannelError>, part: &Outcome) -> Option<[u8; 2]> {
    match (&mut *whole, part) {
        (Ok(bytes), Outcome::Response(part)) => {
            if let [data @ .., more @ 0x61, left] = part.as_slice() {
                bytes.extend_from_slice(data);
                Some([*more, *left])
            } else {
                bytes.extend_from_slice(part);
                None
            }
        }
        (_, Outcome::Error(error)) => {
            *whole = Err(*error);
            None
        }
        (Err(_), _) => None,
    }
}

struct Interpreter<'a> {
    header: &'a Header,
    mrz: Option<Secret>,
    draws: Vec<&'a [u8]>,
    directory: Directory,
    file: Option<File>,
    terminal: bool,
    /// The session's keys; `Err` while it is protected and the keys are not known.
    messaging: Option<Messaging>,
    pace: Pace,
    agreement_protocol: Option<ObjectIdentifier>,
    files: BTreeMap<File, FileTrace>,
    access: Option<AccessUsed>,
}

/// How far PACE has come.
#[derive(Default)]
struct Pace {
    protocol: Option<ObjectIdentifier>,
    password: Option<u8>,
    parameters: Option<u8>,
    /// The nonce, where the password is known.
    nonce: Option<Secret>,
    /// What was sent and received in step 2.
    mapped: Option<(Vec<u8>, Vec<u8>)>,
    map_key: Option<KeyUse>,
    /// The public keys of step 3.
    ours: Option<Vec<u8>>,
    theirs: Option<Vec<u8>>,
    session: Option<SessionKeys>,
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
        let response = turn.response().cloned();
        let status = response.as_ref().map(|response| response.status);
        let success = turn.succeeded();
        match meaning {
            Meaning::SelectMasterFile if success => self.enter(Directory::MasterFile),
            Meaning::SelectApplication { .. } if success => self.enter(Directory::Application),
            Meaning::SelectFile { file, .. } => self.select(file, status),
            Meaning::ReadBinary { file, offset } => {
                if let (Some(file), Some(response)) = (file, &response) {
                    files::note_reading(&mut self.files, file, (offset, odd), response);
                    if !response.data.is_empty() {
                        self.file = Some(file);
                    }
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
            _ => {}
        }
    }

    fn enter(&mut self, directory: Directory) {
        self.directory = directory;
        self.file = None;
    }

    fn select(&mut self, file: Option<File>, status: Option<StatusWord>) {
        let (Some(file), Some(status)) = (file, status) else {
            return;
        };
        files::note_selection(&mut self.files, file, status);
        if status.is_success() {
            self.file = Some(file);
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

    /// What is wrong with the chip's public key in PACE.
    fn odd_key(&self, ours: Option<&[u8]>, theirs: Option<&[u8]>) -> Option<Oddity> {
        let theirs = theirs?;
        if ours == Some(theirs) {
            return Some(Oddity::Reflected);
        }
        let fits = |group| AgreementPublicKey::from_bytes(group, theirs).is_ok();
        (!self.pace_groups().into_iter().any(fits)).then_some(Oddity::OffGroup)
    }

    /// What is wrong with the chip's token, where the session's keys are known.
    fn odd_token(&self, response: &[u8]) -> Option<Oddity> {
        let (session, ours) = (self.pace.session.as_ref()?, self.pace.ours.as_ref()?);
        let (protocol, token) = (self.pace.protocol?, dynamic(response, 0x86)?);
        let expected = self.pace_groups().into_iter().find_map(|group| {
            let ours = AgreementPublicKey::from_bytes(group, ours).ok()?;
            keys::pace_token(&protocol, session, &ours)
        });
        (expected? != *token).then_some(Oddity::WrongProof)
    }

    /// The groups that PACE may run in: those of the command, else those that EF.CardAccess has for the protocol.
    fn pace_groups(&self) -> Vec<AgreementGroup> {
        let offered = || {
            let infos = self.infos(File::CardAccess)?;
            let offers = infos.pace().into_iter();
            let protocol = self.pace.protocol?;
            Some(
                offers
                    .filter(|offer| offer.protocol == protocol)
                    .filter_map(|offer| offer.parameter_id)
                    .collect(),
            )
        };
        let ids: Vec<u8> = match self.pace.parameters {
            Some(id) => vec![id],
            None => offered().unwrap_or_default(),
        };
        ids.into_iter()
            .filter_map(|id| AgreementGroup::from_domain_parameter_id(id).ok())
            .collect()
    }

    /// The key of the generic mapping; the integrated mapping sends a nonce in its place.
    fn pace_map(&self, data: &[u8]) -> Option<KeyUse> {
        let public = dynamic(data, 0x81)?;
        self.pace_groups()
            .into_iter()
            .find_map(|group| keys::key_of_public(group, &self.draws, &public))
    }

    /// The nonce, decrypted with the password (Doc 9303-11, 4.4.4.2).
    fn pace_nonce(&self, response: &[u8]) -> Option<Secret> {
        let encrypted = dynamic(response, 0x80)?;
        let password = match self.pace.password? {
            1 => HashAlgorithm::Sha1.digest(self.mrz.as_ref()?.as_bytes()),
            2 => self.header.get("can")?.as_bytes().to_vec(),
            3 => self.header.get("pin")?.as_bytes().to_vec(),
            4 => self.header.get("puk")?.as_bytes().to_vec(),
            _ => return None,
        };
        let cipher = keys::cipher_of(&self.pace.protocol?)?;
        let key = derive_password_key(cipher, &password);
        let iv = vec![0; cipher.block_length()];
        let nonce = cipher.decrypt_cbc(key.as_bytes(), &iv, &encrypted).ok()?;
        Some(Secret::new(nonce))
    }

    /// The key of step 3 by its public key over the mapped generator.
    fn pace_agree(&self, data: &[u8]) -> Option<KeyUse> {
        let public = dynamic(data, 0x83)?;
        let (ours, theirs) = self.pace.mapped.as_ref()?;
        let (nonce, protocol) = (self.pace.nonce.as_ref()?, self.pace.protocol?);
        let cipher = keys::cipher_of(&protocol)?;
        self.pace_groups().into_iter().find_map(|group| {
            let generator = if keys::mapping_of(&protocol)? == keys::Mapping::Integrated {
                group.map_integrated(cipher, nonce.as_bytes(), ours).ok()?
            } else {
                let theirs = AgreementPublicKey::from_bytes(group, theirs).ok()?;
                let shared = self.pace.map_key.as_ref()?.private.apply(&theirs).ok()?;
                group.map_generic(nonce.as_bytes(), &shared).ok()?
            };
            keys::key_over(&generator, &self.draws, &public)
        })
    }

    fn pace_token(&mut self, data: &[u8]) -> Option<KeyUse> {
        let (token, theirs) = (dynamic(data, 0x85)?, self.pace.theirs.clone()?);
        let protocol = self.pace.protocol?;
        let (key, session) = self.pace_groups().into_iter().find_map(|group| {
            let theirs = AgreementPublicKey::from_bytes(group, &theirs).ok()?;
            keys::pace_session(&protocol, &self.draws, &theirs, &token)
        })?;
        self.pace.session = Some(session);
        self.pace.parameters = Some(key.private.group().domain_parameter_id());
        Some(key)
    }

    fn pace_succeeded(&mut self) {
        let Some(session) = self.pace.session.take() else {
            return;
        };
        self.messaging = Some(Messaging::new(session, 0));
        if let (Some(protocol), Some(parameters)) = (self.pace.protocol, self.pace.parameters) {
            self.access = Some(AccessUsed::Pace {
                protocol,
                parameters,
                password: self.pace.password.unwrap_or(0),
            });
        }
    }

    /// The reader's key of chip authentication, and the session keys (Doc 9303-11, 6.2.3).
    fn chip_authentication(&self, data: &[u8], set_template: bool) -> Option<(KeyUse, SessionKeys)> {
        let public = if set_template {
            meaning::object(data, 0x91)?.to_vec()
        } else {
            dynamic(data, 0x80)?
        };
        let infos = self.infos(File::from_name("DG14")?)?;
        let named = meaning::object(data, 0x84);
        let known = infos.chip_authentication_keys();
        let mut candidates: Vec<_> = known.iter().collect();
        // The key that the command names comes first.
        candidates.sort_by_key(|key| named.is_some() && key.key_id.as_deref() != named);
        candidates.into_iter().find_map(|theirs| {
            let cipher = if set_template {
                template_cipher(&infos, theirs.key_id.as_deref())
            } else {
                keys::cipher_of(&self.agreement_protocol?)?
            };
            let theirs = AgreementPublicKey::from_spki_der(&theirs.public_key_der).ok()?;
            let mut key = keys::key_of_public(theirs.group(), &self.draws, &public)?;
            let shared = key.private.agree(&theirs).ok()?;
            key.peer = Some((theirs.to_bytes(), cipher));
            Some((key, SessionKeys::derive(cipher, shared.as_bytes())))
        })
    }

    fn infos(&self, file: File) -> Option<SecurityInfos> {
        let bytes = &self.files.get(&file)?.bytes;
        match file {
            File::CardAccess => parse_card_access(bytes).ok(),
            _ => parse_dg14(bytes).ok(),
        }
    }
}

/// Whether a successful response of chip authentication is one, so that the reader goes on under the new keys
/// (TR-03110-3, B.2): DO'7C' after GENERAL AUTHENTICATE.
pub(crate) fn agrees(set_template: bool, response: &[u8]) -> bool {
    set_template || tlv::single(response, Tag(0x7C)).is_ok()
}

/// Whether the status word in secure messaging (DO'99') is another one than outside.
fn other_status(turn: &Turn) -> Option<Oddity> {
    let Answer::Response { outer, inner: Ok(_) } = &turn.answer else {
        return None;
    };
    let inside = meaning::object(&outer.data, 0x99).filter(|_| turn.protected)?;
    (inside != outer.status.to_bytes()).then_some(Oddity::OtherStatus)
}

/// MSE:Set KAT names no protocol: that of DG14 counts, else triple DES.
fn template_cipher(infos: &SecurityInfos, key_id: Option<&[u8]>) -> Cipher {
    let infos = infos.chip_authentication();
    let named = infos.iter().find(|info| info.key_id.as_deref() == key_id);
    named
        .or_else(|| infos.first())
        .and_then(|info| keys::cipher_of(&info.protocol))
        .unwrap_or(Cipher::TripleDes)
}

/// An object of the dynamic authentication data, DO'7C'.
fn dynamic(data: &[u8], tag: u32) -> Option<Vec<u8>> {
    let inside = tlv::single(data, Tag(0x7C)).ok()?;
    meaning::object(inside, tag).map(<[u8]>::to_vec)
}
