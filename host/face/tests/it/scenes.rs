//! What a camera sees, made from one portrait; the tests of the program include this file too.

use chipgate_face::{Face, RgbImage};

/// The frame with its nose moved to the side, smoothly, as a turning head moves it against eyes and mouth.
#[expect(clippy::cast_precision_loss, clippy::cast_sign_loss)]
pub fn turned_head(frame: &RgbImage, face: &Face, by: f32) -> RgbImage {
    let (nose, unit) = (face.points[2], face.eye_distance());
    RgbImage::from_fn(frame.width(), frame.height(), |x, y| {
        let (dx, dy) = (
            (x as f32 - nose.x) / (0.55 * unit),
            (y as f32 - nose.y) / (0.4 * unit),
        );
        let near = (1.0 - dx * dx - dy * dy).max(0.0);
        let from = (x as f32 - by * unit * near).clamp(0.0, frame.width() as f32 - 1.0);
        *frame.get_pixel(from.round() as u32, y)
    })
}

/// A photograph of the frame that is turned about its upright axis before the camera: it becomes narrower.
#[expect(clippy::cast_precision_loss, clippy::cast_sign_loss)]
pub fn turned_print(frame: &RgbImage, width: f32) -> RgbImage {
    let middle = frame.width() as f32 / 2.0;
    RgbImage::from_fn(frame.width(), frame.height(), |x, y| {
        let from = (middle + (x as f32 - middle) / width).clamp(0.0, frame.width() as f32 - 1.0);
        *frame.get_pixel(from.round() as u32, y)
    })
}

/// The frame with an ellipse of one colour in it.
#[expect(clippy::cast_precision_loss)]
pub fn covered(frame: &RgbImage, centre: (f32, f32), radii: (f32, f32), colour: [u8; 3]) -> RgbImage {
    let mut frame = frame.clone();
    for (x, y, pixel) in frame.enumerate_pixels_mut() {
        let (dx, dy) = ((x as f32 - centre.0) / radii.0, (y as f32 - centre.1) / radii.1);
        if dx * dx + dy * dy < 1.0 {
            pixel.0 = colour;
        }
    }
    frame
}

/// The frame with lids of the skin's colour over both eyes.
#[expect(clippy::cast_sign_loss)]
pub fn eyes_closed(frame: &RgbImage, face: &Face) -> RgbImage {
    let unit = face.eye_distance();
    let (eye, corner) = (face.points[0], face.points[3]);
    let (x, y) = (f32::midpoint(eye.x, corner.x), f32::midpoint(eye.y, corner.y));
    let skin = frame.get_pixel(x as u32, y as u32).0;
    let lid = |frame: &RgbImage, at: usize| {
        let eye = face.points[at];
        covered(frame, (eye.x, eye.y), (0.24 * unit, 0.13 * unit), skin)
    };
    lid(&lid(frame, 0), 1)
}

/// The frame with a mask over mouth and chin.
pub fn masked(frame: &RgbImage, face: &Face) -> RgbImage {
    let unit = face.eye_distance();
    let mouth = (
        f32::midpoint(face.points[3].x, face.points[4].x),
        face.points[3].y + 0.1 * unit,
    );
    covered(frame, mouth, (0.85 * unit, 0.6 * unit), [200, 225, 235])
}

/// The frame moved by `shift` pixels, with noise that no two frames share.
pub fn moved(frame: &RgbImage, shift: u32) -> RgbImage {
    let mut moved = RgbImage::from_fn(frame.width(), frame.height(), |x, y| {
        *frame.get_pixel(x.saturating_sub(shift), y)
    });
    for (x, y, pixel) in moved.enumerate_pixels_mut() {
        let noise = ((x * 31 + y * 17 + shift * 7) % 5) as u8;
        pixel.0 = pixel.0.map(|value| value.saturating_add(noise));
    }
    moved
}

/// The frame with the head turned by so many degrees: each point of the face moves as far as its depth moves it, on a rounded head with a nose.
#[expect(clippy::cast_precision_loss, clippy::cast_sign_loss)]
pub fn turned_by(frame: &RgbImage, face: &Face, degrees: f32) -> RgbImage {
    let (nose, unit) = (face.points[2], face.eye_distance());
    let middle = (nose.x, nose.y - 0.2 * unit);
    let (sin, cos) = degrees.to_radians().sin_cos();
    let depth = |dx: f32, y: f32| {
        let (dy, below) = ((y - middle.1) / (1.9 * unit), (y - nose.y) / (0.3 * unit));
        let head = (1.0 - (dx / 1.3).powi(2) - dy * dy).max(0.0);
        (head, head + 0.3 * (-(dx / 0.22).powi(2) - below * below).exp())
    };
    RgbImage::from_fn(frame.width(), frame.height(), |x, y| {
        let to = (x as f32 - middle.0) / unit;
        // Where the point was before it was turned.
        let from = (0..16).fold(to, |from, _| {
            let (head, depth) = depth(from, y as f32);
            to - depth * sin + (1.0 - cos) * head * from
        });
        let from = (middle.0 + from * unit).clamp(0.0, frame.width() as f32 - 1.0);
        *frame.get_pixel(from.round() as u32, y)
    })
}

/// By how many degrees a head turns that turns and comes back.
pub const THERE_AND_BACK: [f32; 15] = [
    0.0, 6.0, 12.0, 18.0, 24.0, 30.0, 36.0, 40.0, 36.0, 30.0, 24.0, 18.0, 12.0, 6.0, 0.0,
];

/// A head that turns to the picture's right, which is the person's left, and back; `direction` −1 is the other way.
pub fn turning_head(frame: &RgbImage, face: &Face, direction: f32) -> Vec<RgbImage> {
    THERE_AND_BACK
        .map(|degrees| turned_by(frame, face, direction * degrees))
        .into()
}
