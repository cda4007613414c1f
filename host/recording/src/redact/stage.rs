//! One command after the other, between the reader with other random numbers and the twin.

use chipgate_apdu::{Command, Response};
use chipgate_crypto::AgreementPrivateKey;
use chipgate_lds::File;
use chipgate_virtual_card::{Effect, VirtualCard};
use rand_core::CryptoRng;

use super::{
    draws::FreshDraws,
    form::{are_public_keys, same_form},
    header::Traces,
    kept,
    reader::Reader,
    rehearsal::{self, Difference},
};
use crate::{
    Entry, RecordingError,
    dialogue::{Answer, Meaning, Turn},
    twin::Twin,
};

/// The response that takes the place of the recorded one.
pub(super) enum NewResponse {
    /// There was none, or none to its end: nothing is left of its parts.
    Lost,
    Bytes(Vec<u8>),
}

pub(super) struct Stage<'a> {
    pub(super) twin: &'a Twin,
    pub(super) chip: VirtualCard,
    pub(super) reader: Reader<'a>,
    pub(super) draws: &'a FreshDraws,
    pub(super) traces: &'a Traces,
    /// The first turn in which the twin answered in another form than the recorded chip.
    pub(super) difference: Option<Difference>,
}

impl Stage<'_> {
    pub(super) fn reset_between(&mut self, entries: &[Entry], range: core::ops::Range<usize>) {
        let between = entries.get(range).unwrap_or_default();
        if between.iter().any(|entry| matches!(entry, Entry::Reset { .. })) {
            self.chip.reset();
            self.reader.messaging = None;
        }
    }

    pub(super) fn turn(
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
            | Meaning::ChipAuthenticationTemplate { .. } => kept::empty_response(&inner.data),
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
