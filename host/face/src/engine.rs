//! The parts put together: a picture in, a template out, two templates to a comparison.

use std::{fmt, path::Path};

use chipgate_models::{Calibration, Manifest, ModelsError, Role};
use image::RgbImage;

use crate::{CenterFace, Comparison, DlibResnet, Face, FaceError, Point, Template, align::align, compare};

/// Finds faces.
pub trait Detector: Send + Sync {
    /// All faces of the picture, in its own pixels; none is no error.
    fn detect(&self, picture: &RgbImage) -> Result<Vec<Face>, FaceError>;
}

/// Turns an aligned face into a template.
pub trait Embedder: Send + Sync {
    /// The name of the model, which its templates carry.
    fn name(&self) -> &str;
    /// Side of the aligned face that it takes, in pixels.
    fn side(&self) -> u32;
    /// Where the five points of a [`Face`] go on the aligned face.
    fn points(&self) -> [Point; 5];
    /// The template of an aligned face of [`Embedder::side`] pixels a side.
    fn embed(&self, aligned: &RgbImage) -> Result<Template, FaceError>;
}

/// A detector, an embedder and how their scores are read. Loading takes a second; make one and keep it.
pub struct Engine {
    pub(crate) detector: Box<dyn Detector>,
    pub(crate) embedder: Box<dyn Embedder>,
    calibration: Calibration,
}

/// A face with its template.
#[derive(Debug, Clone)]
pub struct Located {
    /// What it is compared by.
    pub template: Template,
    /// Where it is, in pixels of the picture.
    pub face: Face,
    /// What an operator should know about the picture.
    pub warnings: Vec<Warning>,
}

/// Something about a picture that makes its score less certain.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// There are other faces, and the biggest one was taken.
    SecondFace {
        /// How many others.
        others: usize,
    },
    /// The eyes are so close together that the face had to be enlarged.
    SmallFace {
        /// The distance between the eyes, in pixels.
        eye_distance: f32,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SecondFace { others } => {
                write!(f, "{others} more face(s) in the picture; the biggest was taken")
            }
            Self::SmallFace { eye_distance } => write!(f, "the eyes are only {eye_distance:.0} pixels apart"),
        }
    }
}

impl Engine {
    /// Loads the default models from the folder `models` (see [`chipgate_models::models_dir`]), checks their hashes,
    /// and prepares them.
    pub fn load(models: &Path) -> Result<Self, FaceError> {
        let manifests = chipgate_models::manifests()?;
        let (detector, numbers) = part(&manifests, Role::Detector, |m| m.detector.as_ref())?;
        let (embedder, shape) = part(&manifests, Role::Embedder, |m| m.embedder.as_ref())?;
        let (_, calibration) = part(&manifests, Role::Embedder, |m| m.calibration.as_ref())?;
        let detector = CenterFace::load(detector, &detector.read(models)?, numbers)?;
        let embedder = DlibResnet::load(embedder, &embedder.read(models)?, shape)?;
        Ok(Self::new(
            Box::new(detector),
            Box::new(embedder),
            calibration.clone(),
        ))
    }

    /// An engine of other parts.
    pub fn new(detector: Box<dyn Detector>, embedder: Box<dyn Embedder>, calibration: Calibration) -> Self {
        Self {
            detector,
            embedder,
            calibration,
        }
    }

    /// The template of the biggest face.
    pub fn template(&self, picture: &RgbImage) -> Result<Located, FaceError> {
        let (face, warnings) = self.locate(picture)?;
        let aligned = self.align(picture, &face)?;
        Ok(Located {
            template: self.embedder.embed(&aligned)?,
            face,
            warnings,
        })
    }

    /// The biggest face, and what is to be said about the picture.
    pub fn locate(&self, picture: &RgbImage) -> Result<(Face, Vec<Warning>), FaceError> {
        biggest(&self.detector.detect(picture)?).ok_or(no_face(picture))
    }

