//! A recording for a person: each command by its name, each status word by its meaning.

use std::fmt::Write;

use chipgate_apdu::{Command, Response, StatusWord};

use crate::{Entry, Outcome, Recording};

/// The recording as text, one line an exchange. Data are told by their length alone: they may be secret.
#[must_use]
pub fn show(recording: &Recording) -> String {
    let mut text = String::new();
    for (index, entry) in recording.entries.iter().enumerate() {
        let line = index + 2; // the header is the first line
        let _ = match entry {
            Entry::Exchange {
                at,
                took,
                command,
                outcome,
            } => {
                let (at, took) = (milliseconds(*at), milliseconds(*took));
                writeln!(
                    text,
                    "{line:5}  {at:>9} ms  {took:>7} ms  {} → {}",
                    name(command),
                    result(outcome)
                )
            }
            Entry::Reset { reset, error } => {
                let error = error.map_or_else(String::new, |error| format!(": {error}"));
                writeln!(text, "{line:5}  {:>9} ms  reset{error}", milliseconds(*reset))
            }
            Entry::Random { random } => writeln!(text, "{line:5}  {} random bytes drawn", random.len()),
            Entry::Clock { .. } => writeln!(text, "{line:5}  clock read"),
        };
    }
    text
}

fn milliseconds(microseconds: u64) -> String {
    format!("{}.{}", microseconds / 1000, microseconds % 1000 / 100)
}

fn name(command: &[u8]) -> String {
    let Ok(command) = Command::parse(command) else {
        return format!("{} bytes that are no command", command.len());
    };
    let secure = if command.class & 0x0C == 0x0C {
        ", secure messaging"
    } else {
        ""
    };
    let chained = if command.class & 0x10 == 0x10 {
        ", chained"
    } else {
        ""
    };
    let expected = command
        .expected
        .map_or_else(String::new, |length| format!(", up to {length} expected"));
    format!(
        "{} {:02X} {:02X} ({} bytes{expected}{secure}{chained})",
        instruction(&command),
        command.p1,
        command.p2,
        command.data.len()
    )
}

/// The names of ISO/IEC 7816-4 and Doc 9303-11.
fn instruction(command: &Command) -> String {
    let name = match command.instruction {
        0x22 => "MANAGE SECURITY ENVIRONMENT",
        0x2A => "PERFORM SECURITY OPERATION",
        0x82 => "EXTERNAL AUTHENTICATE",
        0x84 => "GET CHALLENGE",
        0x86 => "GENERAL AUTHENTICATE",
        0x88 => "INTERNAL AUTHENTICATE",
        0xA4 => "SELECT",
        0xB0 | 0xB1 => "READ BINARY",
        0xC0 => "GET RESPONSE",
        other => return format!("INS {other:02X}"),
    };
    name.to_owned()
}

fn result(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Error(error) => error.to_string(),
        Outcome::Response(bytes) => Response::parse(bytes).map_or_else(
            |_| format!("{} bytes without a status word", bytes.len()),
            |response| {
                format!(
                    "{} bytes, {} {}",
                    response.data.len(),
                    response.status,
                    meaning(response.status)
                )
            },
        ),
    }
}

const fn meaning(status: StatusWord) -> &'static str {
    match status {
        StatusWord::SUCCESS => "success",
        StatusWord::END_OF_FILE => "end of file",
        StatusWord::NO_INFORMATION => "authentication failed",
        StatusWord::WRONG_LENGTH => "wrong length",
        StatusWord::SECURITY_STATUS_NOT_SATISFIED => "security status not satisfied",
        StatusWord::AUTHENTICATION_BLOCKED => "authentication blocked",
        StatusWord::CONDITIONS_NOT_SATISFIED => "conditions of use not satisfied",
        StatusWord::SM_DATA_MISSING => "secure messaging object missing",
        StatusWord::SM_DATA_INCORRECT => "secure messaging object incorrect",
        StatusWord::WRONG_DATA => "incorrect data",
        StatusWord::FILE_NOT_FOUND => "file not found",
        StatusWord::REFERENCE_NOT_FOUND => "referenced data not found",
        StatusWord::WRONG_OFFSET => "offset outside the file",
        StatusWord::INSTRUCTION_NOT_SUPPORTED => "instruction not supported",
        _ if status.tries_left().is_some() => "authentication failed, tries left",
        _ if status.exact_length().is_some() => "ask for another length",
        _ => "",
    }
}
