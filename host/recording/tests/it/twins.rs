//! Recordings understood, redacted and made into twins: the same form, another holder.

use std::{collections::BTreeMap, sync::OnceLock};

use chipgate_apdu::Channel;
use chipgate_chip::{AccessOptions, Password, ReadOutcome};
use chipgate_lds::{DataGroup, Dg2, File, MrzKey};
use chipgate_recording::{
    Dialogue, Entry, Header, Outcome, Recorder, Recording, Replay, Twin, TwinOptions, redact,
};
use chipgate_trust::{
    MemoryAnchors, PathOptions, RevocationList, StepResult, TrustAnchor, authenticate_security_object,
};
use chipgate_virtual_card::{CardFile, Fault, InProcess, Profile, Quirk, VirtualCard, profiles};
use pollster::block_on;
use rand::{SeedableRng, rngs::StdRng};

use crate::cards::{NOW, Reading, card, issued, mrz, presented, read, rng, with_personality};

/// A reading of a card, recorded with its password.
pub fn recorded(card: &CardFile) -> (Recording, Option<Reading>) {
    recorded_with(card, rng())
}

/// The same by a reader with these random numbers.
fn recorded_with(card: &CardFile, rng: StdRng) -> (Recording, Option<Reading>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exchange.jsonl");
    let channel = presented(card);
    let password = mrz(card);
    let Password::Mrz(key) = &password else {
        unreachable!()
    };
    let key = String::from_utf8(key.information().as_bytes().to_vec()).unwrap();
    let header = Header::new(channel.limits(), NOW)
        .with("mrz-key", key)
        .with("mrz", card.passwords.mrz.as_str());
    let recorder = Recorder::create(&file, &header).unwrap();
    let channel = recorder.channel(channel);
    let mut rng = recorder.rng(rng);
    let reading = block_on(read(channel, &password, &AccessOptions::default(), &mut rng));
    drop(rng);
    recorder.finish().unwrap();
    (Recording::read(&file).unwrap(), reading.ok())
}

pub fn options() -> TwinOptions {
    TwinOptions {
        issuer: chipgate_recording::IssuerKnown::Anchor,
        revocation: chipgate_recording::RevocationKnown::Good,
        now: NOW,
    }
}

/// The password of a recording, as its header has it.
fn password(header: &Header) -> Password {
    let information = header.get("mrz-key").unwrap();
    let (number, dates) = information.split_at(information.len() - 14);
    let number = number[..number.len() - 1].trim_end_matches('<');
    Password::Mrz(MrzKey::new(number, &dates[..6], &dates[7..13]).unwrap())
}

pub fn replay(recording: &Recording) -> Result<Reading, String> {
    let replay = Replay::new(recording.clone());
    let reading = block_on(read(
        replay.channel(),
        &password(&recording.header),
        &AccessOptions::default(),
        &mut replay.rng(),
    ));
    replay.finish().map_err(|error| error.to_string())?;
    reading.map_err(|error| error.to_string())
}

pub fn files(reading: &Reading) -> BTreeMap<File, Vec<u8>> {
    let read = reading.files.iter().filter_map(|(file, outcome)| match outcome {
        ReadOutcome::Read(bytes) => Some((*file, bytes.clone())),
        _ => None,
    });
    read.collect()
}

/// What passive authentication makes of the files, with these anchors.
pub fn authenticity(
    files: &BTreeMap<File, Vec<u8>>,
    trust: &[(String, Vec<u8>)],
) -> (Vec<StepResult>, Vec<bool>) {
    let mut anchors = MemoryAnchors::new();
    for (name, der) in trust {
        if std::path::Path::new(name)
            .extension()
            .is_some_and(|end| end == "der")
        {
            anchors.add(TrustAnchor::from_der(der).unwrap());
        } else {
            anchors.add_revocation(RevocationList::from_der(der).unwrap());
        }
    }
    let sod = files.get(&File::Sod).cloned().unwrap_or_default();
    let passive = authenticate_security_object(&sod, &anchors, NOW, &PathOptions::default());
    let groups = DataGroup::all().filter_map(|group| {
        let bytes = files.get(&File::DataGroup(group))?;
        Some(passive.verified()?.data_group(group, bytes).is_ok())
    });
    let groups = groups.collect();
    let steps = vec![
        passive.security_object(),
        passive.issuer_certificate(),
        passive.validity(),
        passive.revocation(),
    ];
    (steps, groups)
}

