//! Each file of the corpus goes through its target, and so do the shortest inputs and some of chance.

use std::{fs, path::Path};

use chipgate_fuzz::TARGETS;
use rand::{RngExt as _, SeedableRng, rngs::StdRng};

/// How many changed inputs of each target an ordinary test run tries; more with CHIPGATE_EXHAUSTIVE.
fn changed() -> usize {
    if std::env::var_os("CHIPGATE_EXHAUSTIVE").is_some() {
        5000
    } else {
        60
    }
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

#[test]
fn every_target_survives_its_corpus_and_small_changes_of_it() {
    for target in TARGETS {
        let inputs = corpus(target.name);
        assert!(!inputs.is_empty(), "{} has no corpus", target.name);
        for input in &inputs {
            target.run(input);
        }
        let mut rng = StdRng::seed_from_u64(1);
        for _ in 0..changed() {
            let mut input = inputs[rng.random_range(0..inputs.len())].clone();
            for _ in 0..rng.random_range(1..4) {
                change(&mut input, &inputs, &mut rng);
            }
            target.run(&input);
        }
    }
}

/// One small change: an octet, a part that is gone or there twice, a part of another input, or an end that is cut off.
fn change(input: &mut Vec<u8>, others: &[Vec<u8>], rng: &mut StdRng) {
    let length = input.len();
    let mut part = |length: usize| {
        let start = rng.random_range(0..=length);
        start..rng.random_range(start..=length.min(start + 64))
    };
    let (here, there) = (part(length), part(length));
    let other = &others[rng.random_range(0..others.len())];
    match rng.random_range(0..10) {
        0..6 if length > 0 => input[rng.random_range(0..length)] = rng.random(),
        6 => drop(input.drain(here)),
        7 => {
            let twice = input[here.clone()].to_vec();
            drop(input.splice(there.start..there.start, twice));
        }
        8 => {
            let start = rng.random_range(0..=other.len());
            let end = rng.random_range(start..=other.len().min(start + 64));
            drop(input.splice(here, other[start..end].iter().copied()));
        }
        _ => input.truncate(rng.random_range(0..=length)),
    }
}

#[test]
fn every_target_survives_nothing_and_single_bytes() {
    for target in TARGETS {
        target.run(&[]);
        (0..=255).step_by(17).for_each(|byte| target.run(&[byte]));
    }
}
