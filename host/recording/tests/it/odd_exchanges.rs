//! Exchanges that no reader here makes, with a holder's name wherever one can stand: none of it is left after redaction.

use chipgate_apdu::{
    Limits, Link,
    tlv::{self, Tag},
};
use chipgate_recording::{Entry, Header, Outcome, Recording, RecordingError, redact};

use crate::{
    cards::{NOW, rng},
    recorded::options,
};

/// What stands for anything personal.
pub const NAME: &[u8; 12] = b"MEIERABCDEFG";
/// So many bytes of it in a row tell the holder.
const TELLING: usize = 6;

pub const OK: &[u8] = &[0x90, 0x00];
pub const TRAVEL_DOCUMENTS: &[u8] = &[
    0x00, 0xA4, 0x04, 0x0C, 0x07, 0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01,
];
const READ: &[u8] = &[0x00, 0xB0, 0x00, 0x00, 0x00];
/// EF.COM with DG1: it says nothing of a holder.
pub const COM: &[u8] = b"\x60\x13\x5F\x01\x040107\x5F\x36\x06040000\x5C\x01\x61";

/// A recording without secure messaging, of commands with their responses.
pub fn recording(exchanges: &[(Vec<u8>, Vec<u8>)]) -> Recording {
    let exchange = |(command, response): &(Vec<u8>, Vec<u8>)| Entry::Exchange {
        at: 1,
        took: 1,
        command: command.clone(),
        outcome: Outcome::Response(response.clone()),
    };
    Recording {
        header: Header::new(Limits::extended(Link::Contactless), NOW),
        entries: exchanges.iter().map(exchange).collect(),
    }
}

pub fn redacted(exchanges: &[(Vec<u8>, Vec<u8>)]) -> Result<Recording, RecordingError> {
    redact(&recording(exchanges), options(), &mut rng()).map(|redacted| redacted.recording)
}

/// Whether a part of the name can be read in what went over the link.
pub fn tells(recording: &Recording) -> bool {
    let exchanged = recording.entries.iter().filter_map(|entry| match entry {
        Entry::Exchange {
            command,
            outcome: Outcome::Response(response),
            ..
        } => Some([command.as_slice(), response].concat()),
        _ => None,
    });
    exchanged
        .flat_map(|bytes| bytes.windows(TELLING).map(<[u8]>::to_vec).collect::<Vec<_>>())
        .any(|part| NAME.windows(TELLING).any(|name| name == part))
}

/// A short command.
fn command(header: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut bytes = header.to_vec();
    if !data.is_empty() {
        bytes.push(data.len() as u8);
        bytes.extend_from_slice(data);
    }
    bytes
}

pub fn with_status(data: &[u8]) -> Vec<u8> {
    [data, OK].concat()
}

pub fn object(tag: u32, parts: &[&[u8]]) -> Vec<u8> {
    tlv::encode(Tag(tag), &parts.concat())
}

pub fn select(identifier: u16) -> (Vec<u8>, Vec<u8>) {
    let [high, low] = identifier.to_be_bytes();
    (command([0x00, 0xA4, 0x02, 0x0C], &[high, low]), OK.to_vec())
}

pub fn exchange(command: &[u8], response: &[u8]) -> (Vec<u8>, Vec<u8>) {
    (command.to_vec(), response.to_vec())
}

/// PACE with generic mapping on P-256, its password the CAN.
pub const PACE: &[u8] = &[
    0x80, 0x0A, 0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x04, 0x02, 0x02, 0x83, 0x01, 0x02,
];

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_name_in_a_command_or_in_its_response_is_exchanged() {
    let named = object(0x53, &[NAME]);
    let offset = object(0x54, &[&[0]]);
    let aware = [&[0x4D; 3][..], NAME].concat();
    let odd: Vec<(&str, Vec<u8>, Vec<u8>)> = vec![
        (
            "READ BINARY with data",
            command([0, 0xB0, 0, 0], NAME),
            with_status(&[1]),
        ),
        (
            "READ BINARY, odd, with more than an offset",
            command([0, 0xB1, 0, 0], &[offset.as_slice(), &named].concat()),
            with_status(&[0x53, 0x01, 0x01]),
        ),
        (
            "READ BINARY, odd",
            command([0, 0xB1, 0, 0], &offset),
            with_status(&named),
        ),
        (
            "GET CHALLENGE with data",
            command([0, 0x84, 0, 0], NAME),
            with_status(&[1; 8]),
        ),
        (
            "SELECT another application",
            command([0, 0xA4, 4, 0x0C], NAME),
            with_status(&named),
        ),
        (
            "SELECT in a chain",
            command([0x10, 0xA4, 4, 0x0C], &aware),
            OK.to_vec(),
        ),
        (
            "SELECT by a path",
            command([0, 0xA4, 8, 0x0C], NAME),
            with_status(&named),
        ),
        ("GET DATA", command([0, 0xCA, 0x9F, 0x7F], &[]), with_status(NAME)),
        ("VERIFY", command([0, 0x20, 0, 1], NAME), OK.to_vec()),
        (
            "UPDATE BINARY in a chain",
            command([0x10, 0xD6, 0, 0], NAME),
            OK.to_vec(),
        ),
        (
            "an unknown instruction",
            command([0x80, 0x5A, 0, 0], NAME),
            with_status(NAME),
        ),
        (
            "MSE:Set AT for PACE with auxiliary data",
            command([0, 0x22, 0xC1, 0xA4], &[PACE, &object(0x67, &[NAME])].concat()),
            OK.to_vec(),
        ),
        (
            "MSE:Set AT for PACE",
            command([0, 0x22, 0xC1, 0xA4], PACE),
            with_status(NAME),
        ),
        (
            "MSE:Set AT for PACE with a long reference of the password",
            command(
                [0, 0x22, 0xC1, 0xA4],
                &[&PACE[..12], &object(0x83, &[NAME])].concat(),
            ),
            vec![0x6A, 0x80],
        ),
        (
            "MSE:Set AT for chip authentication",
            command([0, 0x22, 0x41, 0xA4], &object(0x67, &[NAME])),
            with_status(NAME),
        ),
        (
            "GENERAL AUTHENTICATE for the nonce",
            command([0x10, 0x86, 0, 0], &[&[0x7C, 0x00][..], &named].concat()),
            with_status(&object(0x7C, &[&object(0x80, &[NAME, NAME])])),
        ),
        (
            "GENERAL AUTHENTICATE with an unknown object",
            command([0x10, 0x86, 0, 0], &object(0x7C, &[&named])),
            with_status(&object(0x7C, &[&named])),
        ),
        (
            "INTERNAL AUTHENTICATE",
            command([0, 0x88, 0, 0], &[1; 8]),
            with_status(&NAME.repeat(4)),
        ),
        (
            "GET RESPONSE alone",
            command([0, 0xC0, 0, 0], NAME),
            with_status(NAME),
        ),
        (
            "an extended length",
            [&[0, 0x5A, 0, 0, 0, 0, 12][..], NAME].concat(),
            with_status(NAME),
        ),
    ];
    for (what, command, response) in odd {
        let exchanges = [exchange(TRAVEL_DOCUMENTS, OK), (command, response)];
        assert!(tells(&recording(&exchanges)), "{what}");
        let redacted = redacted(&exchanges).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert!(!tells(&redacted), "{what}");
    }
}

