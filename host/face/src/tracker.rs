//! The traveller's face from frame to frame.

use image::RgbImage;

use crate::{Engine, Face, FaceError};

/// So often the whole frame is looked at again while a face is followed, for others who came near.
const WHOLE_EVERY: u32 = 8;
/// Another face counts as near from this share of the traveller's area on.
const NEAR: f32 = 0.25;

/// Follows the nearest face: cheaply at its last place, and every few frames over the whole picture.
#[derive(Debug, Default)]
pub struct Tracker {
    last: Option<Face>,
    others: Vec<Face>,
    frames: u32,
}

/// What a frame shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Tracked {
    /// The traveller: the nearest face.
    pub face: Face,
    /// Whether it is the same one as in the frame before.
    pub same: bool,
    /// Faces nearly as near, as of the last look at the whole frame.
    pub others: Vec<Face>,
}

impl Tracker {
    /// A tracker that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at the next frame. `None` if there is no face.
    pub fn next(&mut self, engine: &Engine, frame: &RgbImage) -> Result<Option<Tracked>, FaceError> {
        self.frames = self.frames.wrapping_add(1);
        let followed = match self.last {
            Some(face) => engine.follow(frame, &face)?,
            None => None,
        };
        let Some(face) = followed else {
            return self.whole(engine, frame, None);
        };
        if self.frames.is_multiple_of(WHOLE_EVERY) {
            return self.whole(engine, frame, Some(face));
        }
        self.last = Some(face);
        Ok(Some(Tracked {
            face,
            same: true,
            others: self.others.clone(),
        }))
    }

    /// Looks at the whole frame. The face that was followed stays the traveller unless another is twice as large.
    fn whole(
        &mut self,
        engine: &Engine,
        frame: &RgbImage,
        followed: Option<Face>,
    ) -> Result<Option<Tracked>, FaceError> {
        let faces = engine.detect(frame)?;
        let Some(choice) = choose(&faces, followed) else {
            self.last = None;
            self.others.clear();
            return Ok(None);
        };
        let face = if choice.same {
            choice.face
        } else {
            engine.follow(frame, &choice.face)?.unwrap_or(choice.face)
        };
        self.last = Some(face);
        self.others.clone_from(&choice.others);
        Ok(Some(Tracked { face, ..choice }))
    }
}

/// The nearest of the faces; the one that was followed if it is at least half as large.
fn choose(faces: &[Face], followed: Option<Face>) -> Option<Tracked> {
    let area = |face: &Face| face.bounding_box.area();
    let largest = faces.iter().max_by(|a, b| area(a).total_cmp(&area(b))).copied();
    let (face, same) = match (followed, largest) {
        (Some(followed), Some(largest)) if area(&largest) > 2.0 * area(&followed) => (largest, false),
        (Some(followed), _) => (followed, true),
        (None, Some(largest)) => (largest, false),
        (None, None) => return None,
    };
    Some(Tracked {
        face,
        same,
        others: near(&face, faces).copied().collect(),
    })
}

/// The faces that stand nearly as near as this one.
pub(crate) fn near<'a>(face: &'a Face, faces: &'a [Face]) -> impl Iterator<Item = &'a Face> {
    faces.iter().filter(|other| {
        other.bounding_box.overlap(face.bounding_box) < 0.3
            && other.bounding_box.area() >= NEAR * face.bounding_box.area()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Point, Rectangle};

    fn face(x: f32, side: f32) -> Face {
        Face {
            bounding_box: Rectangle {
                x,
                y: 0.0,
                width: side,
                height: side,
            },
            points: [Point::default(); 5],
            score: 0.9,
        }
    }

    #[test]
    fn the_traveller_stays_the_one_until_another_is_twice_as_near() {
        let (traveller, passer) = (face(0.0, 100.0), face(300.0, 120.0));
        let chosen = choose(&[traveller, passer], Some(traveller)).unwrap();
        assert!(chosen.same && chosen.face == traveller && chosen.others == [passer]);
        let near = face(300.0, 200.0);
        let chosen = choose(&[traveller, near], Some(traveller)).unwrap();
        assert!(!chosen.same && chosen.face == near);
    }

    #[test]
    fn a_face_far_behind_is_not_reported() {
        assert_eq!(
            choose(&[face(0.0, 100.0), face(300.0, 40.0)], None)
                .unwrap()
                .others,
            []
        );
        assert_eq!(choose(&[], None), None);
    }
}
