//! Recordings understood and redacted: the same form, another holder.

use chipgate_recording::{Dialogue, Entry, Outcome, Recording, redact};
use chipgate_trust::StepResult;
use chipgate_virtual_card::{Fault, Profile, profiles};
use rand::{SeedableRng, rngs::StdRng};

use crate::{
    cards::{card, issued, rng},
    recorded::{authenticity, files, form, options, recorded, recorded_with, replay},
};

#[test]
fn every_command_of_every_profile_is_named_and_opened_and_the_files_are_put_together() {
    for &profile in profiles() {
        let card = card(profile);
        let (recording, reading) = recorded(&card);
        let reading = reading.unwrap();
        let dialogue = Dialogue::of(&recording);
        for turn in &dialogue.turns {
            assert!(
                turn.command.is_ok() && turn.response().is_some(),
                "{profile}, line {}",
                turn.line
            );
            assert!(
                !turn.meaning.title().contains("another command"),
                "{profile}, line {}",
                turn.line
            );
        }
        for (file, bytes) in files(&reading) {
            assert_eq!(dialogue.file(file), Some(bytes.as_slice()), "{profile}: {file}");
        }
        assert_eq!(dialogue.access.is_some(), card.chip.access_control, "{profile}");
    }
}

#[test]
fn a_redacted_recording_replays_with_valid_signatures_and_the_same_form() {
    for &profile in profiles() {
        let card = card(profile);
        let (recording, reading) = recorded(&card);
        let redacted = redact(&recording, options(), &mut rng()).unwrap();
        let again = replay(&redacted.recording).unwrap_or_else(|error| panic!("{profile}: {error}"));
        assert_eq!(form(&recording), form(&redacted.recording), "{profile}");
        let reading = reading.unwrap();
        assert_eq!(again.chip.is_some(), reading.chip.is_some());
        assert_eq!(again.active.is_some(), reading.active.is_some());
        let (steps, groups) = authenticity(&files(&again), &redacted.twin.trust);
        assert!(
            steps.iter().all(|step| *step == StepResult::Successful),
            "{profile}: {steps:?}"
        );
        assert!(
            !groups.is_empty() && groups.iter().all(|fits| *fits),
            "{profile}: {groups:?}"
        );
        assert!(!redacted.recording.header.secrets());
    }
}

/// How long the chip's public keys in PACE are, tags included.
fn public_keys(recording: &Recording) -> Vec<usize> {
    let responses = recording.entries.iter().filter_map(|entry| match entry {
        Entry::Exchange {
            command,
            outcome: Outcome::Response(response),
            ..
        } if command.starts_with(&[0x10, 0x86]) => Some(response.len()),
        _ => None,
    });
    responses.skip(1).collect()
}

/// A public key modulo a prime has no leading zeros, so that one of some 256 is a byte shorter, here or there.
#[test]
fn a_shorter_public_key_is_redacted_like_any_other() {
    let card = card(Profile::Td3PaceDh);
    let recorded = |seed| recorded_with(&card, StdRng::seed_from_u64(seed)).0;
    let (short, long) = (recorded(83), recorded(84));
    assert_eq!((public_keys(&short)[1], public_keys(&long)[1]), (264, 266));
    let mut shorter = 0;
    for (recording, seeds) in [(short, 0..2), (long, 0..150)] {
        for seed in seeds {
            let redacted = redact(&recording, options(), &mut StdRng::seed_from_u64(seed))
                .unwrap_or_else(|error| panic!("{seed}: {error}"));
            replay(&redacted.recording).unwrap_or_else(|error| panic!("{seed}: {error}"));
            shorter += usize::from(public_keys(&redacted.recording) != public_keys(&recording));
        }
    }
    assert!(shorter > 2, "both ways: {shorter}");
}

