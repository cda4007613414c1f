//! Memory.

use super::figures::Figures;

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
