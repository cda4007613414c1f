//! Presentation attack detection: is it a face before the camera, or a picture of one?
//!
//! Three kinds of evidence, each a score from 0 (attack) to 1 (live): a model, where one is loaded; cues of a screen or a
//! print in a single picture; and motion over several pictures. The score informs a policy. It never blocks the capture
//! (TR-03121-3), and it is no certified detection after ISO/IEC 30107-3: nothing here was tested by a laboratory.

mod challenge;
mod classifier;
mod cues;
mod motion;

pub use challenge::{Challenge, ChallengeAnswer};
pub(crate) use challenge::{Moment, answer};
pub use classifier::AttackClassifier;
pub use cues::{Cues, cues};
pub use motion::{Motion, motion};

/// What is known about the liveness of a face.
#[derive(Debug, Clone, PartialEq)]
pub struct Liveness {
    /// From 0, certainly an attack, to 1, certainly live; in steps of a hundredth.
    pub score: f32,
    /// The model's score, where one was loaded.
    pub model: Option<f32>,
    /// What a single picture shows.
    pub cues: Cues,
    /// What several pictures show.
    pub motion: Motion,
    /// The movement that the person was asked for, and what came of it.
    pub challenge: Option<(Challenge, ChallengeAnswer)>,
}

/// A blink speaks for a living face, but lids can be painted: no score above this rests on it alone.
const BY_A_BLINK: f32 = 0.6;
/// The score where nothing speaks for a living face.
const BY_NOTHING: f32 = 0.5;

impl Liveness {
    /// Puts the evidence together. Any single cue of an attack is enough to lower the score: the lowest of the parts
    /// counts. Without a model and without motion there is no evidence for a live face, and the score stays in the middle.
    pub fn of(model: Option<f32>, cues: Cues, motion: Motion) -> Self {
        let mut liveness = Self {
            score: 0.0,
            model,
            cues,
            motion,
            challenge: None,
        };
        liveness.score = liveness.sum();
        liveness
    }

    /// The same with the movement that the person was asked for. One that was not made lowers no score: it has an answer of its own.
    #[must_use]
    pub fn with_challenge(mut self, challenge: Challenge, answer: ChallengeAnswer) -> Self {
        self.challenge = Some((challenge, answer));
        self.score = self.sum();
        self
    }

    fn sum(&self) -> f32 {
        let parts = [self.model, Some(self.cues.score()), self.motion.score()];
        let lowest = parts.into_iter().flatten().fold(1.0, f32::min);
        let score = if self.model.is_some() || self.motion.score().is_some() {
            lowest
        } else if self.has_blinked() {
            lowest.min(BY_A_BLINK)
        } else {
            lowest.min(BY_NOTHING)
        };
        (score.clamp(0.0, 1.0) * 100.0).round() / 100.0
    }

    fn has_blinked(&self) -> bool {
        self.challenge == Some((Challenge::Blink, ChallengeAnswer::Met))
    }

    /// How much speaks for an attack, from 0 to 1. `None` where nothing was seen that tells either way: a single picture without a
    /// sign of an attack is none of a living person.
    pub fn suspicion(&self) -> Option<f32> {
        let is_positive = self.model.is_some() || self.motion.score().is_some() || self.has_blinked();
        (is_positive || self.score < 0.5).then_some(1.0 - self.score)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEAN: Cues = Cues {
        moire: 0.0,
        reflection: 0.0,
    };

    #[test]
    fn without_positive_evidence_the_score_stays_in_the_middle() {
        assert!((Liveness::of(None, CLEAN, Motion::TooLittle).score - 0.5).abs() < 1e-6);
        assert!(Liveness::of(Some(0.9), CLEAN, Motion::TooLittle).score > 0.85);
    }

    #[test]
    fn a_single_picture_without_any_sign_tells_nothing() {
        assert_eq!(Liveness::of(None, CLEAN, Motion::TooLittle).suspicion(), None);
        let screen = Cues {
            moire: 0.8,
            reflection: 0.0,
        };
        assert!(Liveness::of(None, screen, Motion::TooLittle).suspicion() > Some(0.7));
        assert!(Liveness::of(None, CLEAN, Motion::Depth { excess: 0.1 }).suspicion() < Some(0.1));
    }

    #[test]
    fn a_blink_speaks_for_life_but_not_against_a_sign_of_an_attack() {
        let blinked = |cues, motion| {
            Liveness::of(None, cues, motion).with_challenge(Challenge::Blink, ChallengeAnswer::Met)
        };
        assert!(blinked(CLEAN, Motion::TooLittle).suspicion().unwrap() < 0.5);
        let screen = Cues {
            moire: 0.8,
            reflection: 0.0,
        };
        assert!(blinked(screen, Motion::TooLittle).suspicion() > Some(0.7));
        assert!(blinked(CLEAN, Motion::Plane { excess: 0.0 }).suspicion() > Some(0.8));
        let still = Liveness::of(None, CLEAN, Motion::TooLittle)
            .with_challenge(Challenge::Blink, ChallengeAnswer::NotMet);
        assert_eq!(still.suspicion(), None);
    }

    #[test]
    fn one_sign_of_an_attack_is_enough() {
        let screen = Cues {
            moire: 1.0,
            reflection: 0.0,
        };
        assert!(Liveness::of(Some(0.95), screen, Motion::TooLittle).score < 0.2);
        assert!(Liveness::of(Some(0.95), CLEAN, Motion::Plane { excess: 0.0 }).score < 0.2);
    }

    #[test]
    fn the_score_has_more_than_ten_levels() {
        let scores: std::collections::BTreeSet<_> = (0..=50_u8)
            .map(|step| {
                Liveness::of(Some(f32::from(step) / 50.0), CLEAN, Motion::TooLittle)
                    .score
                    .to_bits()
            })
            .collect();
        assert!(scores.len() >= 10);
    }
}