/// Names, status words and lengths of every turn.
pub fn form(recording: &Recording) -> Vec<String> {
    let dialogue = Dialogue::of(recording);
    let turn = |turn: &chipgate_recording::Turn| {
        let response = turn
            .response()
            .map(|response| (response.data.len(), response.status.to_string()));
        format!("{} {} {response:?}", turn.meaning.title(), turn.protected)
    };
    dialogue.turns.iter().map(turn).collect()
}

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
        assert!(dialogue.access.is_some());
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
fn a_twin_is_read_as_the_recorded_card_was() {
    for &profile in profiles() {
        let card = card(profile);
        let (recording, _) = recorded(&card);
        let twin = Twin::of(&recording, options(), &mut rng()).unwrap();
        let (again, reading) = recorded(&twin.card);
        assert_eq!(form(&recording), form(&again), "{profile}");
        let (steps, groups) = authenticity(&files(&reading.unwrap()), &twin.trust);
        assert!(
            steps.iter().all(|step| *step == StepResult::Successful),
            "{profile}: {steps:?}"
        );
        assert!(groups.iter().all(|fits| *fits));
    }
}

#[test]
fn what_did_not_fit_does_not_fit_in_the_twin_either() {
    for &profile in profiles() {
        for fault in [
            Fault::AlteredDataGroup,
            Fault::AlteredPortrait,
            Fault::AlteredSod,
            Fault::BrokenSignature,
            Fault::MissingPortrait,
            Fault::CopiedChip,
            Fault::WrongActiveKey,
            Fault::ExpiredSigner,
            Fault::UnfitSigner,
        ] {
            if fault.expectation(profile).is_none() {
                continue;
            }
            let card = issued(profile, &[fault]);
            let (recording, _) = recorded(&card);
            let twin = Twin::of(&recording, options(), &mut rng()).unwrap();
            let redacted = redact(&recording, options(), &mut rng())
                .unwrap_or_else(|error| panic!("{fault} on {profile}: {error}"));
            let (again, _) = recorded(&twin.card);
            assert_eq!(form(&recording), form(&again), "{fault} on {profile}");
            assert_eq!(
                form(&recording),
                form(&redacted.recording),
                "{fault} on {profile}"
            );
            let outcome = |recording: &Recording, trust: &[(String, Vec<u8>)]| {
                let files = Dialogue::of(recording).files;
                let files = files
                    .into_iter()
                    .map(|(file, trace)| (file, trace.bytes))
                    .collect();
                authenticity(&files, trust)
            };
            let original = outcome(&recording, anchors());
            for (steps, groups) in [
                outcome(&again, &twin.trust),
                outcome(&redacted.recording, &redacted.twin.trust),
            ] {
                assert_eq!(
                    (&steps[0], &steps[2]),
                    (&original.0[0], &original.0[2]),
                    "{fault} on {profile}"
                );
                assert_eq!(groups, original.1, "{fault} on {profile}");
            }
        }
    }
}

/// The anchors of the cards that are issued here.
fn anchors() -> &'static [(String, Vec<u8>)] {
    static ANCHORS: OnceLock<Vec<(String, Vec<u8>)>> = OnceLock::new();
    ANCHORS.get_or_init(|| {
        let pki = chipgate_virtual_card::Pki::generate(&mut rng(), NOW).unwrap();
        let named = |name: &'static str| move |der: &[u8]| (name.to_owned(), der.to_vec());
        let anchors = pki.anchors().into_iter().map(named("a.der"));
        anchors
            .chain(pki.revocation_lists().into_iter().map(named("a.crl")))
            .collect()
    })
}

