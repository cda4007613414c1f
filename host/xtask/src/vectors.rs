//! The recordings among the test vectors.

use crate::command::{self, Failure, cargo};

/// `cargo xtask vectors`: makes the recordings of the virtual cards again, each kind, fault and personality, and replays
/// all that there are.
pub(crate) fn run(_: &[String]) -> Result<(), Failure> {
    const WRITE: &str = "CHIPGATE_WRITE_VECTORS";
    let test = ["test", "--package", "chipgate-cli", "--test", "it", "--"];
    command::run(
        cargo()
            .args(test)
            .args(["--exact", "vectors::written"])
            .env(WRITE, "1"),
    )?;
    command::run(cargo().args(test).arg("vectors::"))
}
