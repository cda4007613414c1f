//! How the recorded chip departs from a prompt and flawless one, as far as it was seen.

use chipgate_apdu::{ChannelError, Limits, StatusWord};
use serde_json::{Value, json};

use super::card::{Parts, status};
use crate::{
    Entry, Outcome,
    dialogue::{Answer, Dialogue, Meaning, Turn, Unopened},
};

/// The longest response that a chip may have.
const LONGEST_RESPONSE: usize = 65_538;
/// How long the response to EXTERNAL AUTHENTICATE of BAC is.
const MUTUAL_AUTHENTICATION: usize = 40;

pub(super) fn personality(parts: &Parts<'_>) -> Value {
    let turns = &parts.dialogue.turns;
    let odd = |turn: &&Turn| matches!(&turn.command, Ok(command) if command.instruction == 0xB1);
    let odd_refused = turns
        .iter()
        .filter(odd)
        .any(|turn| status(turn) == Some(StatusWord::INSTRUCTION_NOT_SUPPORTED));
    let mut personality = json!({
        "extended_length": takes_extended_length(parts),
        "max_response": longest_response(parts.dialogue),
        "odd_read_binary": !odd_refused,
        "short_identifiers": !turns.iter().any(refuses_short_identifier),
        "wants_parameter_id": wants_parameter_id(turns),
    });
    for (name, value) in [
        ("drops_after", drops_after(parts).map(Value::from)),
        ("wrong_mac_from", first_wrong_mac(parts).map(Value::from)),
        (
            "mutual_authentication_le",
            mutual_authentication_le(turns).map(Value::from),
        ),
    ] {
        if let Some(value) = value {
            personality[name] = value;
        }
    }
    let readings: Vec<Reading> = turns
        .iter()
        .filter_map(|turn| reading(parts.dialogue, turn))
        .collect();
    if let Some((bytes, answer)) = longest_read(&readings) {
        personality["longest_read"] = json!({ "bytes": bytes, "answer": answer });
    }
    if let Some(end) = beyond_end(&readings) {
        personality["beyond_end"] = end.into();
    }
    personality
}

/// The exchanges, in their order.
fn exchanges<'a>(parts: &'a Parts<'_>) -> impl Iterator<Item = (&'a [u8], &'a Outcome)> {
    parts.recording.entries.iter().filter_map(|entry| match entry {
        Entry::Exchange { command, outcome, .. } => Some((command.as_slice(), outcome)),
        _ => None,
    })
}

/// A chip that takes none answers 6700 to each; over a link that carries none it was not asked.
fn takes_extended_length(parts: &Parts<'_>) -> bool {
    let is_extended = |command: &[u8]| command.len() >= 7 && command[4] == 0;
    let limits = parts.recording.header.limits();
    let mut refused = limits.command <= Limits::short(limits.link).command;
    for (_, outcome) in exchanges(parts).filter(|(command, _)| is_extended(command)) {
        match outcome {
            Outcome::Response(response) if response == &[0x67, 0x00] => refused = true,
            _ => return true,
        }
    }
    !refused
}

/// After how many commands the card was gone, where it did not come back.
fn drops_after(parts: &Parts<'_>) -> Option<usize> {
    let is_lost =
        |(_, outcome): &(&[u8], &Outcome)| matches!(outcome, Outcome::Error(ChannelError::CardLost));
    let first = exchanges(parts).position(|exchange| is_lost(&exchange))?;
    (first + 1 == exchanges(parts).count()).then_some(first)
}

fn refuses_short_identifier(turn: &Turn) -> bool {
    matches!(&turn.command, Ok(command) if command.instruction == 0xB0 && command.p1 & 0x80 != 0)
        && status(turn) == Some(StatusWord::INCORRECT_P1P2)
}

/// Whether MSE:Set AT of PACE was refused without domain parameters and taken with them.
fn wants_parameter_id(turns: &[Turn]) -> bool {
    let seen = |named: bool, wanted: fn(&Turn) -> bool| {
        turns.iter().any(|turn| {
            matches!(&turn.meaning, Meaning::PaceTemplate { parameters, .. } if parameters.is_some() == named)
                && wanted(turn)
        })
    };
    seen(false, |turn| status(turn) == Some(StatusWord::WRONG_DATA)) && seen(true, Turn::succeeded)
}

/// Which Le EXTERNAL AUTHENTICATE was refused with: the chip wants the other one.
fn mutual_authentication_le(turns: &[Turn]) -> Option<&'static str> {
    let refused = turns.iter().find(|turn| {
        turn.meaning == Meaning::BasicAccess && status(turn) == Some(StatusWord::WRONG_LENGTH)
    })?;
    match refused.command.as_ref().ok()?.expected? {
        MUTUAL_AUTHENTICATION => Some("zero"),
        _ => Some("exact"),
    }
}

