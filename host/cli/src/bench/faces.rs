//! The face: models, stages, whole ways, and each model against onnxruntime in the same run.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use chipgate_face::{Engine, RgbImage, Stages, decode, fitted, time_model};

use super::figures::{Figures, median};
use crate::{cli_error::CliError, face};

/// A chip's portrait and a camera's frame.
const PORTRAIT: (u32, u32) = (240, 320);
const FRAME: (u32, u32) = (1280, 720);

/// Measures everything about faces.
pub(super) fn measure(repeat: usize, figures: &mut Figures) -> Result<(), CliError> {
    let file =
        chipgate_models::picture_path("obama").map_err(|error| CliError::Environment(error.to_string()))?;
    let bytes = std::fs::read(&file).map_err(|error| CliError::file(&file, error))?;
    let begun = Instant::now();
    let engine = face::engine()?;
    figures.time(
        "face models loaded and optimised",
        begun.elapsed(),
        "once, before a card comes; the aim is 500 ms",
    );
    stages(&engine, &bytes, repeat, figures)?;
    let picture = decode(&bytes)?;
    ways(&engine, &picture, repeat, figures)?;
    // What follows loads each model again.
    drop((engine, picture, bytes));
    models(repeat, figures)
}

/// One portrait, stage by stage.
fn stages(engine: &Engine, bytes: &[u8], repeat: usize, figures: &mut Figures) -> Result<(), CliError> {
    let mut measured = Vec::new();
    for _ in 0..repeat {
        measured.push(engine.stages(bytes)?);
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

/// A chip's portrait, a camera's frame, and a face that is followed.
fn ways(engine: &Engine, picture: &RgbImage, repeat: usize, figures: &mut Figures) -> Result<(), CliError> {
    let portrait = fitted(picture, PORTRAIT.0, PORTRAIT.1);
    let frame = frame(picture);
    let time = timed(repeat, || engine.template(&portrait).map(|_| ()))?;
    figures.time(
        "face: chip portrait of 240 × 320 to template",
        time,
        "decoded; the aim is 60 ms",
    );
    let time = timed(repeat, || engine.template(&frame).map(|_| ()))?;
    figures.time("face: frame of 1280 × 720 to template", time, "the aim is 60 ms");
    let (face, _) = engine.locate(&frame)?;
    let time = timed(repeat, || engine.follow(&frame, &face).map(|_| ()))?;
    let rate = 1.0 / time.as_secs_f64().max(1e-6);
    figures.time(
        "face: followed to the next frame",
        time,
        format!("{rate:.0} frames a second; the aim is 15"),
    );
    Ok(())
}

/// The portrait before a wall, as a camera sees it.
fn frame(picture: &RgbImage) -> RgbImage {
    let person = fitted(picture, FRAME.1 * PORTRAIT.0 / PORTRAIT.1, FRAME.1);
    let left = (FRAME.0 - person.width()) / 2;
    RgbImage::from_fn(FRAME.0, FRAME.1, |x, y| {
        let inside = x.checked_sub(left).and_then(|x| person.get_pixel_checked(x, y));
        inside.copied().unwrap_or(chipgate_face::grey(150))
    })
}

fn timed<E>(repeat: usize, mut work: impl FnMut() -> Result<(), E>) -> Result<Duration, E> {
    work()?;
    let mut times = Vec::new();
    for _ in 0..repeat {
        let begun = Instant::now();
        work()?;
        times.push(begun.elapsed());
    }
    Ok(median(times))
}

/// The same model on the same size of input, one thread; prints the median in milliseconds.
const SCRIPT: &str = "
import sys, time, numpy, onnxruntime
onnxruntime.set_default_logger_severity(3)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=['CPUExecutionProvider'])
shape = [int(side) for side in sys.argv[2].split(',')]
values = {session.get_inputs()[0].name: numpy.full(shape, 0.5, numpy.float32)}
session.run(None, values)
times = []
for _ in range(int(sys.argv[3])):
    begun = time.perf_counter()
    session.run(None, values)
    times.append(time.perf_counter() - begun)
print(1000 * sorted(times)[len(times) // 2])
";

/// Each fetched model on one thread, beside onnxruntime where Python has it.
fn models(repeat: usize, figures: &mut Figures) -> Result<(), CliError> {
    let environment = |error: chipgate_models::ModelsError| CliError::Environment(error.to_string());
    let folder = chipgate_models::models_dir().map_err(environment)?;
    for manifest in chipgate_models::manifests().map_err(environment)? {
        let path = folder.join(&manifest.file);
        if !path.is_file() {
            continue;
        }
        for (shape, times) in time_model(&manifest, &folder, repeat)? {
            let ours = median(times);
            let sides = shape.iter().map(ToString::to_string).collect::<Vec<_>>();
            let theirs = onnxruntime(&path, &sides.join(","), repeat);
            let beside = theirs.map_or_else(
                || "onnxruntime not measured: no Python with it (CHIPGATE_PYTHON names one)".to_owned(),
                |theirs| {
                    format!(
                        "onnxruntime {theirs:.2} ms: {:.2} ×; the aim is 1.5 ×",
                        ours.as_secs_f64() * 1e3 / theirs
                    )
                },
            );
            figures.time(
                &format!("model {} on {}, one thread", manifest.name, sides.join(" × ")),
                ours,
                beside,
            );
        }
    }
    Ok(())
}

fn onnxruntime(model: &std::path::Path, shape: &str, repeat: usize) -> Option<f64> {
    let python = std::env::var("CHIPGATE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(python)
        .args(["-c", SCRIPT])
        .arg(model)
        .args([shape, &repeat.to_string()])
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
