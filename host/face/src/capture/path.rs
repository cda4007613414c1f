//! The way of one face through the frames, to judge motion by: only of frames that turn out to show the same person.
//!
//! A face that is followed by its place alone can be another one from one frame to the next: a photograph that is pushed before a
//! head. What the head did must not speak for the photograph, so each frame that motion is judged by is compared too.

use image::RgbImage;

use crate::{Engine, Face, FaceError, Template};

/// So many frames are kept for it at most, evenly over the capture: each is embedded at the end.
const MOST: usize = 16;

/// A frame's face, and its picture as the embedder takes it.
struct Point {
    face: Face,
    aligned: RgbImage,
}

/// Faces at evenly spaced frames.
pub(super) struct Path {
    points: Vec<Point>,
    /// Every so many frames one is kept.
    every: usize,
    frames: usize,
}

impl Path {
    pub(super) const fn new() -> Self {
        Self {
            points: Vec::new(),
            every: 1,
            frames: 0,
        }
    }

    /// Takes the next frame's face.
    pub(super) fn add(&mut self, engine: &Engine, frame: &RgbImage, face: Face) -> Result<(), FaceError> {
        if self.frames.is_multiple_of(self.every) {
            let aligned = engine.align(frame, &face)?;
            self.points.push(Point { face, aligned });
        }
        self.frames += 1;
        if self.points.len() > MOST {
            let mut index = 0;
            self.points.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.every *= 2;
        }
        Ok(())
    }

    /// The faces of the person that `template` is of; others, and those that are too blurred to tell, are left out.
    pub(super) fn of(&self, engine: &Engine, template: &Template) -> Result<Vec<Face>, FaceError> {
        let mut faces = Vec::new();
        for point in &self.points {
            let own = engine.embedder.embed(&point.aligned)?;
            if engine.compare(&own, template).matched {
                faces.push(point.face);
            }
        }
        Ok(faces)
    }
}