#[test]
fn nothing_of_the_holder_is_left_in_a_redacted_recording_or_a_twin() {
    for &profile in profiles() {
        let card = card(profile);
        let (recording, reading) = recorded(&card);
        let redacted = redact(&recording, options(), &mut other_rng()).unwrap();
        let twin = Twin::of(&recording, options(), &mut other_rng()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("redacted"), folder.path().join("twin"));
        redacted.recording.write(&one).unwrap();
        twin.card.write(&other).unwrap();
        let mut haystacks = Vec::new();
        for file in [&one, &other] {
            haystacks.extend(readable(&std::fs::read_to_string(file).unwrap()));
        }
        haystacks.extend(
            Dialogue::of(&redacted.recording)
                .files
                .into_values()
                .map(|trace| trace.bytes),
        );
        // Everything that secure messaging had inside, too.
        for turn in Dialogue::of(&redacted.recording).turns {
            haystacks.extend(turn.response().map(|response| response.data.clone()));
            haystacks.extend(turn.command.map(|command| command.data));
        }
        let haystack = haystacks.join(&b"\0\0"[..]);
        let drawn = recording.entries.iter().filter_map(|entry| match entry {
            Entry::Random { random } if random.len() >= 8 => Some(random.clone()),
            _ => None,
        });
        for needle in needles(&card, &files(&reading.unwrap())).into_iter().chain(drawn) {
            let found = haystack.windows(needle.len()).any(|window| window == needle);
            assert!(
                !found,
                "{profile}: {:?} is left",
                String::from_utf8_lossy(&needle)
            );
        }
    }
}

/// A file as it stands, and what its hexadecimal digits read. Long ones are bytes: as digits they say nothing, and six of
/// them could be a date by chance.
fn readable(text: &str) -> Vec<Vec<u8>> {
    const SHORTEST: usize = 8;
    const BYTES: usize = 64;
    let is_digit = |character: char| character.is_ascii_hexdigit();
    let mut parts = vec![Vec::new()];
    for word in text.split_inclusive(|character: char| !is_digit(character)) {
        let digits = word.trim_end_matches(|character: char| !is_digit(character));
        if digits.len() >= SHORTEST {
            parts.extend(hex::decode(digits));
        }
        if digits.len() < BYTES {
            parts[0].extend_from_slice(word.as_bytes());
        }
    }
    parts
}

/// What must not be found: passwords, names, numbers, dates, keys, the signature and the portrait.
fn needles(card: &CardFile, files: &BTreeMap<File, Vec<u8>>) -> Vec<Vec<u8>> {
    let mut needles: Vec<Vec<u8>> = Vec::new();
    let zone = card.passwords.mrz.as_str();
    let parsed = chipgate_lds::Mrz::parse(zone).unwrap();
    for name in [&parsed.names.primary, &parsed.names.secondary] {
        for part in name.split([' ', '<']).filter(|part| part.len() >= 4) {
            needles.extend(part.as_bytes().windows(4).map(<[u8]>::to_vec));
        }
    }
    needles.push(parsed.document_number.clone().into_bytes());
    needles.push(parsed.birth_date.as_str().as_bytes().to_vec());
    needles.extend(
        card.passwords
            .can
            .iter()
            .map(|can| can.as_str().as_bytes().to_vec()),
    );
    let windows = |bytes: &[u8], length: usize| {
        bytes
            .chunks(length)
            .filter(|chunk| chunk.len() == length && chunk.iter().any(|byte| *byte != chunk[0]))
            .map(<[u8]>::to_vec)
            .collect::<Vec<_>>()
    };
    if let Some(sod) = files.get(&File::Sod) {
        needles.extend(windows(&sod[sod.len() - 48..], 8)); // the signature is the last thing in it
    }
    if let Some(dg15) = files.get(&File::DataGroup(DataGroup::DG15)) {
        needles.extend(windows(&dg15[dg15.len() - 64..], 8).into_iter().skip(1).take(6));
    }
    if let Some(dg2) = files
        .get(&File::DataGroup(DataGroup::DG2))
        .and_then(|dg2| Dg2::parse(dg2).ok())
    {
        for face in dg2.faces {
            // Behind the start of the scan, where the picture itself is.
            let scan = face
                .image
                .windows(2)
                .position(|pair| pair == [0xFF, 0xDA])
                .unwrap_or(0)
                + 16;
            needles.extend(windows(&face.image[scan.min(face.image.len())..], 8));
        }
    }
    for number in [11, 12, 13, 16] {
        let group = DataGroup::all().find(|group| group.number() == number).unwrap();
        needles.extend(
            files
                .get(&File::DataGroup(group))
                .into_iter()
                .flat_map(|bytes| texts(bytes)),
        );
    }
    needles.extend(
        zone.lines()
            .map(|line| line.as_bytes()[..line.len() / 2].to_vec()),
    );
    needles.extend(card.passwords.qr.iter().map(|qr| qr.as_str().as_bytes().to_vec()));
    needles.extend(
        card.keys
            .chip_authentication
            .iter()
            .map(|key| key.private_key.0.as_bytes().to_vec()),
    );
    if let Some(dg13) = files.get(&File::DataGroup(DataGroup::DG13)) {
        let dg13 = chipgate_lds::Dg13Vietnam::parse(dg13);
        if let Ok(dg13) = dg13 {
            use chipgate_lds::vietnam::CitizenField;
            for field in [
                CitizenField::Number,
                CitizenField::Name,
                CitizenField::BirthDate,
                CitizenField::Residence,
            ] {
                needles.extend(dg13.text(field).map(|text| text.as_bytes().to_vec()));
            }
        }
    }
    needles.into_iter().filter(|needle| needle.len() >= 4).collect()
}

