//! An optional challenge: the person is asked for something that a picture can't do at the right moment.

use crate::{Face, pose};

/// What the person is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenge {
    /// Turn the head so that the nose moves to the left of the camera's picture.
    TurnLeft,
    /// Turn the head so that the nose moves to the right of the camera's picture.
    TurnRight,
    /// Raise the chin.
    LookUp,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeAnswer {
    /// Done, and the head was straight before.
    Done,
    /// Something else was done.
    SomethingElse,
    /// Not enough was done so far.
    NotYet,
}

/// So many degrees count as a turn, so many as straight.
const TURNED: f32 = 18.0;
const STRAIGHT: f32 = 10.0;

/// Judges the frames since the person was asked, in order. The head must have been straight first.
pub fn answer(challenge: Challenge, frames: &[Face]) -> ChallengeAnswer {
    let straight = |face: &Face| {
        let pose = pose(face);
        pose.yaw.abs() < STRAIGHT && pose.pitch.abs() < STRAIGHT + 5.0
    };
    let Some(begun) = frames.iter().position(straight) else {
        return ChallengeAnswer::NotYet;
    };
    for face in &frames[begun..] {
        let pose = pose(face);
        let done = match challenge {
            Challenge::TurnLeft => -pose.yaw,
            Challenge::TurnRight => pose.yaw,
            Challenge::LookUp => -pose.pitch,
        };
        if done > TURNED {
            return ChallengeAnswer::Done;
        }
        let otherwise = match challenge {
            Challenge::TurnLeft => pose.yaw,
            Challenge::TurnRight => -pose.yaw,
            Challenge::LookUp => pose.yaw.abs(),
        };
        if otherwise > TURNED {
            return ChallengeAnswer::SomethingElse;
        }
    }
    ChallengeAnswer::NotYet
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attack::motion::tests::turned;

    #[test]
    fn the_turn_that_was_asked_for_counts_and_another_does_not() {
        let right: Vec<_> = [0.0, 8.0, 16.0, 26.0].map(turned).into();
        let left: Vec<_> = [0.0, -8.0, -16.0, -26.0].map(turned).into();
        assert_eq!(answer(Challenge::TurnRight, &right), ChallengeAnswer::Done);
        assert_eq!(
            answer(Challenge::TurnRight, &left),
            ChallengeAnswer::SomethingElse
        );
        assert_eq!(answer(Challenge::TurnLeft, &left), ChallengeAnswer::Done);
        assert_eq!(answer(Challenge::TurnLeft, &right[..2]), ChallengeAnswer::NotYet);
    }

    #[test]
    fn a_head_that_was_never_straight_has_not_begun() {
        assert_eq!(
            answer(Challenge::TurnRight, &[turned(30.0)]),
            ChallengeAnswer::NotYet
        );
    }
}
