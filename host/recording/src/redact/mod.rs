//! A recording with everything personal and secret exchanged, which replays as the recorded one did.
//!
//! The exchange is carried out again, command by command: the reader's side with fresh random numbers and invented
//! passwords, the chip's side by the twin. Where the twin answers in another form than the recorded chip, the recorded
//! form counts.

mod draws;
mod form;
mod header;
mod kept;
mod missing;
mod parts;
mod reader;
mod rehearsal;
mod stage;

use chipgate_crypto::{AgreementPrivateKey, SessionKeys};
use chipgate_virtual_card::VirtualCard;
use rand::{SeedableRng, rngs::StdRng};
use rand_core::CryptoRng;

use crate::{
    Entry, Recording, RecordingError,
    dialogue::{Dialogue, Meaning, Turn, bac_document_keys, mrz_information},
    twin::{Twin, TwinOptions},
};
use draws::FreshDraws;
use form::{check, compare};
use header::{Traces, header};
pub(crate) use kept::is_application_name;
pub(crate) use missing::refuse_closed;
use parts::put;
use reader::Reader;
use rehearsal::Difference;
pub(crate) use rehearsal::rehearse;
use stage::Stage;

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
    check(&dialogue).map_err(|error| missing::explained(recording, &dialogue, error))?;
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
    draws.add(missing::undrawn(recording, dialogue), rng);
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
