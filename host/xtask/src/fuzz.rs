//! Fuzzing: libFuzzer over every target of host/fuzz, with coverage of this workspace's crates.
//!
//! No nightly compiler is needed: the coverage pass and its options are stable, and memory is safe without a sanitizer,
//! since no crate of this workspace holds unsafe code.

use std::fs;

use crate::command::{self, Failure, cargo, root, target};

/// The options, for whoever asks.
const USAGE: &str = "usage: cargo xtask fuzz [--seconds N] [TARGET …]";
/// How long each target runs unless told otherwise.
const SECONDS: u32 = 30;
/// The longest input that is tried: a card file, or a picture.
const LONGEST: usize = 65_536;

/// `cargo xtask fuzz`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let (seconds, mut names) = parse(arguments)?;
    let corpus = root().join("host/fuzz/corpus");
    if names.is_empty() {
        names = targets(&corpus)?;
    }
    let built = target().join("fuzz");
    command::run(
        cargo()
            .args([
                "build",
                "--package",
                "chipgate-fuzz",
                "--features",
                "libfuzzer",
                "--bin",
                "chipgate-fuzz",
            ])
            .env("RUSTC_WORKSPACE_WRAPPER", root().join("host/fuzz/instrument.sh")),
    )?;
    let mut failed = Vec::new();
    for name in &names {
        // What is found grows outside the repository; only what is worth keeping is copied by hand.
        let found = built.join(name);
        fs::create_dir_all(&found)
            .map_err(|error| Failure(format!("{} can't be made: {error}", found.display())))?;
        let mut fuzzer = command::program(&target().join("debug/chipgate-fuzz").to_string_lossy());
        fuzzer
            .arg(&found)
            .arg(corpus.join(name))
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-max_len={LONGEST}"))
            .args([
                "-timeout=10",
                "-rss_limit_mb=2048",
                "-print_final_stats=1",
                "-verbosity=0",
            ])
            .arg(format!("-artifact_prefix={}/", built.display()))
            .env("CHIPGATE_FUZZ_TARGET", name);
        if command::run(&mut fuzzer).is_err() {
            failed.push(name.clone());
        }
    }
    if failed.is_empty() {
        println!("no target failed in {seconds} s each: {}", names.join(", "));
        return Ok(());
    }
    Err(Failure(format!(
        "{} failed; the inputs are in {}",
        failed.join(", "),
        built.display()
    )))
}

fn parse(arguments: &[String]) -> Result<(u32, Vec<String>), Failure> {
    let mut rest = arguments.iter();
    let (mut seconds, mut names) = (SECONDS, Vec::new());
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--seconds" => {
                let value = rest.next().and_then(|text| text.parse().ok());
                seconds = value.ok_or_else(|| Failure(USAGE.to_owned()))?;
            }
            name if name.starts_with('-') => return Err(Failure(USAGE.to_owned())),
            name => names.push(name.to_owned()),
        }
    }
    Ok((seconds, names))
}

/// Every target has a folder in the corpus.
fn targets(corpus: &std::path::Path) -> Result<Vec<String>, Failure> {
    let unreadable = |error| Failure(format!("{} can't be read: {error}", corpus.display()));
    let mut names = Vec::new();
    for entry in fs::read_dir(corpus).map_err(unreadable)? {
        names.push(
            entry
                .map_err(unreadable)?
                .file_name()
                .to_string_lossy()
                .into_owned(),
        );
    }
    names.sort();
    Ok(names)
}
