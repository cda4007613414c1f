//! Set-up and checks: `cargo xtask …`. It only spawns other programs, so that it builds in seconds.
//!
//! One file a topic: [`command`] runs programs, [`packages`] installs what the system lacks, [`pcscd`] runs the
//! smart-card service, and each command of the list below has a file of its own.

mod bench;
mod check;
mod command;
mod demo;
mod fuzz;
mod models;
mod packages;
mod pcscd;
mod peers;
mod size;
mod test;
mod thumb;
mod vectors;

use std::process::ExitCode;

use command::Failure;

/// A command of `cargo xtask`.
struct Task {
    name: &'static str,
    help: &'static str,
    run: fn(&[String]) -> Result<(), Failure>,
}

const TASKS: [Task; 10] = [
    Task {
        name: "demo",
        help: "set everything up, then inspect four virtual cards from end to end",
        run: demo::run,
    },
    Task {
        name: "test",
        help: "set everything up, then run all tests",
        run: test::run,
    },
    Task {
        name: "check",
        help: "formatting, lints, dependency rules, licences, spelling, the microcontroller build",
        run: check::run,
    },
    Task {
        name: "models",
        help: "fetch, convert and check the face models; fetch the demo's pictures",
        run: models::run,
    },
    Task {
        name: "bench",
        help: "measure speed and memory, print them and write them to docs/figures.md",
        run: bench::run,
    },
    Task {
        name: "fuzz",
        help: "fuzz every parser and the whole reader, with coverage: [--seconds N] [TARGET …]",
        run: fuzz::run,
    },
    Task {
        name: "thumb",
        help: "build the no_std crates for thumbv7em-none-eabihf",
        run: thumb::run,
    },
    Task {
        name: "size",
        help: "measure text, stack and heap of an inspection on a microcontroller, and write them to docs/size.md",
        run: size::run,
    },
    Task {
        name: "vectors",
        help: "record the virtual cards of test-vectors/recordings again",
        run: vectors::run,
    },
    Task {
        name: "setup",
        help: "install what demo and test need, and nothing else",
        run: setup,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        print_tasks();
        return ExitCode::SUCCESS;
    };
    if ["--help", "-h", "help"].contains(&name.as_str()) {
        print_tasks();
        return ExitCode::SUCCESS;
    }
    let Some(task) = TASKS.iter().find(|task| task.name == name) else {
        eprintln!("xtask: there is no command {name:?}");
        print_tasks();
        return ExitCode::from(2);
    };
    match (task.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn print_tasks() {
    println!("cargo xtask COMMAND\n");
    for task in &TASKS {
        println!("  {:8}{}", task.name, task.help);
    }
}

/// Installs what is missing.
fn setup(_: &[String]) -> Result<(), Failure> {
    packages::install_missing(&packages::NEEDED)?;
    models::run(&[])
}
