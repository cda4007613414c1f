//! What the first line of a recording says of the command that made it, so that a replay asks the same of the chip.

use std::path::Path;

use chipgate_chip::Password;
use chipgate_crypto::{ObjectIdentifier, Secret};
use chipgate_gate::ChainPosition;
use chipgate_inspection::Freshness;
use chipgate_recording::Header;

use crate::source::{Opening, Print};

/// What a recording keeps of a report, so that a replay gives the same one.
#[derive(Clone, Copy)]
pub(crate) struct RecordedContext {
    pub(crate) position: ChainPosition,
    pub(crate) freshness: Freshness,
    pub(crate) challenge: Option<[u8; 8]>,
}

/// Names of the header's context.
pub(super) const COMMAND: &str = "command";
pub(super) const PACE: &str = "pace";
pub(super) const FALL_BACK: &str = "allow-bac-after-pace";
pub(super) const TERMINAL: &str = "terminal";
pub(super) const YES: &str = "yes";

/// Which command talks to the chip: each asks other things of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Inspect,
    Read,
}

impl Purpose {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Inspect => "inspect",
            Self::Read => "read",
        }
    }
}

/// Whether `chipgate read` made a recording; one that can't be read is told of by whoever replays it.
pub(crate) fn is_reading(file: &Path) -> bool {
    chipgate_recording::Recording::read(file)
        .is_ok_and(|recording| recording.header.get(COMMAND) == Some(Purpose::Read.name()))
}

/// How a chip is talked to: what a replay must know to ask the same.
pub(crate) struct Manner<'a> {
    pub(crate) purpose: Purpose,
    pub(crate) opening: &'a Opening,
    pub(crate) pace: Option<ObjectIdentifier>,
    pub(crate) fall_back_to_bac: bool,
    pub(crate) has_terminal: bool,
}

impl Manner<'_> {
    pub(super) fn put(&self, header: Header) -> Header {
        let mut header = with_opening(header.with(COMMAND, self.purpose.name()), self.opening);
        if let Some(pace) = &self.pace {
            header = header.with(PACE, pace.to_string());
        }
        for (name, given) in [(FALL_BACK, self.fall_back_to_bac), (TERMINAL, self.has_terminal)] {
            if given {
                header = header.with(name, YES);
            }
        }
        header
    }
}

pub(super) fn with_opening(mut header: Header, opening: &Opening) -> Header {
    match &opening.password {
        Password::Can(can) => header = header.with("can", text(can)),
        Password::Mrz(key) => header = header.with("mrz-key", text(&key.information())),
        Password::Pin(pin) => header = header.with("pin", text(pin)),
        Password::Puk(puk) => header = header.with("puk", text(puk)),
    }
    match &opening.printed {
        Some(Print::Zone(zone)) => header.with("mrz", zone.lines().collect::<Vec<_>>().join("\n")),
        Some(Print::Qr { text, .. }) => header.with("qr", text.as_str()),
        None => header,
    }
}

fn text(secret: &Secret) -> String {
    String::from_utf8_lossy(secret.as_bytes()).into_owned()
}

pub(super) fn with_context(header: Header, context: &RecordedContext) -> Header {
    let mut header = header.with("sequence", context.position.sequence.to_string());
    if let Some(previous) = context.position.previous {
        header = header.with("previous", hex::encode(previous));
    }
    if let Some(challenge) = context.challenge {
        header = header.with("challenge", hex::encode(challenge));
    }
    match context.freshness {
        Freshness::None => header.with("freshness", "none"),
        Freshness::Online { nonce } => header
            .with("freshness", "online")
            .with("nonce", hex::encode(nonce)),
        Freshness::Offline { beacon } => header
            .with("freshness", "offline")
            .with("beacon", hex::encode(beacon)),
    }
}
