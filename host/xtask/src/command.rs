//! Running other programs.

use std::{
    fmt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Why a task ended: what happened and what to do, for a person.
pub(crate) struct Failure(pub(crate) String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// Where what is built goes.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The cargo that runs this task.
pub(crate) fn cargo() -> Command {
    program(std::env::var("CARGO").as_deref().unwrap_or("cargo"))
}

/// A program, run from the root of the repository.
pub(crate) fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

/// Shows and runs a command, and fails if it does.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let line = line_of(command);
    eprintln!("▸ {line}");
    let status = command
        .status()
        .map_err(|error| Failure(format!("`{line}` could not be started: {error}")))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure(format!("`{line}` failed ({status})")))
    }
}

/// What a command prints, or `None` if it fails.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).stdin(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a command can be started and succeeds.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    output(command).is_some()
}

/// Whether a program of this name is installed.
pub(crate) fn is_installed(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // System programs stand in sbin, which is not in everyone's PATH.
    let system = [PathBuf::from("/usr/sbin"), PathBuf::from("/sbin")];
    std::env::split_paths(&path)
        .chain(system)
        .any(|folder| folder.join(name).is_file())
}

/// Whether this process may do everything.
pub(crate) fn is_root() -> bool {
    output(program("id").arg("-u")).as_deref() == Some("0")
}

/// A command with the rights to change the system, or `None` where there is no way to get them without asking.
pub(crate) fn privileged(name: &str) -> Option<Command> {
    if is_root() {
        Some(program(name))
    } else if is_installed("sudo") && (succeeds(program("sudo").args(["-n", "true"])) || is_terminal()) {
        let mut command = program("sudo");
        command.arg(name);
        Some(command)
    } else {
        None
    }
}

fn is_terminal() -> bool {
    use std::io::IsTerminal;
    std::io::stdin().is_terminal()
}

fn line_of(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}
