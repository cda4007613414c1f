use super::*;
use crate::attack::motion::tests::{print, turned};

fn moments(faces: impl IntoIterator<Item = Face>) -> Vec<Moment> {
    let moment = |(frame, face)| Moment {
        frame,
        face,
        eyes: 90.0,
        rest: vec![1.0; 4],
    };
    faces.into_iter().enumerate().map(moment).collect()
}

fn answers(challenge: Challenge, moments: &[Moment]) -> ChallengeAnswer {
    answer(challenge, moments).0
}

const THERE_AND_BACK: [f32; 8] = [0.0, 7.0, 14.0, 22.0, 24.0, 16.0, 8.0, 0.0];

#[test]
fn the_turn_that_was_asked_for_counts_and_the_other_one_does_not() {
    let left = moments(THERE_AND_BACK.map(turned));
    let right = moments(THERE_AND_BACK.map(|yaw| turned(-yaw)));
    assert_eq!(
        answer(Challenge::TurnLeft, &left),
        (ChallengeAnswer::Met, (1..=6).collect()),
        "from where it was straight last to where it was so again"
    );
    assert_eq!(answers(Challenge::TurnRight, &right), ChallengeAnswer::Met);
    assert_eq!(
        answers(Challenge::TurnRight, &left),
        ChallengeAnswer::SomethingElse
    );
    assert_eq!(
        answers(Challenge::TurnLeft, &right),
        ChallengeAnswer::SomethingElse
    );
    assert_eq!(answers(Challenge::Blink, &left), ChallengeAnswer::NotMet);
}

#[test]
fn after_a_turn_the_wrong_way_the_right_one_still_counts() {
    let wrong = THERE_AND_BACK.map(|yaw| -yaw);
    let both = moments(wrong.into_iter().chain(THERE_AND_BACK).map(turned));
    assert_eq!(answers(Challenge::TurnLeft, &both), ChallengeAnswer::Met);
}

#[test]
fn half_a_movement_is_none() {
    for part in [&THERE_AND_BACK[..5], &THERE_AND_BACK[3..], &[0.0; 8], &[]] {
        let part = moments(part.iter().copied().map(turned));
        assert_eq!(answers(Challenge::TurnLeft, &part), ChallengeAnswer::NotMet);
    }
    let little = moments(THERE_AND_BACK.map(|yaw| turned(0.6 * yaw)));
    assert_eq!(answers(Challenge::TurnLeft, &little), ChallengeAnswer::NotMet);
}

#[test]
fn photographs_that_are_swapped_lack_the_angles_between() {
    for swapped in [
        &[0.0, 0.0, 24.0, 24.0, 0.0, 0.0][..],
        // Near enough to each other, but with nothing between.
        &[9.0, 9.0, 19.5, 19.5, 9.0, 9.0],
        // There by a head, back by another picture.
        &[0.0, 7.0, 14.0, 22.0, 0.0],
    ] {
        let swapped = moments(swapped.iter().copied().map(turned));
        assert_eq!(answers(Challenge::TurnLeft, &swapped), ChallengeAnswer::NotMet);
    }
}

#[test]
fn what_happens_unseen_does_not_count() {
    let mut seen = moments(THERE_AND_BACK.map(turned));
    for moment in &mut seen[4..] {
        moment.frame += MISSING;
    }
    assert_eq!(answers(Challenge::TurnLeft, &seen), ChallengeAnswer::Met);
    for moment in &mut seen[4..] {
        moment.frame += 1;
    }
    assert_eq!(answers(Challenge::TurnLeft, &seen), ChallengeAnswer::NotMet);
}

#[test]
fn a_photograph_that_is_turned_as_a_plane_never_counts() {
    for most in [20.0, 35.0, 50.0, 65.0] {
        let way = (0..=10_u8)
            .chain((0..10).rev())
            .map(|step| most * f32::from(step) / 10.0);
        for direction in [1.0, -1.0] {
            let plane = moments(way.clone().map(|yaw| print(direction * yaw)));
            for challenge in Challenge::ALL {
                assert_ne!(
                    answers(challenge, &plane),
                    ChallengeAnswer::Met,
                    "{most} {challenge:?}"
                );
            }
        }
    }
}

/// Frames with these values of the eyes.
fn eyes(values: &[f32]) -> Vec<Moment> {
    let mut moments = moments(values.iter().map(|_| turned(0.0)));
    for (moment, value) in moments.iter_mut().zip(values) {
        moment.eyes = *value;
    }
    moments
}

#[test]
fn eyes_that_close_and_open_are_a_blink() {
    let blinked = eyes(&[90.0, 88.0, 50.0, 10.0, 8.0, 40.0, 85.0, 90.0]);
    assert_eq!(
        answer(Challenge::Blink, &blinked),
        (ChallengeAnswer::Met, (1..=6).collect())
    );
    for values in [
        &[90.0, 90.0, 90.0][..],
        &[90.0, 50.0, 40.0, 50.0, 90.0],
        &[90.0, 10.0, 10.0],
        &[10.0, 10.0, 90.0],
    ] {
        assert_eq!(answers(Challenge::Blink, &eyes(values)), ChallengeAnswer::NotMet);
    }
    let asleep = [&[90.0][..], &[5.0; LONGEST_BLINK + 1], &[90.0]].concat();
    assert_eq!(answers(Challenge::Blink, &eyes(&asleep)), ChallengeAnswer::NotMet);
}

#[test]
fn another_photograph_with_closed_eyes_is_no_blink() {
    let mut swapped = eyes(&[90.0, 90.0, 10.0, 10.0, 90.0]);
    for moment in &mut swapped[2..4] {
        moment.rest = vec![1.1, 0.9, 1.1, 0.9];
    }
    assert_eq!(answers(Challenge::Blink, &swapped), ChallengeAnswer::NotMet);
    let mut unseen = eyes(&[90.0, 90.0, 10.0, 10.0, 90.0]);
    for moment in &mut unseen[2..] {
        moment.frame += MISSING + 1;
    }
    assert_eq!(answers(Challenge::Blink, &unseen), ChallengeAnswer::NotMet);
}

#[test]
fn challenges_are_known_by_their_names() {
    for challenge in Challenge::ALL {
        assert_eq!(Challenge::from_name(challenge.name()), Some(challenge));
    }
    assert_eq!(Challenge::from_name("nod"), None);
}
