//! Faults that lie in how the chip behaves: what goes wrong at which command.

use super::Fault;
use crate::{
    HexNumber,
    card_file::{Disturbance, Effect, Personality},
};

/// Instructions (ISO/IEC 7816-4).
const SELECT: u16 = 0xA4;
const READ_BINARY: u16 = 0xB0;
const GET_CHALLENGE: u16 = 0x84;
const EXTERNAL_AUTHENTICATE: u16 = 0x82;
const GENERAL_AUTHENTICATE: u16 = 0x86;
const INTERNAL_AUTHENTICATE: u16 = 0x88;
const MANAGE_SECURITY_ENVIRONMENT: u16 = 0x22;
/// P1 of MSE:Set AT for PACE and for chip authentication, and of SELECT by name.
const FOR_PACE: u16 = 0xC1;
const FOR_CHIP_AUTHENTICATION: u16 = 0x41;
const BY_NAME: u16 = 0x04;
/// From which READ BINARY on it goes wrong.
const FIRST_BAD_READ: u64 = 4;

/// A status word in the place of an answer.
const fn status(status: u16) -> Effect {
    Effect::Status {
        status: HexNumber(status),
    }
}

/// From the how manieth command with this instruction on, what goes wrong.
fn at(instruction: u16, from: u64, effect: Effect) -> Disturbance {
    Disturbance {
        instruction: Some(HexNumber(instruction)),
        p1: None,
        file: None,
        from,
        once: false,
        effect,
    }
}

fn at_variant(instruction: u16, p1: u16, effect: Effect) -> Disturbance {
    Disturbance {
        p1: Some(HexNumber(p1)),
        ..at(instruction, 1, effect)
    }
}

fn at_file(name: &str, effect: Effect) -> Disturbance {
    Disturbance {
        instruction: None,
        file: Some(name.to_owned()),
        ..at(READ_BINARY, 1, effect)
    }
}

impl Fault {
    /// Makes the chip behave as the fault says.
    pub(super) fn disturb(self, personality: &mut Personality) {
        match self {
            Self::Slow => personality.milliseconds_a_command = 100,
            Self::DropsAtOnce => personality.drops_after = Some(1),
            Self::DropsInAccess => personality.drops_after = Some(4),
            Self::DropsWhileReading => personality.drops_after = Some(11),
            Self::WrongMac => personality.wrong_mac_from = Some(3),
            _ => personality.disturbances.extend(self.disturbance()),
        }
    }

    fn disturbance(self) -> Option<Disturbance> {
        let reading = |effect| Some(at(READ_BINARY, FIRST_BAD_READ, effect));
        match self {
            Self::Silent => reading(Effect::Silence),
            Self::Garbage => reading(Effect::Garbage),
            Self::ReplayedResponse => reading(Effect::Replayed),
            Self::TruncatedResponse => reading(Effect::Truncated),
            Self::OtherStatusOutside => reading(Effect::OtherStatus),
            Self::SessionLost => reading(Effect::PlainStatus {
                status: HexNumber(0x6988),
            }),
            Self::UnprotectedAnswer => reading(Effect::PlainStatus {
                status: HexNumber(0x9000),
            }),
            Self::NoData => reading(Effect::NoData),
            Self::EndlessPortrait => Some(at_file("DG2", Effect::EndlessFile)),
            Self::EndlessSod => Some(at_file("EF.SOD", Effect::EndlessFile)),
            Self::SodRefused => Some(at_file("EF.SOD", status(0x6982))),
            Self::SodFails => Some(at_file("EF.SOD", status(0x6F00))),
            Self::ComFails => Some(at_file("EF.COM", status(0x6F00))),
            Self::DataGroupRefused => Some(at_file("DG1", status(0x6982))),
            Self::DataGroupFails => Some(at_file("DG2", status(0x6F00))),
            _ => self.disturbed_protocol(),
        }
    }

    /// What goes wrong in an access protocol or a proof of the chip.
    fn disturbed_protocol(self) -> Option<Disturbance> {
        let pace = |step, effect| Some(at(GENERAL_AUTHENTICATE, step, effect));
        let manage = |p1, effect| Some(at_variant(MANAGE_SECURITY_ENVIRONMENT, p1, effect));
        match self {
            Self::NoApplication => Some(at_variant(SELECT, BY_NAME, status(0x6A82))),
            Self::PaceRefused => manage(FOR_PACE, status(0x6A80)),
            Self::PaceBreaksOff => pace(2, status(0x6F00)),
            Self::KeyOffCurve => pace(2, Effect::FlippedBit { byte: 20 }),
            Self::ReflectedKey => pace(3, Effect::Reflected),
            Self::WrongPaceToken => pace(4, Effect::FlippedBit { byte: 5 }),
            Self::WrongMappingData => pace(4, Effect::FlippedBit { byte: 20 }),
            Self::WrongBacAnswer => Some(at(EXTERNAL_AUTHENTICATE, 1, Effect::FlippedBit { byte: 5 })),
            Self::ChallengeRefused => Some(at(GET_CHALLENGE, 1, status(0x6D00))),
            Self::ChipAuthenticationRefused => manage(FOR_CHIP_AUTHENTICATION, status(0x6A80)),
            Self::ActiveAuthenticationRefused => Some(at(INTERNAL_AUTHENTICATE, 1, status(0x6D00))),
            Self::WrongSignature => Some(at(INTERNAL_AUTHENTICATE, 1, Effect::FlippedBit { byte: 100 })),
            _ => None,
        }
    }

    /// The status word that refuses the right password, by the way that the card opens.
    pub(super) fn refuse_password(self, by_pace: bool) -> Vec<Disturbance> {
        match (self, by_pace) {
            (Self::PasswordRefused, true) => vec![at(GENERAL_AUTHENTICATE, 4, status(0x6300))],
            (Self::PasswordRefused, false) => vec![at(EXTERNAL_AUTHENTICATE, 1, status(0x6300))],
            (Self::PasswordBlocked, true) => {
                vec![at_variant(MANAGE_SECURITY_ENVIRONMENT, FOR_PACE, status(0x6983))]
            }
            (Self::PasswordBlocked, false) => vec![at(GET_CHALLENGE, 1, status(0x6983))],
            _ => Vec::new(),
        }
    }
}
