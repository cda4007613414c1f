//! The main job, from a fresh machine to a verifier's page.

use crate::{
    command::{self, Failure, cargo, target},
    models, packages, pcscd,
};

/// `cargo xtask demo`; what follows is passed on to `chipgate demo`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    packages::install_missing(&packages::NEEDED)?;
    models::run_fetch()?;
    // Built first, so that the build's own output does not run into the demo's.
    command::run(cargo().args(["build", "--package", "chipgate-cli"]))?;
    let service = pcscd::ensure();
    if let Err(failure) = &service {
        eprintln!("No PC/SC here, so the cards are presented in-process: {failure}");
    }
    let mut demo = cargo();
    demo.args(["run", "--quiet", "--package", "chipgate-cli", "--", "demo"])
        .args(arguments);
    if !arguments.iter().any(|argument| argument.starts_with("--out")) {
        demo.arg("--out").arg(target().join("demo"));
    }
    command::run(&mut demo)
}
