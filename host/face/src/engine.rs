//! The parts put together: a picture in, a template out, two templates to a comparison.

use std::{fmt, path::Path};

use chipgate_models::Calibration;
use image::RgbImage;

use crate::{
    AttackDetector, Comparison, Detector, Embedder, Face, FaceError, Landmarker, Point, Template,
    align::align,
    compare, is_black,
    loading::{self, Selection},
};

/// A detector, an embedder and how their scores are read. Loading takes a while; make one and keep it.
pub struct Engine {
    pub(crate) detector: Box<dyn Detector>,
    pub(crate) landmarker: Option<Box<dyn Landmarker>>,
    pub(crate) embedder: Box<dyn Embedder>,
    attack: Option<Box<dyn AttackDetector>>,
    calibration: Calibration,
    version: String,
    unproven: Vec<String>,
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
        Self::load_selected(models, &Selection::default())
    }

    /// Loads other models by name.
    pub fn load_selected(models: &Path, selection: &Selection) -> Result<Self, FaceError> {
        let parts = loading::load(models, selection)?;
        let mut engine = Self::new(parts.detector, parts.embedder, parts.calibration);
        engine.landmarker = parts.landmarker;
        engine.attack = parts.attack;
        engine.version = parts.version;
        engine.unproven = parts.unproven;
        Ok(engine)
    }

    /// An engine of other parts, aligned by the detector's own points.
    pub fn new(detector: Box<dyn Detector>, embedder: Box<dyn Embedder>, calibration: Calibration) -> Self {
        Self {
            detector,
            landmarker: None,
            embedder,
            attack: None,
            calibration,
            version: String::new(),
            unproven: Vec::new(),
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

    /// All faces of the picture, coarsely.
    pub fn detect(&self, picture: &RgbImage) -> Result<Vec<Face>, FaceError> {
        self.detector.detect(picture)
    }

    /// All faces of the picture, the biggest one first and looked at precisely.
    pub fn faces(&self, picture: &RgbImage) -> Result<Vec<Face>, FaceError> {
        let mut faces = self.detector.detect(picture)?;
        faces.sort_by(|a, b| b.bounding_box.area().total_cmp(&a.bounding_box.area()));
        if let Some(first) = faces.first_mut() {
            *first = self.detector.refine(picture, first)?.unwrap_or(*first);
        }
        Ok(faces)
    }

    /// The biggest face, looked at precisely, and what is to be said about the picture.
    pub fn locate(&self, picture: &RgbImage) -> Result<(Face, Vec<Warning>), FaceError> {
        let (face, others) = biggest(&self.detector.detect(picture)?).ok_or_else(|| no_face(picture))?;
        let face = self.detector.refine(picture, &face)?.unwrap_or(face);
        Ok((face, warnings(&face, others)))
    }

    /// The same face in the next picture: a look at its place alone, so that a face can be followed at a video's pace.
    /// `None` if it is gone.
    pub fn follow(&self, picture: &RgbImage, face: &Face) -> Result<Option<Face>, FaceError> {
        self.detector.refine(picture, face)
    }

    /// The points that the face is aligned by.
    pub fn points(&self, picture: &RgbImage, face: &Face) -> [Point; 5] {
        self.landmarker
            .as_ref()
            .map_or(face.points, |landmarker| landmarker.points(picture, face))
    }

    /// The face as the embedder takes it.
    pub fn align(&self, picture: &RgbImage, face: &Face) -> Result<RgbImage, FaceError> {
        let points = self.points(picture, face);
        align(picture, &points, &self.embedder.points(), self.embedder.side()).ok_or_else(|| no_face(picture))
    }

    /// The template of a face that was found before.
    pub fn embed(&self, picture: &RgbImage, face: &Face) -> Result<Template, FaceError> {
        self.embedder.embed(&self.align(picture, face)?)
    }

    /// What the attack detector says of a face, from 0 to 1; `None` where none is loaded.
    pub fn liveness(&self, picture: &RgbImage, face: &Face) -> Result<Option<f32>, FaceError> {
        let detector = self.attack.as_ref();
        detector
            .map(|detector| detector.liveness(picture, face))
            .transpose()
    }

    /// The name of the attack detector's model, where one is loaded.
    pub fn attack_model(&self) -> Option<&str> {
        self.attack.as_ref().map(|detector| detector.name())
    }

    /// Compares two templates of this engine.
    pub fn compare(&self, a: &Template, b: &Template) -> Comparison {
        compare::compare(a, b, self.embedder.name(), &self.version, &self.calibration)
    }

    /// The name of the embedder's model, as comparisons carry it.
    pub fn model(&self) -> &str {
        self.embedder.name()
    }

    /// Name and version, as comparisons and reports carry them.
    pub fn versioned(&self) -> String {
        compare::versioned(self.model(), &self.version)
    }

    /// The embedder's version: the first half of its file's SHA-256, in hexadecimal.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What is unproven about the licence or origin of the models in use; empty for the default ones.
    pub fn unproven(&self) -> &[String] {
        &self.unproven
    }
}

fn no_face(picture: &RgbImage) -> FaceError {
    let (width, height) = picture.dimensions();
    if width > 0 && height > 0 && is_black(picture) {
        return FaceError::BlackFrame { width, height };
    }
    FaceError::NoFace { width, height }
}

/// The face with the largest box. Others count if they have at least a quarter of its area: what is smaller stands far
/// behind.
fn biggest(faces: &[Face]) -> Option<(Face, usize)> {
    const COUNTS_FROM: f32 = 0.25;
    let area = |face: &Face| face.bounding_box.area();
    let face = *faces.iter().max_by(|a, b| area(a).total_cmp(&area(b)))?;
    let others = faces
        .iter()
        .filter(|other| area(other) >= COUNTS_FROM * area(&face))
        .count()
        .saturating_sub(1);
    Some((face, others))
}

/// What an operator should know about the face and the `others` beside it.
fn warnings(face: &Face, others: usize) -> Vec<Warning> {
    const ENOUGH: f32 = 40.0;
    let mut warnings = Vec::new();
    if others > 0 {
        warnings.push(Warning::SecondFace { others });
    }
    if face.eye_distance() < ENOUGH {
        warnings.push(Warning::SmallFace {
            eye_distance: face.eye_distance(),
        });
    }
    warnings
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
        let (found, others) = biggest(&[face(60.0), face(120.0)]).unwrap();
        assert_eq!(found, face(120.0));
        assert_eq!(warnings(&found, others), [Warning::SecondFace { others: 1 }]);
    }

    #[test]
    fn a_face_far_behind_is_not_mentioned() {
        assert_eq!(biggest(&[face(30.0), face(120.0)]).unwrap().1, 0);
    }

    #[test]
    fn a_small_face_is_mentioned() {
        assert_eq!(
            warnings(&face(30.0), 0),
            [Warning::SmallFace { eye_distance: 15.0 }]
        );
    }

    #[test]
    fn a_face_without_a_size_is_no_reason_to_stop() {
        let (found, others) = biggest(&[face(60.0), face(f32::NAN)]).unwrap();
        assert!(found.bounding_box.width.is_nan());
        assert_eq!(others, 0);
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
