//! What is recorded comes back, in order, and nothing else does.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod cards;
mod imported;
mod leftovers;
mod needles;
mod odd_exchanges;
mod odd_files;
mod odd_recordings;
mod recorded;
mod redaction;
mod twins;
mod wireshark;

use std::os::unix::fs::PermissionsExt;

use chipgate_apdu::{Channel, ChannelError, Clock, Limits, Link, Timestamp};
use chipgate_recording::{
    DIVERGED, Detail, Entry, Header, Imported, Recorder, Recording, RecordingError, Replay, import, show,
};
use pollster::block_on;
use proptest::prelude::*;
use rand_core::{Rng, TryCryptoRng, TryRng};

/// A chip that returns the command reversed, and is gone after three commands.
struct Echo(u8);

impl Channel for Echo {
    async fn transmit<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
    ) -> Result<&'a [u8], ChannelError> {
        self.0 += 1;
        if self.0 > 3 {
            return Err(ChannelError::CardLost);
        }
        let part = &mut response[..command.len()];
        part.copy_from_slice(command);
        part.reverse();
        Ok(part)
    }

    async fn reset(&mut self) -> Result<(), ChannelError> {
        Ok(())
    }

    fn limits(&self) -> Limits {
        Limits::extended(Link::Contactless)
    }
}

/// Counts up: what is drawn first differs from what is drawn next.
struct Counter(u8);

impl TryRng for Counter {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(0)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for byte in bytes {
            self.0 += 1;
            *byte = self.0;
        }
        Ok(())
    }
}

impl TryCryptoRng for Counter {}

/// What a run sees of the world.
fn run(channel: &mut impl Channel, rng: &mut impl Rng, clock: &impl Clock) -> Vec<String> {
    let mut seen = vec![format!("{:?}", clock.now())];
    for length in [5, 7] {
        let mut command = vec![0; length];
        rng.fill_bytes(&mut command);
        let mut buffer = [0; 300];
        seen.push(format!("{:?}", block_on(channel.transmit(&command, &mut buffer))));
    }
    seen.push(format!("{:?}", block_on(channel.reset())));
    for _ in 0..2 {
        let mut buffer = [0; 300];
        seen.push(format!(
            "{:?}",
            block_on(channel.transmit(&[0, 0xB0, 0, 0, 4], &mut buffer))
        ));
    }
    seen
}

fn recorded() -> (tempfile::TempDir, std::path::PathBuf, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exchange.jsonl");
    let header = Header::new(Echo(0).limits(), Timestamp(5)).with("can", "123456");
    let recorder = Recorder::create(&file, &header).unwrap();
    let (mut channel, mut rng, clock) = (
        recorder.channel(Echo(0)),
        recorder.rng(Counter(0)),
        recorder.clock(Timestamp(77)),
    );
    let seen = run(&mut channel, &mut rng, &clock);
    recorder.finish().unwrap();
    (folder, file, seen)
}

#[test]
fn a_replay_gives_back_responses_random_numbers_time_and_failures() {
    let (_folder, file, seen) = recorded();
    let replay = Replay::new(Recording::read(&file).unwrap());
    let (mut channel, mut rng, clock) = (replay.channel(), replay.rng(), replay.clock());
    assert_eq!(run(&mut channel, &mut rng, &clock), seen);
    replay.finish().unwrap();
    assert_eq!(replay.header().get("can"), Some("123456"));
    assert_eq!(channel.limits().response, Limits::extended(Link::Replay).response);
}

#[test]
fn another_command_than_the_recorded_one_ends_the_replay_and_tells_the_line() {
    let (_folder, file, _) = recorded();
    let replay = Replay::new(Recording::read(&file).unwrap());
    let mut channel = replay.channel();
    replay.clock().now();
    replay.rng().fill_bytes(&mut [0; 5]);
    let mut buffer = [0; 300];
    assert_eq!(
        block_on(channel.transmit(&[9, 9, 9, 9], &mut buffer)),
        Err(ChannelError::Broken(DIVERGED))
    );
    assert_eq!(
        block_on(channel.transmit(&[1, 2, 3, 4, 5], &mut buffer)),
        Err(ChannelError::Broken(DIVERGED))
    );
    let error = replay.finish().unwrap_err();
    assert!(
        matches!(
            error,
            RecordingError::Diverged {
                line: 4,
                wanted: "a command"
            }
        ),
        "{error}"
    );
}

#[test]
fn a_replay_that_stops_early_is_told() {
    let (_folder, file, _) = recorded();
    let replay = Replay::new(Recording::read(&file).unwrap());
    replay.clock().now();
    assert!(matches!(
        replay.finish(),
        Err(RecordingError::Unused {
            line: 4,
            exchanges: 4
        })
    ));
}

