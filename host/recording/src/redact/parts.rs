//! An exchange as its parts stand in a recording: the command, and GET RESPONSE as often as it took.

use super::stage::NewResponse;
use crate::{Entry, Outcome, dialogue::Turn};

/// How long GET RESPONSE is.
const GET_RESPONSE: usize = 5;

/// Puts a turn's command and response in the place of the recorded ones, in the same parts.
pub(super) fn put(entries: &mut [Entry], turn: &Turn, new_command: &[u8], new_response: NewResponse) {
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
        } else if let Some(data) = command.get_mut(GET_RESPONSE..) {
            data.fill(0); // it has none
        }
        let Outcome::Response(old) = &mut *outcome else {
            continue;
        };
        let Some(bytes) = rest.as_mut() else {
            let data = old.len().checked_sub(2).unwrap_or(old.len());
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
