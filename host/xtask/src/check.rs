//! Everything that is checked without running the code.

mod dependencies;

use crate::{
    command::{self, Failure, cargo, is_installed, program, succeeds, target},
    packages, thumb,
};

/// `cargo xtask check`.
pub(crate) fn run(_: &[String]) -> Result<(), Failure> {
    packages::install_missing(&packages::NEEDED)?;
    command::run(cargo().args(["fmt", "--all", "--check"]))?;
    dependencies::check()?;
    spelling()?;
    command::run(cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "--deny",
        "warnings",
    ]))?;
    licences()?;
    thumb::run(&[])
}

/// Spelling, by `typos`, which a package client brings.
fn spelling() -> Result<(), Failure> {
    const VERSION: &str = "typos==1.52.0";
    if is_installed("typos") {
        return command::run(&mut program("typos"));
    }
    let folder = target().join("tools").join("python");
    let installed = folder.join("bin").join("typos");
    if !installed.exists() {
        let mut install = program("python3");
        install
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-deps",
                "--upgrade",
                "--target",
            ])
            .arg(&folder)
            .arg(VERSION);
        command::run(&mut install)?;
    }
    command::run(&mut program(&installed.to_string_lossy()))
}

/// Licences, sources and doubled versions, by `cargo deny`.
fn licences() -> Result<(), Failure> {
    if !succeeds(cargo().args(["deny", "--version"])) {
        println!(
            "skipped: licences and sources of the dependencies (`cargo install cargo-deny`, then run this again)"
        );
        return Ok(());
    }
    command::run(cargo().args(["deny", "--offline", "check", "licenses", "sources", "bans"]))
}
