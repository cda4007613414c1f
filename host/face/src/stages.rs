//! How long each stage takes, for a bench to print.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use chipgate_models::{Family, Manifest, Pixels};

use crate::{Engine, FaceError, centerface, decode, input, network::Network};

/// The time of each stage for one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stages {
    /// Bytes to pixels.
    pub decode: Duration,
    /// Finding the face and its points.
    pub detect: Duration,
    /// Bringing it into place.
    pub align: Duration,
    /// The template, with the mirrored picture.
    pub embed: Duration,
}

impl Stages {
    /// All stages together.
    pub fn total(&self) -> Duration {
        self.decode + self.detect + self.align + self.embed
    }

    /// The stages with their names, in order.
    pub fn named(&self) -> [(&'static str, Duration); 4] {
        [
            ("decode", self.decode),
            ("detect", self.detect),
            ("align", self.align),
            ("embed", self.embed),
        ]
    }
}

impl Engine {
    /// Runs the whole pipeline on an encoded picture, and times its stages.
    pub fn stages(&self, bytes: &[u8]) -> Result<Stages, FaceError> {
        let (decode, picture) = timed(|| decode(bytes))?;
        let (detect, (face, _)) = timed(|| self.locate(&picture))?;
        let (align, aligned) = timed(|| self.align(&picture, &face))?;
        let (embed, _) = timed(|| self.embedder.embed(&aligned))?;
        Ok(Stages {
            decode,
            detect,
            align,
            embed,
        })
    }
}

/// A shape of input, and the times of the runs on it.
pub type Timed = (Vec<usize>, Vec<Duration>);

/// Runs a model alone on inputs of its shapes, on this thread: for each shape `repeat` times. Empty for a model that is no network.
pub fn time_model(manifest: &Manifest, models: &Path, repeat: usize) -> Result<Vec<Timed>, FaceError> {
    let square = |side: u32, pixels: &Pixels| vec![input::shape(side, side, pixels)];
    let shapes = match (&manifest.embedder, &manifest.attack, manifest.family) {
        (Some(numbers), ..) => square(numbers.side, &numbers.pixels),
        (_, Some(numbers), _) => square(numbers.side, &numbers.pixels),
        (.., Family::Centerface) => centerface::shapes(),
        _ => return Ok(Vec::new()),
    };
    let networks = Network::load_for(&manifest.name, manifest.read(models)?, &shapes)?;
    let mut all = Vec::new();
    for (shape, network) in shapes.into_iter().zip(networks) {
        let values = vec![0.5; shape.iter().product()];
        network.run(&values)?;
        let mut times = Vec::new();
        for _ in 0..repeat {
            let begun = Instant::now();
            network.run(&values)?;
            times.push(begun.elapsed());
        }
        all.push((shape, times));
    }
    Ok(all)
}

fn timed<T>(stage: impl FnOnce() -> Result<T, FaceError>) -> Result<(Duration, T), FaceError> {
    let start = Instant::now();
    stage().map(|result| (start.elapsed(), result))
}
