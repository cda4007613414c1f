//! The page: docs/size.md.

use std::fmt::Write;

use super::{Figures, PROFILES, RECORDINGS, VARIANTS, elf::Sections, run::Measured};
use crate::command::{output, program};

/// The steps as the program names them, and the heads of their columns.
const STEPS: [(&str, &str); 7] = [
    ("access", "access"),
    ("files", "files"),
    ("chip-authentication", "CA"),
    ("active-authentication", "AA"),
    ("anchors", "anchors"),
    ("passive-authentication", "PA"),
    ("verdict", "verdict"),
];

pub(crate) fn page(figures: &Figures) -> String {
    let mut page = String::from("# Size on a microcontroller\n\n");
    let compiler = output(program("rustc").arg("--version")).unwrap_or_default();
    line(
        &mut page,
        &format!(
            "Measured by `cargo xtask size` with {compiler}, for thumbv7em-none-eabihf (Cortex-M4F, M7). Written by the \
             command itself: do not edit."
        ),
    );
    line(&mut page, ABOUT);
    text(&mut page, &figures.sections);
    if figures.runs.is_empty() {
        return page;
    }
    line(&mut page, RUNS);
    for (recording, about) in RECORDINGS {
        let _ = writeln!(page, "- `{recording}`: {about}");
    }
    page.push('\n');
    table(&mut page, figures, "Stack, in bytes", |step| {
        step.stack.to_string()
    });
    line(&mut page, STACK);
    table(&mut page, figures, "Heap, in bytes", |step| step.heap.to_string());
    line(&mut page, HEAP);
    table(&mut page, figures, "Instructions, in millions", |step| {
        millions(step.instructions)
    });
    page.push_str(INSTRUCTIONS);
    page.push('\n');
    page
}

const ABOUT: &str = "\
`firmware/size` carries out an inspection with the crates of `firmware/`. The chip is a recording of `test-vectors/`: the program must send \
every recorded command to the byte and come to the recorded verdict, else the measurement fails.

## Text, in bytes
Linked programs: one codegen unit, link-time optimisation, `panic = abort`. *adds* is code and constants beyond the program in the row above that it builds \
on: the empty one for access and for the sums, access for reading files, and that for each of the three authentications. They share much of \
their cryptography, so the sum is less than its parts. Every algorithm, curve and hash that a chip may ask for is in, since the chip chooses.";

const RUNS: &str = "\
## Stack, heap, instructions
The last program in QEMU's `mps2-an386`. *access* is PACE or BAC, *files* the most that one file takes (of instructions the sum); CA, AA and PA are chip, active and \
passive authentication; *anchors* reads certificates and revocation lists, which a gate does before a card comes. The chips:";

const STACK: &str = "\
The stack is painted before each step, and the lowest touched word looked for behind it. *deepest* counts from the reset, with the frames that are there \
before a step begins.";

const HEAP: &str = "\
The most that is held at once while the step runs, with what was held before: the files that were read, a buffer of 4,200 bytes for the longest \
response, and from *anchors* on the parsed certificates and revocation lists of two authorities. What the allocator itself needs is not in it.";

const INSTRUCTIONS: &str = "\
Counted by QEMU, to within 40. A microcontroller needs at least one cycle for each. The chip's own time and the radio link come on top.";

fn line(page: &mut String, text: &str) {
    page.push_str(text);
    page.push_str("\n\n");
}

fn text(page: &mut String, by_profile: &[Vec<Sections>]) {
    let mut head = String::from("| program |");
    let mut rule = String::from("|---|");
    for (_, opt_level) in PROFILES {
        let _ = write!(head, " code ({opt_level}) | constants | adds |");
        rule.push_str("---|---|---|");
    }
    let _ = writeln!(page, "{head}\n{rule}");
    for (index, variant) in VARIANTS.iter().enumerate() {
        let _ = write!(page, "| {} |", variant.name);
        for sections in by_profile {
            let found = sections[index];
            let adds = variant.beside.map_or_else(
                || "–".to_owned(),
                |beside| (i64::from(found.text()) - i64::from(sections[beside].text())).to_string(),
            );
            let _ = write!(page, " {} | {} | {adds} |", found.code, found.constants);
        }
        page.push('\n');
    }
    page.push('\n');
}

fn table(page: &mut String, figures: &Figures, title: &str, figure: impl Fn(&Measured) -> String) {
    let depth = title.starts_with("Stack");
    let heads = STEPS.map(|(_, head)| head).join(" | ");
    let last = if depth { " deepest |" } else { "" };
    let rule = "---|".repeat(STEPS.len() + 1 + usize::from(depth));
    let _ = writeln!(page, "### {title}\n\n| recording | {heads} |{last}\n|{rule}");
    for (recording, opt_level, steps) in &figures.runs {
        let _ = write!(page, "| {recording} ({opt_level}) |");
        for (name, _) in STEPS {
            let cell = steps.get(name).map_or_else(|| "–".to_owned(), &figure);
            let _ = write!(page, " {cell} |");
        }
        if depth {
            let deepest = steps.values().map(|step| step.depth).max().unwrap_or(0);
            let _ = write!(page, " {deepest} |");
        }
        page.push('\n');
    }
    page.push('\n');
}

fn millions(instructions: u64) -> String {
    let hundredths = instructions.div_ceil(10_000);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
