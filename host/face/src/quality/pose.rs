//! How the head is held and how large it is, from the box and the five points.

use image::RgbImage;

use super::sigmoid;
use crate::Face;

/// Angles of the head in degrees: to the picture's right, down, and clockwise are positive. Yaw and pitch are estimates from five
/// points, good to about ten degrees.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pose {
    /// Turned to a side.
    pub yaw: f32,
    /// Looking down.
    pub pitch: f32,
    /// Tilted.
    pub roll: f32,
}

/// How far the tip of the nose stands out, as a share of the distance between the eyes.
const NOSE: f32 = 0.55;
/// Where the tip of the nose is between eyes and mouth on a face that looks straight ahead.
const NOSE_HEIGHT: f32 = 0.56;

/// Estimates how the head is held.
pub fn pose(face: &Face) -> Pose {
    let [left, right, nose, mouth_left, mouth_right] = face.points;
    let (dx, dy) = (right.x - left.x, right.y - left.y);
    let roll = dy.atan2(dx);
    let middle = |a: f32, b: f32| f32::midpoint(a, b);
    let eyes = (middle(left.x, right.x), middle(left.y, right.y));
    let mouth = (
        middle(mouth_left.x, mouth_right.x),
        middle(mouth_left.y, mouth_right.y),
    );
    // In the head's own axes: along the eyes, and down the face.
    let (sin, cos) = roll.sin_cos();
    let turned = |(x, y): (f32, f32)| (x * cos + y * sin, y * cos - x * sin);
    let (eyes, mouth, nose) = (turned(eyes), turned(mouth), turned((nose.x, nose.y)));
    let height = mouth.1 - eyes.1;
    let share = (nose.1 - eyes.1) / height;
    let axis = eyes.0 + (mouth.0 - eyes.0) * share;
    let apart = dx.hypot(dy);
    // On a head turned by α the eyes are cos α apart and the nose has moved by NOSE · sin α.
    let yaw = ((nose.0 - axis) / (NOSE * apart)).atan();
    let pitch = ((share - NOSE_HEIGHT) * height / (NOSE * apart)).atan();
    let degrees = |angle: f32| {
        if angle.is_finite() {
            angle.to_degrees()
        } else {
            90.0
        }
    };
    Pose {
        yaw: degrees(yaw),
        pitch: degrees(pitch),
        roll: degrees(roll),
    }
}

/// 100 · cos² of the angle (the standard's mapping for pose).
pub(super) fn score(degrees: f32) -> f32 {
    let cos = degrees.to_radians().cos().max(0.0);
    100.0 * cos * cos
}

/// The distance between the eyes as it would be from in front, around 70 pixels.
pub(super) fn inter_eye_distance(face: &Face, pose: Pose) -> f32 {
    let cos = pose.yaw.to_radians().cos().max(0.3);
    sigmoid(face.eye_distance() / cos, 70.0, 20.0)
}

/// How small the next largest face is beside this one.
pub(super) fn single_face(face: &Face, faces: &[Face]) -> f32 {
    let own = face.bounding_box;
    let others = faces.iter().filter(|other| other.bounding_box.overlap(own) < 0.3);
    let largest = others.map(|other| other.bounding_box.area()).fold(0.0, f32::max);
    100.0 * (1.0 - (largest / own.area().max(1.0)).min(1.0))
}

/// How much of the head's surroundings is in the picture: the box with a quarter more on each side and above.
#[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
pub(super) fn head_size(face: &Face, picture: &RgbImage) -> f32 {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let own = face.bounding_box;
    let inside = |low: f32, length: f32, most: f32| {
        ((low + length).min(most) - low.max(0.0)).max(0.0) / length.max(1.0)
    };
    100.0 * inside(own.x, own.width, width) * inside(own.y, own.height, height)
}
