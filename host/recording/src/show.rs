//! A recording for a person and for a program: each command by its name, each status word by its meaning.

use std::fmt::Write;

use chipgate_apdu::StatusWord;
use chipgate_lds::oid;
use serde_json::{Value, json};

use crate::{
    Recording,
    dialogue::{AccessUsed, Answer, Dialogue, FileTrace, Found, Meaning, Turn},
};

/// What is shown beside names and lengths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Names, lengths and status words: nothing secret, nothing personal.
    #[default]
    Names,
    /// The bytes as well, those inside secure messaging included: personal data.
    Data,
}

/// The recording as text, one line an exchange, then the files.
#[must_use]
pub fn show(recording: &Recording, detail: Detail) -> String {
    let dialogue = Dialogue::of(recording);
    let mut text = String::new();
    let mut turns = dialogue.turns.iter().peekable();
    while let Some(turn) = turns.next() {
        show_turn(&mut text, turn, detail);
        if detail == Detail::Data {
            continue;
        }
        let mut more = Vec::new();
        while let Some(next) = turns.next_if(|next| reads_on(turn, next)) {
            more.push(next);
        }
        if more.len() < FOLDED {
            for turn in more {
                show_turn(&mut text, turn, detail);
            }
        } else {
            fold(&mut text, &more);
        }
    }
    let _ = writeln!(
        text,
        "\n- plain, + in secure messaging and opened here, ? closed\n{}",
        access(&dialogue)
    );
    for (file, trace) in &dialogue.files {
        let _ = writeln!(text, "  {:16} {}", file.name(), file_line(trace));
    }
    text
}

/// From so many commands on that only read on in a file they are one line.
const FOLDED: usize = 3;

fn show_turn(text: &mut String, turn: &Turn, detail: Detail) {
    let (at, took) = (milliseconds(turn.at), milliseconds(turn.took));
    let _ = writeln!(
        text,
        "{:5} {at:>9} ms {took:>7} ms  {} {} → {}",
        turn.line,
        mark(turn),
        sent(turn),
        received(turn)
    );
    if detail == Detail::Data {
        show_data(text, turn);
    }
}

/// Commands that only read on, as one line.
fn fold(text: &mut String, turns: &[&Turn]) {
    let bytes: usize = turns
        .iter()
        .filter_map(|turn| turn.response())
        .map(|response| response.data.len())
        .sum();
    let line = turns.last().map_or(0, |turn| turn.line);
    let _ = writeln!(
        text,
        "{:>5} … and {} more that read on in it, {bytes} bytes, up to line {line} (--data shows each)",
        "",
        turns.len()
    );
}

/// The recording as JSON (docs/schemas/record.schema.json).
#[must_use]
pub fn show_json(recording: &Recording, detail: Detail) -> Value {
    let dialogue = Dialogue::of(recording);
    let header = &recording.header;
    let files = dialogue.files.iter().map(|(file, trace)| {
        let found = match trace.found {
            Found::There => "there",
            Found::Absent => "absent",
            Found::Refused(_) => "refused",
        };
        let mut object = json!({
            "name": file.name(), "found": found, "bytes": trace.bytes.len(), "complete": trace.is_complete(),
        });
        if detail == Detail::Data {
            object["data"] = hex::encode(&trace.bytes).into();
        }
        object
    });
    json!({
        "created": header.created().0,
        "link": header.link.to_string(),
        "secrets": header.secrets(),
        "context": header.context().map(|(name, _)| name).collect::<Vec<_>>(),
        "access": dialogue.access.as_ref().map(access_json),
        "exchanges": dialogue.turns.iter().map(|turn| turn_json(turn, detail)).collect::<Vec<_>>(),
        "files": files.collect::<Vec<_>>(),
    })
}

fn turn_json(turn: &Turn, detail: Detail) -> Value {
    let mut object = json!({
        "line": turn.line,
        "at": turn.at,
        "took": turn.took,
        "name": turn.meaning.title(),
        "protected": turn.protected,
        "closed": turn.command.as_ref().err().map(|closed| closed.text()),
        "sent_bytes": turn.command.as_ref().map_or(0, |command| command.data.len()),
        "expected_bytes": turn.command.as_ref().ok().and_then(|command| command.expected),
        "received_bytes": null,
        "status_word": null,
        "meaning": null,
        "error": null,
    });
    match &turn.answer {
        Answer::Failed(error) => object["error"] = error.to_string().into(),
        Answer::NoResponse(_) => object["error"] = "the bytes are no response".into(),
        Answer::Response { outer, inner } => {
            object["status_word"] = outer.status.to_string().into();
            object["meaning"] = meaning(outer.status).into();
            match inner {
                Ok(inner) => object["received_bytes"] = inner.data.len().into(),
                Err(closed) => object["closed"] = closed.text().into(),
            }
        }
    }
    if detail == Detail::Data {
        let (sent, received) = data(turn);
        object["sent"] = sent.map(hex::encode).into();
        object["received"] = received.map(hex::encode).into();
    }
    object
}

/// What was sent and received inside, as far as it was opened.
fn data(turn: &Turn) -> (Option<&[u8]>, Option<&[u8]>) {
    (
        turn.command.as_ref().ok().map(|command| command.data.as_slice()),
        turn.response().map(|response| response.data.as_slice()),
    )
}

fn show_data(text: &mut String, turn: &Turn) {
    let (sent, received) = data(turn);
    for (arrow, bytes) in [('>', sent), ('<', received)] {
        if let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) {
            let _ = writeln!(text, "{:34}{arrow} {}", "", hex::encode(bytes));
        }
    }
}

