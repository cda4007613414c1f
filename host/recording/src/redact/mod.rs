//! A recording with everything personal and secret exchanged, which replays as the recorded one did.
//!
//! The exchange is carried out again, command by command: the reader's side with fresh random numbers and invented
//! passwords, the chip's side by the twin. Where the twin answers in another form than the recorded chip, the recorded
//! form counts.

mod draws;
mod reader;
mod rehearsal;

use std::collections::BTreeMap;

use chipgate_apdu::{
    Command, Response,
    tlv::{self, Tag},
};
use chipgate_crypto::{AgreementPrivateKey, SessionKeys};
use chipgate_lds::File;
use chipgate_virtual_card::{Effect, VirtualCard};
use rand::{SeedableRng, rngs::StdRng};
use rand_core::CryptoRng;

use crate::{
    Entry, Header, Outcome, Recording, RecordingError,
    dialogue::{Answer, Dialogue, Meaning, Turn, bac_document_keys, mrz_information, object},
    twin::{Twin, TwinOptions},
};
use draws::FreshDraws;
use reader::Reader;
use rehearsal::Difference;
pub(crate) use rehearsal::rehearse;

/// A redacted recording with the anchors of its invented issuers.
pub struct Redacted {
    /// The recording.
    pub recording: Recording,
    /// The twin that answered in it.
    pub twin: Twin,
}

/// Redacts a recording. The same random numbers give the same outcome.
pub fn redact(
    recording: &Recording,
    options: TwinOptions,
    rng: &mut impl CryptoRng,
) -> Result<Redacted, RecordingError> {
    let dialogue = Dialogue::of(recording);
    check(&dialogue)?;
    let mut twin = Twin::of_dialogue(recording, &dialogue, options, rng)?;
    rehearse(recording, &dialogue, &mut twin, rng)?;
    let traces = Traces::new(&recording.header, rng);
    let (entries, _) = enact(recording, &dialogue, (&twin, &traces), rng)?;
    let redacted = Recording {
        header: header(&recording.header, &twin, &traces),
        entries,
    };
    compare(&dialogue, &Dialogue::of(&redacted))?;
    Ok(Redacted {
        recording: redacted,
        twin,
    })
}

/// What stays closed can't be exchanged, and what others signed can't be signed anew.
fn check(dialogue: &Dialogue) -> Result<(), RecordingError> {
    for turn in &dialogue.turns {
        let line = turn.line;
        if let Err(closed) = &turn.command {
            let problem = closed.text();
            return Err(RecordingError::NotRedactable { line, problem });
        }
        if turn.meaning == Meaning::TerminalAuthentication {
            let problem = "it carries a signature of the terminal's key, which is not in the recording";
            return Err(RecordingError::NotRedactable { line, problem });
        }
    }
    Ok(())
}

/// Context that says nothing of a holder, and by which no report can be found.
const HARMLESS: [&str; 6] = [
    "command",
    "pace",
    "allow-bac-after-pace",
    "terminal",
    "sequence",
    "freshness",
];
/// Context by which the verifier, or whoever has its reports, would find the holder.
const TRACEABLE: [&str; 4] = ["previous", "nonce", "beacon", "challenge"];

/// The header with invented passwords and traces. What is not known to be harmless is left out.
fn header(recorded: &Header, twin: &Twin, traces: &Traces) -> Header {
    let mut header = Header {
        secrets: false,
        context: BTreeMap::new(),
        ..recorded.clone()
    };
    let passwords = &twin.passwords;
    let invented = [
        ("mrz", &passwords.printed),
        ("mrz-key", &passwords.mrz_key),
        ("qr", &passwords.qr),
        ("can", &passwords.can),
        ("pin", &passwords.pin),
        ("puk", &passwords.puk),
    ];
    for (name, value) in recorded.context() {
        let value = match invented.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => value.as_deref(),
            None if HARMLESS.contains(&name) => Some(value),
            None if TRACEABLE.contains(&name) => traces.in_place_of(value),
            None => None,
        };
        if let Some(value) = value {
            header = header.with(name, value);
        }
    }
    header
}

