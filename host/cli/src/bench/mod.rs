//! `chipgate bench`: speed and memory on this machine, each against a peer or a floor in the same run.

mod faces;
mod figures;
mod measure;
mod phases;
mod read;
mod reports;
mod trust;

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use crate::cli_error::CliError;
use crate::output::say;
use figures::Figures;

#[derive(Args)]
pub(crate) struct BenchArguments {
    /// Also write the figures to this file (Markdown), with the kind of machine and the date
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How often each measurement is repeated; the median counts
    #[arg(long, value_name = "N", default_value_t = 15)]
    repeat: usize,
    /// Measure this alone: read, faces, reports or trust
    #[arg(long, value_name = "WHAT", value_parser = ["read", "faces", "reports", "trust"])]
    only: Option<String>,
}

pub(crate) fn run(arguments: &BenchArguments) -> Result<ExitCode, CliError> {
    let repeat = arguments.repeat.max(1);
    let mut figures = Figures::default();
    let wanted = |what| arguments.only.as_deref().is_none_or(|only| only == what);
    if wanted("read") {
        read::measure(repeat, &mut figures)?;
    }
    if wanted("faces") {
        faces::measure(repeat, &mut figures)?;
    }
    if wanted("reports") {
        reports::measure(repeat, &mut figures)?;
    }
    if wanted("trust") {
        trust::measure(repeat, &mut figures)?;
    }
    measure::peak_memory(&mut figures);
    crate::output::write(format_args!("{}", figures.table()));
    if let Some(file) = &arguments.out {
        std::fs::write(file, figures.markdown()).map_err(|error| CliError::file(file, error))?;
        say!("Written to {}", file.display());
    }
    Ok(ExitCode::SUCCESS)
}
