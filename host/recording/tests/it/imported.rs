//! Traces of other programs: without the reader's random numbers, and redacted and doubled all the same where the MRZ opens them.

use std::fmt::Write as _;

use chipgate_apdu::Timestamp;
use chipgate_recording::{Dialogue, Entry, Imported, Outcome, Recording, Twin, import, redact};
use chipgate_virtual_card::{CardFile, Profile};

use crate::{
    cards::{card, rng},
    recorded::{form, options, recorded},
};

/// The commands and responses of a reading as another program writes them down, imported with this context.
fn imported(card: &CardFile, context: &[(&str, &str)]) -> Recording {
    let (recording, reading) = recorded(card);
    assert!(reading.is_some());
    let mut trace = String::new();
    for entry in &recording.entries {
        if let Entry::Exchange {
            command,
            outcome: Outcome::Response(response),
            ..
        } = entry
        {
            writeln!(trace, "> {}\n< {}", hex::encode(command), hex::encode(response)).unwrap();
        }
    }
    let context = context
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    import(&trace, &Imported { context }, Timestamp(1_795_478_400_000)).unwrap()
}

#[test]
fn a_trace_of_bac_is_redacted_and_doubled_by_its_mrz() {
    let card = card(Profile::Td3Bac);
    let recording = imported(&card, &[("mrz", card.passwords.mrz.as_str())]);
    let redacted = redact(&recording, options(), &mut rng()).unwrap().recording;
    assert_eq!(form(&recording), form(&redacted));
    let (old, new) = (Dialogue::of(&recording), Dialogue::of(&redacted));
    for (file, trace) in &old.files {
        assert_eq!(trace.bytes.len(), new.files[file].bytes.len(), "{file}");
    }
    assert!(new.turns.iter().all(|turn| turn.command.is_ok()));
    // Nothing that was sent is sent again but what every reader sends.
    let sent = |recording: &Recording| -> Vec<Vec<u8>> {
        let protected = |command: &[u8]| command[0] & 0x0C == 0x0C || command[1] == 0x82;
        let commands = recording.entries.iter().filter_map(|entry| match entry {
            Entry::Exchange { command, .. } if protected(command) => Some(command.clone()),
            _ => None,
        });
        commands.collect()
    };
    let again = sent(&redacted);
    assert!(sent(&recording).iter().all(|command| !again.contains(command)));
    let holder = &card.passwords.mrz.as_str()[5..20];
    let dg1 = new.files.values().any(|trace| {
        let text = holder.as_bytes();
        trace.bytes.windows(text.len()).any(|part| part == text)
    });
    assert!(!dg1, "the holder's name is gone");

    let twin = Twin::of(&recording, options(), &mut rng()).unwrap();
    let (again, reading) = recorded(&twin.card);
    assert!(reading.is_some());
    assert_eq!(form(&recording), form(&again));
}

/// What a trace lacks is said: the MRZ, the right one, or what no other program writes down.
#[test]
fn a_trace_that_stays_closed_says_what_it_lacks() {
    let other = card(Profile::Td3Child);
    let by_bac = card(Profile::Td3Bac);
    let by_pace = card(Profile::Td3PaceIm);
    let zone = by_pace.passwords.mrz.as_str();
    for (recording, missing) in [
        (imported(&by_bac, &[]), "again with --mrz"),
        (
            imported(&by_bac, &[("mrz", other.passwords.mrz.as_str())]),
            "document's own --mrz",
        ),
        (imported(&by_pace, &[("mrz", zone)]), "a session of PACE"),
    ] {
        let refused = redact(&recording, options(), &mut rng()).map(|_| ()).unwrap_err();
        assert!(refused.to_string().contains(missing), "{refused}");
        let refused = Twin::of(&recording, options(), &mut rng())
            .map(|_| ())
            .unwrap_err();
        assert!(refused.to_string().contains(missing), "{refused}");
    }
}