    /// The face as the embedder takes it.
    pub fn align(&self, picture: &RgbImage, face: &Face) -> Result<RgbImage, FaceError> {
        align(
            picture,
            &face.points,
            &self.embedder.points(),
            self.embedder.side(),
        )
        .ok_or(no_face(picture))
    }

    /// Compares two templates of this engine.
    pub fn compare(&self, a: &Template, b: &Template) -> Comparison {
        compare::compare(a, b, self.embedder.name(), &self.calibration)
    }

    /// The name of the embedder's model, as comparisons carry it.
    pub fn model(&self) -> &str {
        self.embedder.name()
    }
}

/// The manifest with this role, and its part of that role.
fn part<T>(
    manifests: &[Manifest],
    role: Role,
    get: impl Fn(&Manifest) -> Option<&T>,
) -> Result<(&Manifest, &T), FaceError> {
    let found = manifests.iter().filter(|manifest| manifest.role == role);
    let mut found = found.filter_map(|manifest| Some((manifest, get(manifest)?)));
    found.next().ok_or_else(|| {
        let message = format!("no manifest has all the numbers of a {role:?}");
        FaceError::ModelUnusable(ModelsError::BrokenManifest {
            file: "models/*.toml",
            message,
        })
    })
}

fn no_face(picture: &RgbImage) -> FaceError {
    FaceError::NoFace {
        width: picture.width(),
        height: picture.height(),
    }
}

/// The face with the largest box. Others count if they have at least a quarter of its area: what is smaller stands far
/// behind.
fn biggest(faces: &[Face]) -> Option<(Face, Vec<Warning>)> {
    const COUNTS_FROM: f32 = 0.25;
    const ENOUGH: f32 = 40.0;
    let area = |face: &Face| face.bounding_box.area();
    let face = *faces.iter().max_by(|a, b| area(a).total_cmp(&area(b)))?;
    let others = faces
        .iter()
        .filter(|other| area(other) >= COUNTS_FROM * area(&face))
        .count()
        .saturating_sub(1);
    let mut warnings = Vec::new();
    if others > 0 {
        warnings.push(Warning::SecondFace { others });
    }
    if face.eye_distance() < ENOUGH {
        warnings.push(Warning::SmallFace {
            eye_distance: face.eye_distance(),
        });
    }
    Some((face, warnings))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rectangle;

    fn face(side: f32) -> Face {
        let eye = |x: f32| Point { x, y: 0.0 };
        let points = [eye(0.0), eye(side / 2.0), eye(0.0), eye(0.0), eye(0.0)];
        Face {
            bounding_box: Rectangle {
                x: 0.0,
                y: 0.0,
                width: side,
                height: side,
            },
            points,
            score: 0.9,
        }
    }

    #[test]
    fn the_biggest_face_is_taken_and_another_one_is_mentioned() {
        let (found, warnings) = biggest(&[face(60.0), face(120.0)]).unwrap();
        assert_eq!(found, face(120.0));
        assert_eq!(warnings, [Warning::SecondFace { others: 1 }]);
    }

    #[test]
    fn a_face_far_behind_is_not_mentioned() {
        assert_eq!(biggest(&[face(30.0), face(120.0)]).unwrap().1, []);
    }

    #[test]
    fn a_small_face_is_mentioned() {
        assert_eq!(
            biggest(&[face(30.0)]).unwrap().1,
            [Warning::SmallFace { eye_distance: 15.0 }]
        );
    }

    #[test]
    fn a_face_without_a_size_is_no_reason_to_stop() {
        let (found, warnings) = biggest(&[face(60.0), face(f32::NAN)]).unwrap();
        assert!(found.bounding_box.width.is_nan());
        assert_eq!(warnings, []);
    }

    #[test]
    fn without_a_face_there_is_none() {
        assert_eq!(biggest(&[]), None);
    }

    #[test]
    fn a_folder_without_models_says_which_one_is_missing_and_how_to_get_it() {
        let folder = tempfile::tempdir().unwrap();
        let error = Engine::load(folder.path()).err().unwrap();
        assert!(matches!(error, FaceError::ModelMissing { .. }));
        assert!(error.to_string().contains("cargo xtask models"), "{error}");
    }
}
