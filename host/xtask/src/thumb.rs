//! The no_std crates on a microcontroller: an Arm Cortex-M4F or M7.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::command::{self, Failure, cargo, is_installed, output, privileged, program, succeeds, target};

pub(crate) const TARGET: &str = "thumbv7em-none-eabihf";
/// What also runs on a microcontroller.
const CRATES: [&str; 6] = [
    "chipgate-apdu",
    "chipgate-crypto",
    "chipgate-lds",
    "chipgate-chip",
    "chipgate-trust",
    "chipgate-inspection",
];

/// `cargo xtask thumb`.
pub(crate) fn run(_: &[String]) -> Result<(), Failure> {
    let mut cargo = cargo_with_target()?;
    cargo.args(["build", "--release", "--target", TARGET]);
    for name in CRATES {
        cargo.args(["--package", name]);
    }
    command::run(cargo.env("CARGO_TARGET_DIR", folder()))?;
    // The program that `cargo xtask size` measures.
    let mut cargo = cargo_with_target()?;
    cargo.args(["check", "--release", "--target", TARGET]);
    cargo.args(["--package", "chipgate-size", "--features", "verdict"]);
    command::run(cargo.env("CARGO_TARGET_DIR", folder()))
}

/// Where what is built for the microcontroller goes.
pub(crate) fn folder() -> PathBuf {
    target().join("thumb")
}

/// A cargo that can build for the microcontroller.
pub(crate) fn cargo_with_target() -> Result<Command, Failure> {
    if has_target() || succeeds(program("rustup").args(["target", "add", TARGET])) && has_target() {
        return Ok(cargo());
    }
    println!("rustup has no {TARGET} here; Debian's compiler builds the core library for it instead");
    debian_cargo()
}

fn has_target() -> bool {
    let libraries = output(program("rustc").args(["--print", "target-libdir", "--target", TARGET]));
    libraries.is_some_and(|folder| Path::new(&folder).is_dir())
}

/// Debian's cargo, which brings the sources of the core library.
fn debian_cargo() -> Result<Command, Failure> {
    const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];
    let is_there = || {
        Path::new("/usr/bin/cargo").exists()
            && Path::new("/usr/src")
                .read_dir()
                .is_ok_and(|mut d| d.any(is_rust_source))
    };
    if !is_there() {
        let by_hand = format!("apt-get install {}", PACKAGES.join(" "));
        let Some(mut install) = privileged("apt-get").filter(|_| is_installed("apt-get")) else {
            return Err(Failure(format!(
                "run `rustup target add {TARGET}`, or as root `{by_hand}`, then try again"
            )));
        };
        command::run(
            install
                .env("DEBIAN_FRONTEND", "noninteractive")
                .args(["install", "--yes", "--quiet", "--no-install-recommends"])
                .args(PACKAGES),
        )?;
    }
    let mut cargo = program("/usr/bin/cargo");
    cargo
        .env(
            "PATH",
            format!("/usr/bin:{}", std::env::var("PATH").unwrap_or_default()),
        )
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_UNSTABLE_BUILD_STD", "core,alloc")
        .env("CARGO_TARGET_THUMBV7EM_NONE_EABIHF_LINKER", "ld.lld-22")
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("RUSTC")
        .env_remove("CARGO");
    Ok(cargo)
}

fn is_rust_source(entry: std::io::Result<std::fs::DirEntry>) -> bool {
    entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("rustc-"))
}
