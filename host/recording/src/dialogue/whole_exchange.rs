//! A command and its response, whose parts each GET RESPONSE after it brought.

use crate::{Entry, Outcome};

/// A command with all parts of its response.
pub(super) struct Whole<'a> {
    pub(super) line: usize,
    pub(super) at: u64,
    pub(super) took: u64,
    pub(super) entries: Vec<usize>,
    pub(super) command: &'a [u8],
    pub(super) outcome: Result<Vec<u8>, chipgate_apdu::ChannelError>,
}

/// The exchange at `place` with each GET RESPONSE that belongs to it, and the place behind them.
pub(super) fn whole_exchange(entries: &[Entry], place: usize) -> (Whole<'_>, usize) {
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
