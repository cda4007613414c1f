//! Exchanges that other programs wrote down, as recordings.
//!
//! A line that starts with `>` is a command, one that starts with `<` its response with the status word, both in
//! hexadecimal digits with or without spaces. Empty lines and lines that start with `#` say nothing. What stands before
//! the arrow, such as a time in brackets, does not count. `->`, `=>`, `>>`, `C-APDU:` and their counterparts are taken as well.

use chipgate_apdu::{ChannelError, Limits, Link, Timestamp};

use crate::{Entry, Header, Outcome, Recording, RecordingError};

/// What is known of an imported exchange beside its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Password and printed lines as they stand in a recording's context: `can`, `mrz`, `mrz-key`, `pin`, `puk`.
    pub context: Vec<(String, String)>,
}

/// Which way a line went.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Command,
    Response,
}

/// What a line may start with.
const MARKS: [(&str, Direction); 12] = [
    ("C-APDU:", Direction::Command),
    ("R-APDU:", Direction::Response),
    ("APDU:", Direction::Command),
    ("SW:", Direction::Response),
    ("->", Direction::Command),
    ("<-", Direction::Response),
    ("=>", Direction::Command),
    ("<=", Direction::Response),
    (">>", Direction::Command),
    ("<<", Direction::Response),
    (">", Direction::Command),
    ("<", Direction::Response),
];

/// Reads an exchange in plain hexadecimal lines. A recording that is made of it has no times, no random numbers and
/// no clock: it can be shown and exported, and is replayed by no reader that draws random numbers.
pub fn import(text: &str, known: &Imported, created: Timestamp) -> Result<Recording, RecordingError> {
    let mut header = Header::new(Limits::extended(Link::Contactless), created);
    for (name, value) in &known.context {
        header = header.with(name, value.clone());
    }
    let mut entries = Vec::new();
    let mut waiting: Option<Vec<u8>> = None;
    for (index, line) in text.lines().enumerate() {
        let Some((direction, bytes)) = parse(index + 1, line)? else {
            continue;
        };
        match (direction, waiting.take()) {
            (Direction::Command, None) => waiting = Some(bytes),
            (Direction::Command, Some(unanswered)) => {
                entries.push(exchange(unanswered, Outcome::Error(ChannelError::TimedOut)));
                waiting = Some(bytes);
            }
            (Direction::Response, Some(command)) => {
                entries.push(exchange(command, Outcome::Response(bytes)));
            }
            (Direction::Response, None) => {
                return Err(refused(
                    index + 1,
                    "a response stands here without a command before it",
                ));
            }
        }
    }
    if let Some(unanswered) = waiting {
        entries.push(exchange(unanswered, Outcome::Error(ChannelError::CardLost)));
    }
    if entries.is_empty() {
        return Err(refused(1, "no line starts with > or <"));
    }
    Ok(Recording { header, entries })
}

const fn exchange(command: Vec<u8>, outcome: Outcome) -> Entry {
    Entry::Exchange {
        at: 0,
        took: 0,
        command,
        outcome,
    }
}

const fn refused(line: usize, problem: &'static str) -> RecordingError {
    RecordingError::NotATrace { line, problem }
}

fn parse(number: usize, line: &str) -> Result<Option<(Direction, Vec<u8>)>, RecordingError> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let found = MARKS
        .iter()
        .filter_map(|(mark, direction)| line.find(mark).map(|at| (at, *mark, *direction)))
        .min_by_key(|(at, mark, _)| (*at, core::cmp::Reverse(mark.len())));
    let Some((at, mark, direction)) = found else {
        return Err(refused(
            number,
            "it says neither > for a command nor < for a response",
        ));
    };
    let digits: String = line[at + mark.len()..]
        .chars()
        .filter(|character| !character.is_whitespace() && *character != ':')
        .collect();
    match hex::decode(&digits) {
        Ok(bytes) if !bytes.is_empty() => Ok(Some((direction, bytes))),
        _ => Err(refused(
            number,
            "behind the arrow stand no pairs of hexadecimal digits",
        )),
    }
}
