//! Each file of the corpus goes through its target, and so do the shortest inputs and some of chance.

use std::{fs, path::Path};

use chipgate_fuzz::TARGETS;
use rand::{RngExt as _, SeedableRng, rngs::StdRng};

/// How many changed inputs of each target an ordinary test run tries.
const CHANGED: usize = 60;

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
        for _ in 0..CHANGED {
            let mut input = inputs[rng.random_range(0..inputs.len())].clone();
            for _ in 0..rng.random_range(1..4) {
                if let Some(length) = input.len().checked_sub(1).filter(|length| *length > 0) {
                    input[rng.random_range(0..length)] = rng.random();
                }
            }
            if rng.random_bool(0.3) {
                input.truncate(rng.random_range(0..=input.len()));
            }
            target.run(&input);
        }
    }
}

#[test]
fn every_target_survives_nothing_and_single_bytes() {
    for target in TARGETS {
        target.run(&[]);
        (0..=255).step_by(17).for_each(|byte| target.run(&[byte]));
    }
}
