//! The whole reader, up to the verdict.
//!
//! `reader-answers`: the chip is nothing but the bytes. `reader-card`: a genuine virtual card of one of the profiles, of
//! which the bytes change files (behind all protocols, so that what is malformed reaches the innermost parser) and
//! responses on the link.

use std::sync::OnceLock;

use chipgate_apdu::{Channel, ChannelError, Limits, Link, Timestamp};
use chipgate_chip::{AccessOptions, Password};
use chipgate_crypto::Secret;
use chipgate_gate::{ChipRequest, GateError, Inspection, Inspector, READ_PLAN, ReadRequest};
use chipgate_inspection::{Policy, Verdict};
use chipgate_lds::{Mrz, MrzKey};
use chipgate_trust::{MemoryAnchors, PathOptions};
use chipgate_virtual_card::{
    CardFile, HexBytes, InProcess, IssueOptions, Pki, SecretText, VirtualCard, issue, profiles,
};
use rand::{SeedableRng, rngs::StdRng};

/// 2026-07-01.
const NOW: Timestamp = Timestamp::from_seconds(1_782_864_000);
/// More commands than any whole read takes; a chip that makes its reader send more holds it.
const MOST_COMMANDS: usize = 20_000;

struct Stage {
    cards: Vec<CardFile>,
    policy: Policy,
}

fn stage() -> &'static Stage {
    static STAGE: OnceLock<Stage> = OnceLock::new();
    STAGE.get_or_init(|| {
        let mut rng = StdRng::seed_from_u64(7);
        let pki = Pki::generate(&mut rng, NOW).unwrap();
        let options = IssueOptions::default();
        let cards = profiles()
            .iter()
            .map(|&profile| issue(profile, &pki, &options, &mut rng, NOW).unwrap());
        Stage {
            cards: cards.collect(),
            policy: Policy::document().unwrap(),
        }
    })
}

fn inspect(channel: impl Channel, password: &Password) -> Result<Inspection, GateError> {
    let options = AccessOptions::default();
    let request = ChipRequest {
        read: ReadRequest {
            plan: &READ_PLAN,
            password,
            options: &options,
            challenge: [7; 8],
            terminal: None,
        },
        printed: None,
        live: None,
    };
    let inspector = Inspector {
        anchors: &MemoryAnchors::new(),
        policy: &stage().policy,
        path_options: PathOptions::default(),
        engine: None,
        clock: &NOW,
    };
    inspector.inspect_chip(channel, &request, &mut StdRng::seed_from_u64(3), &mut |_| {})
}

pub(crate) fn answers(bytes: &[u8]) {
    let chip = Answers {
        bytes: bytes.to_vec(),
        at: 0,
        commands: 0,
    };
    let outcome = inspect(chip, &Password::Can(Secret::new(*b"123456")));
    assert!(outcome.is_err(), "bytes that know no password opened a session");
}

/// Answers with what stands next in the bytes: a byte for the length, and so many bytes.
struct Answers {
    bytes: Vec<u8>,
    at: usize,
    commands: usize,
}

impl Channel for Answers {
    async fn transmit<'a>(&mut self, _: &[u8], response: &'a mut [u8]) -> Result<&'a [u8], ChannelError> {
        self.commands += 1;
        assert!(self.commands < MOST_COMMANDS);
        let length = usize::from(*self.bytes.get(self.at).ok_or(ChannelError::CardLost)?);
        let end = (self.at + 1 + length).min(self.bytes.len());
        let answer = &self.bytes[self.at + 1..end];
        self.at = end;
        let place = response.get_mut(..answer.len()).ok_or(ChannelError::TooLong)?;
        place.copy_from_slice(answer);
        Ok(place)
    }

    async fn reset(&mut self) -> Result<(), ChannelError> {
        Ok(())
    }

    fn limits(&self) -> Limits {
        Limits::extended(Link::InProcess)
    }
}

/// The first byte chooses the card, the second a file (or none) whose content is replaced by what follows up to the
/// length in the next two bytes; the rest meddles with responses, four bytes a time.
pub(crate) fn card(bytes: &[u8]) {
    let Some((&[which, file, high, low], rest)) = bytes.split_first_chunk::<4>() else {
        return;
    };
    let cards = &stage().cards;
    let genuine = &cards[usize::from(which) % cards.len()];
    let mut card = genuine.clone();
    let (content, meddling) = rest.split_at(usize::from(u16::from_be_bytes([high, low])).min(rest.len()));
    let name = card.files.keys().nth(usize::from(file)).cloned();
    if let Some(name) = name {
        card.files.insert(name, HexBytes(content.to_vec()));
    }
    let Ok(chip) = VirtualCard::new(&card, StdRng::seed_from_u64(5)) else {
        return;
    };
    let channel = Meddling {
        card: InProcess::new(chip),
        steps: meddling.chunks_exact(4).map(<[u8]>::to_vec).collect(),
        commands: 0,
    };
    if let Ok(found) = inspect(channel, &password(genuine)) {
        // No anchors are there: whatever the card says, no one vouches for it.
        assert_ne!(found.decision.verdict, Verdict::Accept);
    }
}

fn password(card: &CardFile) -> Password {
    card.passwords.can.as_ref().map(SecretText::as_str).map_or_else(
        || Password::Mrz(MrzKey::from(&Mrz::parse(card.passwords.mrz.as_str()).unwrap())),
        |can| Password::Can(Secret::new(can.as_bytes())),
    )
}

/// A card whose responses are meddled with: `[number of the command, how, where, what]`.
struct Meddling {
    card: InProcess,
    steps: Vec<Vec<u8>>,
    commands: usize,
}

impl Channel for Meddling {
    async fn transmit<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
    ) -> Result<&'a [u8], ChannelError> {
        let number = self.commands;
        self.commands += 1;
        assert!(self.commands < MOST_COMMANDS);
        let mut length = self.card.transmit(command, response).await?.len();
        for step in self.steps.iter().filter(|step| usize::from(step[0]) == number) {
            let place = usize::from(step[2]) * length / 256;
            match step[1] % 5 {
                0 => response[..length]
                    .get_mut(place)
                    .map_or((), |byte| *byte ^= step[3]),
                1 => length = place,
                2 if length + 1 < response.len() => {
                    response[length] = step[3];
                    length += 1;
                }
                3 => return Err(ChannelError::CardLost),
                _ => response[..length]
                    .get_mut(place)
                    .map_or((), |byte| *byte = step[3]),
            }
        }
        Ok(&response[..length])
    }

    async fn reset(&mut self) -> Result<(), ChannelError> {
        self.card.reset().await
    }

    fn limits(&self) -> Limits {
        self.card.limits()
    }
}
