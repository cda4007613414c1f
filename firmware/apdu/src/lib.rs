//! ISO/IEC 7816-4: commands, responses, status words, BER-TLV, and the [`Channel`] to a chip.
//!
//! Everything that talks to a chip speaks through one small trait, [`Channel`]: a PC/SC reader, a contactless front
//! end on a microcontroller, a recording, a virtual card. Protocol code above it handles [`Command`] and
//! [`Response`]; nothing above it knows what lies below.
//!
//! ```
//! use chipgate_apdu::{Command, Response, StatusWord};
//!
//! // SELECT the application of an electronic travel document by its name (Doc 9303-10, 3.6).
//! let select = Command::new(0x00, 0xA4, 0x04, 0x0C).with_data([0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01]);
//! assert_eq!(select.encode()?, [0x00, 0xA4, 0x04, 0x0C, 7, 0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01]);
//!
//! let response = Response::parse(&[0x90, 0x00])?;
//! assert_eq!(response.status, StatusWord::SUCCESS);
//! # Ok::<(), chipgate_apdu::ApduError>(())
//! ```
#![no_std]
extern crate alloc;

mod cancellation;
mod channel;
mod command;
mod response;
mod status_word;
mod time;
pub mod tlv;

pub use cancellation::Cancellation;
pub use channel::{Channel, ChannelError, Limits, Link};
pub use command::Command;
pub use response::Response;
pub use status_word::StatusWord;
pub use time::{Clock, Timestamp};

/// A command or a response that is not one of ISO/IEC 7816-4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApduError {
    /// The command is too short, or its length fields do not match its length (ISO/IEC 7816-4, 5.2).
    #[error("the {length} bytes are no command APDU: its length fields do not add up (ISO/IEC 7816-4, 5.2)")]
    MalformedCommand {
        /// How many bytes came.
        length: usize,
    },
    /// The response holds no status word.
    #[error("the response of {length} bytes holds no status word: the reader or its driver cut it short")]
    MissingStatusWord {
        /// How many bytes came.
        length: usize,
    },
    /// The data or the expected length do not fit a command, which carries at most 65,535 and asks for at most 65,536.
    #[error("{length} bytes do not fit a command (at most 65,535 sent and 65,536 expected): split it")]
    TooLong {
        /// How many bytes were to be sent or expected.
        length: usize,
    },
}
