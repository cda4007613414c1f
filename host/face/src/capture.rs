//! From a camera's frames to a template: the best frames within ten seconds (TR-03121-3), on a clock that is passed in.

mod frame;

use std::time::Duration;

use image::RgbImage;

use crate::{
    Component, Engine, Face, FaceError, Liveness, Quality, Template, Tracker,
    attack::{cues, motion},
    quality,
};

pub use frame::{Frozen, is_black};

/// How a capture is done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CaptureOptions {
    /// After so long it ends with what it has. TR-03121-3 asks for at most 10 s with attack detection, 7 s without.
    pub time: Duration,
    /// So many good frames are enough.
    pub frames: usize,
    /// A frame of this overall quality or more is good.
    pub good: f32,
}

impl Default for CaptureOptions {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(10),
            frames: 3,
            good: 45.0,
        }
    }
}

/// What a frame shows, each with its own name, so that the person and the operator are told the right thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Seen {
    /// The frame is black: a cap on the lens, or no light.
    BlackFrame,
    /// The camera sends the same frame again and again.
    FrozenCamera,
    /// There is no face.
    NoFace,
    /// Another face is nearly as near.
    SeveralFaces,
    /// The face is too far away.
    TooFar,
    /// The eyes are closed, or covered.
    EyesClosed,
    /// Mouth or chin are covered.
    MouthCovered,
    /// It looks like a picture of a picture. It is captured all the same.
    PictureOfPicture,
    /// A face, and something else about it is poor: see the guidance.
    Poor,
    /// A good frame.
    Good,
}

impl Seen {
    /// As it is written in JSON and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BlackFrame => "black-frame",
            Self::FrozenCamera => "frozen-camera",
            Self::NoFace => "no-face",
            Self::SeveralFaces => "several-faces",
            Self::TooFar => "too-far",
            Self::EyesClosed => "eyes-closed",
            Self::MouthCovered => "mouth-covered",
            Self::PictureOfPicture => "picture-of-picture",
            Self::Poor => "poor",
            Self::Good => "good",
        }
    }
}

/// A frame that was kept.
struct Kept {
    frame: RgbImage,
    face: Face,
    quality: Quality,
}

/// A capture on its way.
pub struct Capture {
    options: CaptureOptions,
    begun: Duration,
    tracker: Tracker,
    frozen: Frozen,
    kept: Vec<Kept>,
    path: Vec<Face>,
    last: Seen,
}

/// What a capture gave.
#[derive(Debug, Clone)]
pub struct Captured {
    /// The mean of the best frames' templates.
    pub template: Template,
    /// How many frames that were.
    pub frames: usize,
    /// The face in the best frame.
    pub face: Face,
    /// The best frame's quality.
    pub quality: Quality,
    /// Whether it seems to be a live face.
    pub liveness: Liveness,
}

/// A frame's way through the capture.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What it shows.
    pub seen: Seen,
    /// What the person can do, the most important first.
    pub guidance: Vec<&'static str>,
    /// Whether the capture is over: enough good frames, or no time left.
    pub done: bool,
}

impl Capture {
    /// Begins at `now`, on any clock that goes on evenly.
    pub fn begin(options: CaptureOptions, now: Duration) -> Self {
        Self {
            options,
            begun: now,
            tracker: Tracker::new(),
            frozen: Frozen::default(),
            kept: Vec::new(),
            path: Vec::new(),
            last: Seen::NoFace,
        }
    }

    /// Takes the next frame.
    pub fn add(&mut self, engine: &Engine, frame: &RgbImage, now: Duration) -> Result<Step, FaceError> {
        let (seen, guidance) = self.look(engine, frame)?;
        self.last = seen;
        let good = self
            .kept
            .iter()
            .filter(|kept| kept.quality.overall() >= self.options.good);
        let done = good.count() >= self.options.frames || now.saturating_sub(self.begun) >= self.options.time;
        Ok(Step { seen, guidance, done })
    }

    fn look(&mut self, engine: &Engine, frame: &RgbImage) -> Result<(Seen, Vec<&'static str>), FaceError> {
        if self.frozen.is_frozen(frame) {
            return Ok((Seen::FrozenCamera, Vec::new()));
        }
        if is_black(frame) {
            return Ok((Seen::BlackFrame, Vec::new()));
        }
        let Some(tracked) = self.tracker.next(engine, frame)? else {
            return Ok((Seen::NoFace, vec!["look into the camera"]));
        };
        if !tracked.others.is_empty() {
            return Ok((Seen::SeveralFaces, vec!["step forward alone"]));
        }
        if !tracked.same {
            // Another person came before the camera: what was kept is not theirs.
            self.kept.clear();
            self.path.clear();
        }
        self.path.push(tracked.face);
        let Some(quality) = quality(frame, &tracked.face, &[tracked.face]) else {
            return Ok((Seen::Poor, Vec::new()));
        };
        let seen = judge(&quality, cues(frame, &tracked.face).score(), self.options.good);
        let guidance = quality.guidance();
        if !matches!(seen, Seen::TooFar) {
            self.keep(frame, tracked.face, quality);
        }
        Ok((seen, guidance))
    }

    /// Keeps the best frames.
    fn keep(&mut self, frame: &RgbImage, face: Face, quality: Quality) {
        let worst = self
            .kept
            .iter()
            .map(|kept| kept.quality.overall())
            .fold(f32::INFINITY, f32::min);
        if self.kept.len() >= self.options.frames && quality.overall() <= worst {
            return;
        }
        let frame = frame.clone();
        self.kept.push(Kept { frame, face, quality });
        self.kept
            .sort_by(|a, b| b.quality.overall().total_cmp(&a.quality.overall()));
        self.kept.truncate(self.options.frames);
    }

    /// Ends it: the template of the best frames, or what the last frame showed.
    pub fn finish(self, engine: &Engine) -> Result<Result<Captured, Seen>, FaceError> {
        let Some(best) = self.kept.first() else {
            return Ok(Err(self.last));
        };
        let mut templates = Vec::new();
        for kept in &self.kept {
            templates.push(engine.embed(&kept.frame, &kept.face)?);
        }
        let Some(template) = Template::mean_of(&templates.iter().collect::<Vec<_>>()) else {
            return Ok(Err(self.last));
        };
        let model = engine.liveness(&best.frame, &best.face)?;
        Ok(Ok(Captured {
            template,
            frames: self.kept.len(),
            face: best.face,
            quality: best.quality.clone(),
            liveness: Liveness::of(model, cues(&best.frame, &best.face), motion(&self.path)),
        }))
    }
}

/// Puts a name to what is wrong, the most important first.
fn judge(quality: &Quality, cues: f32, good: f32) -> Seen {
    const LOW: f32 = 35.0;
    const PICTURE: f32 = 0.3;
    let low = |component| quality.get(component).is_some_and(|value| value < LOW);
    if low(Component::InterEyeDistance) {
        Seen::TooFar
    } else if low(Component::EyesOpen) || low(Component::EyesVisible) {
        Seen::EyesClosed
    } else if low(Component::MouthOcclusionPrevention) {
        Seen::MouthCovered
    } else if cues < PICTURE {
        Seen::PictureOfPicture
    } else if quality.overall() < good {
        Seen::Poor
    } else {
        Seen::Good
    }
}
