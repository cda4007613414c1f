//! Speed and memory. The program measures itself; nothing here is a test.

use crate::{
    command::{self, Failure, cargo},
    models, packages, pcscd,
};

/// `cargo xtask bench`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    packages::install_missing(&packages::NEEDED)?;
    models::run_fetch()?;
    let _service = pcscd::ensure()?;
    command::run(
        cargo()
            .args([
                "run",
                "--release",
                "--package",
                "chipgate-cli",
                "--",
                "bench",
                "--out",
                "docs/figures.md",
            ])
            .args(arguments),
    )
}
