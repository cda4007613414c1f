//! Single bits of the card's responses are inverted: the reader ends with a named error or with the right result.
//!
//! Every bit of the protocols' own exchanges, and a seeded sample of everything else, which is SELECT and READ BINARY under secure
//! messaging; of three profiles every bit but those of the files' bytes. With CHIPGATE_EXHAUSTIVE every bit of every profile
//! (`cargo xtask test --exhaustive`).

use std::{num::NonZero, thread};

use chipgate_apdu::{Cancellation, Command};
use chipgate_gate::{GateError, Inspection};
use chipgate_inspection::Verdict;
use chipgate_virtual_card::{CardFile, Profile, profiles};
use rand::{RngExt as _, SeedableRng, rngs::StdRng};

use crate::common::{Exchange, Link, Meddling, Stage, exhaustive, presented};

/// How many of the other bits are tried.
const SAMPLE: usize = 150;

/// A bit of a response: the number of its command, and its place.
type Bit = (usize, usize);

fn inspect(card: &CardFile, link: &mut Link<'_>) -> Result<Inspection, GateError> {
    Stage::get().inspect(card, link, &Cancellation::new(), &mut |_| {})
}

/// How much of what a card says is tried, bit by bit, where not all of it is.
#[derive(Clone, Copy)]
enum Extent {
    /// All but the bytes of files.
    AllButFiles,
    /// What opens the chip, and proves chip and terminal.
    Protocols,
}

impl Extent {
    fn covers(self, command: &[u8], response: &[u8]) -> bool {
        let instruction = Command::parse(command).unwrap().instruction;
        match self {
            Self::AllButFiles => instruction | 1 != 0xB1 || response.len() <= 100,
            // MANAGE SECURITY ENVIRONMENT, PERFORM SECURITY OPERATION, EXTERNAL (MUTUAL) AUTHENTICATE, GET CHALLENGE, GENERAL
            // AUTHENTICATE, INTERNAL AUTHENTICATE.
            Self::Protocols => matches!(instruction, 0x22 | 0x2A | 0x82 | 0x84 | 0x86 | 0x88),
        }
    }

    /// The bits that are tried all, and the others.
    fn bits(self, exchanges: &[Exchange]) -> (Vec<Bit>, Vec<Bit>) {
        let (mut all, mut others) = (Vec::new(), Vec::new());
        for (number, (command, response)) in exchanges.iter().enumerate() {
            let bits = (0..response.len() * 8).map(|bit| (number, bit));
            if self.covers(command, response) {
                all.extend(bits);
            } else {
                others.extend(bits);
            }
        }
        (all, others)
    }
}

/// What is wrong with the outcome of an inspection in which one bit was inverted.
fn wrong(
    whole: &Inspection,
    outcome: &Result<Inspection, GateError>,
    commands: (usize, usize),
) -> Option<String> {
    if commands.1 > 3 * commands.0 + 60 {
        return Some(format!("{} commands", commands.1));
    }
    let found = match outcome {
        Ok(found) if found.decision.verdict == Verdict::Accept => found,
        Ok(_) => return None, // a person looks at it
        Err(GateError::Chip(error)) => return error.code().is_empty().then(|| error.to_string()),
        Err(error) => return Some(format!("{}: {error}", error.code())),
    };
    if found.files != whole.files {
        return Some("accepted with other files".to_owned());
    }
    let protocol = |inspection: &Inspection| inspection.access.as_ref().map(|access| *access.protocol());
    if protocol(found) != protocol(whole) {
        return Some("accepted with another access protocol".to_owned());
    }
    let proven = |inspection: &Inspection| {
        let chip = inspection.chip_authentication.as_ref();
        let active = inspection.active_authentication.as_ref();
        let terminal = inspection.terminal_authentication.as_ref();
        (
            chip.map(Result::is_ok),
            active.map(Result::is_ok),
            terminal.map(Result::is_ok),
        )
    };
    (proven(found) != proven(whole)).then(|| "accepted with another proof".to_owned())
}

/// Tries the bits on every core.
fn try_all(card: &CardFile, whole: &Inspection, exchanges: &[Exchange], bits: &[Bit]) {
    let cores = thread::available_parallelism().map_or(2, NonZero::get);
    let one = |&(at, bit): &Bit| {
        let mut link = Link::known(card, exchanges, Meddling::Invert(at, bit));
        let outcome = inspect(card, &mut link);
        let fault = wrong(whole, &outcome, (exchanges.len(), link.exchanges.len()))?;
        Some(format!("{}: command {at}, bit {bit}: {fault}", card.profile))
    };
    let faults: Vec<String> = thread::scope(|scope| {
        let parts: Vec<_> = bits
            .chunks(bits.len().div_ceil(cores).max(1))
            .map(|part| scope.spawn(move || part.iter().filter_map(one).collect::<Vec<_>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn alter(profile: Profile, extent: Extent) {
    let card = Stage::get().card(profile);
    let mut link = Link::new(presented(card), Meddling::None);
    let whole = inspect(card, &mut link).unwrap();
    assert_eq!(whole.decision.verdict, Verdict::Accept);
    let (mut tried, mut others) = extent.bits(&link.exchanges);
    if exhaustive() {
        tried.append(&mut others);
    } else {
        let mut rng = StdRng::seed_from_u64(11);
        tried.extend((0..SAMPLE).map(|_| others[rng.random_range(0..others.len())]));
    }
    eprintln!("{profile}: {} bits", tried.len());
    try_all(card, &whole, &link.exchanges, &tried);
}

/// One test a profile: they run side by side.
macro_rules! no_altered_bit_makes_a_wrong_document_out_of {
    ($($name:ident: $profile:ident, $extent:ident;)+) => {
        $(#[test] fn $name() { alter(Profile::$profile, Extent::$extent); })+

        #[test]
        fn any_other_profile() {
            if !exhaustive() {
                println!("skipped: the other profiles are altered by `cargo xtask test --exhaustive` only");
                return;
            }
            let named = [$(Profile::$profile),+];
            let others = profiles().iter().filter(|profile| !named.contains(profile));
            others.for_each(|profile| alter(*profile, Extent::AllButFiles));
        }
    };
}

mod no_altered_bit_makes_a_wrong_document_out_of {
    use super::{Extent, Profile, alter, exhaustive, profiles};

    no_altered_bit_makes_a_wrong_document_out_of! {
        a_citizen_card: VnCccd, AllButFiles;
        a_passport_with_basic_access_control: Td3Bac, AllButFiles;
        a_passport_with_pace: Td3Pace, AllButFiles;
        a_passport_with_triple_des: Td3Pace3des, Protocols;
        a_passport_with_integrated_mapping: Td3PaceIm, Protocols;
        a_passport_with_chip_authentication_mapping: Td3PaceCam, Protocols;
        a_passport_with_pace_modulo_a_prime: Td3PaceDh, Protocols;
        a_passport_with_integrated_mapping_modulo_a_prime: Td3PaceDhIm, Protocols;
        a_passport_that_wants_the_terminal_proven: Td3Eac, Protocols;
    }
}