/// EF.CardAccess lies, so that PACE and chip authentication use other curves: what one took the other might have rejected.
#[test]
fn keys_on_two_curves_are_told_apart_whatever_was_drawn() {
    let card = issued(Profile::VnCccd, &[Fault::CardAccessLies]);
    for seed in 0..12 {
        let (recording, _) = recorded_with(&card, StdRng::seed_from_u64(seed));
        let redacted =
            redact(&recording, options(), &mut rng()).unwrap_or_else(|error| panic!("{seed}: {error}"));
        replay(&redacted.recording).unwrap_or_else(|error| panic!("{seed}: {error}"));
        assert_eq!(form(&recording), form(&redacted.recording), "{seed}");
    }
}
#[test]
fn what_stands_in_commands_and_responses_that_no_reader_here_uses_is_redacted_too() {
    let lines = [
        // A password by VERIFY, a file's description with a name in it, and a reading whose second part was lost.
        r#"{"at": 1, "took": 1, "command": "00a4040c07a0000002471001", "response": "6f095f20064d4549455241429000"}"#,
        r#"{"at": 1, "took": 1, "command": "0020000108313233343536ffff", "response": "9000"}"#,
        r#"{"at": 1, "took": 1, "command": "00a4020c020101", "response": "9000"}"#,
        r#"{"at": 1, "took": 1, "command": "00b0000000", "response": "615d5f1f4d454945524142436110"}"#,
        r#"{"at": 1, "took": 1, "command": "00c0000010", "error": "card-lost"}"#,
    ];
    let header = r#"{"format": "chipgate-recording", "version": 1, "secrets": true, "created": 1795553747395, "command_limit": 261, "response_limit": 258, "link": "contactless", "context": {}}"#;
    let recording = Recording::parse(&format!("{header}\n{}\n", lines.join("\n"))).unwrap();
    let redacted = redact(&recording, options(), &mut rng()).unwrap().recording;
    let (old, new) = (exchanged(&recording), exchanged(&redacted));
    assert_eq!(
        old.iter().map(Vec::len).collect::<Vec<_>>(),
        new.iter().map(Vec::len).collect::<Vec<_>>()
    );
    for secret in [&b"MEIERAB"[..6], b"MEIERABC", b"123456"] {
        let holds = |bytes: &Vec<u8>| bytes.windows(secret.len()).any(|window| window == secret);
        assert!(old.iter().any(holds) && !new.iter().any(holds), "{secret:?}");
    }
}

/// Commands and responses, as they were sent.
fn exchanged(recording: &Recording) -> Vec<Vec<u8>> {
    let both = recording.entries.iter().filter_map(|entry| match entry {
        Entry::Exchange { command, outcome, .. } => Some([
            command.clone(),
            match outcome {
                Outcome::Response(response) => response.clone(),
                Outcome::Error(_) => Vec::new(),
            },
        ]),
        _ => None,
    });
    both.flatten().collect()
}

#[test]
fn a_key_in_a_file_that_was_cut_is_redacted() {
    let mut card = card(Profile::VnCccd);
    card.personality.extended_length = false;
    card.personality.max_response = 200;
    let whole = recorded(&card).0;
    let key = card.file("DG14").unwrap().to_vec();
    let mut cut = 0;
    for commands in (50..130).step_by(2) {
        let mut seen = 0;
        let entries = whole.entries.iter().take_while(|entry| {
            seen += usize::from(matches!(entry, Entry::Exchange { .. }));
            seen <= commands
        });
        let part = Recording {
            header: whole.header.clone(),
            entries: entries.cloned().collect(),
        };
        let Ok(redacted) = redact(&part, options(), &mut rng()) else {
            continue;
        };
        let files = Dialogue::of(&redacted.recording).files;
        let Some((_, trace)) = files.iter().find(|(file, _)| file.name() == "DG14") else {
            continue;
        };
        let same = trace
            .bytes
            .iter()
            .zip(&key)
            .filter(|(new, old)| new == old)
            .count();
        if (64..key.len()).contains(&trace.bytes.len()) {
            cut += 1;
            assert!(
                same < trace.bytes.len() / 2,
                "{same} of {} bytes",
                trace.bytes.len()
            );
        }
    }
    assert!(cut > 0, "no reading ended within DG14");
}
