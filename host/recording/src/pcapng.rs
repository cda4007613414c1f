//! A recording as a capture file that Wireshark and tshark open without any setting.
//!
//! pcapng (draft-ietf-opsawg-pcapng) with the link type `LINKTYPE_WIRESHARK_UPPER_PDU` (252): each packet names the
//! dissector that it is for, `iso7816`, and its direction, so that commands and responses are shown as ISO/IEC 7816-4 has
//! them. What chipgate makes of a packet is its comment. A second interface carries, where it is wanted, what secure
//! messaging had inside.

use std::borrow::Cow;

use chipgate_apdu::{Command, Response};

use crate::{
    Entry, Outcome, Recording,
    dialogue::{Answer, Dialogue, Turn},
    show::meaning,
};

const SECTION_HEADER: u32 = 0x0A0D_0D0A;
const BYTE_ORDER: u32 = 0x1A2B_3C4D;
const INTERFACE_DESCRIPTION: u32 = 1;
const ENHANCED_PACKET: u32 = 6;
/// LINKTYPE_WIRESHARK_UPPER_PDU.
const UPPER_PDU: u16 = 252;
/// The longest packet: the longest APDU and what stands before it.
const LONGEST_PACKET: u32 = 0x2_0000;

/// The longest comment in bytes: what a packet is fits a line, and a length field has 16 bits.
const LONGEST_COMMENT: usize = 1000;
/// So much of it is kept for the note that there was more.
const NOTE_ROOM: usize = 40;

const OPTION_COMMENT: u16 = 1;
const OPTION_INTERFACE_NAME: u16 = 2;
const OPTION_INTERFACE_DESCRIPTION: u16 = 3;
const OPTION_APPLICATION: u16 = 4;

/// Tags of an exported PDU (Wireshark, wsutil/exported_pdu_tlvs.h).
const TAG_DISSECTOR: u16 = 12;
const TAG_DIRECTION: u16 = 35;
const TAG_INFORMATION: u16 = 36;
const SENT: u32 = 0;
const RECEIVED: u32 = 1;

/// What of a recording goes into a capture file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Capture {
    /// What went over the link.
    #[default]
    Link,
    /// What secure messaging had inside as well, on an interface of its own: personal data.
    Opened,
}

/// The recording as a pcapng file.
#[must_use]
pub fn pcapng(recording: &Recording, capture: Capture) -> Vec<u8> {
    let dialogue = Dialogue::of(recording);
    let mut file = File {
        bytes: Vec::new(),
        begun: recording.header.created().0.saturating_mul(1000),
    };
    file.section();
    file.interface("link", "what went between reader and chip");
    if capture == Capture::Opened {
        file.interface("opened", "the same with secure messaging opened");
    }
    for turn in &dialogue.turns {
        file.turn(recording, turn);
        if capture == Capture::Opened && turn.protected {
            file.opened(turn);
        }
    }
    file.bytes
}

struct File {
    bytes: Vec<u8>,
    /// When the recording was begun, in microseconds since 1970.
    begun: u64,
}

struct Packet<'a> {
    interface: u32,
    at: u64,
    direction: u32,
    apdu: &'a [u8],
    comment: String,
}

impl File {
    fn section(&mut self) {
        let mut body = BYTE_ORDER.to_le_bytes().to_vec();
        body.extend(1_u16.to_le_bytes()); // version 1.0
        body.extend(0_u16.to_le_bytes());
        body.extend(u64::MAX.to_le_bytes()); // the section's length is not told
        body.extend(option(
            OPTION_APPLICATION,
            concat!("chipgate ", env!("CARGO_PKG_VERSION")),
        ));
        self.block(SECTION_HEADER, body);
    }

    fn interface(&mut self, name: &str, description: &str) {
        let mut body = UPPER_PDU.to_le_bytes().to_vec();
        body.extend(0_u16.to_le_bytes());
        body.extend(LONGEST_PACKET.to_le_bytes());
        body.extend(option(OPTION_INTERFACE_NAME, name));
        body.extend(option(OPTION_INTERFACE_DESCRIPTION, description));
        self.block(INTERFACE_DESCRIPTION, body);
    }

    /// Every exchange of a turn: a response that came in parts is several.
    fn turn(&mut self, recording: &Recording, turn: &Turn) {
        let exchanges = turn
            .entries
            .iter()
            .filter_map(|&place| match recording.entries.get(place) {
                Some(Entry::Exchange {
                    at,
                    took,
                    command,
                    outcome,
                }) => Some((*at, *took, command, outcome)),
                _ => None,
            });
        for (part, (at, took, command, outcome)) in exchanges.enumerate() {
            let title = if part == 0 {
                command_comment(turn)
            } else {
                "GET RESPONSE".to_owned()
            };
            let lost = match outcome {
                Outcome::Error(error) => format!(": {error}"),
                Outcome::Response(_) => String::new(),
            };
            self.packet(&Packet {
                interface: 0,
                at,
                direction: SENT,
                apdu: command,
                comment: title + &lost,
            });
            if let Outcome::Response(response) = outcome {
                self.packet(&Packet {
                    interface: 0,
                    at: at.saturating_add(took),
                    direction: RECEIVED,
                    apdu: response,
                    comment: response_comment(turn),
                });
            }
        }
    }

