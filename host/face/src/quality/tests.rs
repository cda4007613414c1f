use image::Rgb;

use super::*;
use crate::Rectangle;

fn face() -> Face {
    Face {
        bounding_box: Rectangle {
            x: 30.0,
            y: 25.0,
            width: 100.0,
            height: 125.0,
        },
        points: TARGETS.map(Point::from),
        score: 0.9,
    }
}

fn measured(picture: &RgbImage) -> Quality {
    quality(picture, &face(), &[face()]).unwrap()
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a small picture, clamped"
)]
/// A drawing with the brightness of a face: skin, eyes with pupils, a mouth.
fn drawing(light: impl Fn(u32, u32) -> f32, eyes: bool, mouth: bool) -> RgbImage {
    RgbImage::from_fn(SIDE, SIDE, |x, y| {
        let near = |cx: u32, cy: u32, rx: u32, ry: u32| {
            let (dx, dy) = (
                f64::from(x.abs_diff(cx)) / f64::from(rx),
                f64::from(y.abs_diff(cy)) / f64::from(ry),
            );
            dx * dx + dy * dy < 1.0
        };
        let eye = eyes && (near(48, 60, 6, 6) || near(112, 60, 6, 6));
        let white = eyes && (near(48, 60, 13, 6) || near(112, 60, 13, 6));
        let lips = mouth && near(80, 122, 24, 5);
        let base = if eye {
            [30.0, 25.0, 20.0]
        } else if white {
            [225.0, 220.0, 215.0]
        } else if lips {
            [140.0, 70.0, 70.0]
        } else {
            [190.0, 150.0, 125.0]
        };
        let grain = 1.0 + 0.08 * (((x * 7 + y * 13) % 11) as f32 / 11.0 - 0.5);
        Rgb(base.map(|value: f32| (value * light(x, y) * grain).clamp(0.0, 255.0) as u8))
    })
}

const fn even(_: u32, _: u32) -> f32 {
    1.0
}

#[test]
fn every_component_is_there_once_and_between_0_and_100() {
    let quality = measured(&drawing(even, true, true));
    let names: std::collections::HashSet<_> = quality
        .components()
        .map(|(component, _)| component.name())
        .collect();
    assert_eq!(names.len(), 20);
    assert!(
        quality
            .components()
            .all(|(_, value)| (0.0..=100.0).contains(&value))
    );
}

#[test]
fn light_from_one_side_lowers_the_uniformity() {
    let side = |x: u32, _: u32| if x < SIDE / 2 { 1.0 } else { 0.35 };
    let value = |picture| measured(&picture).get(Component::IlluminationUniformity).unwrap();
    assert!(value(drawing(even, true, true)) > 80.0);
    assert!(value(drawing(side, true, true)) < 40.0);
}

#[test]
fn a_black_frame_is_under_exposed_and_a_white_one_over_exposed() {
    let black = measured(&RgbImage::new(SIDE, SIDE));
    let white = measured(&RgbImage::from_pixel(SIDE, SIDE, Rgb([255; 3])));
    assert_eq!(black.get(Component::UnderExposurePrevention), Some(0.0));
    assert_eq!(white.get(Component::OverExposurePrevention), Some(0.0));
    assert_eq!(black.get(Component::DynamicRange), Some(0.0));
    assert!(black.guidance().contains(&"step into the light"));
    assert!(white.guidance().contains(&"step out of the bright light"));
}

#[test]
fn blur_lowers_the_sharpness() {
    let sharp = drawing(even, true, true);
    let blurred = image::imageops::blur(&sharp, 4.0);
    let value = |picture: &RgbImage| measured(picture).get(Component::Sharpness).unwrap();
    assert!(
        value(&blurred) < value(&sharp) - 20.0,
        "{} {}",
        value(&blurred),
        value(&sharp)
    );
}

#[test]
fn closed_eyes_and_a_covered_mouth_are_seen() {
    let (open, closed) = (
        measured(&drawing(even, true, true)),
        measured(&drawing(even, false, false)),
    );
    for component in [
        Component::EyesOpen,
        Component::EyesVisible,
        Component::MouthOcclusionPrevention,
    ] {
        assert!(open.get(component).unwrap() > 60.0, "{component:?} {open:?}");
        assert!(closed.get(component).unwrap() < 40.0, "{component:?} {closed:?}");
    }
}

#[test]
fn a_head_turned_and_tilted_has_the_angles_it_was_given() {
    // Points of a head in depth, turned by 25° and tilted by 10°: the nose stands out by NOSE.
    let points = [
        [-0.5, 0.0, 0.0],
        [0.5, 0.0, 0.0],
        [0.0, 0.5, 0.55],
        [-0.4, 0.95, 0.0],
        [0.4, 0.95, 0.0],
    ];
    let (yaw, roll) = (25f32.to_radians(), 10f32.to_radians());
    let project = |[x, y, z]: [f32; 3]| {
        let turned = x * yaw.cos() + z * yaw.sin();
        Point {
            x: 100.0 * (turned * roll.cos() - y * roll.sin()),
            y: 100.0 * (turned * roll.sin() + y * roll.cos()),
        }
    };
    let turned = pose(&Face {
        points: points.map(project),
        ..face()
    });
    assert!(
        (turned.yaw - 25.0).abs() < 4.0 && (turned.roll - 10.0).abs() < 1.0,
        "{turned:?}"
    );
}

#[test]
fn a_second_face_as_large_leaves_nothing_of_being_alone() {
    let mut other = face();
    other.bounding_box.x += 300.0;
    let both = quality(&drawing(even, true, true), &face(), &[face(), other]).unwrap();
    assert_eq!(both.get(Component::SingleFacePresent), Some(0.0));
}

#[test]
fn a_small_face_is_asked_to_come_closer() {
    let picture = image::imageops::thumbnail(&drawing(even, true, true), 40, 40);
    let small = Face {
        points: face().points.map(|p| Point {
            x: p.x / 4.0,
            y: p.y / 4.0,
        }),
        ..face()
    };
    assert!(
        quality(&picture, &small, &[small])
            .unwrap()
            .guidance()
            .contains(&"come closer")
    );
}

#[test]
fn blocks_of_strong_compression_are_seen() {
    let mut picture = drawing(even, true, true);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let block = ((x / 8 + y / 8) % 2) as u8 * 24;
        pixel.0 = [120 + block; 3];
    }
    assert!(measured(&picture).get(Component::CompressionArtifacts).unwrap() < 20.0);
}

#[test]
fn the_same_points_have_no_quality() {
    let nowhere = Face {
        points: [Point::default(); 5],
        ..face()
    };
    assert!(quality(&drawing(even, true, true), &nowhere, &[nowhere]).is_none());
}