/// Hexadecimal traces of a report in the header, and what is invented for each: where two were the same they still are.
struct Traces(BTreeMap<String, String>);

impl Traces {
    fn new(recorded: &Header, rng: &mut impl CryptoRng) -> Self {
        let mut invented = BTreeMap::new();
        for trace in TRACEABLE.into_iter().filter_map(|name| recorded.get(name)) {
            invented.entry(trace.to_owned()).or_insert_with(|| {
                let mut bytes = vec![0; trace.len() / 2];
                rng.fill_bytes(&mut bytes);
                hex::encode(bytes)
            });
        }
        Self(invented)
    }

    fn in_place_of(&self, trace: &str) -> Option<&str> {
        self.0.get(trace).map(String::as_str)
    }

    /// The challenge that the chip was sent, in place of the recorded one.
    fn challenge(&self, sent: &[u8]) -> Option<Vec<u8>> {
        hex::decode(self.in_place_of(&hex::encode(sent))?).ok()
    }
}

/// The recorded exchange between the same reader and the twin, with fresh random numbers.
fn enact(
    recording: &Recording,
    dialogue: &Dialogue,
    (twin, traces): (&Twin, &Traces),
    rng: &mut impl CryptoRng,
) -> Result<(Vec<Entry>, Option<Difference>), RecordingError> {
    let mut entries = recording.entries.clone();
    let old = entries.iter().filter_map(|entry| match entry {
        Entry::Random { random } => Some(random.clone()),
        _ => None,
    });
    let mut draws = FreshDraws::new(old.collect(), dialogue, rng);
    let mut keys = Vec::with_capacity(dialogue.turns.len());
    for turn in &dialogue.turns {
        keys.push(fresh_key(turn, &mut draws, rng)?);
    }
    let mut stage = Stage {
        twin,
        chip: chip(twin, rng)?,
        reader: Reader::new(twin, recorded_document(recording)),
        draws: &draws,
        traces,
        difference: None,
    };
    let mut seen = 0;
    for (index, turn) in dialogue.turns.iter().enumerate() {
        let first = turn.entries.first().copied().unwrap_or(seen);
        stage.reset_between(&recording.entries, seen..first);
        seen = first;
        if let Some(key) = third_step_key(dialogue, &keys, index) {
            stage.reader.prepare(key);
        }
        let (command, response) = stage.turn((index, turn), &recording.entries, keys[index].as_ref(), rng)?;
        put(&mut entries, turn, &command, response);
    }
    let difference = stage.difference;
    let mut fresh = draws.into_new().into_iter();
    for entry in &mut entries {
        if let Entry::Random { random } = entry
            && let Some(bytes) = fresh.next()
        {
            *random = bytes;
        }
    }
    Ok((entries, difference))
}

/// The document's keys of BAC that the recording holds.
fn recorded_document(recording: &Recording) -> Option<SessionKeys> {
    mrz_information(&recording.header).map(|information| bac_document_keys(&information))
}

fn fresh_key(
    turn: &Turn,
    draws: &mut FreshDraws,
    rng: &mut impl CryptoRng,
) -> Result<Option<AgreementPrivateKey>, RecordingError> {
    let Some(used) = &turn.key else {
        return Ok(None);
    };
    let key = draws.key(used.private.group(), &used.draws, rng);
    key.map(Some).ok_or(RecordingError::NotRedactable {
        line: turn.line,
        problem: "its key took an unlikely number of draws",
    })
}

