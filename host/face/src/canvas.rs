//! A picture brought to the fixed size of a detector's input.

use image::{RgbImage, imageops};

use crate::{FaceError, Point};

/// How much of each side of the input the picture is kept away from, with its edge drawn on: an ID portrait is filled
/// by the face, and detectors were trained on faces with something around them.
const MARGIN: f32 = 1.0 / 6.0;

/// A detector's input, and how its places map back to the picture.
pub(crate) struct Canvas {
    /// Red, green and blue planes, 0 to 255, row by row.
    pub(crate) planes: Vec<f32>,
    scale: f32,
    left: f32,
    top: f32,
}

impl Canvas {
    /// Fits `picture` into `width` × `height`, keeping its proportions.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "pixels of a picture within limits"
    )]
    pub(crate) fn fit(picture: &RgbImage, width: u32, height: u32) -> Result<Self, FaceError> {
        let (from_width, from_height) = picture.dimensions();
        if from_width == 0 || from_height == 0 {
            return Err(FaceError::NoFace {
                width: from_width,
                height: from_height,
            });
        }
        let room = |side: u32| side as f32 * (1.0 - 2.0 * MARGIN);
        let scale = (room(width) / from_width as f32).min(room(height) / from_height as f32);
        let to = |side: u32| ((side as f32 * scale).round() as u32).max(1);
        let small = resize(picture, to(from_width), to(from_height));
        let (left, top) = ((width - small.width()) / 2, (height - small.height()) / 2);
        let planes = planes(&small, width, height, left, top);
        Ok(Self {
            planes,
            scale,
            left: left as f32,
            top: top as f32,
        })
    }

    /// A length of the canvas in pixels of the picture.
    pub(crate) fn length(&self, length: f32) -> f32 {
        length / self.scale
    }

    /// A place on the canvas as a place in the picture. Both count from the centre of the first pixel.
    pub(crate) fn place(&self, point: Point) -> Point {
        let back = |value: f32, shift: f32| (value + 0.5 - shift) / self.scale - 0.5;
        Point {
            x: back(point.x, self.left),
            y: back(point.y, self.top),
        }
    }
}

/// A mean over areas when the picture is more than twice as large, triangles otherwise.
fn resize(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    if picture.width() > 2 * width && picture.height() > 2 * height {
        return imageops::thumbnail(picture, width, height);
    }
    imageops::resize(picture, width, height, imageops::FilterType::Triangle)
}

/// The picture at (left, top), its edge pixels repeated to the edge of the canvas.
fn planes(picture: &RgbImage, width: u32, height: u32, left: u32, top: u32) -> Vec<f32> {
    let (last_x, last_y) = (picture.width() - 1, picture.height() - 1);
    let mut planes = Vec::with_capacity(3 * width as usize * height as usize);
    for channel in 0..3 {
        for y in 0..height {
            let row = y.saturating_sub(top).min(last_y);
            planes.extend(
                (0..width).map(|x| {
                    f32::from(picture.get_pixel(x.saturating_sub(left).min(last_x), row).0[channel])
                }),
            );
        }
    }
    planes
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn the_picture_keeps_its_proportions_and_its_edge_is_drawn_on() {
        let mut picture = RgbImage::from_pixel(10, 20, Rgb([10, 20, 30]));
        picture.put_pixel(0, 0, Rgb([200, 20, 30]));
        let canvas = Canvas::fit(&picture, 48, 48).unwrap();
        assert_eq!(canvas.planes.len(), 3 * 48 * 48);
        assert!(canvas.planes[0] > 150.0, "the corner goes on");
        assert!(
            (canvas.planes[48 * 48] - 20.0).abs() < 1e-3 && (canvas.planes[2 * 48 * 48] - 30.0).abs() < 1e-3
        );
    }

    #[test]
    fn a_place_maps_back_to_the_pixel_it_came_from() {
        let canvas = Canvas::fit(&RgbImage::new(64, 64), 192, 192).unwrap();
        // 64 pixels on 128, from 32 to 160: the picture's first pixel covers 32 and 33.
        let place = canvas.place(Point { x: 32.5, y: 158.5 });
        assert!(place.distance(Point { x: 0.0, y: 63.0 }) < 1e-3, "{place:?}");
        assert!((canvas.length(8.0) - 4.0).abs() < 1e-3);
    }

    #[test]
    fn a_picture_without_pixels_has_no_face() {
        assert!(matches!(
            Canvas::fit(&RgbImage::new(0, 3), 96, 96),
            Err(FaceError::NoFace { .. })
        ));
    }
}
