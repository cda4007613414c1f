//! Reading files from chips of all kinds, and from chips that break the rules.

extern crate std;

use alloc::{vec, vec::Vec};

use chipgate_apdu::{
    Command, Limits, Link, Response, StatusWord,
    tlv::{self, Tag},
};
use chipgate_lds::{DataGroup, File};
use pollster::block_on;
use proptest::prelude::{any, prop, prop_assert, proptest};

use crate::{
    ChipError, Malformation, Step,
    connection::Connection,
    read::{self, Reading, Sizes, Target},
    testing::AnsweringChip,
};

const FILE: File = File::DataGroup(DataGroup::DG2);
const SHORT: Limits = Limits::short(Link::Contact);

/// DG2 with this many bytes in it.
fn file(length: usize) -> Vec<u8> {
    let content: Vec<u8> = (0..length).map(|index| index as u8).collect();
    tlv::encode(Tag(0x75), &content)
}

/// Where READ BINARY wants to read, and how much.
fn wanted(command: &Command) -> (usize, usize) {
    let length = command.expected.unwrap();
    match command.instruction {
        0xB0 if command.p1 & 0x80 != 0 => (command.p2.into(), length),
        0xB0 => (usize::from(command.p1) << 8 | usize::from(command.p2), length),
        0xB1 => {
            let offset = tlv::single(&command.data, Tag(0x54)).unwrap();
            (
                offset
                    .iter()
                    .fold(0, |offset, &byte| offset << 8 | usize::from(byte)),
                length - 4,
            )
        }
        _ => panic!("{command:?}"),
    }
}

/// What a chip that follows the standard answers.
fn obedient(file: &[u8], command: &Command) -> Response {
    let (offset, length) = wanted(command);
    if offset >= file.len() {
        return Response::status_only(StatusWord::WRONG_OFFSET);
    }
    let end = (offset + length).min(file.len());
    let status = if end - offset < length {
        StatusWord::END_OF_FILE
    } else {
        StatusWord::SUCCESS
    };
    let data = &file[offset..end];
    match command.instruction {
        0xB1 => Response::new(tlv::encode(Tag(0x53), data), status),
        _ => Response::new(data, status),
    }
}

/// Reads from such a chip; also tells how many commands it took.
fn read_from(
    limits: Limits,
    answer: impl FnMut(&Command) -> Response,
) -> (Result<Vec<u8>, ChipError>, usize) {
    let mut connection = Connection::new(AnsweringChip::new(limits, answer), true);
    connection.assume_extended_length();
    let mut sizes = Sizes::default();
    let mut last = 0;
    let mut progress = |now: crate::Progress| {
        assert!(now.read > last && now.read <= now.total);
        last = now.read;
    };
    let mut reading = Reading::new((FILE, Step::ReadBinary), 1 << 20, &mut sizes, &mut progress);
    let outcome = block_on(read::read(
        &mut connection,
        &mut reading,
        Target::ShortIdentifier(2),
    ));
    let outcome = outcome.map(|()| reading.into_data());
    (outcome, connection.into_channel().commands)
}

#[test]
fn reads_files_of_every_length_through_short_and_extended_length_fields() {
    for length in [
        0, 1, 100, 127, 128, 250, 252, 253, 256, 1000, 4090, 4096, 20_000, 32_760, 70_000, 200_000,
    ] {
        let file = file(length);
        for limits in [
            SHORT,
            Limits::extended(Link::Contact),
            Limits {
                command: 300,
                response: 1030,
                link: Link::Contact,
            },
        ] {
            let (outcome, commands) = read_from(limits, |command| obedient(&file, command));
            assert_eq!(outcome.unwrap(), file, "{length} bytes");
            assert!(
                commands <= file.len() / (limits.response.min(4098) - 6) + 2,
                "{commands} commands"
            );
        }
    }
}

#[test]
fn asks_for_less_when_the_chip_refuses_the_length() {
    let file = file(3000);
    for most in [1024, 256, 224, 160, 112] {
        for status in [StatusWord::WRONG_LENGTH, StatusWord::WRONG_OFFSET] {
            let (outcome, _) = read_from(Limits::extended(Link::Contact), |command| {
                if wanted(command).1 > most {
                    Response::status_only(status)
                } else {
                    obedient(&file, command)
                }
            });
            assert_eq!(outcome.unwrap(), file, "at most {most}");
        }
    }
}

