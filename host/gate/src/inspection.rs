use std::time::{Duration, Instant};

use chipgate_apdu::Timestamp;
use chipgate_chip::{Access, ActiveAuthentication, ChipAuthentication, ChipError, TerminalAuthentication};
use chipgate_face::{Challenge, ChallengeAnswer, Comparison};
use chipgate_inspection::{Decision, Evaluation, FaceObservation, Files};
use chipgate_trust::PassiveAuthentication;

/// Everything that an inspection saw, found and decided.
#[derive(Debug)]
pub struct Inspection {
    /// When it took place, by the clock that was passed.
    pub time: Timestamp,
    /// How the chip was opened; `None` if only its files were there.
    pub access: Option<Access>,
    /// The files as they were read.
    pub files: Files,
    /// Passive authentication, if EF.SOD was read.
    pub passive: Option<PassiveAuthentication>,
    /// Chip authentication, if it was tried.
    pub chip_authentication: Option<Result<ChipAuthentication, ChipError>>,
    /// Active authentication, if it was tried.
    pub active_authentication: Option<Result<ActiveAuthentication, ChipError>>,
    /// Terminal authentication, if it was tried.
    pub terminal_authentication: Option<Result<TerminalAuthentication, ChipError>>,
    /// What came of the faces.
    pub face: FaceObservation,
    /// The comparison, with the origin of its threshold.
    pub comparison: Option<Comparison>,
    /// The movement that the person was asked for, and what came of it if a face was there.
    pub challenge: Option<(Challenge, Option<ChallengeAnswer>)>,
    /// The outcome of every check.
    pub evaluation: Evaluation,
    /// What the policy makes of them.
    pub decision: Decision,
    /// How long each step took.
    pub timings: Timings,
}

/// How long each step took, in the order in which they began.
#[derive(Debug, Clone)]
pub struct Timings {
    started: Instant,
    running: Option<(String, Instant)>,
    steps: Vec<(String, Duration)>,
    total: Duration,
}

impl Timings {
    pub(crate) fn start() -> Self {
        Self {
            started: Instant::now(),
            running: None,
            steps: Vec::new(),
            total: Duration::ZERO,
        }
    }

    /// Ends the step that runs, and begins another one.
    pub(crate) fn begin(&mut self, step: String) {
        let now = Instant::now();
        self.end_at(now);
        self.running = Some((step, now));
    }

    pub(crate) fn finish(&mut self) {
        let now = Instant::now();
        self.end_at(now);
        self.total = now - self.started;
    }

    fn end_at(&mut self, now: Instant) {
        let Some((step, since)) = self.running.take() else {
            return;
        };
        // What was done again, since the card was lost, counts with the first time.
        match self.steps.iter_mut().find(|(name, _)| *name == step) {
            Some((_, time)) => *time += now - since,
            None => self.steps.push((step, now - since)),
        }
    }

    /// Each step with its time.
    #[must_use]
    pub fn steps(&self) -> &[(String, Duration)] {
        &self.steps
    }

    /// From the first command to the verdict.
    #[must_use]
    pub const fn total(&self) -> Duration {
        self.total
    }
}
