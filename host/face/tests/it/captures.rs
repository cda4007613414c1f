//! What frames show, on pictures made from one portrait: each kind of bad input has its own name.

use std::time::Duration;

use chipgate_face::{
    Capture, CaptureOptions, Captured, Engine, Face, Motion, Point, RgbImage, Seen, Similarity, resized,
};
use image::{Rgb, imageops};

use crate::{
    common::{engine, picture},
    scenes::{eyes_closed, masked, moved, turned_head, turned_print},
};

/// A camera's frame in which the eyes of the portrait are some 130 pixels apart, or `None` with a line that `test` is skipped.
pub fn stage(test: &str) -> Option<(&'static Engine, RgbImage, Face)> {
    let engine = engine(test)?;
    let path = chipgate_models::picture_path("obama")
        .ok()
        .filter(|path| path.is_file());
    if path.is_none() {
        println!("skipped: {test}: the pictures are not fetched (cargo xtask models)");
    }
    let frame = resized(&picture(&path?), 720);
    let (face, _) = engine.locate(&frame).unwrap();
    Some((engine, frame, face))
}

fn seen(engine: &Engine, frame: &RgbImage) -> Seen {
    Seen::in_picture(frame, &engine.faces(frame).unwrap())
}

fn captured(engine: &Engine, frames: &[RgbImage]) -> Result<Captured, Seen> {
    captured_with(engine, CaptureOptions::default(), frames)
}

/// What comes of frames, fifteen a second.
pub fn captured_with(
    engine: &Engine,
    options: CaptureOptions,
    frames: &[RgbImage],
) -> Result<Captured, Seen> {
    let mut capture = Capture::begin(options, Duration::ZERO);
    for (index, frame) in (0..).zip(frames) {
        capture
            .add(engine, frame, Duration::from_millis(67 * index))
            .unwrap();
    }
    capture.finish(engine).unwrap()
}

#[test]
fn a_good_portrait_is_good_and_a_black_frame_black() {
    let Some((engine, frame, _)) = stage("a good frame") else {
        return;
    };
    assert_eq!(seen(engine, &frame), Seen::Good);
    assert_eq!(seen(engine, &RgbImage::new(640, 480)), Seen::BlackFrame);
    let wall = RgbImage::from_pixel(640, 480, Rgb([120, 125, 130]));
    assert_eq!(seen(engine, &wall), Seen::NoFace);
}

#[test]
fn two_people_side_by_side_are_several_faces() {
    let Some((engine, frame, _)) = stage("two people") else {
        return;
    };
    let mut both = RgbImage::new(frame.width() * 2, frame.height());
    imageops::replace(&mut both, &frame, 0, 0);
    imageops::replace(&mut both, &frame, i64::from(frame.width()), 0);
    assert_eq!(seen(engine, &both), Seen::SeveralFaces);
}

#[test]
fn lids_over_both_eyes_are_closed_eyes() {
    let Some((engine, frame, face)) = stage("closed eyes") else {
        return;
    };
    let frame = eyes_closed(&frame, &face);
    assert_eq!(seen(engine, &frame), Seen::EyesClosed);
    let frames: Vec<_> = (0..4).map(|shift| moved(&frame, shift)).collect();
    assert_eq!(captured(engine, &frames).unwrap_err(), Seen::EyesClosed);
}

#[test]
fn a_mask_over_mouth_and_chin_is_a_covered_mouth() {
    let Some((engine, frame, face)) = stage("a mask") else {
        return;
    };
    assert_eq!(seen(engine, &masked(&frame, &face)), Seen::MouthCovered);
}

#[test]
fn the_grid_of_a_screen_is_a_picture_of_a_picture_and_no_obstacle() {
    let Some((engine, mut frame, _)) = stage("a screen") else {
        return;
    };
    for (x, _, pixel) in frame.enumerate_pixels_mut() {
        if x % 4 < 2 {
            pixel.0 = pixel.0.map(|value| value / 2);
        }
    }
    assert_eq!(seen(engine, &frame), Seen::PictureOfPicture);
    let frames: Vec<_> = (0..3).map(|shift| moved(&frame, shift)).collect();
    let captured = captured(engine, &frames).unwrap();
    assert!(
        captured.liveness.suspicion() > Some(0.5),
        "{:?}",
        captured.liveness
    );
}

#[test]
fn the_same_frame_again_is_a_frozen_camera() {
    let Some((engine, frame, _)) = stage("a frozen camera") else {
        return;
    };
    for times in [2, 3, 6] {
        let frames = vec![frame.clone(); times];
        assert_eq!(
            captured(engine, &frames).unwrap_err(),
            Seen::FrozenCamera,
            "{times}"
        );
    }
    assert!(captured(engine, &[moved(&frame, 0), moved(&frame, 1)]).is_ok());
}

