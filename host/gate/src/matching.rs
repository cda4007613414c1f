//! The live face against the portrait on the chip.

use chipgate_face::{Comparison, Engine, FaceError, Limits, Located, RgbImage, Warning, decode_with};
use chipgate_inspection::{FaceObservation, FaceScore, Score};
use chipgate_lds::Dg2;

/// The portrait comes from a chip that may be hostile: no issuer's portrait comes near these.
const PORTRAIT_LIMITS: Limits = Limits {
    bytes: 1 << 20,
    pixels: 4_000_000,
};

/// What came of the two faces: what the check sees, and what a person may want to know beside it.
#[derive(Debug, Default)]
pub(crate) struct Matched {
    /// What the check sees.
    pub(crate) observation: FaceObservation,
    /// Score, threshold and where the threshold comes from.
    pub(crate) comparison: Option<Comparison>,
}

/// Embeds the face of the live picture. Where several stand near each other, none is taken for the traveller's.
pub(crate) fn embed_live(engine: &Engine, picture: &RgbImage) -> Result<Located, FaceObservation> {
    let located = engine.template(picture).map_err(|error| match error {
        FaceError::NoFace { .. } => FaceObservation::NoLiveFace,
        _ => FaceObservation::Unavailable,
    })?;
    for warning in &located.warnings {
        match warning {
            Warning::SecondFace { .. } => return Err(FaceObservation::SeveralLiveFaces),
            Warning::SmallFace { .. } => return Err(FaceObservation::LivePictureTooPoor),
            _ => {}
        }
    }
    Ok(located)
}

/// Embeds the portrait in DG2: the first picture that it holds.
pub(crate) fn embed_portrait(engine: &Engine, dg2: &[u8]) -> Result<Located, FaceObservation> {
    let dg2 = Dg2::parse(dg2).map_err(|_| FaceObservation::PortraitUnreadable)?;
    let face = dg2.faces.first().ok_or(FaceObservation::PortraitUnreadable)?;
    let picture =
        decode_with(&face.image, &PORTRAIT_LIMITS).map_err(|_| FaceObservation::PortraitUnreadable)?;
    engine.template(&picture).map_err(|error| match error {
        FaceError::NoFace { .. } => FaceObservation::NoFaceInPortrait,
        _ => FaceObservation::Unavailable,
    })
}

/// Compares them. `portrait` is `None` where DG2 was not read; the check then knows why.
pub(crate) fn compare(
    engine: &Engine,
    live: Result<Located, FaceObservation>,
    portrait: Option<Result<Located, FaceObservation>>,
) -> Matched {
    let portrait = portrait.unwrap_or(Err(FaceObservation::PortraitUnreadable));
    let (live, portrait) = match (live, portrait) {
        (Ok(live), Ok(portrait)) => (live, portrait),
        // The document's own fault comes first: another live picture would not help.
        (_, Err(observation)) | (Err(observation), _) => {
            return Matched {
                observation,
                comparison: None,
            };
        }
    };
    let comparison = engine.compare(&portrait.template, &live.template);
    let observation = FaceObservation::Compared(FaceScore {
        score: Score::from_f32(comparison.score),
        threshold: Score::from_f32(comparison.threshold),
        model: comparison.model.clone(),
    });
    Matched {
        observation,
        comparison: Some(comparison),
    }
}
