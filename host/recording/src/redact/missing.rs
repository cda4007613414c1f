//! Another program's trace holds no random numbers: what it lacks to be opened, and what it does not need them for.

use crate::{
    Entry, Recording, RecordingError,
    dialogue::{Dialogue, Meaning, Unopened, bac_open, mrz_information},
};

use super::recorded_document;

/// What BAC draws: RND.IFD, and K.IFD behind it and the chip's challenge (Doc 9303-11, 4.3.4.1).
const CHALLENGE: usize = 8;
const KEY: usize = 16;

/// Says what would open the line, where the recording is another program's.
pub(super) fn explained(recording: &Recording, dialogue: &Dialogue, error: RecordingError) -> RecordingError {
    match (error, closed(recording, dialogue)) {
        (RecordingError::NotRedactable { line, .. }, Some((closed, problem))) if line == closed => {
            RecordingError::NotRedactable { line, problem }
        }
        (error, _) => error,
    }
}

/// Refuses a trace of which no command opens: its twin would hold nothing.
pub(crate) fn refuse_closed(recording: &Recording, dialogue: &Dialogue) -> Result<(), RecordingError> {
    let mut protected = dialogue.turns.iter().filter(|turn| turn.protected);
    match closed(recording, dialogue) {
        Some((_, what)) if protected.all(|turn| turn.command.is_err()) => {
            Err(RecordingError::NoTwin { what })
        }
        _ => Ok(()),
    }
}

/// The first line that the trace gives no keys for, and what it lacks. Our own recordings lack nothing.
fn closed(recording: &Recording, dialogue: &Dialogue) -> Option<(usize, &'static str)> {
    let draws = recording
        .entries
        .iter()
        .any(|entry| matches!(entry, Entry::Random { .. }));
    let index = dialogue
        .turns
        .iter()
        .position(|turn| turn.command == Err(Unopened::NoKeys));
    let index = index.filter(|_| !draws)?;
    let begins = |meaning: &Meaning| {
        matches!(
            meaning,
            Meaning::BasicAccess | Meaning::PaceToken | Meaning::ChipAuthentication { .. }
        )
    };
    let before = dialogue.turns.get(..index)?.iter().rev();
    let session = before.map(|turn| &turn.meaning).find(|meaning| begins(meaning));
    let what = match session {
        Some(Meaning::BasicAccess) if mrz_information(&recording.header).is_none() => {
            "a session of BAC and no MRZ that opens it; import the trace again with --mrz"
        }
        Some(Meaning::BasicAccess) => {
            "a session of BAC that its MRZ does not open; import the trace again with the document's own --mrz"
        }
        Some(Meaning::PaceToken) => {
            "a session of PACE, whose keys come from the reader's random numbers, which the trace lacks; record with --record"
        }
        Some(_) => {
            "a session of chip authentication, whose keys come from the reader's random numbers, which the trace lacks; record with --record"
        }
        None => "a session whose beginning it lacks; import the whole trace",
    };
    Some((dialogue.turns.get(index)?.line, what))
}

/// What the reader drew for BAC and the recording does not hold: with the MRZ it stands in the command.
pub(super) fn undrawn(recording: &Recording, dialogue: &Dialogue) -> Vec<Vec<u8>> {
    let Some(document) = recorded_document(recording) else {
        return Vec::new();
    };
    let accesses = dialogue
        .turns
        .iter()
        .filter(|turn| turn.meaning == Meaning::BasicAccess);
    let opened = accesses.filter_map(|turn| bac_open(&document, &turn.command.as_ref().ok()?.data));
    opened
        .flat_map(|plain| {
            let parts = [
                plain.get(..CHALLENGE),
                plain.get(2 * CHALLENGE..2 * CHALLENGE + KEY),
            ];
            parts.map(|part| part.unwrap_or_default().to_vec())
        })
        .collect()
}