#[test]
fn a_narrow_command_leaves_the_size_of_later_ones_alone() {
    let file = file(3000);
    let mut sizes = Sizes::default();
    let (limits, chip) = (Limits::extended(Link::Contact), |command: &Command| {
        obedient(&file, command)
    });
    let mut connection = Connection::new(AnsweringChip::new(limits, chip), true);
    // Extended length is not tried yet, so that 256 bytes come at a time; then it is, and the rest comes at once.
    for commands in [12, 13] {
        let mut silent = |_| {};
        let mut reading = Reading::new((FILE, Step::ReadBinary), 1 << 20, &mut sizes, &mut silent);
        block_on(read::read(&mut connection, &mut reading, Target::Current)).unwrap();
        assert_eq!(reading.into_data(), file);
        assert_eq!(connection.channel().commands, commands);
        connection.assume_extended_length();
    }
}

#[test]
fn reads_from_chips_of_which_no_even_instruction_may_cross_its_last_offset() {
    let file = file(70_000);
    for limits in [SHORT, Limits::extended(Link::Contact)] {
        let (outcome, _) = read_from(limits, |command| match wanted(command) {
            (offset, length) if command.instruction == 0xB0 && offset + length > 0x8000 => {
                Response::status_only(StatusWord::WRONG_OFFSET)
            }
            _ => obedient(&file, command),
        });
        assert_eq!(outcome.unwrap(), file);
    }
}

#[test]
fn asks_again_with_the_length_that_the_chip_names() {
    let file = file(600);
    let (outcome, _) = read_from(SHORT, |command| match wanted(command) {
        (_, length) if length > 200 => Response::status_only(StatusWord(0x6CC8)),
        _ => obedient(&file, command),
    });
    assert_eq!(outcome.unwrap(), file);
}

#[test]
fn reads_from_chips_that_refuse_to_be_asked_beyond_the_end() {
    let file = file(300);
    for refusal in [
        StatusWord::WRONG_OFFSET,
        StatusWord::WRONG_LENGTH,
        StatusWord::END_OF_FILE,
    ] {
        for limits in [SHORT, Limits::extended(Link::Contact)] {
            let (outcome, _) = read_from(limits, |command| {
                let (offset, length) = wanted(command);
                if offset + length > file.len() {
                    Response::status_only(refusal)
                } else {
                    obedient(&file, command)
                }
            });
            assert_eq!(outcome.unwrap(), file);
        }
    }
}

#[test]
fn refuses_a_file_that_ends_before_its_header_says_so() {
    let file = file(1000);
    let (outcome, _) = read_from(SHORT, |command| obedient(&file[..500], command));
    let truncated = ChipError::FileTruncated {
        file: FILE,
        read: 500,
        length: 1004,
    };
    assert_eq!(outcome, Err(truncated));
}

#[test]
fn gives_up_on_a_chip_that_gives_one_byte_at_a_time() {
    let file = file(100_000);
    let (outcome, commands) = read_from(SHORT, |command| {
        let (offset, length) = wanted(command);
        let end = (offset + length).min(file.len());
        match file.get(offset..end) {
            Some(data) if offset > 0 && command.instruction == 0xB0 => {
                Response::new(&data[..1], StatusWord::SUCCESS)
            }
            _ => obedient(&file, command),
        }
    });
    let truncated = ChipError::FileTruncated {
        file: FILE,
        read: 256 + commands - 1,
        length: file.len(),
    };
    assert_eq!(outcome, Err(truncated));
    assert!(commands < 1700, "{commands} commands");
}

#[test]
fn files_without_pictures_are_short() {
    let group = |number| File::DataGroup(DataGroup::try_from(number).unwrap());
    for file in [File::CardAccess, File::Com, File::Sod, group(14), group(15)] {
        assert_eq!(read::longest(file, 1 << 20), 32 * 1024, "{file:?}");
        assert_eq!(read::longest(file, 1000), 1000, "{file:?}");
    }
    for number in [1, 2, 7, 13] {
        assert_eq!(read::longest(group(number), 1 << 20), 1 << 20, "DG{number}");
    }
}

