//! All tests.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    command::{self, Failure, cargo, succeeds},
    models, packages, pcscd, peers,
};

/// How a test begins the line that names what it skipped, and why.
const SKIPPED: &str = "skipped: ";
/// With it, tests fail that would be skipped where the PC/SC service does not run.
const REQUIRE_PCSC: &str = "CHIPGATE_REQUIRE_PCSC";
/// Where tests find the program over the crate `emrtd`.
const EMRTD: &str = "CHIPGATE_EMRTD";
/// Where Python looks for modules first.
const PYTHON_MODULES: &str = "PYTHONPATH";
/// With it, tests try every case instead of a sample.
const EXHAUSTIVE: &str = "CHIPGATE_EXHAUSTIVE";
/// What nextest's own lines begin with.
const OWN_LINES: [&str; 12] = [
    "PASS",
    "FAIL",
    "SLOW",
    "LEAK",
    "TIMEOUT",
    "SIGNAL",
    "ABORT",
    "TRY",
    "Cancelling",
    "Canceling",
    "Summary",
    "────",
];

/// `cargo xtask test`; what follows is passed on to the test runner, but for `--exhaustive`: with it every bit of every
/// exchange is altered, which takes hours.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let (exhaustive, arguments): (Vec<_>, Vec<_>) = arguments
        .iter()
        .cloned()
        .partition(|argument| argument == "--exhaustive");
    let (exhaustive, arguments) = (!exhaustive.is_empty(), arguments.as_slice());
    packages::install_missing(&packages::NEEDED)?;
    let peers = peers::install();
    models::run_fetch()?;
    let _service = pcscd::ensure()?;
    // The tests run the program itself.
    command::run(cargo().args(["build", "--workspace", "--all-targets"]))?;
    if succeeds(cargo().args(["nextest", "--version"])) {
        nextest(arguments, &peers, exhaustive)?;
    } else {
        println!("cargo nextest is not installed; cargo test takes its place");
        let mut test = cargo();
        test.args(["test", "--workspace", "--all-targets"])
            .args(arguments);
        command::run(demanding(&mut test, &peers, exhaustive))?;
    }
    command::run(cargo().args(["test", "--workspace", "--doc"]))
}

/// The same command, with what the tests ask the environment for.
fn demanding<'a>(tests: &'a mut Command, modules: &Path, exhaustive: bool) -> &'a mut Command {
    if exhaustive {
        tests.env(EXHAUSTIVE, "1");
    }
    tests
        .env(REQUIRE_PCSC, "1")
        .env(EMRTD, peers::emrtd())
        .env(PYTHON_MODULES, modules)
}

/// Runs nextest. Of tests that pass only what they skipped is shown, and counted at the end.
fn nextest(arguments: &[String], peers: &Path, exhaustive: bool) -> Result<(), Failure> {
    println!("▸ cargo nextest run --workspace {}", arguments.join(" "));
    let failed = |error: std::io::Error| Failure(format!("cargo nextest could not be started: {error}"));
    let mut tests = cargo();
    tests
        .args(["nextest", "run", "--workspace", "--success-output", "immediate"])
        .args(arguments);
    let mut child = demanding(&mut tests, peers, exhaustive)
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut skipped = Vec::new();
    if let Some(output) = child.stderr.take() {
        let mut filter = Filter::default();
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(reason) = line.trim_start().strip_prefix(SKIPPED) {
                skipped.push(format!("{}: {reason}", filter.test));
            }
            if filter.shows(&line) {
                eprintln!("{line}");
            }
        }
    }
    let status = child.wait().map_err(failed)?;
    println!("{} tests skipped something:", skipped.len());
    for line in &skipped {
        println!("  {line}");
    }
    if status.success() {
        Ok(())
    } else {
        Err(Failure(format!("cargo nextest failed ({status})")))
    }
}

/// Drops the output of tests that pass.
#[derive(Default)]
struct Filter {
    /// The test whose output comes.
    test: String,
    in_passing_test: bool,
}

impl Filter {
    fn shows(&mut self, line: &str) -> bool {
        let text = line.trim_start();
        if OWN_LINES.iter().any(|start| text.starts_with(start)) {
            self.in_passing_test = text.starts_with("PASS");
            if self.in_passing_test {
                text.rsplit_once(") ")
                    .map_or(text, |(_, test)| test)
                    .clone_into(&mut self.test);
            }
            return true;
        }
        !self.in_passing_test
    }
}
