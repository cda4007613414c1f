//! The face models and the demo's pictures.

use crate::{
    command::{self, Failure, cargo},
    packages,
};

/// Fetches and converts what is not in the cache.
pub(crate) fn run_fetch() -> Result<(), Failure> {
    command::run(cargo().args(["run", "--quiet", "--package", "chipgate-models", "--", "fetch"]))
}

/// Holds each model that is there against what other programs compute from it.
fn check() -> Result<(), Failure> {
    command::run(cargo().args([
        "run",
        "--quiet",
        "--package",
        "chipgate-face",
        "--example",
        "references",
    ]))
}

/// `cargo xtask models`.
pub(crate) fn run(_: &[String]) -> Result<(), Failure> {
    packages::install_missing(&packages::NEEDED)?;
    run_fetch()?;
    check()
}