#[test]
fn a_name_in_what_follows_an_incomplete_response_is_exchanged() {
    let challenge = command([0, 0x84, 0, 0], &[]);
    let exchanges = [
        exchange(&challenge, &[&NAME[..], &[0x61, 0x10]].concat()),
        (command([0, 0xC0, 0, 0], NAME), with_status(NAME)),
    ];
    assert!(!tells(&redacted(&exchanges).unwrap()));
}

/// What names the terminal or its operator can't be exchanged: the certificates are signed.
#[test]
fn a_terminals_certificates_are_refused_even_where_the_recording_ends_before_its_signature() {
    for (parameters, data) in [
        ([0x22, 0x81, 0xB6], object(0x83, &[NAME])),
        ([0x2A, 0x00, 0xBE], object(0x7F4E, &[&object(0x5F20, &[NAME])])),
        ([0x22, 0x81, 0xA4], object(0x83, &[NAME])),
    ] {
        let [instruction, p1, p2] = parameters;
        let sent = command([0, instruction, p1, p2], &data);
        let outcome = redacted(&[exchange(TRAVEL_DOCUMENTS, OK), (sent, OK.to_vec())]);
        let refused = outcome
            .err()
            .unwrap_or_else(|| panic!("{parameters:02X?} was redacted"));
        assert!(
            matches!(refused, RecordingError::NotRedactable { line: 3, .. }),
            "{refused}"
        );
    }
}

/// A reader that selects another file reads that one, and no longer the one before it.
#[test]
fn another_file_or_application_is_not_taken_for_the_one_before_it() {
    let com = || {
        vec![
            exchange(TRAVEL_DOCUMENTS, OK),
            select(0x011E),
            exchange(READ, &with_status(COM)),
        ]
    };
    let read = |rest: &[(Vec<u8>, Vec<u8>)]| [com(), rest.to_vec()].concat();
    let name = with_status(&[&COM[..8], NAME].concat());
    let other_application = command(
        [0, 0xA4, 4, 0x0C],
        &[0xE8, 0x07, 0x04, 0x00, 0x7F, 0x00, 0x07, 0x03, 0x02],
    );
    for exchanges in [
        read(&[select(0x0123), exchange(READ, &name)]),
        read(&[
            exchange(&[0x00, 0xB0, 0x83, 0x00, 0x00], &name),
            exchange(READ, &name),
        ]),
        read(&[
            exchange(&other_application, OK),
            select(0x011E),
            exchange(READ, &name),
        ]),
        read(&[
            exchange(&other_application, OK),
            exchange(&[0x00, 0xB0, 0x9E, 0x00, 0x00], &name),
        ]),
        // The same of a path.
        read(&[
            exchange(&command([0, 0xA4, 8, 0x0C], &[0x01, 0x23, 0x45]), OK),
            exchange(READ, &name),
        ]),
    ] {
        assert!(!tells(&redacted(&exchanges).unwrap()));
    }
}

/// What the first line says beside the password is kept where it is a word that it can be.
#[test]
fn a_name_in_the_first_line_is_left_out() {
    let mut recording = recording(&[exchange(TRAVEL_DOCUMENTS, OK)]);
    let name = core::str::from_utf8(NAME).unwrap();
    let known = [
        ("command", "inspect"),
        ("pace", "0.4.0.127.0.7.2.2.4.2.2"),
        ("allow-bac-after-pace", "yes"),
        ("terminal", "yes"),
        ("sequence", "41"),
        ("freshness", "offline"),
    ];
    let header = |value: &dyn Fn(&'static str) -> &'static str| {
        let context = known.iter().map(|(name, known)| (*name, value(known)));
        context.fold(recording.header.clone(), |header, (name, value)| {
            header.with(name, value)
        })
    };
    let (kept, named) = (
        header(&|known| known),
        header(&|_| "MEIERABCDEFG").with("comment", name),
    );
    for (header, count) in [(kept, known.len()), (named, 0)] {
        recording.header = header;
        let redacted = redact(&recording, options(), &mut rng()).unwrap().recording;
        assert_eq!(redacted.header.context().count(), count);
    }
}
