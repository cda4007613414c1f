//! What is kept of a command that carries nothing fresh: what the standard has in it, and no more of that than it can be long.

use chipgate_apdu::tlv::{self, Tag};
use chipgate_lds::LDS_APPLICATION;

use crate::dialogue::{Meaning, Turn};

/// Data objects of a command, each with the most bytes that mean something in it.
type Known = &'static [(u32, usize)];

/// MSE:Set AT for PACE: protocol, password, domain parameters (Doc 9303-11, 4.4.4.1).
const PACE_TEMPLATE: Known = &[(0x80, 10), (0x83, 1), (0x84, 1)];
/// The rights that a terminal wants to have (TR-03110-3, C.1.5): a kind of terminal, and a bit for each right.
const HOLDER_AUTHORIZATION: u32 = 0x7F4C;
const AUTHORIZATION: Known = &[(0x06, 9), (0x53, 5)];
/// MSE:Set AT and MSE:Set KAT for chip authentication: protocol, key identifier (6.2.4); the public key is exchanged elsewhere.
const AGREEMENT_TEMPLATE: Known = &[(0x80, 10), (0x84, 4), (0x91, usize::MAX)];
/// The offset of READ BINARY with the odd instruction (ISO/IEC 7816-4, 11.3.3).
const OFFSET: Known = &[(0x54, 4)];
const FILE_IDENTIFIER: usize = 2;
/// What BSI's object identifiers begin with: 0.4.0.127.0.7.
const PROTOCOL: [u8; 5] = [0x04, 0x00, 0x7F, 0x00, 0x07];

/// The data field of a command, as long as it was.
pub(super) fn data(turn: &Turn, old: &[u8]) -> Vec<u8> {
    match &turn.meaning {
        Meaning::PaceTemplate { .. } => objects(old, PACE_TEMPLATE),
        Meaning::ChipAuthenticationTemplate { .. } | Meaning::ChipAuthentication { .. } => {
            objects(old, AGREEMENT_TEMPLATE)
        }
        Meaning::ReadBinary { .. } if is_odd(turn) => objects(old, OFFSET),
        Meaning::SelectMasterFile | Meaning::SelectFile { .. } => start(old, FILE_IDENTIFIER),
        Meaning::SelectApplication { .. } if is_application_name(old) => old.to_vec(),
        // DO'7C' is empty in the first step of PACE.
        Meaning::PaceNonce => start(old, 2),
        // What the reader asked the chip to sign: it may come from outside, and then stands in no other place of the file.
        Meaning::ActiveAuthentication => old.to_vec(),
        // What it says is not known: it may be a password.
        _ => vec![0; old.len()],
    }
}

/// What is kept of a response that brings no data by the standard, or an empty DO'7C'.
pub(super) fn empty_response(old: &[u8]) -> Vec<u8> {
    match tlv::header(old) {
        Ok((Tag(0x7C), header, _)) if tlv::single(old, Tag(0x7C)).is_ok() => start(old, header),
        _ => vec![0; old.len()],
    }
}

/// Whether these bytes are the name of an application: a registered one (ISO/IEC 7816-4, 12.2.3), and no text.
pub(crate) fn is_application_name(name: &[u8]) -> bool {
    const LONGEST: usize = 16;
    const REGISTERED: u8 = 0xA0;
    let is_registered = name.len() <= LONGEST && name.first().is_some_and(|first| *first >= REGISTERED);
    is_registered || LDS_APPLICATION.starts_with(name)
}

fn is_odd(turn: &Turn) -> bool {
    turn.command
        .as_ref()
        .is_ok_and(|command| command.instruction == 0xB1)
}

/// The first bytes; zeros behind them.
fn start(old: &[u8], length: usize) -> Vec<u8> {
    let mut bytes = vec![0; old.len()];
    let kept = length.min(old.len());
    bytes[..kept].copy_from_slice(&old[..kept]);
    bytes
}

/// The same objects, those that are not known with zeros in them; zeros where there are none.
fn objects(old: &[u8], known: Known) -> Vec<u8> {
    let mut reader = tlv::Reader::new(old);
    let mut bytes = Vec::with_capacity(old.len());
    loop {
        let element = match reader.next() {
            Ok(Some(element)) => element,
            Ok(None) => return bytes,
            Err(_) => return vec![0; old.len()],
        };
        let value = if element.tag == Tag(HOLDER_AUTHORIZATION) {
            objects(element.value, AUTHORIZATION)
        } else {
            let most = known.iter().find(|(tag, _)| element.tag == Tag(*tag));
            // A protocol of another arc than BSI's is none.
            let most = most.filter(|(tag, _)| *tag != 0x80 || element.value.starts_with(&PROTOCOL));
            start(element.value, most.map_or(0, |(_, most)| *most))
        };
        let header = element.raw.len() - element.value.len();
        bytes.extend_from_slice(&element.raw[..header]);
        bytes.extend(value);
    }
}