#[test]
fn frames_with_closed_eyes_are_left_out_of_the_template() {
    let Some((engine, frame, face)) = stage("a blink") else {
        return;
    };
    let blink = eyes_closed(&frame, &face);
    let frames = [moved(&blink, 0), moved(&frame, 1), moved(&blink, 2)];
    let captured = captured(engine, &frames).unwrap();
    assert_eq!(captured.frames, 1);
}

#[test]
fn a_turning_head_moves_in_depth_and_a_turned_print_as_a_plane() {
    let Some((engine, frame, face)) = stage("motion") else {
        return;
    };
    let head: Vec<_> = [-0.42, -0.3, -0.14, 0.14, 0.3, 0.42]
        .map(|by| turned_head(&frame, &face, by))
        .into();
    let liveness = captured(engine, &head).unwrap().liveness;
    assert!(matches!(liveness.motion, Motion::Depth { .. }), "{liveness:?}");
    assert!(liveness.suspicion() < Some(0.5), "{liveness:?}");
    let print: Vec<_> = [1.0, 0.93, 0.86, 0.8]
        .map(|width| turned_print(&frame, width))
        .into();
    let liveness = captured(engine, &print).unwrap().liveness;
    assert!(matches!(liveness.motion, Motion::Plane { .. }), "{liveness:?}");
    assert!(liveness.suspicion() > Some(0.5), "{liveness:?}");
}

/// The frame with another person's face laid over its own, eyes over eyes.
pub fn with_the_face_of(other: &str, engine: &Engine, frame: &RgbImage, face: &Face) -> RgbImage {
    let theirs = picture(&chipgate_models::picture_path(other).unwrap());
    let (their_face, _) = engine.locate(&theirs).unwrap();
    let back = Similarity::between(&face.points, &their_face.points).unwrap();
    #[expect(clippy::cast_precision_loss, clippy::cast_sign_loss)]
    RgbImage::from_fn(frame.width(), frame.height(), |x, y| {
        let from = back.apply(Point {
            x: x as f32,
            y: y as f32,
        });
        let inside = from.x >= 0.0 && from.y >= 0.0;
        let pixel = inside
            .then(|| theirs.get_pixel_checked(from.x as u32, from.y as u32))
            .flatten();
        pixel.copied().unwrap_or(Rgb([128; 3]))
    })
}

#[test]
fn what_one_person_did_does_not_speak_for_the_photograph_of_another() {
    let Some((engine, frame, face)) = stage("another person in between") else {
        return;
    };
    let print: Vec<_> = (0..6).map(|shift| moved(&frame, shift)).collect();
    let other = with_the_face_of("biden", engine, &frame, &face);
    let blurred: Vec<_> = (0..3)
        .map(|shift| imageops::blur(&moved(&other, shift), 3.0))
        .collect();
    let alone = captured(engine, &print).unwrap();
    for frames in [[&print[..], &blurred].concat(), [&blurred[..], &print].concat()] {
        let captured = captured(engine, &frames).unwrap();
        assert!(engine.compare(&captured.template, &alone.template).score > 0.95);
        assert!(
            !matches!(captured.liveness.motion, Motion::Depth { .. }),
            "{:?}",
            captured.liveness
        );
    }
    let sharp: Vec<_> = (0..6).map(|shift| moved(&other, shift)).collect();
    let mixed = [&print[..2], &sharp[..]].concat();
    match captured(engine, &mixed) {
        Err(seen) => assert_eq!(seen, Seen::SeveralFaces),
        Ok(captured) => {
            let of = engine.template(&other).unwrap().template;
            let scores = [&of, &alone.template].map(|one| engine.compare(&captured.template, one).score);
            assert!(
                scores[0].max(scores[1]) > 0.9,
                "neither one nor the other: {scores:?}"
            );
            assert!(!matches!(captured.liveness.motion, Motion::Depth { .. }));
        }
    }
}

#[test]
fn a_capture_ends_on_the_clock_that_is_passed_in() {
    let Some((engine, _, _)) = stage("the clock") else {
        return;
    };
    let wall = |shade| RgbImage::from_pixel(320, 240, Rgb([shade; 3]));
    let begun = Duration::from_secs(77);
    let mut capture = Capture::begin(CaptureOptions::default(), begun);
    let step = capture
        .add(engine, &wall(100), begun + Duration::from_millis(9_999))
        .unwrap();
    assert!(!step.done && step.seen == Seen::NoFace && !step.guidance.is_empty());
    let step = capture
        .add(engine, &wall(101), begun + Duration::from_secs(10))
        .unwrap();
    assert!(step.done);
    assert_eq!(capture.finish(engine).unwrap().unwrap_err(), Seen::NoFace);
}
