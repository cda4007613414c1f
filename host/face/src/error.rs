//! What can go wrong between a picture and a score.

use std::path::PathBuf;

/// Why there is no picture, no face or no score. Each message says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FaceError {
    /// The bytes are none of the formats that portraits come in.
    #[error(
        "the picture begins with {start}, which is no JPEG, JPEG 2000, PNG or PNM; convert it to one of these"
    )]
    UnknownFormat {
        /// Its first bytes, in hexadecimal.
        start: String,
    },
    /// The format is known, but the bytes are cut off or damaged.
    #[error("the {format} picture is broken ({reason}); read or take it again")]
    BrokenPicture {
        /// Which format it was taken for.
        format: &'static str,
        /// What the decoder said.
        reason: String,
    },
    /// The picture is above the limits.
    #[error("the picture has {found} {unit}, and {limit} are allowed; make it smaller or raise the limit")]
    TooLarge {
        /// How many there are.
        found: u64,
        /// How many there may be.
        limit: u64,
        /// Of what: `bytes`, `pixels`, `components`, `tiles` or `precincts`.
        unit: &'static str,
    },
    /// No face was found.
    #[error(
        "no face was found in the picture of {width} × {height} pixels; take one of a face looking at the camera"
    )]
    NoFace {
        /// The picture's width.
        width: u32,
        /// The picture's height.
        height: u32,
    },
    /// There is nothing but black in the picture.
    #[error(
        "the picture of {width} × {height} pixels is black; take the cap off the lens, or switch on the light"
    )]
    BlackFrame {
        /// The picture's width.
        width: u32,
        /// The picture's height.
        height: u32,
    },
    /// A model's file is not there.
    #[error(
        "the model {name} is not at {path}; fetch it with `cargo xtask models`, one that is no default with `chipgate-models fetch {name}`",
        path = path.display()
    )]
    ModelMissing {
        /// The model.
        name: String,
        /// Where it should be.
        path: PathBuf,
    },
    /// A model's file, or what is known about it, is not what it should be.
    #[error("a model cannot be used: {0}")]
    ModelUnusable(#[source] chipgate_models::ModelsError),
    /// An embedder whose scores nobody has measured.
    #[error(
        "the model {model} has no [calibration] in its manifest, so that its scores say nothing; measure one with `chipgate face calibrate \
         FOLDER --model {model} --manifest OUT.toml`"
    )]
    NotCalibrated {
        /// The model.
        model: String,
    },
    /// A calibration claims a false match rate that so few pairs can't tell.
    #[error(
        "the calibration of {model} claims a false match rate of {rate:e} from {pairs} impostor pairs, which takes three in their number at \
         the least: measure it with more people by `chipgate face calibrate FOLDER --model {model} --manifest OUT.toml`"
    )]
    CalibrationTooSmall {
        /// The model.
        model: String,
        /// The rate that is claimed.
        rate: f64,
        /// The pairs of two people that it was measured on.
        pairs: u64,
    },
    /// A model computes something else here than other programs do.
    #[error(
        "the model {model} computes something else here than {program}: {difference}; do not use it on this machine, and report this"
    )]
    ReferenceDiffers {
        /// The model.
        model: String,
        /// The program that its reference is from.
        program: String,
        /// In what they differ.
        difference: String,
    },
    /// A model's file is the right one, and still cannot be run.
    #[error(
        "the model {name} cannot be run ({reason}); see that the numbers in its manifest are those of the network, and report this if the manifest \
         came with the program"
    )]
    Inference {
        /// The model.
        name: String,
        /// What the engine said.
        reason: String,
    },
}

impl From<chipgate_models::ModelsError> for FaceError {
    fn from(error: chipgate_models::ModelsError) -> Self {
        match error {
            chipgate_models::ModelsError::NotFetched { name, path } => Self::ModelMissing { name, path },
            other => Self::ModelUnusable(other),
        }
    }
}

impl FaceError {
    /// A [`FaceError::BrokenPicture`], for `map_err`.
    pub(crate) fn broken<E: std::fmt::Display>(format: &'static str) -> impl Fn(E) -> Self {
        move |error| Self::BrokenPicture {
            format,
            reason: error.to_string(),
        }
    }

    /// A [`FaceError::Inference`], for `map_err`.
    pub(crate) fn inference<E: std::fmt::Display>(name: &str) -> impl Fn(E) -> Self {
        move |error| Self::Inference {
            name: name.to_owned(),
            reason: format!("{error:#}"),
        }
    }
}