#[test]
fn refuses_a_file_above_the_limit_by_its_name() {
    let header = [0x75, 0x83, 0x20, 0, 0, 0, 0, 0];
    let (outcome, commands) = read_from(SHORT, |command| obedient(&header, command));
    let too_long = ChipError::FileTooLong {
        file: FILE,
        length: 0x20_0005,
        limit: 1 << 20,
    };
    assert_eq!(outcome, Err(too_long.clone()));
    assert_eq!(commands, 1);
    assert!(std::format!("{too_long}").starts_with("DG2 says that it has 2097157 bytes"));
}

#[test]
fn ends_when_the_chip_succeeds_without_data_or_with_too_much() {
    let step = Step::ReadBinary;
    let (outcome, _) = read_from(SHORT, |_| Response::status_only(StatusWord::SUCCESS));
    assert_eq!(
        outcome,
        Err(ChipError::Malformed {
            step,
            fault: Malformation::Empty
        })
    );
    let file = file(400);
    let (outcome, _) = read_from(SHORT, |command| match wanted(command) {
        (0, _) => obedient(&file, command),
        _ => Response::new(vec![0; 200], StatusWord::SUCCESS),
    });
    let fault = Malformation::Length {
        expected: 404 - 256,
        found: 200,
    };
    assert_eq!(outcome, Err(ChipError::Malformed { step, fault }));
}

#[test]
fn refuses_a_file_that_starts_with_another_tag() {
    let (outcome, _) = read_from(SHORT, |command| {
        obedient(&tlv::encode(Tag(0x61), &[1; 20]), command)
    });
    let fault = Malformation::WrongTag { found: 0x61 };
    assert_eq!(
        outcome,
        Err(ChipError::Malformed {
            step: Step::ReadBinary,
            fault
        })
    );
}

/// A chip that gives each response in parts of up to 100 bytes (61xx), as ISO/IEC 7816-4, 5.3.4 has it.
fn in_parts(file: &[u8]) -> impl FnMut(&Command) -> Response {
    let mut waiting: Vec<u8> = Vec::new();
    let mut last = StatusWord::SUCCESS;
    move |command| {
        if command.instruction != 0xC0 {
            let response = obedient(file, command);
            (waiting, last) = (response.data, response.status);
            return Response::status_only(StatusWord(0x6100 | waiting.len().min(255) as u16));
        }
        let rest = waiting.split_off(waiting.len().min(100).min(command.expected.unwrap()));
        let part = core::mem::replace(&mut waiting, rest);
        let status = match waiting.len() {
            0 => last,
            more => StatusWord(0x6100 | more.min(255) as u16),
        };
        Response::new(part, status)
    }
}

#[test]
fn puts_a_response_together_that_comes_in_parts() {
    for length in [50, 200, 1000] {
        let file = file(length);
        assert_eq!(read_from(SHORT, in_parts(&file)).0.unwrap(), file);
    }
}

#[test]
fn ends_when_a_chip_points_on_without_end() {
    for data in [&[][..], &[0x75, 0x82, 0x10, 0x00]] {
        let (outcome, commands) = read_from(SHORT, |_| Response::new(data, StatusWord(0x6110)));
        let error = chipgate_apdu::ChannelError::TooLong;
        assert!(
            matches!(&outcome, Err(ChipError::Channel { error: found, .. }) if *found == error),
            "{outcome:?}"
        );
        assert!(commands < 400, "{commands} commands");
    }
}

proptest! {
    #[test]
    fn ends_and_never_panics_whatever_a_chip_answers(
        answers in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..300), 0_usize..8), 1..30)
    ) {
        let statuses = [0x9000, 0x9000, 0x6282, 0x6700, 0x6B00, 0x6C10, 0x6CFF, 0x6282];
        let mut next = 0;
        let (_, commands) = read_from(Limits::extended(Link::Contact), |_| {
            let (data, status) = &answers[next % answers.len()];
            next += 1;
            let mut data = data.clone();
            if next == 1 {
                data.splice(0..data.len().min(4), [0x75, 0x82, 0x01, 0x00]);
            }
            Response::new(data, StatusWord(statuses[*status]))
        });
        prop_assert!(commands < 600, "{} commands", commands);
    }
}