/// The key of PACE's third step, which shows there or in the fourth, for the steps from the second on.
fn third_step_key<'a>(
    dialogue: &Dialogue,
    keys: &'a [Option<AgreementPrivateKey>],
    index: usize,
) -> Option<&'a AgreementPrivateKey> {
    let turn = dialogue.turns.get(index)?;
    if !matches!(turn.meaning, Meaning::PaceMap | Meaning::PaceAgree) {
        return None;
    }
    let rest = dialogue.turns.iter().enumerate().skip(index);
    let mut shown = rest
        .take(3)
        .filter(|(_, turn)| matches!(turn.meaning, Meaning::PaceAgree | Meaning::PaceToken));
    shown.find_map(|(place, _)| keys.get(place)?.as_ref())
}

/// The twin as a chip without the quirks that are taken from the recording here.
fn chip(twin: &Twin, rng: &mut impl CryptoRng) -> Result<VirtualCard, RecordingError> {
    let mut card = twin.card.clone();
    card.personality.drops_after = None;
    card.personality.wrong_mac_from = None;
    let mut chip = VirtualCard::new(&card, StdRng::from_rng(rng))?;
    chip.power_on();
    Ok(chip)
}

/// The response that takes the place of the recorded one.
enum NewResponse {
    /// There was none, or none to its end: nothing is left of its parts.
    Lost,
    Bytes(Vec<u8>),
}

struct Stage<'a> {
    twin: &'a Twin,
    chip: VirtualCard,
    reader: Reader<'a>,
    draws: &'a FreshDraws,
    traces: &'a Traces,
    /// The first turn in which the twin answered in another form than the recorded chip.
    difference: Option<Difference>,
}

