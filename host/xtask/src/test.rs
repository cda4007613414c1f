//! All tests.

use crate::{
    command::{self, Failure, cargo, succeeds},
    models, packages, pcscd,
};

/// `cargo xtask test`; what follows is passed on to the test runner.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    packages::install_missing(&packages::NEEDED)?;
    models::run_fetch()?;
    let _service = pcscd::ensure()?;
    // The tests run the program itself.
    command::run(cargo().args(["build", "--workspace", "--all-targets"]))?;
    if succeeds(cargo().args(["nextest", "--version"])) {
        command::run(cargo().args(["nextest", "run", "--workspace"]).args(arguments))?;
    } else {
        println!("cargo nextest is not installed; cargo test takes its place");
        command::run(
            cargo()
                .args(["test", "--workspace", "--all-targets"])
                .args(arguments),
        )?;
    }
    command::run(cargo().args(["test", "--workspace", "--doc"]))
}
