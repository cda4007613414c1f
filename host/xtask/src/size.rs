//! What an inspection takes on a microcontroller: firmware/size, built with and without each part, and run in QEMU.

mod elf;
mod page;
mod run;

use std::{collections::BTreeMap, fs, path::PathBuf};

use crate::{
    command::{self, Failure, root},
    packages, thumb,
};
use elf::Sections;
use run::Measured;

/// A program: what its row is called, its features, and the program that it is held against.
struct Variant {
    name: &'static str,
    features: &'static str,
    beside: Option<usize>,
}

const VARIANTS: [Variant; 8] = [
    variant("start-up, heap, output and the recording", "device", None),
    variant("PACE, with BAC and secure messaging", "access", Some(0)),
    variant("reading files", "files", Some(1)),
    variant("chip authentication", "chip-authentication", Some(2)),
    variant("active authentication", "active-authentication", Some(2)),
    variant("passive authentication", "passive-authentication", Some(2)),
    variant(
        "all of these",
        "chip-authentication,active-authentication,passive-authentication",
        Some(0),
    ),
    variant("all of these, checks, policy and verdict", ALL, Some(0)),
];

const ALL: &str = "verdict";

const fn variant(name: &'static str, features: &'static str, beside: Option<usize>) -> Variant {
    Variant {
        name,
        features,
        beside,
    }
}

/// The profiles of Cargo.toml, with their opt-level.
const PROFILES: [(&str, &str); 2] = [("size", "s"), ("size-fast", "3")];

/// The recordings of test-vectors/ that are run, and what their chips do.
const RECORDINGS: [(&str, &str); 6] = [
    (
        "vn-cccd-genuine",
        "PACE and chip authentication on P-256, active authentication RSA, signed by ECDSA on P-384",
    ),
    (
        "td3-bac-genuine",
        "BAC, active authentication RSA, signed by RSA-PSS",
    ),
    (
        "td3-pace-im-genuine",
        "PACE with integrated mapping on P-256, active authentication ECDSA, signed by ECDSA on P-256",
    ),
    (
        "td3-pace-cam-genuine",
        "PACE with chip authentication mapping on P-256, chip authentication, signed by ECDSA on P-256",
    ),
    (
        "td3-pace-dh-genuine",
        "PACE and chip authentication modulo a prime of 2048 bits, signed by ECDSA on P-256",
    ),
    (
        "td2-genuine",
        "PACE and chip authentication on brainpoolP512r1, active authentication RSA, signed by RSA",
    ),
];

/// What was found.
struct Figures {
    /// By profile, as [`PROFILES`] has them: each of [`VARIANTS`].
    sections: Vec<Vec<Sections>>,
    /// Empty without an emulator.
    runs: Vec<Run>,
}

/// Recording, opt-level, and what each step took.
type Run = (&'static str, &'static str, BTreeMap<String, Measured>);

/// `cargo xtask size`.
pub(crate) fn run(_: &[String]) -> Result<(), Failure> {
    let mut figures = Figures {
        sections: Vec::new(),
        runs: Vec::new(),
    };
    let emulator = packages::install_missing(&packages::EMULATOR);
    if emulator.is_ok() {
        figures.runs = runs()?;
    }
    for (profile, _) in PROFILES {
        let built = VARIANTS.iter().map(|variant| {
            let program = build(profile, variant.features, RECORDINGS[0].0)?;
            elf::sections(&program)
        });
        figures.sections.push(built.collect::<Result<_, _>>()?);
    }
    let page = page::page(&figures);
    println!("\n{page}");
    if let Err(failure) = emulator {
        println!(
            "without QEMU there is no stack, heap and number of instructions, and docs/size.md stays as it is: {failure}"
        );
        return Ok(());
    }
    let file = root().join("docs/size.md");
    fs::write(&file, page).map_err(|error| Failure(format!("{} can't be written: {error}", file.display())))
}

/// Every recording by the first profile, and the first recording by every profile.
fn runs() -> Result<Vec<Run>, Failure> {
    let small = RECORDINGS.iter().map(|(recording, _)| (*recording, PROFILES[0]));
    let others = PROFILES[1..].iter().map(|profile| (RECORDINGS[0].0, *profile));
    let runs = small.chain(others).map(|(recording, (profile, opt_level))| {
        let program = build(profile, ALL, recording)?;
        Ok((recording, opt_level, run::measure(&program, recording)?))
    });
    runs.collect()
}

fn build(profile: &str, features: &str, recording: &str) -> Result<PathBuf, Failure> {
    let mut cargo = thumb::cargo_with_target()?;
    cargo
        .args([
            "build",
            "--quiet",
            "--package",
            "chipgate-size",
            "--target",
            thumb::TARGET,
        ])
        .args(["--profile", profile, "--features", features])
        .env("CHIPGATE_SIZE_RECORDING", recording)
        .env("CARGO_TARGET_DIR", thumb::folder());
    command::run(&mut cargo)?;
    Ok(thumb::folder()
        .join(thumb::TARGET)
        .join(profile)
        .join("chipgate-size"))
}
