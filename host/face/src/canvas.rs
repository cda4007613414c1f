//! A picture brought to the fixed size of a detector's input.

use image::{RgbImage, imageops};

use crate::{FaceError, Point, Similarity, align::warp};

/// Samples along a side of one pixel of a cut: a detector needs no more.
const CUT_SAMPLES: u32 = 3;

/// How much of each side of the input a picture is kept away from, with its edge drawn on: an ID portrait is filled
/// by the face, and detectors were trained on faces with something around them.
const MARGIN: f32 = 1.0 / 6.0;
/// A picture this much wider than high is a camera's: it has something around the face, and the letterbox adds more.
const WIDE: f32 = 1.3;

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
        let wide = from_width as f32 > WIDE * from_height as f32;
        let margin = if wide { 0.0 } else { MARGIN };
        let room = |side: u32| side as f32 * (1.0 - 2.0 * margin);
        let scale = (room(width) / from_width as f32).min(room(height) / from_height as f32);
        let to = |side: u32, most: u32| ((side as f32 * scale).round() as u32).clamp(1, most);
        let small = resize(picture, to(from_width, width), to(from_height, height));
        let (left, top) = ((width - small.width()) / 2, (height - small.height()) / 2);
        let planes = planes(&small, width, height, left, top);
        Ok(Self {
            planes,
            scale,
            left: left as f32,
            top: top as f32,
        })
    }

    /// Cuts the square of `length` pixels around `centre` out of the picture, onto `side` × `side`. Beyond the picture
    /// its edge goes on. `None` if there is no such square.
    #[expect(clippy::cast_precision_loss, reason = "sides of a few hundred pixels")]
    pub(crate) fn cut(picture: &RgbImage, centre: Point, length: f32, side: u32) -> Option<Self> {
        let scale = side as f32 / length;
        let sound =
            picture.width() > 0 && picture.height() > 0 && centre.x.is_finite() && centre.y.is_finite();
        if !sound || !scale.is_finite() || scale <= 0.0 {
            return None;
        }
        let middle = (side as f32 - 1.0) / 2.0;
        let shift = |centre: f32| centre - middle / scale;
        let back = Similarity::upright(1.0 / scale, shift(centre.x), shift(centre.y));
        let cut = warp(picture, &back, side, CUT_SAMPLES);
        // (value + 0.5 − left) / scale − 0.5 must be value / scale + shift.
        let left = |shift: f32| 0.5 - (shift + 0.5) * scale;
        Some(Self {
            planes: planes(&cut, side, side, 0, 0),
            scale,
            left: left(shift(centre.x)),
            top: left(shift(centre.y)),
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
    fn a_cut_maps_back_to_where_it_was_taken() {
        let mut picture = RgbImage::new(100, 100);
        picture.put_pixel(60, 40, Rgb([255; 3]));
        let canvas = Canvas::cut(&picture, Point { x: 50.0, y: 50.0 }, 32.0, 64).unwrap();
        let brightest = (0..64 * 64)
            .max_by(|a, b| canvas.planes[*a].total_cmp(&canvas.planes[*b]))
            .unwrap();
        #[expect(clippy::cast_precision_loss)]
        let place = canvas.place(Point {
            x: (brightest % 64) as f32,
            y: (brightest / 64) as f32,
        });
        assert!(place.distance(Point { x: 60.0, y: 40.0 }) < 0.51, "{place:?}");
        assert!((canvas.length(10.0) - 5.0).abs() < 1e-3);
        assert!(Canvas::cut(&picture, Point::default(), f32::NAN, 64).is_none());
    }

    #[test]
    fn a_picture_without_pixels_has_no_face() {
        assert!(matches!(
            Canvas::fit(&RgbImage::new(0, 3), 96, 96),
            Err(FaceError::NoFace { .. })
        ));
    }
}
