//! However hostile a card is, reading and judging it takes less than 16 MiB of memory.
//!
//! A program of its own, with one test in it: its allocator counts what lives.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

#[path = "../it/common.rs"]
#[allow(dead_code, reason = "the other tests use all of it")]
mod common;
mod files;

use chipgate_apdu::Cancellation;
use chipgate_chip::AccessOptions;
use chipgate_gate::{READ_EVERYTHING, ReadRequest, read_chip};
use chipgate_lds::{DataGroup, File};
use chipgate_virtual_card::{
    CardFile, Disturbance, Effect, Fault, HexBytes, HexNumber, InProcess, IssueOptions, Profile, Quirk,
};
use common::{Stage, password, presented};
use peak_alloc::PeakAlloc;
use rand::{SeedableRng, rngs::StdRng};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const MIB: usize = 1 << 20;
/// What the project promises.
const MOST: usize = 16 * MIB;
const READ_BINARY: HexNumber = HexNumber(0xB0);

/// The most bytes that lived at once while `work` was done, beside what lived before.
fn peak(work: impl FnOnce()) -> usize {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    work();
    MEMORY.peak_usage().saturating_sub(before)
}

/// Inspects a card, whatever comes of it.
fn inspect(card: &CardFile, chip: InProcess) {
    let _ = Stage::get().inspect(card, chip, &Cancellation::default(), &mut |_| {});
}

/// Reads every file that a card has, whatever comes of it.
fn read_everything(card: &CardFile, chip: InProcess) {
    let (password, options) = (password(card), AccessOptions::default());
    let request = ReadRequest {
        plan: &READ_EVERYTHING,
        password: &password,
        options: &options,
        challenge: *b"nonce 8b",
        terminal: None,
    };
    let mut rng = StdRng::seed_from_u64(3);
    let (mut watch, mut finished) = (|_| {}, |_, _: &[u8]| {});
    let read = read_chip(chip, &request, &mut rng, &mut watch, &mut finished);
    let _ = pollster::block_on(read);
}

#[test]
fn no_card_takes_more_than_16_mib() {
    let genuine = Stage::get().card(Profile::Td3Eac).clone();
    // What is made once is no card's.
    inspect(&genuine, presented(&genuine));
    let mut largest = (0, String::new());
    let mut measure = |name: String, work: &mut dyn FnMut()| {
        let took = peak(work);
        assert!(took < MOST, "{name} takes {} KiB", took >> 10);
        if took > largest.0 {
            largest = (took, name);
        }
    };
    for (name, card) in faulty().into_iter().chain(misshapen(&genuine)) {
        let mut chip = Some(presented(&card));
        measure(name, &mut || inspect(&card, chip.take().unwrap()));
    }
    for (name, card) in full(&genuine) {
        // What the chip holds itself is not the reader's.
        let mut chips = [presented(&card), presented(&card)].into_iter();
        measure(format!("{name}, inspected"), &mut || {
            inspect(&card, chips.next().unwrap());
        });
        measure(format!("{name}, read"), &mut || {
            read_everything(&card, chips.next().unwrap());
        });
    }
    for file in files::with_a_parser() {
        for (shape, bytes) in files::shapes(file) {
            measure(format!("parsing {file}, {shape}"), &mut || {
                files::parse(file, &bytes);
            });
        }
    }
    println!("the most: {} KiB, by {}", largest.0 >> 10, largest.1);
    assert!(largest.0 > MIB, "nothing was measured");
}

/// A card with each fault, and one with each way to read it in pieces.
fn faulty() -> Vec<(String, CardFile)> {
    let issued = |profile, options: &IssueOptions| Stage::get().issued(profile, options, 7);
    let profiles = [
        Profile::VnCccd,
        Profile::Td3Pace,
        Profile::Td3Bac,
        Profile::Td3Eac,
    ];
    let faults = Fault::ALL.iter().filter_map(|fault| {
        let fits = |profile: &Profile| fault.expectation(*profile).is_some();
        let options = IssueOptions {
            faults: vec![*fault],
            ..IssueOptions::default()
        };
        Some((
            fault.to_string(),
            issued(profiles.into_iter().find(fits)?, &options),
        ))
    });
    let quirks = [
        Quirk::ShortLengths,
        Quirk::LessThanAdvertised,
        Quirk::LongRead6282,
    ];
    let quirks = quirks.into_iter().map(|quirk| {
        let options = IssueOptions {
            personalities: vec![quirk],
            ..IssueOptions::default()
        };
        (quirk.name().to_owned(), issued(Profile::Td3PaceBac, &options))
    });
    faults.chain(quirks).collect()
}

/// Cards one of whose files is as long as any may be, or claims to be longer, in each shape that parsers unfold.
fn misshapen(genuine: &CardFile) -> Vec<(String, CardFile)> {
    let shaped = files::read_by_an_inspection().into_iter().flat_map(|file| {
        let shapes = files::shapes(file).into_iter();
        shapes.map(move |(shape, bytes)| (file, shape, bytes))
    });
    let mut cards: Vec<_> = shaped
        .map(|(file, shape, bytes)| {
            let mut card = genuine.clone();
            card.files.insert(file.name().to_owned(), HexBytes(bytes));
            (format!("{file}, {shape}"), card)
        })
        .collect();
    let mut certificates = genuine.clone();
    let sod = files::with_many_certificates(genuine.file("EF.SOD").unwrap());
    certificates.files.insert("EF.SOD".to_owned(), HexBytes(sod));
    cards.push(("EF.SOD, many certificates".to_owned(), certificates));
    cards
}

/// A card all of whose files are as long as any may be, and one whose files never end.
fn full(genuine: &CardFile) -> [(String, CardFile); 2] {
    let mut full = genuine.clone();
    full.chip.terminal_authentication = None;
    for file in DataGroup::all().map(File::DataGroup) {
        let (_, bytes) = files::shapes(file).swap_remove(0);
        full.files.insert(file.name().to_owned(), HexBytes(bytes));
    }
    full.files
        .insert("EF.COM".to_owned(), HexBytes(files::com_with_everything()));
    full.files.remove("EF.SOD");
    let mut endless = full.clone();
    endless.personality.disturbances = vec![Disturbance {
        instruction: Some(READ_BINARY),
        p1: None,
        file: None,
        from: 4,
        once: false,
        effect: Effect::EndlessFile,
    }];
    [
        ("all files of the longest length".to_owned(), full),
        ("files that never end".to_owned(), endless),
    ]
}
