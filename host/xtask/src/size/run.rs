//! Runs the program in QEMU, which counts instructions, and reads what it prints.

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Stdio},
};

use crate::command::{Failure, program};

/// What a step took; of a step that was done several times the most, and all instructions.
#[derive(Clone, Copy, Default)]
pub(crate) struct Measured {
    /// The stack that it used itself, in bytes.
    pub(crate) stack: u64,
    /// How deep the stack went from the reset on, in bytes.
    pub(crate) depth: u64,
    /// The most of the heap that was held at once, in bytes.
    pub(crate) heap: u64,
    /// Instructions.
    pub(crate) instructions: u64,
}

/// Fails where the program does: a step or the verdict is not what it must be.
pub(crate) fn measure(elf: &Path, recording: &str) -> Result<BTreeMap<String, Measured>, Failure> {
    eprintln!("▸ {recording} on an emulated Cortex-M4F");
    let output = emulator(elf)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failure(format!("`qemu-system-arm` could not be started: {error}")))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(Failure(format!(
            "the microcontroller could not replay {recording} ({}):\n{printed}{why}",
            output.status
        )));
    }
    let mut steps = BTreeMap::new();
    for line in printed.lines() {
        let (name, found) = parse(line).ok_or_else(|| Failure(format!("the program printed {line:?}")))?;
        let step: &mut Measured = steps.entry(name.to_owned()).or_default();
        step.stack = step.stack.max(found.stack);
        step.depth = step.depth.max(found.depth);
        step.heap = step.heap.max(found.heap);
        step.instructions += found.instructions;
    }
    Ok(steps)
}

/// One nanosecond passes with each instruction, whatever the host's speed; a program that hangs is ended by `timeout`.
fn emulator(elf: &Path) -> Command {
    let mut emulator = program("timeout");
    emulator
        .args(["300", "qemu-system-arm", "-machine", "mps2-an386", "-nographic"])
        .args(["-monitor", "none", "-serial", "none", "-icount", "shift=0"])
        .args(["-semihosting-config", "enable=on,target=native", "-kernel"])
        .arg(elf);
    emulator
}

/// `measured NAME STACK DEPTH HEAP INSTRUCTIONS`.
fn parse(line: &str) -> Option<(&str, Measured)> {
    let mut words = line.strip_prefix("measured ")?.split(' ');
    let name = words.next()?;
    let mut number = || words.next()?.parse().ok();
    let measured = Measured {
        stack: number()?,
        depth: number()?,
        heap: number()?,
        instructions: number()?,
    };
    Some((name, measured))
}