impl Stage<'_> {
    fn reset_between(&mut self, entries: &[Entry], range: core::ops::Range<usize>) {
        let between = entries.get(range).unwrap_or_default();
        if between.iter().any(|entry| matches!(entry, Entry::Reset { .. })) {
            self.chip.reset();
            self.reader.messaging = None;
        }
    }

    fn turn(
        &mut self,
        (index, turn): (usize, &Turn),
        entries: &[Entry],
        key: Option<&AgreementPrivateKey>,
        rng: &mut impl CryptoRng,
    ) -> Result<(Vec<u8>, NewResponse), RecordingError> {
        let impossible = RecordingError::NotRedactable {
            line: turn.line,
            problem: "the file does not hold what the command was made of",
        };
        let (Ok(plain), Some(sent)) = (&turn.command, &turn.sent) else {
            return Err(impossible);
        };
        let challenge = (turn.meaning == Meaning::ActiveAuthentication)
            .then(|| self.traces.challenge(&plain.data))
            .flatten();
        let data = challenge.or_else(|| self.reader.data(turn, &plain.data, self.draws, key));
        let Some(data) = data else {
            return Err(impossible);
        };
        let raw = raw_command(entries, turn);
        let data = if turn.protected {
            let sealed = self
                .reader
                .messaging
                .as_mut()
                .and_then(|messaging| messaging.seal_command(sent, &data).ok());
            sealed.ok_or(impossible)?
        } else {
            self.reader.messaging = None;
            data
        };
        let command = with_data(raw, sent, data).ok_or(RecordingError::NotRedactable {
            line: turn.line,
            problem: "the command can't be written with other data",
        })?;
        let Answer::Response { outer, inner } = &turn.answer else {
            let effect = rehearsal::lost(turn, &self.chip.respond(&command));
            self.note(index, effect);
            return Ok((command, NewResponse::Lost));
        };
        let response = self.respond(&command);
        let made = self.response((index, turn), (outer, inner.as_ref().ok()), &response, rng);
        let bytes = made.encode();
        Ok((command, NewResponse::Bytes(bytes)))
    }

    /// The twin's response, all its parts together.
    fn respond(&mut self, command: &[u8]) -> Response {
        let mut bytes = self.chip.respond(command);
        let mut data = Vec::new();
        while let [part @ .., 0x61, length] = bytes.as_slice() {
            data.extend_from_slice(part);
            bytes = self.chip.respond(&[0x00, 0xC0, 0x00, 0x00, *length]);
        }
        data.extend_from_slice(&bytes);
        Response::parse(&data).unwrap_or(Response::status_only(chipgate_apdu::StatusWord::UNKNOWN_ERROR))
    }

    /// The response in the recorded form, and what the reader takes from it.
    fn response(
        &mut self,
        (index, turn): (usize, &Turn),
        (outer, inner): (&Response, Option<&Response>),
        twin: &Response,
        rng: &mut impl CryptoRng,
    ) -> Response {
        let before = self.reader.messaging.clone();
        let is_sealed = turn.protected && !outer.data.is_empty();
        let opened = self.open(is_sealed, twin);
        // Wrong checksums are one of the twin's habits, which it leaves off here.
        if inner.is_some() || self.twin.card.personality.wrong_mac_from.is_none() {
            let effect = rehearsal::effect(turn, (outer, inner), twin, opened.as_ref());
            self.note(index, effect);
        }
        let Some(inner) = inner else {
            // Closed in the recording, so closed here: as long, and of the same status.
            return closed(outer, twin, opened.is_some(), rng);
        };
        let plain = match opened {
            Some(opened) if same_form(inner, &opened) || are_public_keys(turn, [inner, &opened]) => opened,
            _ => self.in_recorded_form(turn, inner, twin, rng),
        };
        let response = if is_sealed {
            self.reader.messaging = before;
            let sealed = self
                .reader
                .messaging
                .as_mut()
                .and_then(|messaging| messaging.seal_response(outer, &plain.data).ok());
            Response::new(sealed.unwrap_or_default(), outer.status)
        } else {
            plain.clone()
        };
        self.reader.follow(turn, &plain);
        response
    }

    fn note(&mut self, turn: usize, effect: Option<Effect>) {
        if let Some(effect) = effect {
            self.difference.get_or_insert(Difference { turn, effect });
        }
    }

    fn open(&mut self, is_sealed: bool, response: &Response) -> Option<Response> {
        if !is_sealed {
            return Some(response.clone());
        }
        self.reader
            .messaging
            .as_mut()
            .and_then(|messaging| messaging.open_response(response).ok())
    }

    /// Data of the recorded length: the twin's file, or what says nothing of a holder.
    fn in_recorded_form(
        &self,
        turn: &Turn,
        inner: &Response,
        twin: &Response,
        rng: &mut impl CryptoRng,
    ) -> Response {
        let length = inner.data.len();
        let file = |file: File| self.twin.card.file(file.name());
        let data = match turn.meaning {
            Meaning::ReadBinary {
                file: Some(name),
                offset,
            } if turn
                .command
                .as_ref()
                .is_ok_and(|command| command.instruction == 0xB0) =>
            {
                let rest = file(name)
                    .and_then(|bytes| bytes.get(offset..))
                    .unwrap_or_default();
                let mut data = rest[..length.min(rest.len())].to_vec();
                data.resize(length, 0);
                data
            }
            // What a chip says of a file or an application may name its holder, and no reader needs it.
            Meaning::SelectMasterFile | Meaning::SelectApplication { .. } | Meaning::SelectFile { .. } => {
                vec![0; length]
            }
            Meaning::PaceTemplate { .. }
            | Meaning::ChipAuthentication { .. }
            | Meaning::ChipAuthenticationTemplate { .. } => inner.data.clone(),
            _ if twin.data.len() == length => twin.data.clone(),
            _ => {
                let mut data = vec![0; length];
                rng.fill_bytes(&mut data);
                data
            }
        };
        Response::new(data, inner.status)
    }
}

/// A response that stays closed to the reader.
fn closed(outer: &Response, twin: &Response, opens: bool, rng: &mut impl CryptoRng) -> Response {
    let mut data = vec![0; outer.data.len()];
    if twin.data.len() == data.len() {
        data.clone_from(&twin.data);
        // The MAC is the last thing in it.
        if opens && let Some(last) = data.last_mut() {
            *last ^= 0x01;
        }
    } else {
        rng.fill_bytes(&mut data);
    }
    Response::new(data, outer.status)
}

