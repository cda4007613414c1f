//! `chipgate face calibrate`: all pairs of a set of pictures, and what follows from them.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "counts of pairs and places on a page"
)]

mod chip;
mod html;
mod plot;
mod report;
mod set;

use std::{fmt::Write, fs, path::PathBuf, process::ExitCode};

use chipgate_face::{Pair, all_pairs};
use clap::{Args, ValueEnum};

use super::ModelArguments;
use crate::cli_error::CliError;
use crate::output::say;
use crate::overwrite::Overwrite;
use report::Report;
use set::Set;

pub(super) use report::significant;

#[derive(Args)]
pub(crate) struct CalibrateArguments {
    /// A folder with one folder of pictures a person; a file groups.csv in it (person,group) adds rates by group
    folder: PathBuf,
    #[command(flatten)]
    models: ModelArguments,
    /// A second embedder, whose scores are averaged in after both are brought to one scale
    #[arg(long, value_name = "NAME")]
    fuse: Option<String>,
    /// The false match rate that the threshold is wanted for
    #[arg(long, value_name = "RATE", default_value_t = 1e-3)]
    fmr: f64,
    /// Put one picture of each pair through what a chip carries: 240 × 320 JPEG 2000 of --kilobytes; needs Python with
    /// Pillow (CHIPGATE_PYTHON names another Python)
    #[arg(long, value_enum)]
    simulate: Option<Simulation>,
    /// The length of the simulated portrait in kilobytes
    #[arg(long, value_name = "N", default_value_t = 15)]
    kilobytes: u32,
    /// Write JSON
    #[arg(long)]
    json: bool,
    /// Also write all scores to this file: a, b, genuine, score, quality
    #[arg(long, value_name = "OUT.csv")]
    csv: Option<PathBuf>,
    /// Also write a page with plots to this file; it needs nothing beside it
    #[arg(long, value_name = "OUT.html")]
    html: Option<PathBuf>,
    /// Also write the [calibration] part of a manifest to this file
    #[arg(long, value_name = "OUT.toml")]
    manifest: Option<PathBuf>,
    #[command(flatten)]
    overwrite: Overwrite,
}

#[derive(Clone, Copy, ValueEnum)]
enum Simulation {
    /// The portrait of a chip
    Chip,
}

pub(super) fn run(arguments: &CalibrateArguments) -> Result<ExitCode, CliError> {
    if !(arguments.fmr > 0.0 && arguments.fmr < 1.0) {
        return Err(CliError::Usage(
            "--fmr is a rate between 0 and 1, such as 0.001".to_owned(),
        ));
    }
    let files = [&arguments.csv, &arguments.html, &arguments.manifest];
    arguments
        .overwrite
        .check(files.into_iter().filter_map(|file| file.as_deref()))?;
    let (set, pairs, model) = measure(arguments)?;
    let report = Report::new(&set, &pairs, model, arguments.fmr);
    if arguments.manifest.is_some() {
        report.check_claim().map_err(CliError::Usage)?;
    }
    if let Some(file) = &arguments.csv {
        fs::write(file, csv(&set, &pairs)).map_err(|error| CliError::file(file, error))?;
    }
    if let Some(file) = &arguments.html {
        fs::write(file, html::page(&report)).map_err(|error| CliError::file(file, error))?;
    }
    if let Some(file) = &arguments.manifest {
        fs::write(file, report.manifest()).map_err(|error| CliError::file(file, error))?;
    }
    if arguments.json {
        say!("{}", report.to_json());
    } else {
        crate::output::write(format_args!("{}", report.to_text()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Embeds the set, with one model or with two, and scores its pairs.
fn measure(arguments: &CalibrateArguments) -> Result<(Set, Vec<Pair>, String), CliError> {
    let chip = arguments.simulate.map(|Simulation::Chip| arguments.kilobytes);
    let engine = arguments.models.engine_to_calibrate()?;
    let set = Set::read(&arguments.folder, &engine, chip)?;
    let mut pairs = all_pairs(&set.samples);
    let mut model = engine.versioned();
    if let Some(second) = &arguments.fuse {
        let models = ModelArguments {
            model: Some(second.clone()),
            detector: arguments.models.detector.clone(),
        };
        let engine = models.engine_to_calibrate()?;
        let other = Set::read(&arguments.folder, &engine, chip)?;
        pairs = fuse(pairs, &all_pairs(&other.samples), &set, &other)?;
        let _ = write!(model, " + {}", engine.versioned());
    }
    if let Some(kilobytes) = chip {
        let _ = write!(model, " (chip portrait of {kilobytes} KB simulated)");
    }
    Ok((set, pairs, model))
}

/// The mean of two scores, each brought to one scale by the mean and the deviation of its impostor scores.
fn fuse(first: Vec<Pair>, second: &[Pair], one: &Set, other: &Set) -> Result<Vec<Pair>, CliError> {
    let same = first.len() == second.len() && one.files == other.files;
    if !same {
        return Err(CliError::Usage(
            "the two models did not find faces in the same pictures, so that their scores can't be joined"
                .to_owned(),
        ));
    }
    let scale = |pairs: &[Pair]| {
        let scores: Vec<f64> = pairs
            .iter()
            .filter(|pair| !pair.genuine)
            .map(|pair| f64::from(pair.score))
            .collect();
        let count = scores.len().max(1) as f64;
        let mean = scores.iter().sum::<f64>() / count;
        let deviation = (scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / count).sqrt();
        (mean, deviation.max(1e-6))
    };
    let ((mean_a, width_a), (mean_b, width_b)) = (scale(&first), scale(second));
    Ok(first
        .into_iter()
        .zip(second)
        .map(|(a, b)| {
            let joined = (f64::from(a.score) - mean_a) / width_a + (f64::from(b.score) - mean_b) / width_b;
            // Ten deviations on the scale of a score.
            Pair {
                score: ((joined / 20.0 * 1e4).round() / 1e4) as f32,
                ..a
            }
        })
        .collect())
}

fn csv(set: &Set, pairs: &[Pair]) -> String {
    let mut text = "a,b,genuine,score,quality\n".to_owned();
    let quoted = |index: usize| {
        let name = set.files.get(index).map_or("", String::as_str);
        if name.contains([',', '"', '\n']) {
            format!("\"{}\"", name.replace('"', "\"\""))
        } else {
            name.to_owned()
        }
    };
    for pair in pairs {
        let genuine = u8::from(pair.genuine);
        let _ = writeln!(
            text,
            "{},{},{genuine},{:.4},{:.1}",
            quoted(pair.a),
            quoted(pair.b),
            pair.score,
            pair.quality
        );
    }
    text
}
