//! The numbers that belong to a model of each family.

use serde::Deserialize;

/// Numbers of a detector of the CenterFace family.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectorNumbers {
    /// Both sides of the input are multiples of this, in pixels.
    pub side_multiple: u32,
    /// Pixels of the input for one cell of the output.
    pub stride: u32,
    /// Cells below this score are no face.
    pub score_threshold: f32,
    /// Of two boxes that overlap more than this (intersection over union), the weaker one goes.
    pub overlap: f32,
}

/// Numbers of a landmarker: which square it expects, from a detector's box.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LandmarkerNumbers {
    /// The square's side, as a share of the box's longer side.
    pub side: f32,
    /// How far the square's centre is below the box's, as a share of the box's height.
    pub lower: f32,
}

/// Numbers of an embedder that takes an aligned chip.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbedderNumbers {
    /// Side of the square input, in pixels.
    pub side: u32,
    /// Length of the template.
    pub length: usize,
    /// Where the five points go on the chip (x, y): the detector's (eye, eye, nose, mouth corner, mouth corner, from the
    /// left), or those of the landmarker that is named.
    pub points: [[f32; 2]; 5],
    /// The landmarker whose points are meant; without one they are the detector's.
    pub landmarker: Option<String>,
    /// How pixels become the input.
    #[serde(default)]
    pub pixels: Pixels,
    /// How two templates are compared.
    #[serde(default)]
    pub metric: Metric,
}

/// Numbers of an attack detector.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttackNumbers {
    /// Side of the square input, in pixels.
    pub side: u32,
    /// Side of the square around the face, as a multiple of the box's sides.
    pub crop: f32,
    /// How pixels become the input.
    pub pixels: Pixels,
    /// Which of the classes is a live face.
    pub live_class: usize,
}

/// How pixels become a network's input: (value − mean) × scale, in an order of channels.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pixels {
    /// Subtracted from each value, 0 to 255.
    pub mean: f32,
    /// Then multiplied by this.
    pub scale: f32,
    /// The order of the channels.
    pub order: Order,
    /// Where the channels stand in the input.
    pub layout: Layout,
}

impl Default for Pixels {
    fn default() -> Self {
        Self {
            mean: 0.0,
            scale: 1.0,
            order: Order::Rgb,
            layout: Layout::Planes,
        }
    }
}

/// An order of channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Red, green, blue.
    #[default]
    Rgb,
    /// Blue, green, red.
    Bgr,
}

/// Where the channels stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// One plane a channel (NCHW).
    #[default]
    Planes,
    /// All channels of a pixel together (NHWC).
    Pixels,
}

/// How two templates are compared. Both give a similarity: higher is more alike, and 1 is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// 1 − Euclidean distance.
    #[default]
    Euclidean,
    /// The cosine of the angle.
    Cosine,
}

/// How a score is to be read, and where that figure comes from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// From this similarity up, two templates count as one person.
    pub threshold: f32,
    /// False match rate at the threshold, as measured.
    pub false_match_rate: f32,
    /// False non-match rate at the threshold, as measured.
    pub false_non_match_rate: f32,
    /// On what the figures were measured, and how far they carry.
    pub origin: String,
    /// A short name of the set of pictures.
    #[serde(default)]
    pub set: String,
    /// How many pairs of two people were compared: no rate below three in so many is claimed.
    #[serde(default)]
    pub impostor_pairs: u64,
    /// Pairs of a similarity and the share of impostor pairs that reach it, rising similarity.
    #[serde(default)]
    pub curve: Vec<[f32; 2]>,
}
