//! Figures, as a table on the terminal and as a page of the documentation.

use std::{fmt::Write, time::Duration};

use chipgate_apdu::Clock as _;

use crate::{clock::SystemClock, table::Table, time};

/// What was measured, in order.
#[derive(Default)]
pub(super) struct Figures {
    rows: Vec<[String; 3]>,
}

impl Figures {
    /// A figure and what it is to be held against.
    pub(super) fn add(&mut self, what: &str, figure: impl Into<String>, beside: impl Into<String>) {
        self.rows.push([what.to_owned(), figure.into(), beside.into()]);
    }

    /// A median time.
    pub(super) fn time(&mut self, what: &str, time: Duration, beside: impl Into<String>) {
        self.add(what, milliseconds(time), beside);
    }

    pub(super) fn table(&self) -> String {
        let mut table = Table::new(["what", "figure", "beside"]);
        for [what, figure, beside] in &self.rows {
            table.row([what, figure, beside]);
        }
        table.render()
    }

    pub(super) fn markdown(&self) -> String {
        let mut text = format!(
            "# Figures\n\nMeasured by `cargo xtask bench` on {}, {}, {}. Medians. Written by the command itself: do not edit.\n\n\
             | what | figure | beside |\n|---|---|---|\n",
            time::date(SystemClock.now()),
            processor(),
            profile(),
        );
        for [what, figure, beside] in &self.rows {
            let _ = writeln!(text, "| {what} | {figure} | {beside} |");
        }
        text
    }
}

pub(super) fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}

/// The middle one; of an even number the later one.
pub(super) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The kind of machine: its processor and how many of its cores are seen.
fn processor() -> String {
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} cores of {}", model.unwrap_or("an unknown processor"))
}

const fn profile() -> &'static str {
    if cfg!(debug_assertions) {
        "development build"
    } else {
        "release build"
    }
}
