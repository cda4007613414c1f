//! Nothing of the holder is left, however it is written, whatever card was recorded and whatever is wrong with it.

use std::thread;

use chipgate_lds::File;
use chipgate_recording::{Dialogue, Entry, Outcome, Recording, RecordingError, Twin, redact};
use chipgate_virtual_card::{CardFile, Fault, Profile, profiles};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::Value;

use crate::{
    cards::{card, issued},
    needles::{Haystack, encodings, needles},
    recorded::{options, recorded, recorded_with},
};

#[test]
fn nothing_of_the_holder_is_left_of_any_profile() {
    let cards: Vec<_> = profiles().iter().map(|&profile| card(profile)).collect();
    let left = each(&cards, |card| {
        leftovers(card, recorded(card).0, card.profile.name())
    });
    assert!(left.is_empty(), "{}", left.join("\n"));
}

/// The card is lost, comes back, is opened again and read to its end.
#[test]
fn nothing_of_the_holder_is_left_of_a_card_that_was_lost() {
    let cards = [Profile::VnCccd, Profile::Td3Bac, Profile::Td3PaceCam].map(card);
    let left = each(&cards, |card| {
        let mut lost = card.clone();
        lost.personality.drops_after = Some(14);
        let mut recording = recorded(&lost).0;
        let ended = recording.entries.pop();
        assert!(matches!(
            ended,
            Some(Entry::Exchange {
                outcome: Outcome::Error(_),
                ..
            })
        ));
        recording.entries.extend(ended);
        recording.entries.push(Entry::Reset {
            reset: 1,
            error: None,
        });
        recording
            .entries
            .extend(recorded_with(card, other_rng()).0.entries);
        assert!(redact(&recording, options(), &mut other_rng()).is_ok());
        leftovers(card, recording, card.profile.name())
    });
    assert!(left.is_empty(), "{}", left.join("\n"));
}

/// Of the second card there is no password, so that what was said to it stays closed.
#[test]
fn two_cards_in_one_recording_are_refused_where_the_second_begins() {
    let mut recording = recorded(&card(Profile::Td3Bac)).0;
    let first = recording.entries.len();
    recording
        .entries
        .extend(recorded(&card(Profile::VnCccd)).0.entries);
    let refused = redact(&recording, options(), &mut other_rng()).err();
    assert!(matches!(refused, Some(RecordingError::NotRedactable { line, .. }) if line > first));
}

#[test]
fn nothing_of_the_holder_is_left_of_any_fault() {
    let pairs: Vec<_> = Fault::ALL
        .iter()
        .flat_map(|&fault| profiles().iter().map(move |&profile| (fault, profile)))
        .filter(|(fault, profile)| fault.expectation(*profile).is_some())
        .collect();
    let left = each(&pairs, |(fault, profile)| {
        let card = issued(*profile, &[*fault]);
        leftovers(&card, recorded(&card).0, &format!("{fault} on {profile}"))
    });
    assert!(left.is_empty(), "{}", left.join("\n"));
}

/// What is found of each, on all cores.
fn each<T: Sync>(all: &[T], find: impl Fn(&T) -> Vec<String> + Sync) -> Vec<String> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let parts: Vec<_> = all
            .chunks(all.len().div_ceil(cores).max(1))
            .map(|part| scope.spawn(|| part.iter().flat_map(&find).collect::<Vec<_>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    })
}

