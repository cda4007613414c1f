//! How long each stage takes, for a bench to print.

use std::time::{Duration, Instant};

use crate::{Engine, FaceError, decode};

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

fn timed<T>(stage: impl FnOnce() -> Result<T, FaceError>) -> Result<(Duration, T), FaceError> {
    let start = Instant::now();
    stage().map(|result| (start.elapsed(), result))
}