/// Random numbers and clock readings behind the last exchange are those of a report, which need not be made again.
#[test]
fn a_replay_may_leave_random_numbers_over_and_no_exchange() {
    let (_folder, file, _) = recorded();
    let mut recording = Recording::read(&file).unwrap();
    recording.entries.push(Entry::Random { random: vec![1, 2] });
    let replay = Replay::new(recording);
    let (mut channel, mut rng, clock) = (replay.channel(), replay.rng(), replay.clock());
    assert!(replay.finish_exchanges().is_err());
    run(&mut channel, &mut rng, &clock);
    replay.finish_exchanges().unwrap();
    assert!(matches!(
        replay.finish(),
        Err(RecordingError::Diverged {
            wanted: "a random number",
            ..
        })
    ));
}

/// A chip that says that more waits (61xx), and a reader that does not come for it.
#[test]
fn a_status_word_that_nobody_followed_is_a_status_word() {
    let known = Imported { context: Vec::new() };
    for (trace, shown) in [
        (
            "> 0084000008\n< 01020304 6104\n> 00A40000023F00\n< 9000\n",
            "4 bytes, 6104 more bytes wait",
        ),
        ("> 0084000008\n< 6104\n", "0 bytes, 6104 more bytes wait"),
        (
            "> 0084000008\n< 01020304 6104\n> 00C0000004\n< 05060708 9000\n",
            "8 bytes, 9000 success",
        ),
        (
            "> 0084000008\n< 01020304 6104\n> 00C0000004\n< 0506 6102\n",
            "6 bytes, 6102 more bytes wait",
        ),
    ] {
        let recording = import(trace, &known, Timestamp(5)).unwrap();
        let text = show(&recording, Detail::Names);
        assert!(text.contains(shown), "{trace}\n{text}");
    }
}

#[test]
fn the_name_of_an_application_is_shown_as_far_as_it_can_be_one() {
    let known = Imported { context: Vec::new() };
    let name = "A0".repeat(300);
    let recording = import(&format!("> 00A4040C00012C{name}\n< 6A80\n"), &known, Timestamp(5)).unwrap();
    let text = show(&recording, Detail::Names);
    assert!(
        text.contains("A0A0…, a name of 300 bytes") && !text.contains(&"A0".repeat(17)),
        "{text}"
    );
}

#[test]
fn only_its_owner_can_read_a_recording_and_it_says_that_it_holds_secrets() {
    let (_folder, file, _) = recorded();
    assert_eq!(
        std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(
        std::fs::read_to_string(&file)
            .unwrap()
            .contains("\"secrets\":true")
    );
}

#[test]
fn every_line_that_was_cut_is_an_error_that_names_it_and_quotes_nothing() {
    let (_folder, file, _) = recorded();
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        let cut = format!("{}\n{}", lines[..index].join("\n"), &line[..line.len() - 1]);
        let error = Recording::parse(cut.trim_start_matches('\n')).unwrap_err();
        assert!(
            matches!(error, RecordingError::Malformed { line, .. } if line == index + 1),
            "{error}"
        );
        assert!(!error.to_string().contains("123456"));
    }
}

#[test]
fn another_version_is_refused_by_its_number() {
    let (_folder, file, _) = recorded();
    let text = std::fs::read_to_string(&file)
        .unwrap()
        .replacen("\"version\":2", "\"version\":9", 1);
    let error = Recording::parse(&text).unwrap_err();
    assert!(
        matches!(error, RecordingError::UnknownVersion { found: 9, known: 2 }),
        "{error}"
    );
}

#[test]
fn a_header_that_wants_all_memory_is_refused() {
    let (_folder, file, _) = recorded();
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replacen(
        "\"response_limit\":65538",
        "\"response_limit\":18446744073709551615",
        1,
    );
    assert!(matches!(
        Recording::parse(&text),
        Err(RecordingError::Malformed { line: 1, .. })
    ));
}

#[test]
fn shows_commands_and_status_words_by_name_and_no_data() {
    let (_folder, file, _) = recorded();
    let text = show(&Recording::read(&file).unwrap(), Detail::Names);
    assert!(
        text.contains("READ BINARY the current file from byte 0, up to 4 expected → 3 bytes, B000"),
        "{text}"
    );
    assert!(text.contains("the card left the reader"), "{text}");
    assert!(!text.contains("123456"), "{text}");
}

