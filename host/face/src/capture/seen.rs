//! What a frame shows, by name.

use image::RgbImage;

use crate::{Component, Face, Quality, attack::cues, is_black, quality};

/// What a frame shows, each with its own name, so that the person and the operator are told the right thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Seen {
    /// The frame is black: a cap on the lens, or no light.
    BlackFrame,
    /// The camera sends the same frame again and again.
    FrozenCamera,
    /// There is no face.
    NoFace,
    /// Another face is nearly as near, or took its place during a capture.
    SeveralFaces,
    /// The face is too far away.
    TooFar,
    /// The eyes are closed, or covered.
    EyesClosed,
    /// Mouth or chin are covered.
    MouthCovered,
    /// It looks like a picture of a picture. It is captured all the same.
    PictureOfPicture,
    /// A face, and something else about it is poor: see the guidance.
    Poor,
    /// A good frame.
    Good,
}

impl Seen {
    /// As it is written in JSON and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BlackFrame => "black-frame",
            Self::FrozenCamera => "frozen-camera",
            Self::NoFace => "no-face",
            Self::SeveralFaces => "several-faces",
            Self::TooFar => "too-far",
            Self::EyesClosed => "eyes-closed",
            Self::MouthCovered => "mouth-covered",
            Self::PictureOfPicture => "picture-of-picture",
            Self::Poor => "poor",
            Self::Good => "good",
        }
    }

    /// Whether a face is there to be compared: neither hidden nor too far away.
    pub const fn is_comparable(self) -> bool {
        matches!(self, Self::PictureOfPicture | Self::Poor | Self::Good)
    }
}

impl Seen {
    /// What a picture shows in which these `faces` were found, the one that is looked at first.
    pub fn in_picture(picture: &RgbImage, faces: &[Face]) -> Self {
        if is_black(picture) {
            return Self::BlackFrame;
        }
        let Some(face) = faces.first() else {
            return Self::NoFace;
        };
        if crate::tracker::near(face, faces).next().is_some() {
            return Self::SeveralFaces;
        }
        match quality(picture, face, faces) {
            Some(quality) => judge(
                &quality,
                cues(picture, face).score(),
                super::CaptureOptions::default().good,
            ),
            None => Self::Poor,
        }
    }
}

/// Puts a name to what is wrong, the most important first.
pub(super) fn judge(quality: &Quality, cues: f32, good: f32) -> Seen {
    const LOW: f32 = 35.0;
    const PICTURE: f32 = 0.3;
    let low = |component| quality.get(component).is_some_and(|value| value < LOW);
    if low(Component::InterEyeDistance) {
        Seen::TooFar
    } else if low(Component::EyesOpen) || low(Component::EyesVisible) {
        Seen::EyesClosed
    } else if low(Component::MouthOcclusionPrevention) {
        Seen::MouthCovered
    } else if cues < PICTURE {
        Seen::PictureOfPicture
    } else if quality.overall() < good {
        Seen::Poor
    } else {
        Seen::Good
    }
}