/// What can be read of a card's holder in the redacted recording, or in the twin.
fn leftovers(card: &CardFile, mut recording: Recording, what: &str) -> Vec<String> {
    let passwords = [
        ("can", &card.passwords.can),
        ("pin", &card.passwords.pin),
        ("puk", &card.passwords.puk),
    ];
    let mut header = recording.header.clone();
    for (name, password) in passwords {
        if let Some(password) = password {
            header = header.with(name, password.as_str());
        }
    }
    if let Some(qr) = &card.passwords.qr {
        header = header.with("qr", qr.as_str());
    }
    // What no one here writes: a comment, and who held the reader.
    recording.header = header
        .with("comment", card.passwords.mrz.as_str())
        .with("operator", card.passwords.mrz.as_str());
    let redacted = match redact(&recording, options(), &mut other_rng()) {
        Ok(redacted) => redacted,
        Err(RecordingError::NotRedactable { .. }) => return Vec::new(),
        Err(error) => return vec![format!("{what}: {error}")],
    };
    let twin = Twin::of(&recording, options(), &mut other_rng()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("redacted"), folder.path().join("twin"));
    redacted.recording.write(&one).unwrap();
    twin.card.write(&other).unwrap();
    let mut haystacks = Vec::new();
    for file in [&one, &other] {
        haystacks.extend(readable(&std::fs::read_to_string(file).unwrap()));
    }
    let trust = [&redacted.twin.trust, &twin.trust].into_iter().flatten();
    haystacks.extend(trust.map(|(_, bytes)| bytes.clone()));
    haystacks.extend(opened(&redacted.recording));
    let haystack = Haystack::new(haystacks.join(&b"\0\0"[..]));
    let known = card
        .files
        .iter()
        .filter_map(|(name, bytes)| Some((File::from_name(name)?, bytes.0.clone())))
        .collect();
    let mut needles = needles(card, &known);
    needles.extend(drawn(&recording));
    let found = needles.into_iter().filter_map(|needle| {
        let found = encodings(&needle).into_iter().find(|form| haystack.holds(form))?;
        let (needle, found) = (String::from_utf8_lossy(&needle), String::from_utf8_lossy(&found));
        Some(format!("{what}: {needle:?} is left as {found:?}"))
    });
    found.collect()
}

/// Files, and everything that secure messaging had inside.
fn opened(recording: &Recording) -> Vec<Vec<u8>> {
    let dialogue = Dialogue::of(recording);
    let mut found: Vec<_> = dialogue.files.into_values().map(|trace| trace.bytes).collect();
    for turn in dialogue.turns {
        found.extend(turn.response().map(|response| response.data.clone()));
        found.extend(turn.command.map(|command| command.data));
    }
    found
}

/// What the reader drew: keys and challenges. The first bytes of a draw may decide whether it is a key, and stay.
fn drawn(recording: &Recording) -> Vec<Vec<u8>> {
    const DECIDING: usize = 4;
    const SHORTEST: usize = 8;
    let drawn = recording.entries.iter().filter_map(|entry| match entry {
        Entry::Random { random } if random.len() >= SHORTEST => Some(random[DECIDING..].to_vec()),
        _ => None,
    });
    drawn.collect()
}

/// The words of a file, and the bytes that its hexadecimal digits say. Times and checksums say nothing of a holder, and their digits
/// could be a date by chance.
fn readable(text: &str) -> Vec<Vec<u8>> {
    let whole = serde_json::from_str(text).map(|whole| vec![whole]);
    let values: Vec<Value> = whole.unwrap_or_else(|_| {
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    });
    let mut parts = Vec::new();
    for value in values {
        read_value("", &value, &mut parts);
    }
    parts
}

fn read_value(name: &str, value: &Value, parts: &mut Vec<Vec<u8>>) {
    const TIMES: [&str; 7] = ["at", "took", "reset", "clock", "created", "sha256", "lines"];
    const BYTES: [&str; 5] = ["command", "response", "random", "private_key", "files"];
    match value {
        _ if TIMES.contains(&name) => {}
        Value::String(digits) if BYTES.contains(&name) => match hex::decode(digits) {
            Ok(bytes) => parts.push(bytes),
            Err(_) => parts.push(digits.clone().into_bytes()),
        },
        Value::Array(values) => values.iter().for_each(|value| read_value(name, value, parts)),
        Value::Object(values) => {
            for (inner, value) in values {
                let name = if name == "files" { name } else { inner };
                read_value(name, value, parts);
            }
        }
        other => parts.push(other.to_string().into_bytes()),
    }
}

/// Another one than the recorded exchange was made with.
fn other_rng() -> StdRng {
    StdRng::seed_from_u64(99)
}
