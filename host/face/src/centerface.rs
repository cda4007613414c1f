//! CenterFace (Xu, Yan, Yang, Guo, 2019): each cell of a grid says how likely a face is centred there, how large it
//! is, and where its five points are.

use chipgate_models::{DetectorNumbers, Manifest};
use image::{RgbImage, imageops};

use crate::{Detector, Face, FaceError, Point, Rectangle, canvas::Canvas, network::Network};

/// Side of the input for a whole picture, in pixels. A face of a tenth of the picture's longer side is found on it.
const COARSE: u32 = 192;
/// Side of the input for one face, in pixels.
const PRECISE: u32 = 160;
/// The square around a face that is looked at again, as a multiple of the box's longer side.
const AROUND: f32 = 1.6;
/// Where the coarse look finds nothing, windows of this share of both sides are looked at.
const WINDOW: f32 = 0.6;

/// The detector: coarse over the whole picture, precise on one face.
pub struct CenterFace {
    numbers: DetectorNumbers,
    coarse: Network,
    precise: Network,
}

/// The shapes of both inputs.
pub(crate) fn shapes() -> Vec<Vec<usize>> {
    [COARSE, PRECISE]
        .map(|side| vec![1, 3, side as usize, side as usize])
        .into()
}

impl CenterFace {
    /// Loads the model; `numbers` are those of its manifest.
    pub fn load(manifest: &Manifest, bytes: Vec<u8>, numbers: &DetectorNumbers) -> Result<Self, FaceError> {
        let networks = Network::load_for(&manifest.name, bytes, &shapes())?;
        let [coarse, precise] = <[Network; 2]>::try_from(networks)
            .map_err(|_| FaceError::inference(&manifest.name)("two networks were expected"))?;
        Ok(Self {
            numbers: numbers.clone(),
            coarse,
            precise,
        })
    }

    fn detect_on(&self, network: &Network, side: u32, canvas: &Canvas) -> Result<Vec<Face>, FaceError> {
        let outputs = network.run(&canvas.planes)?;
        let columns = (side / self.numbers.stride) as usize;
        let mut faces = faces(&outputs, columns, &self.numbers)
            .ok_or_else(|| FaceError::inference("centerface")("four outputs of one size were expected"))?;
        suppress(&mut faces, self.numbers.overlap);
        Ok(faces.iter().map(|face| in_picture(face, canvas)).collect())
    }

    fn whole(&self, picture: &RgbImage) -> Result<Vec<Face>, FaceError> {
        let canvas = Canvas::fit(picture, COARSE, COARSE)?;
        self.detect_on(&self.coarse, COARSE, &canvas)
    }

    /// The four corners and the middle, each enlarged.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "sides of a picture within limits"
    )]
    fn windows(&self, picture: &RgbImage) -> Result<Vec<Face>, FaceError> {
        let part = |side: u32| ((side as f32 * WINDOW) as u32).max(1);
        let (width, height) = (part(picture.width()), part(picture.height()));
        let (right, bottom) = (picture.width() - width, picture.height() - height);
        let mut found = Vec::new();
        for (x, y) in [
            (right / 2, bottom / 2),
            (0, 0),
            (right, 0),
            (0, bottom),
            (right, bottom),
        ] {
            let window = imageops::crop_imm(picture, x, y, width, height).to_image();
            let faces = self.whole(&window)?;
            found.extend(faces.iter().map(|face| face.moved(x as f32, y as f32)));
        }
        suppress(&mut found, self.numbers.overlap);
        Ok(found)
    }
}

impl Detector for CenterFace {
    fn detect(&self, picture: &RgbImage) -> Result<Vec<Face>, FaceError> {
        let faces = self.whole(picture)?;
        if faces.is_empty() {
            return self.windows(picture);
        }
        Ok(faces)
    }

    fn refine(&self, picture: &RgbImage, face: &Face) -> Result<Option<Face>, FaceError> {
        let around = face.bounding_box;
        let centre = Point {
            x: around.x + around.width / 2.0 - 0.5,
            y: around.y + around.height / 2.0 - 0.5,
        };
        let length = AROUND * around.width.max(around.height);
        let Some(canvas) = Canvas::cut(picture, centre, length, PRECISE) else {
            return Ok(None);
        };
        let faces = self.detect_on(&self.precise, PRECISE, &canvas)?;
        let common = |other: &Face| other.bounding_box.overlap(around);
        Ok(faces
            .into_iter()
            .filter(|other| common(other) > self.numbers.overlap)
            .max_by(|a, b| common(a).total_cmp(&common(b))))
    }
}

