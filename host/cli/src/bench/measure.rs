//! The face by stage, and memory.

use std::time::Instant;

use chipgate_face::Stages;

use super::figures::{Figures, median};
use crate::{cli_error::CliError, face};

/// Portrait to template, by stage.
pub(super) fn faces(repeat: usize, figures: &mut Figures) -> Result<(), CliError> {
    let file =
        chipgate_models::picture_path("obama").map_err(|error| CliError::Environment(error.to_string()))?;
    let bytes = std::fs::read(&file).map_err(|error| CliError::file(&file, error))?;
    let begun = Instant::now();
    let engine = face::engine()?;
    figures.time(
        "face models loaded and optimised",
        begun.elapsed(),
        "once, before a card comes",
    );
    let mut measured = Vec::new();
    for _ in 0..repeat {
        measured.push(engine.stages(&bytes)?);
    }
    for stage in 0..4 {
        let Some((name, _)) = measured.first().map(|stages| stages.named()[stage]) else {
            continue;
        };
        let times = measured.iter().map(|stages| stages.named()[stage].1).collect();
        figures.time(&format!("face: {name}"), median(times), "one official portrait");
    }
    let total = median(measured.iter().map(Stages::total).collect());
    figures.time("face: picture to template", total, engine.model());
    Ok(())
}

/// The most memory that this process has held.
pub(super) fn peak_memory(figures: &mut Figures) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| {
        line.strip_prefix("VmHWM:")?
            .trim()
            .strip_suffix(" kB")?
            .parse::<u64>()
            .ok()
    });
    let figure = peak.map_or_else(
        || "unknown".to_owned(),
        |kilobytes| format!("{} MiB", kilobytes / 1024),
    );
    figures.add(
        "peak memory of all of this",
        figure,
        "reader, virtual card and face in one process; the verifier is another",
    );
}
