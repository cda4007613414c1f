//! The seams: what a model has to do, whatever model it is.

use image::RgbImage;

use crate::{Face, FaceError, Point, Template};

/// Finds faces.
pub trait Detector: Send + Sync {
    /// All faces of the picture, in its own pixels; none is no error. The look may be coarse.
    fn detect(&self, picture: &RgbImage) -> Result<Vec<Face>, FaceError>;

    /// Looks at one face again, more precisely; `None` if there is none on a second look. The face may come from the frame before:
    /// this is also how a face is followed.
    fn refine(&self, _picture: &RgbImage, face: &Face) -> Result<Option<Face>, FaceError> {
        Ok(Some(*face))
    }
}

/// Places the points by which a face is aligned.
pub trait Landmarker: Send + Sync {
    /// The points of a face that a detector found, in pixels of the picture.
    fn points(&self, picture: &RgbImage, face: &Face) -> [Point; 5];
}

/// Turns an aligned face into a template.
pub trait Embedder: Send + Sync {
    /// The name of the model, which its templates carry.
    fn name(&self) -> &str;
    /// Side of the aligned face that it takes, in pixels.
    fn side(&self) -> u32;
    /// Where the five points go on the aligned face: those of the engine's [`Landmarker`], or else of the [`Face`].
    fn points(&self) -> [Point; 5];
    /// The template of an aligned face of [`Embedder::side`] pixels a side.
    fn embed(&self, aligned: &RgbImage) -> Result<Template, FaceError>;
}

/// Tells a face before the camera from a picture of one.
pub trait AttackDetector: Send + Sync {
    /// The name of the model.
    fn name(&self) -> &str;
    /// From 0 (an attack) to 1 (live).
    fn liveness(&self, picture: &RgbImage, face: &Face) -> Result<f32, FaceError>;
}
