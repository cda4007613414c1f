//! Brings a face into the place and size that an embedder was trained on.

use image::{Rgb, RgbImage};

use crate::Point;

/// A rotation, a scale and a shift: (x, y) goes to (a·x − b·y + c, b·x + a·y + d).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Similarity {
    a: f64,
    b: f64,
    c: f64,
    d: f64,
}

impl Similarity {
    /// The similarity that brings `from` closest to `to`, in the sense of least squares (Umeyama, 1991, without
    /// reflections). `None` if all points of `from` fall together.
    pub fn between(from: &[Point; 5], to: &[Point; 5]) -> Option<Self> {
        let (from_mean, to_mean) = (mean(from), mean(to));
        let (mut square, mut along, mut across) = (0.0, 0.0, 0.0);
        for (f, t) in from.iter().zip(to) {
            let (fx, fy) = (f64::from(f.x) - from_mean.0, f64::from(f.y) - from_mean.1);
            let (tx, ty) = (f64::from(t.x) - to_mean.0, f64::from(t.y) - to_mean.1);
            square += fx * fx + fy * fy;
            along += fx * tx + fy * ty;
            across += fx * ty - fy * tx;
        }
        let (a, b) = (along / square, across / square);
        let c = to_mean.0 - a * from_mean.0 + b * from_mean.1;
        let d = to_mean.1 - b * from_mean.0 - a * from_mean.1;
        [a, b, c, d]
            .into_iter()
            .all(f64::is_finite)
            .then_some(Self { a, b, c, d })
    }

    /// Where a point goes.
    pub fn apply(&self, point: Point) -> Point {
        let (x, y) = (f64::from(point.x), f64::from(point.y));
        Point {
            x: (self.a * x - self.b * y + self.c) as f32,
            y: (self.b * x + self.a * y + self.d) as f32,
        }
    }

    /// Turns and enlarges a difference of two places; the shift plays no part.
    pub(crate) fn turn(&self, x: f32, y: f32) -> (f32, f32) {
        let (x, y) = (f64::from(x), f64::from(y));
        ((self.a * x - self.b * y) as f32, (self.b * x + self.a * y) as f32)
    }

    /// Enlarges by `scale` and then shifts.
    pub(crate) fn upright(scale: f32, x: f32, y: f32) -> Self {
        Self {
            a: f64::from(scale),
            b: 0.0,
            c: f64::from(x),
            d: f64::from(y),
        }
    }

    /// How much it enlarges.
    pub fn scale(&self) -> f64 {
        self.a.hypot(self.b)
    }
}

fn mean(points: &[Point; 5]) -> (f64, f64) {
    let sum = points
        .iter()
        .fold((0.0, 0.0), |(x, y), p| (x + f64::from(p.x), y + f64::from(p.y)));
    (sum.0 / 5.0, sum.1 / 5.0)
}

/// Cuts a square of `side` pixels out of `picture`, so that `points` come to lie on `targets`.
///
/// Each pixel is the mean of a grid of bilinear samples as fine as the picture's own pixels, so that a large picture
/// is not merely thinned out. Beyond the edge the edge goes on. `None` if the points all fall together.
pub fn align(picture: &RgbImage, points: &[Point; 5], targets: &[Point; 5], side: u32) -> Option<RgbImage> {
    if picture.width() == 0 || picture.height() == 0 {
        return None;
    }
    Some(warp(
        picture,
        &Similarity::between(targets, points)?,
        side,
        MOST_SAMPLES,
    ))
}

/// The square of `side` pixels whose pixels lie where `back` says in the picture, which has at least one pixel. At most
/// `most` samples a side are taken for each.
pub(crate) fn warp(picture: &RgbImage, back: &Similarity, side: u32, most: u32) -> RgbImage {
    #[expect(clippy::cast_sign_loss, reason = "a scale is not negative")]
    let samples = (back.scale().ceil() as u32).clamp(1, most);
    RgbImage::from_fn(side, side, |x, y| pixel(picture, back, x, y, samples))
}

/// Samples along a side of one pixel: enough for a face 2,400 pixels wide on a chip of 150.
const MOST_SAMPLES: u32 = 16;

