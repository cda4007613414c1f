//! Five points on a face by a cascade of regression trees (Kazemi and Sullivan, 2014): each tree asks which of two
//! pixels is brighter, and its leaf moves the points a little.

use chipgate_models::{Cascade, LandmarkerNumbers, Trees};
use image::RgbImage;

use crate::{Face, FaceError, Landmarker, Point, Rectangle, Similarity};

/// dlib's five-point predictor: the corners of the eyes and the base of the nose.
pub struct FivePoints {
    trees: Trees,
    numbers: LandmarkerNumbers,
}

impl FivePoints {
    /// Loads the model; `numbers` are those of its manifest.
    pub fn load(bytes: &[u8], numbers: &LandmarkerNumbers) -> Result<Self, FaceError> {
        let trees = Trees::from_bytes(bytes)?;
        if trees.mean.len() != 10 {
            return Err(FaceError::inference("five-points")(
                "a shape of five points was expected",
            ));
        }
        Ok(Self {
            trees,
            numbers: numbers.clone(),
        })
    }

    /// The points in this square of the picture.
    pub fn points_in(&self, picture: &RgbImage, square: Rectangle) -> [Point; 5] {
        let mean = shape(&self.trees.mean);
        let mut current = self.trees.mean.clone();
        for cascade in &self.trees.cascades {
            let now = shape(&current);
            let Some(turn) = Similarity::between(&mean, &now) else {
                break;
            };
            let brightness = brightness(picture, square, cascade, &now, &turn);
            for (splits, leaves) in cascade
                .splits
                .chunks_exact(Trees::SPLITS)
                .zip(cascade.leaves.chunks_exact(10 * (Trees::SPLITS + 1)))
            {
                let mut node = 0;
                while let Some(split) = splits.get(node) {
                    let [first, second] =
                        [split.first, split.second].map(|pixel| brightness[usize::from(pixel)]);
                    node = 2 * node + if first - second > split.threshold { 1 } else { 2 };
                }
                let leaf = &leaves[10 * (node - Trees::SPLITS)..][..10];
                for (value, step) in current.iter_mut().zip(leaf) {
                    *value += step;
                }
            }
        }
        shape(&current).map(|point| in_square(square, point))
    }
}

impl Landmarker for FivePoints {
    fn points(&self, picture: &RgbImage, face: &Face) -> [Point; 5] {
        let around = face.bounding_box;
        let side = self.numbers.side * around.width.max(around.height);
        let square = Rectangle {
            x: around.x + (around.width - side) / 2.0,
            y: around.y + (around.height - side) / 2.0 + self.numbers.lower * around.height,
            width: side,
            height: side,
        };
        self.points_in(picture, square)
    }
}

fn shape(values: &[f32]) -> [Point; 5] {
    std::array::from_fn(|index| Point {
        x: values[2 * index],
        y: values[2 * index + 1],
    })
}

/// The square's corners are pixels: its last one is at its side less one.
fn in_square(square: Rectangle, point: Point) -> Point {
    Point {
        x: square.x + point.x * (square.width - 1.0),
        y: square.y + point.y * (square.height - 1.0),
    }
}

/// The grey values of the pixels that the forest looks at; outside the picture they are black.
fn brightness(
    picture: &RgbImage,
    square: Rectangle,
    cascade: &Cascade,
    now: &[Point; 5],
    turn: &Similarity,
) -> Vec<f32> {
    let pixels = cascade.anchors.iter().zip(&cascade.deltas);
    pixels
        .map(|(anchor, delta)| {
            let (x, y) = turn.turn(delta[0], delta[1]);
            let near = now[usize::from(*anchor)];
            let place = in_square(
                square,
                Point {
                    x: near.x + x,
                    y: near.y + y,
                },
            );
            grey(picture, place)
        })
        .collect()
}

#[expect(clippy::cast_sign_loss, reason = "held against the picture's sides first")]
fn grey(picture: &RgbImage, place: Point) -> f32 {
    let (x, y) = ((place.x + 0.5).floor(), (place.y + 0.5).floor());
    if x < 0.0 || y < 0.0 {
        return 0.0;
    }
    picture
        .get_pixel_checked(x as u32, y as u32)
        .map_or(0.0, |pixel| {
            let sum: u16 = pixel.0.iter().map(|value| u16::from(*value)).sum();
            f32::from(sum / 3)
        })
}
