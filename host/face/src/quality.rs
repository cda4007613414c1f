//! How good a picture of a face is, by the components of ISO/IEC 29794-5: each a value from 0 to 100.
//!
//! The components carry the standard's names. Those of light, contrast and size follow its definitions on the aligned face;
//! pose, eyes, mouth and covering are estimated from the five points and the pixels around them, without a network for each,
//! and are told apart from the others by [`Component::is_estimate`]. The values inform people and policies. They have not been
//! held against the standard's reference implementation.

mod face_area;
mod light;
mod parts;
mod pose;

pub use pose::{Pose, pose};

use image::RgbImage;

use crate::{Face, Point, align::align, quality::face_area::FaceArea};

/// A component of the quality of a picture of a face (ISO/IEC 29794-5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Component {
    /// How far apart the eyes are.
    InterEyeDistance,
    /// Turned to a side.
    HeadPoseYaw,
    /// Looking up or down.
    HeadPosePitch,
    /// Tilted to a shoulder.
    HeadPoseRoll,
    /// Whether both halves of the face are lit alike.
    IlluminationUniformity,
    /// How bright the face is on average.
    LuminanceMean,
    /// How much its brightness varies.
    LuminanceVariance,
    /// That it isn't too dark.
    UnderExposurePrevention,
    /// That it isn't too bright.
    OverExposurePrevention,
    /// How many levels of brightness carry something.
    DynamicRange,
    /// How sharp it is.
    Sharpness,
    /// That strong compression left no blocks.
    CompressionArtifacts,
    /// That the skin's colours are natural; grey pictures have none.
    NaturalColour,
    /// That no other face is near.
    SingleFacePresent,
    /// That the eyes are open.
    EyesOpen,
    /// That nothing covers the eyes.
    EyesVisible,
    /// That the mouth is closed.
    MouthClosed,
    /// That nothing covers mouth and chin.
    MouthOcclusionPrevention,
    /// That the face rests.
    ExpressionNeutrality,
    /// That the head isn't cut off.
    HeadSize,
}

impl Component {
    /// The standard's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InterEyeDistance => "InterEyeDistance",
            Self::HeadPoseYaw => "HeadPoseYaw",
            Self::HeadPosePitch => "HeadPosePitch",
            Self::HeadPoseRoll => "HeadPoseRoll",
            Self::IlluminationUniformity => "IlluminationUniformity",
            Self::LuminanceMean => "LuminanceMean",
            Self::LuminanceVariance => "LuminanceVariance",
            Self::UnderExposurePrevention => "UnderExposurePrevention",
            Self::OverExposurePrevention => "OverExposurePrevention",
            Self::DynamicRange => "DynamicRange",
            Self::Sharpness => "Sharpness",
            Self::CompressionArtifacts => "CompressionArtifacts",
            Self::NaturalColour => "NaturalColour",
            Self::SingleFacePresent => "SingleFacePresent",
            Self::EyesOpen => "EyesOpen",
            Self::EyesVisible => "EyesVisible",
            Self::MouthClosed => "MouthClosed",
            Self::MouthOcclusionPrevention => "MouthOcclusionPrevention",
            Self::ExpressionNeutrality => "ExpressionNeutrality",
            Self::HeadSize => "HeadSize",
        }
    }

    /// Whether the value is a rough estimate from few points and pixels.
    pub const fn is_estimate(self) -> bool {
        matches!(
            self,
            Self::HeadPoseYaw
                | Self::HeadPosePitch
                | Self::EyesOpen
                | Self::EyesVisible
                | Self::MouthClosed
                | Self::MouthOcclusionPrevention
                | Self::ExpressionNeutrality
        )
    }

    /// What the person at the camera can do when the value is low; `None` where it isn't theirs to mend.
    pub const fn guidance(self) -> Option<&'static str> {
        match self {
            Self::InterEyeDistance => Some("come closer"),
            Self::HeadPoseYaw => Some("look straight into the camera"),
            Self::HeadPosePitch => Some("raise or lower your chin until you look straight ahead"),
            Self::HeadPoseRoll => Some("hold your head upright"),
            Self::IlluminationUniformity => Some("turn so that light falls on both sides of your face"),
            Self::LuminanceMean | Self::UnderExposurePrevention => Some("step into the light"),
            Self::OverExposurePrevention => Some("step out of the bright light"),
            Self::Sharpness => Some("hold still"),
            Self::SingleFacePresent => Some("step forward alone"),
            Self::EyesOpen => Some("open your eyes"),
            Self::EyesVisible => Some("take off your glasses, and take your hair out of your eyes"),
            Self::MouthClosed | Self::ExpressionNeutrality => Some("close your mouth and relax your face"),
            Self::MouthOcclusionPrevention => Some("take off your mask or scarf"),
            Self::HeadSize => Some("step back until your whole head is in the picture"),
            Self::LuminanceVariance
            | Self::DynamicRange
            | Self::CompressionArtifacts
            | Self::NaturalColour => None,
        }
    }
}