/// The network's outputs, each a plane of cells.
struct Grid<'a> {
    /// How likely a face is centred in the cell.
    heat: &'a [f32],
    /// Logarithms of height and width, in cells.
    scale: [&'a [f32]; 2],
    /// How far below and right of the cell the centre is.
    offset: [&'a [f32]; 2],
    /// The five points from the box's corner, as shares of its height and width.
    points: Vec<&'a [f32]>,
}

impl<'a> Grid<'a> {
    fn new(outputs: &'a [Vec<f32>]) -> Option<Self> {
        let [heat, scale, offset, points] = outputs else {
            return None;
        };
        let cells = heat.len();
        let fits =
            cells > 0 && (scale.len(), offset.len(), points.len()) == (2 * cells, 2 * cells, 10 * cells);
        fits.then(|| Self {
            heat,
            scale: [&scale[..cells], &scale[cells..]],
            offset: [&offset[..cells], &offset[cells..]],
            points: points.chunks_exact(cells).collect(),
        })
    }
}

/// All cells above the threshold as faces on the canvas.
fn faces(outputs: &[Vec<f32>], columns: usize, numbers: &DetectorNumbers) -> Option<Vec<Face>> {
    let grid = Grid::new(outputs)?;
    let candidates = grid
        .heat
        .iter()
        .enumerate()
        .filter(|(_, score)| **score >= numbers.score_threshold);
    Some(
        candidates
            .map(|(cell, score)| face(&grid, cell, columns, *score, numbers))
            .collect(),
    )
}

#[expect(clippy::cast_precision_loss, reason = "cells of a grid of a few hundred")]
fn face(grid: &Grid<'_>, cell: usize, columns: usize, score: f32, numbers: &DetectorNumbers) -> Face {
    let stride = numbers.stride as f32;
    let (row, column) = ((cell / columns) as f32, (cell % columns) as f32);
    let [height, width] = grid.scale.map(|plane| plane[cell].exp() * stride);
    let [down, right] = grid.offset.map(|plane| plane[cell]);
    let x = (column + right + 0.5) * stride - width / 2.0;
    let y = (row + down + 0.5) * stride - height / 2.0;
    let point = |index: usize| Point {
        x: x + grid.points[2 * index + 1][cell] * width,
        y: y + grid.points[2 * index][cell] * height,
    };
    let points = std::array::from_fn(point);
    Face {
        bounding_box: Rectangle { x, y, width, height },
        points,
        score,
    }
}

/// Of faces that overlap, leaves the one that the network is surest of.
fn suppress(faces: &mut Vec<Face>, overlap: f32) {
    faces.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Face> = Vec::new();
    for face in faces.drain(..) {
        if kept
            .iter()
            .all(|other| other.bounding_box.overlap(face.bounding_box) <= overlap)
        {
            kept.push(face);
        }
    }
    *faces = kept;
}

fn in_picture(face: &Face, canvas: &Canvas) -> Face {
    let Rectangle { x, y, width, height } = face.bounding_box;
    let corner = canvas.place(Point { x, y });
    let bounding_box = Rectangle {
        x: corner.x,
        y: corner.y,
        width: canvas.length(width),
        height: canvas.length(height),
    };
    Face {
        bounding_box,
        points: face.points.map(|point| canvas.place(point)),
        score: face.score,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> DetectorNumbers {
        DetectorNumbers {
            side_multiple: 32,
            stride: 4,
            score_threshold: 0.5,
            overlap: 0.3,
        }
    }

    /// A grid of 2 × 2 cells with a face in the last one, 4·e⁰ pixels large.
    fn outputs() -> Vec<Vec<f32>> {
        let mut heat = vec![0.0; 4];
        heat[3] = 0.9;
        vec![heat, vec![0.0; 8], vec![0.0; 8], vec![0.25; 40]]
    }

    #[test]
    fn a_cell_above_the_threshold_is_a_face_around_its_centre() {
        let faces = faces(&outputs(), 2, &numbers()).unwrap();
        let expected = Rectangle {
            x: 4.0,
            y: 4.0,
            width: 4.0,
            height: 4.0,
        };
        assert_eq!(faces.len(), 1);
        assert_eq!(faces[0].bounding_box, expected);
        assert_eq!(faces[0].points, [Point { x: 5.0, y: 5.0 }; 5]);
    }

    #[test]
    fn outputs_of_another_shape_are_no_grid() {
        let mut outputs = outputs();
        outputs[3].pop();
        assert!(faces(&outputs, 2, &numbers()).is_none());
        assert!(faces(&[], 2, &numbers()).is_none());
    }

    #[test]
    fn of_two_faces_in_one_place_the_surer_one_stays() {
        let face = |x, score| Face {
            bounding_box: Rectangle {
                x,
                y: 0.0,
                width: 10.0,
                height: 10.0,
            },
            points: [Point::default(); 5],
            score,
        };
        let mut faces = vec![face(0.0, 0.6), face(1.0, 0.8), face(50.0, 0.7)];
        suppress(&mut faces, 0.3);
        assert_eq!(faces.iter().map(|f| f.score).collect::<Vec<_>>(), [0.8, 0.7]);
    }
}
