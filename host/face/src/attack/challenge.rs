//! An optional challenge: the person is asked for a movement that a picture cannot make at the right moment.
//!
//! What counts is the whole movement and the frames between: a head that turns passes through every angle on its way there and back, and in a
//! blink nothing but the eyes changes. Two photographs that are swapped jump.

use crate::{Face, attack::motion::motion_of_ends, pose};

/// What the person is asked to do. Left and right are the person's own, before a camera that does not mirror.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenge {
    /// Turn the head to the person's left, and back.
    TurnLeft,
    /// Turn the head to the person's right, and back.
    TurnRight,
    /// Close both eyes, and open them again.
    Blink,
}

impl Challenge {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::TurnLeft, Self::TurnRight, Self::Blink];

    /// As it is written on command lines and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TurnLeft => "turn-left",
            Self::TurnRight => "turn-right",
            Self::Blink => "blink",
        }
    }

    /// The challenge of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|challenge| challenge.name() == name)
    }

    /// What the person is told.
    pub const fn guidance(self) -> &'static str {
        match self {
            Self::TurnLeft => "turn your head slowly to your left, and back",
            Self::TurnRight => "turn your head slowly to your right, and back",
            Self::Blink => "close your eyes for a moment, and open them again",
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeAnswer {
    /// Done.
    Met,
    /// The head was turned the other way.
    SomethingElse,
    /// Not enough was done, or it was not seen from beginning to end.
    NotMet,
}

impl ChallengeAnswer {
    /// As it is written in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::SomethingElse => "something-else",
            Self::NotMet => "not-met",
        }
    }
}

/// A frame, as far as a challenge is judged by it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Moment {
    /// Its number in the capture.
    pub(crate) frame: usize,
    pub(crate) face: Face,
    /// How far the eyes are open, from 0 to 100.
    pub(crate) eyes: f32,
    /// The brightness of the parts of the face away from the eyes, their mean being 1.
    pub(crate) rest: Vec<f32>,
}

/// So many degrees count as a turn, so many as straight; chin up and down are judged less strictly.
const TURNED: f32 = 18.0;
const STRAIGHT: f32 = 10.0;
const LEVEL: f32 = 25.0;
/// From one frame to the next a head turns by less: 180 degrees a second at fifteen frames.
const STEP: f32 = 12.0;
/// So many frames may be missing between two that follow each other: blurred, or with the face not found.
const MISSING: usize = 2;
/// Values of the eyes from which they are open, and below which they are closed.
const OPEN: f32 = 55.0;
const CLOSED: f32 = 35.0;
/// Eyes that are closed for more frames than this do not blink: two seconds.
const LONGEST_BLINK: usize = 30;
/// The rest of the face changes by less when only the eyes close, as a share of its brightness.
const STILL: f32 = 0.05;

/// Judges the frames since the person was asked, in order. With the answer come the places of those that it rests on.
pub(crate) fn answer(challenge: Challenge, moments: &[Moment]) -> (ChallengeAnswer, Vec<usize>) {
    match challenge {
        Challenge::Blink => blink(moments),
        // In the camera's picture the person's left is to the right.
        Challenge::TurnLeft => turn(1.0, moments),
        Challenge::TurnRight => turn(-1.0, moments),
    }
}

/// Whether two frames follow each other, but for a few that are missing.
fn follows(before: &Moment, after: &Moment) -> bool {
    after.frame.saturating_sub(before.frame) <= MISSING + 1
}

/// From straight to turned and back to straight, through the angles between, and in depth.
fn turn(direction: f32, moments: &[Moment]) -> (ChallengeAnswer, Vec<usize>) {
    let yaw: Vec<f32> = moments
        .iter()
        .map(|moment| direction * pose(&moment.face).yaw)
        .collect();
    let is_straight = |at: usize| yaw[at].abs() < STRAIGHT && pose(&moments[at].face).pitch.abs() < LEVEL;
    let is_between = |at: &usize| (STRAIGHT..TURNED).contains(&yaw[*at]);
    let mut otherwise = false;
    // Where the head was straight last, where it was turned since, and how.
    let (mut straight, mut turned): (Option<usize>, Option<usize>) = (None, None);
    for at in 0..moments.len() {
        let jumps =
            at > 0 && (!follows(&moments[at - 1], &moments[at]) || (yaw[at] - yaw[at - 1]).abs() > STEP);
        if jumps {
            (straight, turned) = (None, None);
        }
        match (straight, turned) {
            (Some(from), Some(there)) if is_straight(at) => {
                let through =
                    (from..there).any(|at| is_between(&at)) && (there..at).any(|at| is_between(&at));
                let faces: Vec<Face> = moments[from..=at].iter().map(|moment| moment.face).collect();
                if through && matches!(motion_of_ends(&faces), crate::Motion::Depth { .. }) {
                    return (ChallengeAnswer::Met, (from..=at).collect());
                }
                (straight, turned) = (Some(at), None);
            }
            (_, None) if is_straight(at) => straight = Some(at),
            (Some(_), None) if yaw[at] >= TURNED => turned = Some(at),
            (Some(_), _) if yaw[at] <= -TURNED => {
                otherwise = true;
                (straight, turned) = (None, None);
            }
            _ => {}
        }
    }
    let answer = if otherwise {
        ChallengeAnswer::SomethingElse
    } else {
        ChallengeAnswer::NotMet
    };
    (answer, Vec::new())
}

/// Open, closed, open again, with everything else as it was.
fn blink(moments: &[Moment]) -> (ChallengeAnswer, Vec<usize>) {
    let mut open: Option<usize> = None;
    for at in 0..moments.len() {
        if at > 0 && !follows(&moments[at - 1], &moments[at]) {
            open = None;
        }
        if moments[at].eyes < OPEN {
            continue;
        }
        if let Some(from) = open {
            let between = &moments[from + 1..at];
            let closed = between.iter().filter(|moment| moment.eyes < CLOSED).count();
            let still = moments[from..=at]
                .windows(2)
                .all(|pair| is_still(&pair[0], &pair[1]));
            if (1..=LONGEST_BLINK).contains(&closed) && still {
                return (ChallengeAnswer::Met, (from..=at).collect());
            }
        }
        open = Some(at);
    }
    (ChallengeAnswer::NotMet, Vec::new())
}

/// Whether the face away from the eyes is the same in both.
#[expect(clippy::cast_precision_loss, reason = "a handful of cells")]
fn is_still(before: &Moment, after: &Moment) -> bool {
    let changes = before.rest.iter().zip(&after.rest).map(|(a, b)| (a - b).abs());
    before.rest.len() == after.rest.len() && changes.sum::<f32>() < STILL * (before.rest.len() as f32)
}

#[cfg(test)]
mod tests;