/// Another one than the recorded exchange was made with.
fn other_rng() -> StdRng {
    StdRng::seed_from_u64(99)
}

/// The words in a file: what reads as six letters or digits at least. The state is named by its authorities, too, and stays.
fn texts(file: &[u8]) -> Vec<Vec<u8>> {
    file.split(|byte| !byte.is_ascii_alphanumeric())
        .filter(|word| word.len() >= 6 && *word != b"Utopia" && word.iter().any(|byte| *byte != word[0]))
        .map(<[u8]>::to_vec)
        .collect()
}

#[test]
fn a_card_that_was_lost_and_one_with_wrong_checksums_have_twins_of_the_same_habits() {
    let mut card = card(Profile::VnCccd);
    for (drops, wrong) in [(Some(12), None), (None, Some(4))] {
        card.personality.drops_after = drops;
        card.personality.wrong_mac_from = wrong;
        let (recording, reading) = recorded(&card);
        assert!(reading.is_none());
        let twin = Twin::of(&recording, options(), &mut rng()).unwrap();
        assert_eq!(twin.card.personality.drops_after, drops);
        assert_eq!(twin.card.personality.wrong_mac_from, wrong);
        let redacted = redact(&recording, options(), &mut rng()).unwrap();
        assert_eq!(form(&redacted.recording), form(&recording));
        let error = replay(&redacted.recording).err().unwrap();
        assert!(!error.contains("another way"), "{error}");
    }
    // The chip of such a twin is one that the virtual card can be.
    let (recording, _) = recorded(&card);
    let twin = Twin::of(&recording, options(), &mut rng()).unwrap();
    InProcess::new(VirtualCard::new(&twin.card, rng()).unwrap());
}

#[test]
fn the_twin_of_a_chip_with_a_personality_has_it_too() {
    // The first three show where BAC opens the chip; the rest, but for three that take their time, with PACE.
    let by_bac = [Quirk::WantsLe00, Quirk::WantsLe28, Quirk::ShortLengths];
    let slow = [Quirk::Slow, Quirk::SlowCryptography, Quirk::SlowsDown];
    let by_pace = Quirk::ALL.iter().filter(|quirk| !slow.contains(quirk));
    let cards = by_bac.iter().map(|quirk| (Profile::Td3Bac, *quirk));
    for (profile, quirk) in cards.chain(by_pace.map(|quirk| (Profile::Td3PaceBac, *quirk))) {
        let (recording, reading) = recorded(&with_personality(profile, quirk));
        let twin = Twin::of(&recording, options(), &mut rng()).unwrap();
        let (again, other) = recorded(&twin.card);
        assert_eq!(form(&recording), form(&again), "{quirk} on {profile}");
        assert_eq!(reading.is_some(), other.is_some(), "{quirk} on {profile}");
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