/// READ BINARY of a file whose end is known.
struct Reading {
    asked: usize,
    /// How many bytes the file has from the offset on.
    rest: usize,
    got: usize,
    status: StatusWord,
}

fn reading(dialogue: &Dialogue, turn: &Turn) -> Option<Reading> {
    let (Meaning::ReadBinary { file, offset }, Ok(command)) = (&turn.meaning, &turn.command) else {
        return None;
    };
    let (response, trace) = (turn.response()?, dialogue.files.get(&(*file)?)?);
    let asked = command.expected.filter(|asked| !matches!(asked, 256 | 65_536))?;
    let known = trace.is_complete() && command.instruction == 0xB0;
    let rest = trace
        .bytes
        .len()
        .checked_sub(*offset)
        .filter(|rest| known && *rest > 0)?;
    Some(Reading {
        asked,
        rest,
        got: response.data.len(),
        status: response.status,
    })
}

/// The most bytes at once, and the answer to more: where less came than was asked for, though it was there.
fn longest_read(readings: &[Reading]) -> Option<(usize, &'static str)> {
    let most = readings.iter().map(|reading| reading.got).max()?;
    let answers = readings
        .iter()
        .filter(|reading| reading.asked <= reading.rest && reading.got < reading.asked);
    let mut answers = answers.filter_map(|reading| match reading.status {
        StatusWord::WRONG_LENGTH => Some((most, "wrong-length")),
        StatusWord::WRONG_OFFSET => Some((most, "wrong-offset")),
        StatusWord::END_OF_FILE if reading.got > 0 => Some((reading.got, "warning")),
        status => status.exact_length().map(|length| (length, "exact-length")),
    });
    answers.next()
}

/// How a reading beyond the end of a file was answered. A refusal may also mean that it was too long for the chip.
fn beyond_end(readings: &[Reading]) -> Option<&'static str> {
    let most = readings.iter().map(|reading| reading.got).max()?;
    let has_limit = longest_read(readings).is_some();
    let mut answers = readings
        .iter()
        .filter(|reading| reading.asked > reading.rest)
        .filter_map(|reading| match reading.status {
            StatusWord::SUCCESS if reading.got == reading.rest => Some("less"),
            StatusWord::END_OF_FILE if reading.got == reading.rest => Some("warning"),
            _ if has_limit && reading.asked > most => None,
            StatusWord::WRONG_OFFSET => Some("wrong-offset"),
            StatusWord::WRONG_LENGTH => Some("wrong-length"),
            status => status.exact_length().map(|_| "exact-length"),
        });
    answers.next()
}

/// What the chip gave where more was asked for and more was there.
fn longest_response(dialogue: &Dialogue) -> usize {
    let shortened = dialogue.turns.iter().filter_map(|turn| {
        let (Meaning::ReadBinary { file, offset }, Ok(command)) = (&turn.meaning, &turn.command) else {
            return None;
        };
        let (response, Answer::Response { outer, .. }) = (turn.response()?, &turn.answer) else {
            return None;
        };
        let rest = dialogue
            .files
            .get(&(*file)?)?
            .bytes
            .len()
            .checked_sub(offset + response.data.len())?;
        let asked = command.expected? > response.data.len();
        // A short response that is full says nothing of the chip.
        let link = turn
            .sent
            .as_ref()?
            .expected
            .is_some_and(|expected| expected > 256);
        (asked && link && rest > 0 && response.status.is_success()).then_some(outer.data.len() + 2)
    });
    shortened.max().unwrap_or(LONGEST_RESPONSE)
}

/// The first protected response, counted from 1, whose MAC is wrong though its session's keys are right, and which is no
/// earlier one again.
fn first_wrong_mac(parts: &Parts<'_>) -> Option<usize> {
    if parts.is_copy {
        return None;
    }
    let protected: Vec<_> = parts
        .dialogue
        .turns
        .iter()
        .filter(|turn| turn.protected)
        .collect();
    let outer = |turn: &Turn| match &turn.answer {
        Answer::Response { outer, .. } => Some(outer.data.clone()),
        _ => None,
    };
    protected
        .iter()
        .enumerate()
        .find(|(index, turn)| {
            let wrong = matches!(
                &turn.answer,
                Answer::Response {
                    inner: Err(Unopened::WrongMac),
                    ..
                }
            );
            let again = index.checked_sub(1).and_then(|before| outer(protected[before]));
            turn.command.is_ok() && wrong && again != outer(turn)
        })
        .map(|(index, _)| index + 1)
}