/// Below this a component is low, and its guidance is given.
const LOW: f32 = 35.0;

/// The quality of one face in one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Quality {
    values: Vec<(Component, f32)>,
    /// How the head is held, in degrees, estimated.
    pub pose: Pose,
}

impl Quality {
    /// The components with their values from 0 to 100, rounded.
    pub fn components(&self) -> impl Iterator<Item = (Component, f32)> + '_ {
        self.values.iter().copied()
    }

    /// One component's value.
    pub fn get(&self, component: Component) -> Option<f32> {
        self.values
            .iter()
            .find(|(other, _)| *other == component)
            .map(|(_, value)| *value)
    }

    /// One number for the whole: the lower half of what matters for recognition counts most (the geometric mean of the components of size, pose,
    /// light, sharpness and covering). It orders pictures; it has no unit.
    pub fn overall(&self) -> f32 {
        const COUNT: [Component; 10] = [
            Component::InterEyeDistance,
            Component::HeadPoseYaw,
            Component::HeadPosePitch,
            Component::IlluminationUniformity,
            Component::UnderExposurePrevention,
            Component::OverExposurePrevention,
            Component::DynamicRange,
            Component::Sharpness,
            Component::EyesVisible,
            Component::MouthOcclusionPrevention,
        ];
        let logarithms = COUNT.iter().filter_map(|component| self.get(*component));
        let sum: f32 = logarithms.map(|value| value.max(1.0).ln()).sum();
        #[expect(clippy::cast_precision_loss, reason = "ten components")]
        (sum / COUNT.len() as f32).exp()
    }

    /// What the person can do, the worst first.
    pub fn guidance(&self) -> Vec<&'static str> {
        let mut low: Vec<_> = self.values.iter().filter(|(_, value)| *value < LOW).collect();
        low.sort_by(|a, b| a.1.total_cmp(&b.1));
        let mut said = Vec::new();
        for text in low.iter().filter_map(|(component, _)| component.guidance()) {
            if !said.contains(&text) {
                said.push(text);
            }
        }
        said
    }
}

/// Side of the aligned face that is looked at, in pixels, and where the five points go on it: the eyes a third down,
/// two fifths of the side apart.
const SIDE: u32 = 160;
const TARGETS: [[f32; 2]; 5] = [
    [48.0, 60.0],
    [112.0, 60.0],
    [80.0, 92.0],
    [54.0, 122.0],
    [106.0, 122.0],
];

/// Measures the quality of `face`, with all `faces` of the picture. `None` if its eyes are less than a pixel apart.
pub fn quality(picture: &RgbImage, face: &Face, faces: &[Face]) -> Option<Quality> {
    if face.eye_distance() < 1.0 {
        return None;
    }
    let aligned = align(picture, &face.points, &TARGETS.map(Point::from), SIDE)?;
    let area = FaceArea::new(&aligned);
    let pose = pose(face);
    let mut values = vec![
        (Component::InterEyeDistance, pose::inter_eye_distance(face, pose)),
        (Component::HeadPoseYaw, pose::score(pose.yaw)),
        (Component::HeadPosePitch, pose::score(pose.pitch)),
        (Component::HeadPoseRoll, pose::score(pose.roll)),
        (Component::SingleFacePresent, pose::single_face(face, faces)),
        (Component::HeadSize, pose::head_size(face, picture)),
        (Component::CompressionArtifacts, light::compression(picture, face)),
    ];
    values.extend(light::components(&area));
    values.extend(parts::components(&area));
    for (_, value) in &mut values {
        *value = if value.is_finite() {
            value.clamp(0.0, 100.0).round()
        } else {
            0.0
        };
    }
    Some(Quality { values, pose })
}

/// 100 / (1 + e^(−(x − middle) / width)), the standard's way from a measure to a value.
fn sigmoid(x: f32, middle: f32, width: f32) -> f32 {
    100.0 / (1.0 + (-(x - middle) / width).exp())
}

#[cfg(test)]
mod tests;
