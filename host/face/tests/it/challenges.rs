//! Challenges on frames made from one portrait: what a head does, and what pictures of it do.

use chipgate_face::{CaptureOptions, Challenge, ChallengeAnswer, Engine, RgbImage, Seen};
use image::imageops;

use crate::{
    captures::{captured_with, stage, with_the_face_of},
    scenes::{THERE_AND_BACK, eyes_closed, moved, turned_by, turned_print, turning_head},
};

/// What came of a challenge over these frames.
fn answer(engine: &Engine, challenge: Challenge, frames: &[RgbImage]) -> ChallengeAnswer {
    let options = CaptureOptions {
        challenge: Some(challenge),
        ..CaptureOptions::default()
    };
    let captured = captured_with(engine, options, frames).unwrap();
    let (asked, answer) = captured.liveness.challenge.unwrap();
    assert_eq!(asked, challenge);
    answer
}

#[test]
fn a_head_that_turns_as_it_was_asked_to_meets_the_challenge() {
    let Some((engine, frame, face)) = stage("a challenge to turn") else {
        return;
    };
    let left = turning_head(&frame, &face, 1.0);
    let right = turning_head(&frame, &face, -1.0);
    assert_eq!(answer(engine, Challenge::TurnLeft, &left), ChallengeAnswer::Met);
    assert_eq!(answer(engine, Challenge::TurnRight, &right), ChallengeAnswer::Met);
    assert_eq!(
        answer(engine, Challenge::TurnLeft, &right),
        ChallengeAnswer::SomethingElse
    );
    assert_eq!(answer(engine, Challenge::Blink, &left), ChallengeAnswer::NotMet);
}

#[test]
fn a_photograph_meets_none_however_it_is_held() {
    let Some((engine, frame, _)) = stage("a photograph that is challenged") else {
        return;
    };
    let still: Vec<_> = (0..8).map(|shift| moved(&frame, shift)).collect();
    let turned: Vec<_> = [1.0, 0.93, 0.86, 0.8, 0.74, 0.8, 0.86, 0.93, 1.0]
        .map(|width| turned_print(&frame, width))
        .into();
    for frames in [still, turned] {
        for challenge in Challenge::ALL {
            assert_eq!(
                answer(engine, challenge, &frames),
                ChallengeAnswer::NotMet,
                "{challenge:?}"
            );
        }
    }
}

#[test]
fn two_photographs_of_one_person_that_are_swapped_meet_none() {
    let Some((engine, frame, face)) = stage("two photographs") else {
        return;
    };
    let turned = turned_by(&frame, &face, THERE_AND_BACK[7]);
    let frames = [
        moved(&frame, 0),
        moved(&frame, 1),
        moved(&turned, 2),
        moved(&turned, 3),
        moved(&frame, 4),
        moved(&frame, 5),
    ];
    assert_eq!(
        answer(engine, Challenge::TurnLeft, &frames),
        ChallengeAnswer::NotMet
    );
    // What remains: with enough photographs of the angles between, it would be met.
}

#[test]
fn eyes_that_close_and_open_meet_the_challenge_and_say_that_someone_lives() {
    let Some((engine, frame, face)) = stage("a blink") else {
        return;
    };
    let closed = eyes_closed(&frame, &face);
    let frames: Vec<_> = [&frame, &frame, &closed, &closed, &frame, &frame]
        .into_iter()
        .zip(0..)
        .map(|(frame, shift)| moved(frame, shift))
        .collect();
    assert_eq!(answer(engine, Challenge::Blink, &frames), ChallengeAnswer::Met);
    let options = CaptureOptions {
        challenge: Some(Challenge::Blink),
        ..CaptureOptions::default()
    };
    let captured = captured_with(engine, options, &frames).unwrap();
    assert!(
        captured.liveness.suspicion() < Some(0.5),
        "{:?}",
        captured.liveness
    );
    assert_eq!(
        answer(engine, Challenge::TurnLeft, &frames),
        ChallengeAnswer::NotMet
    );
}

#[test]
fn another_picture_of_the_person_with_closed_eyes_is_no_blink() {
    let Some((engine, frame, face)) = stage("two photographs and a blink") else {
        return;
    };
    let other = eyes_closed(&with_the_face_of("obama2", engine, &frame, &face), &face);
    let frames: Vec<_> = [&frame, &frame, &other, &other, &frame, &frame]
        .into_iter()
        .zip(0..)
        .map(|(frame, shift)| moved(frame, shift))
        .collect();
    assert_eq!(answer(engine, Challenge::Blink, &frames), ChallengeAnswer::NotMet);
}

#[test]
fn what_another_person_does_meets_no_challenge_for_a_photograph() {
    let Some((engine, frame, face)) = stage("a challenge met by another person") else {
        return;
    };
    let print: Vec<_> = (0..6).map(|shift| moved(&frame, shift)).collect();
    let other = with_the_face_of("biden", engine, &frame, &face);
    // Blurred, so that the template is made of the photograph.
    let theirs: Vec<_> = turning_head(&other, &face, 1.0)
        .iter()
        .map(|frame| imageops::blur(frame, 3.0))
        .collect();
    for frames in [[&print[..], &theirs].concat(), [&theirs[..], &print].concat()] {
        assert_ne!(answer(engine, Challenge::TurnLeft, &frames), ChallengeAnswer::Met);
    }
}

#[test]
fn a_capture_goes_on_until_the_movement_was_seen_and_says_what_to_do() {
    let Some((engine, frame, face)) = stage("a capture with a challenge") else {
        return;
    };
    let options = CaptureOptions {
        challenge: Some(Challenge::TurnLeft),
        ..CaptureOptions::default()
    };
    let mut capture = chipgate_face::Capture::begin(options, std::time::Duration::ZERO);
    let still = (0..5).map(|shift| moved(&frame, shift));
    let frames: Vec<_> = still.chain(turning_head(&frame, &face, 1.0)).collect();
    let mut steps = Vec::new();
    for (index, frame) in (0..).zip(&frames) {
        let now = std::time::Duration::from_millis(67 * index);
        steps.push(capture.add(engine, frame, now).unwrap());
    }
    assert!(!steps[4].done && steps[4].seen == Seen::Good, "{:?}", steps[4]);
    assert_eq!(steps[4].guidance.first(), Some(&Challenge::TurnLeft.guidance()));
    let last = steps.last().unwrap();
    assert!(
        last.done && !last.guidance.contains(&Challenge::TurnLeft.guidance()),
        "{last:?}"
    );
}
