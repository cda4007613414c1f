//! `chipgate face`.

mod calibrate;
mod compare;
mod drawing;
mod font;
mod look;

use std::{path::Path, path::PathBuf, process::ExitCode};

use chipgate_face::{Engine, FaceError, RgbImage, Selection, decode};
use clap::{Args, Subcommand};

use chipgate_gate::{LONGEST_PICTURE, read_at_most};

use crate::cli_error::CliError;

#[derive(Subcommand)]
pub(crate) enum FaceCommand {
    /// Compare the faces of two pictures (JPEG, JPEG 2000, PNG, PNM); exit status 0 if they match, 20 if not
    Compare(compare::CompareArguments),
    /// Find the faces of pictures, with their five points
    Detect(look::LookArguments),
    /// Measure the quality of the face in each picture, by the components of ISO/IEC 29794-5
    Quality(look::LookArguments),
    /// Say whether each picture, or all of them as frames of one video, looks like an attack
    Attack(look::AttackArguments),
    /// Measure error rates and thresholds on a folder with one folder of pictures a person
    Calibrate(calibrate::CalibrateArguments),
}

/// Which models are used.
#[derive(Args, Default)]
pub(crate) struct ModelArguments {
    /// The embedder, by the name in its manifest
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// The detector, by the name in its manifest
    #[arg(long, value_name = "NAME")]
    detector: Option<String>,
}

impl ModelArguments {
    fn engine(&self, attack: Option<&str>) -> Result<Engine, CliError> {
        load(&self.selection(attack))
    }

    /// An embedder that may have no calibration yet.
    fn engine_to_calibrate(&self) -> Result<Engine, CliError> {
        load(&Selection {
            uncalibrated: true,
            ..self.selection(None)
        })
    }

    fn selection(&self, attack: Option<&str>) -> Selection {
        Selection {
            detector: self.detector.clone(),
            embedder: self.model.clone(),
            attack: attack.map(ToOwned::to_owned),
            uncalibrated: false,
        }
    }
}

pub(crate) fn run(command: &FaceCommand) -> Result<ExitCode, CliError> {
    match command {
        FaceCommand::Compare(arguments) => compare::run(arguments),
        FaceCommand::Detect(arguments) => look::detect(arguments),
        FaceCommand::Quality(arguments) => look::quality(arguments),
        FaceCommand::Attack(arguments) => look::attack(arguments),
        FaceCommand::Calibrate(arguments) => calibrate::run(arguments),
    }
}

/// Loads the default models where they are cached.
pub(crate) fn engine() -> Result<Engine, CliError> {
    engine_with(None)
}

/// The default models, and an attack detector where one is named.
pub(crate) fn engine_with(attack: Option<&str>) -> Result<Engine, CliError> {
    load(&Selection {
        attack: attack.map(ToOwned::to_owned),
        ..Selection::default()
    })
}

/// Loads models where they are cached, and warns of those whose licence or origin is unproven.
fn load(selection: &Selection) -> Result<Engine, CliError> {
    let folder = chipgate_models::models_dir().map_err(|error| CliError::Environment(error.to_string()))?;
    let engine = Engine::load_selected(&folder, selection)?;
    for unproven in engine.unproven() {
        eprintln!("warning: {unproven}");
    }
    Ok(engine)
}

/// Reads and decodes a picture.
fn picture(file: &Path) -> Result<RgbImage, CliError> {
    let bytes = read_at_most(file, LONGEST_PICTURE).map_err(|error| CliError::file(file, error))?;
    decode(&bytes).map_err(of(file))
}

/// An error of this picture.
fn of(file: &Path) -> impl Fn(FaceError) -> CliError {
    let file = PathBuf::from(file);
    move |error| CliError::Picture {
        file: file.clone(),
        error,
    }
}

/// Four digits, as scores have, without what a 32-bit float adds behind them.
pub(crate) fn rounded(value: f32) -> f64 {
    (f64::from(value) * 10_000.0).round() / 10_000.0
}
