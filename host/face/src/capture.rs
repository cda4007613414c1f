//! From a camera's frames to a template: the best frames within ten seconds (TR-03121-3), on a clock that is passed in.

mod asked;
mod frame;
mod path;
mod seen;

use std::time::Duration;

use image::RgbImage;

use crate::{
    Challenge, ChallengeAnswer, Engine, Face, FaceError, Liveness, Quality, Template, Tracker,
    attack::{cues, motion},
    quality,
};

use asked::Asked;
pub use frame::{Frozen, is_black};
use path::Path;
pub use seen::Seen;
use seen::judge;

/// How a capture is done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CaptureOptions {
    /// After so long it ends with what it has. TR-03121-3 asks for at most 10 s with attack detection, 7 s without.
    pub time: Duration,
    /// So many good frames are enough.
    pub frames: usize,
    /// A frame of this overall quality or more is good.
    pub good: f32,
    /// What the person was asked to do when the capture began. It lasts until that was seen, or the time is over.
    pub challenge: Option<Challenge>,
}

impl Default for CaptureOptions {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(10),
            frames: 3,
            good: 45.0,
            challenge: None,
        }
    }
}

/// A frame that was kept.
struct Kept {
    frame: RgbImage,
    face: Face,
    quality: Quality,
    seen: Seen,
}

impl Kept {
    /// Frames with closed eyes or a covered mouth come last, however sharp they are.
    fn value(&self) -> (bool, f32) {
        (self.seen.is_comparable(), self.quality.overall())
    }

    fn is_better_than(&self, other: &Self) -> bool {
        let ((a, x), (b, y)) = (self.value(), other.value());
        a.cmp(&b).then(x.total_cmp(&y)).is_gt()
    }
}

/// A capture on its way.
pub struct Capture {
    options: CaptureOptions,
    begun: Duration,
    tracker: Tracker,
    frozen: Frozen,
    kept: Vec<Kept>,
    path: Path,
    asked: Option<Asked>,
    looked_at: usize,
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
            path: Path::new(),
            asked: options.challenge.map(Asked::new),
            looked_at: 0,
            last: Seen::NoFace,
        }
    }

    /// Takes the next frame.
    pub fn add(&mut self, engine: &Engine, frame: &RgbImage, now: Duration) -> Result<Step, FaceError> {
        self.looked_at += 1;
        let (seen, mut guidance) = self.look(engine, frame)?;
        self.last = seen;
        let asked = self.asked.as_ref().map(Asked::so_far);
        let open = asked.filter(|(_, answer)| *answer != ChallengeAnswer::Met);
        if let Some((challenge, _)) = open {
            guidance.insert(0, challenge.guidance());
        }
        let good = self
            .kept
            .iter()
            .filter(|kept| kept.seen.is_comparable() && kept.quality.overall() >= self.options.good);
        let enough = good.count() >= self.options.frames && open.is_none();
        let done = enough || now.saturating_sub(self.begun) >= self.options.time;
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
            self.path = Path::new();
            if let Some(asked) = &mut self.asked {
                asked.clear();
            }
        }
        self.path.add(engine, frame, tracked.face)?;
        let Some(quality) = quality(frame, &tracked.face, &[tracked.face]) else {
            return Ok((Seen::Poor, Vec::new()));
        };
        if let Some(asked) = &mut self.asked {
            let aligned = engine.align(frame, &tracked.face)?;
            asked.add(engine, self.looked_at, tracked.face, aligned, &quality);
        }
        let seen = judge(&quality, cues(frame, &tracked.face).score(), self.options.good);
        let guidance = quality.guidance();
        if !matches!(seen, Seen::TooFar) {
            let frame = frame.clone();
            self.keep(Kept {
                frame,
                face: tracked.face,
                quality,
                seen,
            });
        }
        Ok((seen, guidance))
    }

    /// Keeps the best frames.
    fn keep(&mut self, new: Kept) {
        let place = self.kept.iter().position(|kept| new.is_better_than(kept));
        self.kept.insert(place.unwrap_or(self.kept.len()), new);
        self.kept.truncate(self.options.frames.max(1));
    }

    /// Ends it: the template of the best frames, or what stood in the way of one. [`Seen::SeveralFaces`] where the best frames are not of
    /// one person.
    pub fn finish(mut self, engine: &Engine) -> Result<Result<Captured, Seen>, FaceError> {
        // Whoever a hanging camera shows may have left.
        if self.last == Seen::FrozenCamera || self.frozen.is_still() {
            return Ok(Err(Seen::FrozenCamera));
        }
        let Some(best) = self.kept.first() else {
            return Ok(Err(self.last));
        };
        if !best.seen.is_comparable() {
            return Ok(Err(best.seen));
        }
        let comparable: Vec<_> = self
            .kept
            .iter()
            .filter(|kept| kept.seen.is_comparable())
            .collect();
        let mut templates = Vec::new();
        for kept in &comparable {
            templates.push(engine.embed(&kept.frame, &kept.face)?);
        }
        // Frames of two people at one place: no template is anyone's, and what one of them did speaks for no other.
        if templates
            .iter()
            .skip(1)
            .any(|other| !engine.compare(&templates[0], other).matched)
        {
            return Ok(Err(Seen::SeveralFaces));
        }
        let Some(template) = Template::mean_of(&templates.iter().collect::<Vec<_>>()) else {
            return Ok(Err(self.last));
        };
        let path = self.path.of(engine, &template)?;
        let model = engine.liveness(&best.frame, &best.face)?;
        let mut liveness = Liveness::of(model, cues(&best.frame, &best.face), motion(&path));
        if let Some(asked) = &mut self.asked {
            let (challenge, answer) = asked.of(engine, &template)?;
            liveness = liveness.with_challenge(challenge, answer);
        }
        Ok(Ok(Captured {
            template,
            frames: comparable.len(),
            face: best.face,
            quality: best.quality.clone(),
            liveness,
        }))
    }
}
