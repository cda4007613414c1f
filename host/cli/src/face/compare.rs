//! `chipgate face compare`.

use std::{fmt::Write, path::PathBuf, process::ExitCode};

use chipgate_face::{Comparison, Engine, Located, RgbImage};
use clap::Args;

use super::{ModelArguments, drawing, of, picture, rounded};
use crate::cli_error::CliError;
use crate::output::say;
use crate::overwrite::Overwrite;

#[derive(Args)]
pub(crate) struct CompareArguments {
    /// The first picture
    a: PathBuf,
    /// The second picture
    b: PathBuf,
    /// Write JSON
    #[arg(long)]
    json: bool,
    /// Also draw what was found into this PNG file
    #[arg(long, value_name = "OUT.png")]
    picture: Option<PathBuf>,
    #[command(flatten)]
    overwrite: Overwrite,
    #[command(flatten)]
    models: ModelArguments,
}

pub(crate) fn run(arguments: &CompareArguments) -> Result<ExitCode, CliError> {
    arguments.overwrite.check(arguments.picture.as_deref())?;
    let files = [&arguments.a, &arguments.b];
    let pictures = [picture(files[0])?, picture(files[1])?];
    let engine = arguments.models.engine(None)?;
    let mut located = Vec::new();
    for (picture, file) in pictures.iter().zip(files) {
        located.push(engine.template(picture).map_err(of(file))?);
    }
    let located: [Located; 2] = located
        .try_into()
        .map_err(|_| CliError::Usage("two pictures are compared".to_owned()))?;
    let comparison = engine.compare(&located[0].template, &located[1].template);
    if arguments.json {
        say!("{}", to_json(&comparison, &located));
    } else {
        crate::output::write(format_args!("{}", to_text(&comparison, &located)));
    }
    if let Some(file) = &arguments.picture {
        drawing::save(&draw(&engine, &pictures, &located, &comparison)?, file)?;
    }
    Ok(ExitCode::from(if comparison.matched { 0 } else { 20 }))
}

/// Both pictures with box and points, their aligned faces, and the score.
fn draw(
    engine: &Engine,
    pictures: &[RgbImage; 2],
    located: &[Located; 2],
    comparison: &Comparison,
) -> Result<RgbImage, CliError> {
    let mut panels = Vec::new();
    for (picture, located) in pictures.iter().zip(located) {
        panels.push(drawing::marked(engine, picture, &[located.face]));
        panels.push(engine.align(picture, &located.face)?);
    }
    let word = if comparison.matched { "MATCH" } else { "NO MATCH" };
    let line = format!(
        "{word}  SCORE {:.4}  THRESHOLD {:.4}",
        comparison.score, comparison.threshold
    );
    Ok(drawing::sheet(&panels, &[line]))
}

fn to_json(comparison: &Comparison, located: &[Located; 2]) -> serde_json::Value {
    let warnings: Vec<Vec<String>> = located
        .iter()
        .map(|located| located.warnings.iter().map(ToString::to_string).collect())
        .collect();
    let rate = comparison.false_match_rate.as_ref().map(|rate| {
        serde_json::json!({
            "at_most": super::calibrate::significant(f64::from(rate.at_most)),
            "set": rate.set,
            "impostor_pairs": rate.impostor_pairs,
        })
    });
    serde_json::json!({
        "score": rounded(comparison.score),
        "threshold": rounded(comparison.threshold),
        "distance": rounded(comparison.distance),
        "matched": comparison.matched,
        "model": comparison.model,
        "threshold_origin": comparison.threshold_origin,
        "false_match_rate": rate,
        "warnings": warnings,
    })
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
    if let Some(rate) = &comparison.false_match_rate {
        let _ = writeln!(
            text,
            "At most one impostor in {:.0} reaches this score ({}, {} impostor pairs)",
            1.0 / rate.at_most,
            rate.set,
            rate.impostor_pairs
        );
    }
    for (located, which) in located.iter().zip(["first", "second"]) {
        for warning in &located.warnings {
            let _ = writeln!(text, "In the {which} picture: {warning}");
        }
    }
    text
}