fn same_form(one: &Response, other: &Response) -> bool {
    one.status == other.status && one.data.len() == other.data.len()
}

/// Whether both bring the chip's public key in PACE. Modulo a prime it has no leading zeros (Doc 9303-11, 9.4.5), so that one may be
/// shorter than the other.
fn are_public_keys(turn: &Turn, responses: [&Response; 2]) -> bool {
    let tag = match turn.meaning {
        Meaning::PaceMap => 0x82,
        Meaning::PaceAgree => 0x84,
        _ => return false,
    };
    responses.iter().all(|response| {
        response.status.is_success()
            && tlv::single(&response.data, Tag(0x7C)).is_ok_and(|template| object(template, tag).is_some())
    })
}

fn raw_command<'a>(entries: &'a [Entry], turn: &Turn) -> &'a [u8] {
    match turn.entries.first().and_then(|&place| entries.get(place)) {
        Some(Entry::Exchange { command, .. }) => command,
        _ => &[],
    }
}

/// The command with other data; where they are as long its length fields stay as they were written. `None` where the data have no
/// place in it: what was recorded never stays instead.
fn with_data(raw: &[u8], sent: &Command, data: Vec<u8>) -> Option<Vec<u8>> {
    let length = sent.data.len();
    let start = match raw.get(4) {
        Some(0) if raw.len() > 7 => 7,
        _ => 5,
    };
    if length == data.len() {
        let mut bytes = raw.to_vec();
        if length > 0 {
            bytes.get_mut(start..start + length)?.copy_from_slice(&data);
        }
        return Some(bytes);
    }
    sent.clone().with_data(data).encode().ok()
}

/// Puts a turn's command and response in the place of the recorded ones, in the same parts.
fn put(entries: &mut [Entry], turn: &Turn, new_command: &[u8], new_response: NewResponse) {
    let mut rest = match new_response {
        NewResponse::Lost => None,
        NewResponse::Bytes(bytes) => Some(bytes),
    };
    for (part, &place) in turn.entries.iter().enumerate() {
        let Some(Entry::Exchange { command, outcome, .. }) = entries.get_mut(place) else {
            continue;
        };
        if part == 0 {
            *command = new_command.to_vec();
        }
        let Outcome::Response(old) = &mut *outcome else {
            continue;
        };
        let Some(bytes) = rest.as_mut() else {
            let data = old.len().saturating_sub(2);
            old[..data].fill(0);
            continue;
        };
        if part + 1 == turn.entries.len() {
            *old = core::mem::take(bytes);
        } else {
            let data = old.len().saturating_sub(2).min(bytes.len());
            let behind = bytes.split_off(data);
            let status = old.split_off(old.len().saturating_sub(2));
            *old = [core::mem::replace(bytes, behind), status].concat();
        }
    }
}

/// The redacted recording must be of the same form, turn by turn.
fn compare(recorded: &Dialogue, redacted: &Dialogue) -> Result<(), RecordingError> {
    for (old, new) in recorded.turns.iter().zip(&redacted.turns) {
        let status = |turn: &Turn| match &turn.answer {
            Answer::Response { outer, .. } => Some(outer.status),
            _ => None,
        };
        let length = |turn: &Turn| turn.response().map(|response| response.data.len());
        let public_keys = matches!((old.response(), new.response()), (Some(one), Some(other)) if are_public_keys(old, [one, other]));
        let same = old.meaning == new.meaning
            && status(old) == status(new)
            && (length(old) == length(new) || public_keys)
            && old.command.is_ok() == new.command.is_ok();
        if !same {
            return Err(RecordingError::NotRedactable {
                line: old.line,
                problem: "the exchange went another way when it was made again",
            });
        }
    }
    Ok(())
}