#[expect(
    clippy::cast_precision_loss,
    reason = "chips and pictures have fewer than 2²³ pixels a side"
)]
fn pixel(picture: &RgbImage, back: &Similarity, x: u32, y: u32, samples: u32) -> Rgb<u8> {
    let mut sum = [0.0f32; 3];
    for row in 0..samples {
        for column in 0..samples {
            let within = |index: u32| (index as f32 + 0.5) / samples as f32 - 0.5;
            let place = Point {
                x: x as f32 + within(column),
                y: y as f32 + within(row),
            };
            let colour = bilinear(picture, back.apply(place));
            for (total, value) in sum.iter_mut().zip(colour) {
                *total += value;
            }
        }
    }
    #[expect(clippy::cast_sign_loss, reason = "a mean of values from 0 to 255")]
    Rgb(sum.map(|total| (total / (samples * samples) as f32).round() as u8))
}

/// The colour at a place between pixels.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "clamped into the picture first"
)]
fn bilinear(picture: &RgbImage, place: Point) -> [f32; 3] {
    let (last_x, last_y) = (picture.width() - 1, picture.height() - 1);
    let (x, y) = (
        place.x.clamp(0.0, last_x as f32),
        place.y.clamp(0.0, last_y as f32),
    );
    let (left, top) = (x.floor() as u32, y.floor() as u32);
    let (right, bottom) = ((left + 1).min(last_x), (top + 1).min(last_y));
    let (fx, fy) = (x.fract(), y.fract());
    let at = |x, y| picture.get_pixel(x, y).0.map(f32::from);
    let corners = [at(left, top), at(right, top), at(left, bottom), at(right, bottom)];
    std::array::from_fn(|c| {
        let upper = corners[0][c] + (corners[1][c] - corners[0][c]) * fx;
        let lower = corners[2][c] + (corners[3][c] - corners[2][c]) * fx;
        upper + (lower - upper) * fy
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(list: [[f32; 2]; 5]) -> [Point; 5] {
        list.map(Point::from)
    }

    fn corners() -> [Point; 5] {
        points([[0.0, 0.0], [10.0, 0.0], [5.0, 5.0], [0.0, 10.0], [10.0, 10.0]])
    }

    #[test]
    fn recovers_a_rotation_a_scale_and_a_shift() {
        let known = Similarity {
            a: 0.6,
            b: 0.8,
            c: 3.0,
            d: -7.0,
        };
        let found = Similarity::between(&corners(), &corners().map(|p| known.apply(p))).unwrap();
        for (a, b) in [
            (found.a, known.a),
            (found.b, known.b),
            (found.c, known.c),
            (found.d, known.d),
        ] {
            assert!((a - b).abs() < 1e-5, "{found:?}");
        }
        assert!((found.scale() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn agrees_with_umeyamas_solution_by_singular_values_on_points_that_do_not_fit() {
        // Computed with numpy's SVD after Umeyama's equations (38) to (43).
        let from = points([
            [30.1, 41.7],
            [65.2, 39.9],
            [48.8, 60.3],
            [33.6, 77.4],
            [63.3, 76.1],
        ]);
        let to = points([
            [47.98, 48.01],
            [101.59, 46.44],
            [75.06, 77.04],
            [52.32, 99.08],
            [97.49, 97.75],
        ]);
        let found = Similarity::between(&from, &to).unwrap();
        let expected = [1.469_110_54, 0.029_391_54, 5.813_324_21, -14.547_723_01];
        for (a, b) in [found.a, found.b, found.c, found.d].into_iter().zip(expected) {
            assert!((a - b).abs() < 1e-4, "{found:?}");
        }
    }

    #[test]
    fn points_that_fall_together_give_no_transform() {
        assert_eq!(Similarity::between(&[Point::default(); 5], &corners()), None);
    }

    #[test]
    fn aligning_a_picture_onto_itself_changes_nothing() {
        let picture = RgbImage::from_fn(11, 11, |x, y| Rgb([x as u8 * 20, y as u8 * 20, 7]));
        assert_eq!(align(&picture, &corners(), &corners(), 11), Some(picture));
    }

    #[test]
    fn a_reduction_takes_the_mean_and_not_every_second_pixel() {
        let stripes = RgbImage::from_fn(40, 40, |x, _| Rgb([if x % 2 == 0 { 0 } else { 200 }; 3]));
        let half = corners().map(|p| Point {
            x: p.x / 2.0,
            y: p.y / 2.0,
        });
        let small = align(&stripes, &corners(), &half, 10).unwrap();
        let middle = small.get_pixel(5, 5).0[0];
        assert!((90..=110).contains(&middle), "{middle}");
    }

    #[test]
    fn beyond_the_edge_the_edge_goes_on() {
        let red = RgbImage::from_pixel(3, 3, Rgb([255, 0, 0]));
        let chip = align(&red, &corners(), &corners(), 30).unwrap();
        assert!(chip.pixels().all(|pixel| *pixel == Rgb([255, 0, 0])));
    }
}