#[test]
fn a_recording_that_lost_its_last_lines_is_told_from_one_that_was_changed() {
    let (_folder, file, _) = recorded();
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for kept in 1..lines.len() {
        let error = Recording::parse(&lines[..kept].join("\n")).unwrap_err();
        assert!(
            matches!(error, RecordingError::Cut { line } if line == kept),
            "{error}"
        );
    }
    for left_out in 1..lines.len() - 1 {
        let mut changed = lines.clone();
        changed.remove(left_out);
        let error = Recording::parse(&changed.join("\n")).unwrap_err();
        assert!(
            matches!(error, RecordingError::Altered { line } if line == left_out + 1),
            "{error}"
        );
    }
}

/// The line that an error names.
fn line_of(error: &RecordingError) -> Option<usize> {
    match error {
        RecordingError::Malformed { line, .. }
        | RecordingError::Altered { line }
        | RecordingError::Cut { line } => Some(*line),
        _ => None,
    }
}

#[test]
fn every_other_byte_in_a_recording_is_told_with_its_line() {
    let (_folder, file, _) = recorded();
    let text = std::fs::read_to_string(&file).unwrap();
    let last = text.lines().count();
    for (place, byte) in text.bytes().enumerate().filter(|(_, byte)| *byte != b'\n') {
        let line = text[..place].matches('\n').count() + 1;
        for other in [b'0', b'7', b'a', b'"', b' ', b'}'] {
            if other == byte {
                continue;
            }
            let mut changed = text.clone().into_bytes();
            changed[place] = other;
            let error = Recording::parse(&String::from_utf8(changed).unwrap()).unwrap_err();
            // A broken last line may be told as that of a file that was cut.
            let told = line_of(&error) == Some(line)
                || matches!(error, RecordingError::UnknownVersion { .. }) && line == 1
                || line_of(&error) == Some(last) && (line == 1 || line == last);
            assert!(told, "line {line}, byte {place}, {}: {error}", char::from(other));
            assert!(!error.to_string().contains("123456"));
        }
    }
}

proptest! {
    /// Lines exchanged, doubled, taken out, cut, or joined: an error that names a line, or the same recording.
    #[test]
    fn a_recording_that_was_put_together_otherwise_is_refused(
        one in 0_usize..20, other in 0_usize..20, cut in 0_usize..80, what in 0..5,
    ) {
        let (_folder, file, _) = recorded();
        let text = std::fs::read_to_string(&file).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let (one, other) = (one % lines.len(), other % lines.len());
        match what {
            0 => lines.swap(one, other),
            1 => lines.insert(other, lines[one].clone()),
            2 => drop(lines.remove(one)),
            3 => {
                let length = cut.min(lines[one].len());
                lines[one].truncate(length);
            }
            _ => lines[one] = format!("{}{}", lines[one], lines[other]),
        }
        match Recording::parse(&(lines.join("\n") + "\n")) {
            Ok(recording) => prop_assert!(recording == Recording::read(&file).unwrap()),
            Err(error) => prop_assert!(line_of(&error).is_some(), "{}", error),
        }
    }
}

#[test]
fn a_recording_of_the_first_version_is_still_read() {
    let (_folder, file, _) = recorded();
    let text = std::fs::read_to_string(&file).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.pop();
    let text = lines.join("\n").replacen("\"version\":2", "\"version\":1", 1);
    assert!(Recording::parse(&text).unwrap().entries == Recording::read(&file).unwrap().entries);
}

#[test]
fn what_is_written_again_is_the_same_to_the_byte() {
    let (folder, file, _) = recorded();
    let again = folder.path().join("again.jsonl");
    Recording::read(&file).unwrap().write(&again).unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), std::fs::read(&again).unwrap());
    assert_eq!(
        std::fs::metadata(&again).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn a_trace_of_hexadecimal_lines_becomes_a_recording_and_other_lines_are_refused_by_number() {
    let trace = "# another reader\n[12:00:01] > 00 A4 04 0C 07 A0 00 00 02 47 10 01\n< 9000\n\n                 C-APDU: 00:84:00:00:08\nR-APDU: 0102030405060708 9000\n>> 00B0000004\n";
    let known = Imported {
        context: vec![("can".into(), "123456".into())],
    };
    let recording = import(trace, &known, Timestamp(5)).unwrap();
    let text = show(&recording, Detail::Data);
    for part in [
        "SELECT the application of travel documents",
        "GET CHALLENGE",
        "0102030405060708",
        "the card left the reader",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    assert_eq!(recording.header.get("can"), Some("123456"));
    for (trace, wrong) in [
        ("> 00A4\nhello", 2),
        ("< 9000", 1),
        ("> 00A", 1),
        ("", 1),
        ("> 00A40000\n< 90xx", 2),
    ] {
        let error = import(trace, &known, Timestamp(5)).unwrap_err();
        assert!(
            matches!(error, RecordingError::NotATrace { line, .. } if line == wrong),
            "{error}"
        );
    }
}
