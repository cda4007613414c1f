//! The twin carries the recorded exchange out before anyone relies on it: where it answers in another form than the recorded
//! chip did, it is taught to.

use chipgate_apdu::{ChannelError, Response, StatusWord};
use chipgate_virtual_card::{Disturbance, Effect, HexNumber};
use rand_core::CryptoRng;

use super::{
    enact,
    form::{check, same_form},
    header::{Traces, header},
};
use crate::{
    Recording, RecordingError,
    dialogue::{Answer, Dialogue, Oddity, Turn},
    twin::Twin,
};

/// So often the twin is corrected.
const MOST: usize = 64;
/// Which byte of a public key, of a proof is spoilt: one behind the tags.
const IN_A_KEY: usize = 20;
const IN_A_PROOF: usize = 5;

/// A turn in which the twin answers otherwise, and what must go wrong there.
pub(super) struct Difference {
    pub(super) turn: usize,
    pub(super) effect: Effect,
}

/// Lets the twin answer as the recorded chip did, status words and broken answers included. What stays closed in the
/// recording can't be rehearsed; the twin then stays as it is.
pub(crate) fn rehearse(
    recording: &Recording,
    dialogue: &Dialogue,
    twin: &mut Twin,
    rng: &mut impl CryptoRng,
) -> Result<(), RecordingError> {
    if check(dialogue).is_err() {
        return Ok(());
    }
    let traces = Traces::new(&recording.header, rng);
    for _ in 0..MOST {
        let (entries, difference) = enact(recording, dialogue, (twin, &traces), rng)?;
        let header = header(&recording.header, twin, &traces);
        let difference = difference.or_else(|| odd(dialogue, &Dialogue::of(&Recording { header, entries })));
        let Some(Difference { turn, effect }) = difference else {
            break;
        };
        let Some(disturbance) = disturbance(dialogue, turn, effect) else {
            break;
        };
        twin.card.personality.disturbances.push(disturbance);
    }
    Ok(())
}

/// What goes wrong at a turn: at the how manieth command with its instruction.
fn disturbance(dialogue: &Dialogue, turn: usize, effect: Effect) -> Option<Disturbance> {
    let instruction = |turn: &Turn| turn.command.as_ref().ok().map(|command| command.instruction);
    let wanted = instruction(dialogue.turns.get(turn)?)?;
    let before = dialogue.turns.iter().take(turn + 1);
    let from = before.filter(|turn| instruction(turn) == Some(wanted)).count();
    Some(Disturbance {
        instruction: Some(HexNumber(wanted.into())),
        p1: None,
        file: None,
        from: from as u64,
        once: true,
        effect,
    })
}

/// The first answer that says something wrong in the recording and not in the rehearsal.
fn odd(recorded: &Dialogue, rehearsed: &Dialogue) -> Option<Difference> {
    let pairs = recorded.turns.iter().zip(&rehearsed.turns).enumerate();
    pairs
        .filter(|(_, (old, new))| old.oddity != new.oddity)
        .find_map(|(turn, (old, _))| {
            let effect = match old.oddity? {
                Oddity::Reflected => Effect::Reflected,
                Oddity::OffGroup => Effect::FlippedBit { byte: IN_A_KEY },
                Oddity::WrongProof => Effect::FlippedBit { byte: IN_A_PROOF },
                Oddity::OtherStatus => Effect::OtherStatus,
            };
            Some(Difference { turn, effect })
        })
}

/// The chip fell silent, and the twin does not. One that left the reader is another matter.
pub(super) fn lost(turn: &Turn, twin: &[u8]) -> Option<Effect> {
    match turn.answer {
        Answer::Failed(ChannelError::TimedOut | ChannelError::Broken(_)) if !twin.is_empty() => {
            Some(Effect::Silence)
        }
        _ => None,
    }
}

/// What has to go wrong so that the twin's response has the form of the recorded one. Lengths of what was read follow from
/// the chip's habits, and not from here.
pub(super) fn effect(
    turn: &Turn,
    (outer, inner): (&Response, Option<&Response>),
    twin: &Response,
    opened: Option<&Response>,
) -> Option<Effect> {
    let Some(inner) = inner else {
        return opened.map(|_| broken(outer, twin));
    };
    if opened.is_some_and(|opened| same_form(inner, opened)) {
        return None;
    }
    if turn.oddity == Some(Oddity::OtherStatus) {
        return Some(Effect::OtherStatus);
    }
    let plain = turn.protected && outer.data.is_empty();
    match outer.status {
        _ if plain && twin.data.is_empty() && twin.status == outer.status => None,
        status if plain => Some(Effect::PlainStatus {
            status: HexNumber(status.0),
        }),
        _ if !inner.data.is_empty() => None,
        StatusWord::SUCCESS => opened
            .filter(|opened| !opened.data.is_empty())
            .map(|_| Effect::NoData),
        status => Some(Effect::Status {
            status: HexNumber(status.0),
        }),
    }
}

/// A response that does not open, where the twin's does.
fn broken(outer: &Response, twin: &Response) -> Effect {
    const GARBAGE: usize = 40 - 2;
    // Half of a response begins as a whole one does.
    let begins_alike = outer.data.first() == twin.data.first();
    if outer.data.len() < twin.data.len() && begins_alike {
        Effect::Truncated
    } else if outer.data.len() == GARBAGE {
        Effect::Garbage
    } else {
        Effect::Replayed
    }
}
