//! Commands that are too long for short length fields, where those are all that works.

extern crate std;

use alloc::{vec, vec::Vec};

use chipgate_apdu::{Command, Limits, Link, Response, StatusWord};
use pollster::block_on;

use crate::{Step, connection::Connection, testing::AnsweringChip};

/// Class, length of the data and expected length of a command.
type Seen = (u8, usize, Option<usize>);

/// Sends 600 bytes to a chip that answers the links of a chain with this word; also tells what the chip got.
fn send_to(link_status: u16) -> (Result<Response, crate::ChipError>, Vec<Seen>) {
    let mut seen = Vec::new();
    let chip = AnsweringChip::new(Limits::short(Link::Contact), |command: &Command| {
        seen.push((command.class, command.data.len(), command.expected));
        match command.class {
            0x10 => Response::status_only(StatusWord(link_status)),
            _ => Response::new([1, 2], StatusWord::SUCCESS),
        }
    });
    let mut connection = Connection::new(chip, true);
    let command = Command::new(0x00, 0x2A, 0x00, 0xBE)
        .with_data(vec![7; 600])
        .expecting(65_536);
    let outcome = block_on(connection.send(Step::TerminalVerifyCertificate, &command));
    drop(connection);
    (outcome, seen)
}

#[test]
fn a_long_command_goes_in_a_chain_where_extended_length_does_not_work() {
    let (outcome, seen) = send_to(0x9000);
    assert_eq!(outcome.unwrap().data, [1, 2]);
    assert_eq!(
        seen,
        [(0x10, 255, None), (0x10, 255, None), (0x00, 90, Some(256))]
    );
}

#[test]
fn a_chip_that_takes_no_chain_is_told_apart() {
    for status in [0x6884, 0x6700, 0x6883] {
        let (outcome, seen) = send_to(status);
        let error = outcome.unwrap_err();
        assert_eq!(error.code(), "not-supported");
        assert!(std::format!("{error}").contains("use a reader with extended length"));
        assert_eq!(seen.len(), 1);
    }
}