    /// The command and the response inside secure messaging.
    fn opened(&mut self, turn: &Turn) {
        if let Some(apdu) = turn
            .command
            .as_ref()
            .ok()
            .and_then(|command| Command::encode(command).ok())
        {
            self.packet(&Packet {
                interface: 1,
                at: turn.at,
                direction: SENT,
                apdu: &apdu,
                comment: turn.meaning.title(),
            });
            if let Some(response) = turn.response().map(Response::encode) {
                self.packet(&Packet {
                    interface: 1,
                    at: turn.at.saturating_add(turn.took),
                    direction: RECEIVED,
                    apdu: &response,
                    comment: response_comment(turn),
                });
            }
        }
    }

    fn packet(&mut self, packet: &Packet<'_>) {
        let comment = cut(&packet.comment);
        let mut data = tag(TAG_DISSECTOR, b"iso7816");
        data.extend(tag(TAG_DIRECTION, &packet.direction.to_be_bytes()));
        data.extend(tag(TAG_INFORMATION, comment.as_bytes()));
        data.extend([0; 4]); // the end of the tags
        data.extend_from_slice(packet.apdu);
        let length = (data.len() as u32).to_le_bytes();
        let time = self.begun.saturating_add(packet.at);
        let mut body = packet.interface.to_le_bytes().to_vec();
        body.extend(((time >> 32) as u32).to_le_bytes());
        body.extend((time as u32).to_le_bytes());
        body.extend(length);
        body.extend(length);
        body.extend(padded(&data));
        body.extend(option(OPTION_COMMENT, &comment));
        self.block(ENHANCED_PACKET, body);
    }

    /// A block: its type, its length, its body with the end of the options, its length again.
    fn block(&mut self, kind: u32, mut body: Vec<u8>) {
        body.extend([0; 4]); // opt_endofopt
        let length = (body.len() as u32 + 12).to_le_bytes();
        self.bytes.extend(kind.to_le_bytes());
        self.bytes.extend(length);
        self.bytes.extend(body);
        self.bytes.extend(length);
    }
}

fn command_comment(turn: &Turn) -> String {
    match (&turn.command, turn.protected) {
        (Ok(_), true) => format!("{}, in secure messaging", turn.meaning.title()),
        (Ok(_), false) => turn.meaning.title(),
        (Err(closed), _) => format!("{} ({})", turn.meaning.title(), closed.text()),
    }
}

fn response_comment(turn: &Turn) -> String {
    match &turn.answer {
        Answer::Response { outer, inner } => {
            let inside = match inner {
                Ok(inner) => format!("{} bytes", inner.data.len()),
                Err(closed) => format!("closed: {}", closed.text()),
            };
            format!("{inside}, {} {}", outer.status, meaning(outer.status))
        }
        Answer::Failed(_) | Answer::NoResponse(_) => "no response".to_owned(),
    }
}

/// A comment of [`LONGEST_COMMENT`] at most; one that was longer says so. A command may name an application by 65,535 bytes.
fn cut(comment: &str) -> Cow<'_, str> {
    if comment.len() <= LONGEST_COMMENT {
        return comment.into();
    }
    let kept = &comment[..comment.floor_char_boundary(LONGEST_COMMENT - NOTE_ROOM)];
    format!("{kept}… ({} bytes more)", comment.len() - kept.len()).into()
}

/// An option; its text has [`LONGEST_COMMENT`] at most.
fn option(code: u16, text: &str) -> Vec<u8> {
    let mut bytes = code.to_le_bytes().to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(padded(text.as_bytes()));
    bytes
}

fn tag(code: u16, value: &[u8]) -> Vec<u8> {
    let value = padded(value);
    let mut bytes = code.to_be_bytes().to_vec();
    bytes.extend((value.len() as u16).to_be_bytes());
    bytes.extend(value);
    bytes
}

/// With zeros to a multiple of four.
fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut padded = bytes.to_vec();
    padded.resize(bytes.len().next_multiple_of(4), 0);
    padded
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_COMMENT, cut};

    #[test]
    fn a_comment_that_is_too_long_is_cut_and_says_by_how_much() {
        assert_eq!(cut("SELECT"), "SELECT");
        let long = "ä".repeat(40_000);
        let short = cut(&long);
        assert!(
            short.len() <= LONGEST_COMMENT && short.starts_with("ääää"),
            "{short}"
        );
        assert!(short.ends_with("… (79040 bytes more)"), "{short}");
    }
}
