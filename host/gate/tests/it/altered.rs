//! Single bits of the card's responses are inverted: the reader ends with a named error or with the right result.
//!
//! Every bit of the protocols' own exchanges, and a seeded sample of the files' bytes; with CHIPGATE_EXHAUSTIVE every bit
//! of every profile (`cargo xtask test --exhaustive`).

use std::{num::NonZero, thread};

use chipgate_apdu::{Cancellation, Command};
use chipgate_gate::{GateError, Inspection};
use chipgate_inspection::Verdict;
use chipgate_virtual_card::{CardFile, Profile};
use rand::{RngExt as _, SeedableRng, rngs::StdRng};

use crate::common::{Exchange, Link, Meddling, Stage, exhaustive, presented};

/// How many bits of the files' bytes are tried where not all of them are.
const SAMPLE: usize = 150;

/// A bit of a response: the number of its command, and its place.
type Bit = (usize, usize);

fn inspect(card: &CardFile, link: &mut Link<'_>) -> Result<Inspection, GateError> {
    Stage::get().inspect(card, link, &Cancellation::new(), &mut |_| {})
}

/// The bits of the protocols' own exchanges, and those of the bytes of files.
fn bits(exchanges: &[Exchange]) -> (Vec<Bit>, Vec<Bit>) {
    let (mut own, mut bulk) = (Vec::new(), Vec::new());
    for (number, (command, response)) in exchanges.iter().enumerate() {
        let length = response.len();
        let instruction = Command::parse(command).unwrap().instruction;
        let bits = (0..length * 8).map(|bit| (number, bit));
        if instruction | 1 == 0xB1 && length > 100 {
            bulk.extend(bits);
        } else {
            own.extend(bits);
        }
    }
    (own, bulk)
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
        (chip.map(Result::is_ok), active.map(Result::is_ok))
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

fn alter(card: &CardFile) {
    let mut link = Link::new(presented(card), Meddling::None);
    let whole = inspect(card, &mut link).unwrap();
    assert_eq!(whole.decision.verdict, Verdict::Accept);
    let (mut tried, mut bulk) = bits(&link.exchanges);
    if exhaustive() {
        tried.append(&mut bulk);
    } else {
        let mut rng = StdRng::seed_from_u64(11);
        tried.extend((0..SAMPLE).map(|_| bulk[rng.random_range(0..bulk.len())]));
    }
    eprintln!("{}: {} bits", card.profile, tried.len());
    try_all(card, &whole, &link.exchanges, &tried);
}

#[test]
fn no_altered_bit_makes_a_wrong_document_out_of_a_citizen_card() {
    alter(Stage::get().card(Profile::VnCccd));
}

#[test]
fn no_altered_bit_makes_a_wrong_document_out_of_a_passport_with_basic_access_control() {
    alter(Stage::get().card(Profile::Td3Bac));
}

#[test]
fn no_altered_bit_makes_a_wrong_document_out_of_a_passport_with_pace() {
    alter(Stage::get().card(Profile::Td3Pace));
}

#[test]
fn no_altered_bit_makes_a_wrong_document_out_of_any_other_profile() {
    if !exhaustive() {
        println!("skipped: the other profiles are altered by `cargo xtask test --exhaustive` only");
        return;
    }
    let others = Stage::get().cards.iter();
    others
        .filter(|card| !matches!(card.profile, Profile::VnCccd | Profile::Td3Bac | Profile::Td3Pace))
        .for_each(alter);
}