/// Whether a command only reads on in the file that the one before it read from: a portrait takes dozens of them.
fn reads_on(turn: &Turn, next: &Turn) -> bool {
    let read = |turn: &Turn| match (&turn.meaning, turn.response()) {
        (Meaning::ReadBinary { file: Some(file), .. }, Some(response)) if response.status.is_success() => {
            Some((*file, turn.protected))
        }
        _ => None,
    };
    read(turn).is_some() && read(turn) == read(next)
}

fn milliseconds(microseconds: u64) -> String {
    format!("{}.{}", microseconds / 1000, microseconds % 1000 / 100)
}

/// `-` for a plain command, `+` for a protected one that was opened, `?` for one that stayed closed.
const fn mark(turn: &Turn) -> char {
    match (turn.protected, &turn.command) {
        (_, Err(_)) => '?',
        (true, Ok(_)) => '+',
        (false, Ok(_)) => '-',
    }
}

fn sent(turn: &Turn) -> String {
    let mut text = match &turn.command {
        Ok(_) => turn.meaning.title(),
        Err(closed) => format!("{} ({})", turn.meaning.title(), closed.text()),
    };
    if let Ok(command) = &turn.command {
        if !command.data.is_empty() {
            let _ = write!(text, ", {} bytes sent", command.data.len());
        }
        if let Some(expected) = command.expected {
            let _ = write!(text, ", up to {expected} expected");
        }
    }
    text
}

fn received(turn: &Turn) -> String {
    match &turn.answer {
        Answer::Failed(error) => error.to_string(),
        Answer::NoResponse(bytes) => format!("{} bytes that are no response", bytes.len()),
        Answer::Response { outer, inner } => {
            let meaning = meaning(outer.status);
            match inner {
                Ok(inner) => format!("{} bytes, {} {meaning}", inner.data.len(), outer.status),
                Err(closed) => format!("closed ({}), {} {meaning}", closed.text(), outer.status),
            }
        }
    }
}

fn access(dialogue: &Dialogue) -> String {
    match &dialogue.access {
        None => "The chip was not opened, or the recording does not tell how.".to_owned(),
        Some(AccessUsed::Bac) => "Opened by BAC.".to_owned(),
        Some(AccessUsed::Pace {
            protocol,
            parameters,
            password,
        }) => format!(
            "Opened by {} with domain parameters {parameters} and the {}.",
            oid::name(protocol).unwrap_or("PACE"),
            password_name(*password)
        ),
    }
}

fn access_json(access: &AccessUsed) -> Value {
    match access {
        AccessUsed::Bac => json!({ "protocol": "BAC", "parameters": null, "password": "MRZ" }),
        AccessUsed::Pace {
            protocol,
            parameters,
            password,
        } => json!({
            "protocol": oid::name(protocol), "parameters": parameters, "password": password_name(*password),
        }),
    }
}

const fn password_name(reference: u8) -> &'static str {
    match reference {
        1 => "MRZ",
        2 => "CAN",
        3 => "PIN",
        4 => "PUK",
        _ => "password",
    }
}

fn file_line(trace: &FileTrace) -> String {
    let complete = if trace.is_complete() {
        ""
    } else {
        ", not to its end"
    };
    match trace.found {
        Found::Absent => "not there".to_owned(),
        Found::Refused(status) => format!("refused: {status} {}", meaning(status)),
        Found::There if trace.bytes.is_empty() => "selected, not read".to_owned(),
        Found::There => format!("{} bytes{complete}", trace.bytes.len()),
    }
}

/// What a status word says (ISO/IEC 7816-4, 5.6).
#[must_use]
pub const fn meaning(status: StatusWord) -> &'static str {
    match status {
        StatusWord::SUCCESS => "success",
        StatusWord::END_OF_FILE => "end of file",
        StatusWord::NO_INFORMATION => "authentication failed",
        StatusWord::WRONG_LENGTH => "wrong length",
        StatusWord::SECURE_MESSAGING_NOT_SUPPORTED => "secure messaging not supported",
        StatusWord::SECURITY_STATUS_NOT_SATISFIED => "security status not satisfied",
        StatusWord::AUTHENTICATION_BLOCKED => "authentication blocked",
        StatusWord::CONDITIONS_NOT_SATISFIED => "conditions of use not satisfied",
        StatusWord::COMMAND_NOT_ALLOWED => "command not allowed: no current file",
        StatusWord::SM_DATA_MISSING => "secure messaging object missing",
        StatusWord::SM_DATA_INCORRECT => "secure messaging object incorrect",
        StatusWord::WRONG_DATA => "incorrect data",
        StatusWord::FUNCTION_NOT_SUPPORTED => "function not supported",
        StatusWord::FILE_NOT_FOUND => "file not found",
        StatusWord::INCORRECT_P1P2 => "incorrect parameters P1-P2",
        StatusWord::REFERENCE_NOT_FOUND => "referenced data not found",
        StatusWord::WRONG_OFFSET => "offset outside the file",
        StatusWord::INSTRUCTION_NOT_SUPPORTED => "instruction not supported",
        StatusWord::CLASS_NOT_SUPPORTED => "class not supported",
        StatusWord::UNKNOWN_ERROR => "no precise diagnosis",
        StatusWord(0x6283) => "selected file or password deactivated",
        StatusWord(0x6884) => "command chaining not supported",
        _ if status.tries_left().is_some() => "authentication failed, tries left",
        _ if status.exact_length().is_some() => "ask for another length",
        _ if status.0 >> 8 == 0x61 => "more bytes wait for GET RESPONSE",
        _ => "unknown status word",
    }
}
