//! `chipgate face`.

use std::{fmt::Write, fs, path::PathBuf, process::ExitCode};

use chipgate_face::{Comparison, Engine, Located, decode};
use clap::Subcommand;

use crate::cli_error::CliError;
use crate::output::say;

#[derive(Subcommand)]
pub(crate) enum FaceCommand {
    /// Compare the faces of two pictures (JPEG, JPEG 2000, PNG, PNM); exit status 0 if they match, 20 if not
    Compare {
        /// The first picture
        a: PathBuf,
        /// The second picture
        b: PathBuf,
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn run(command: &FaceCommand) -> Result<ExitCode, CliError> {
    let FaceCommand::Compare { a, b, json } = command;
    match compare([a, b]) {
        Ok((comparison, located)) => {
            if *json {
                say!("{}", to_json(&comparison, &located));
            } else {
                crate::output::write(format_args!("{}", to_text(&comparison, &located)));
            }
            Ok(ExitCode::from(if comparison.matched { 0 } else { 20 }))
        }
        Err(error) => Err(error),
    }
}

/// Loads the models where they are cached.
pub(crate) fn engine() -> Result<Engine, CliError> {
    let folder = chipgate_models::models_dir().map_err(|error| CliError::Environment(error.to_string()))?;
    Ok(Engine::load(&folder)?)
}

fn compare(files: [&PathBuf; 2]) -> Result<(Comparison, [Located; 2]), CliError> {
    let mut pictures = Vec::new();
    for file in files {
        let bytes = fs::read(file).map_err(|error| CliError::file(file, error))?;
        pictures.push(decode(&bytes).map_err(|error| CliError::Picture {
            file: file.clone(),
            error,
        })?);
    }
    let engine = engine()?;
    let mut located = Vec::new();
    for (picture, file) in pictures.iter().zip(files) {
        located.push(engine.template(picture).map_err(|error| CliError::Picture {
            file: file.clone(),
            error,
        })?);
    }
    let located: [Located; 2] = located
        .try_into()
        .map_err(|_| CliError::Usage("two pictures are compared".to_owned()))?;
    Ok((
        engine.compare(&located[0].template, &located[1].template),
        located,
    ))
}

fn to_json(comparison: &Comparison, located: &[Located; 2]) -> serde_json::Value {
    let warnings: Vec<Vec<String>> = located
        .iter()
        .map(|located| located.warnings.iter().map(ToString::to_string).collect())
        .collect();
    serde_json::json!({
        "score": rounded(comparison.score),
        "threshold": rounded(comparison.threshold),
        "distance": rounded(comparison.distance),
        "matched": comparison.matched,
        "model": comparison.model,
        "threshold_origin": comparison.threshold_origin,
        "warnings": warnings,
    })
}

/// Four digits, as scores have, without what a 32-bit float adds behind them.
pub(crate) fn rounded(value: f32) -> f64 {
    (f64::from(value) * 10_000.0).round() / 10_000.0
}

fn to_text(comparison: &Comparison, located: &[Located; 2]) -> String {
    let word = if comparison.matched {
        "One person"
    } else {
        "Two persons"
    };
    let mut text = format!(
        "{word}: score {:.4}, one person from {:.4} up ({})\nThreshold: {}\n",
        comparison.score, comparison.threshold, comparison.model, comparison.threshold_origin
    );
    for (located, which) in located.iter().zip(["first", "second"]) {
        for warning in &located.warnings {
            let _ = writeln!(text, "In the {which} picture: {warning}");
        }
    }
    text
}
