//! The live face against the portrait on the chip.

use chipgate_face::{ChallengeAnswer, Comparison, Engine, FaceError, Limits, Template, decode_with};
use chipgate_inspection::{AttackScore, FaceObservation, FaceScore, Score};
use chipgate_lds::Dg2;

use crate::live::LiveFace;

/// The portrait comes from a chip that may be hostile: no issuer's portrait comes near these.
const PORTRAIT_LIMITS: Limits = Limits {
    bytes: 1 << 20,
    pixels: 4_000_000,
};

/// What came of the faces: what the checks see, and what a person may want to know beside it.
#[derive(Debug, Default)]
pub(crate) struct Matched {
    /// What the check of the face sees.
    pub(crate) observation: FaceObservation,
    /// What attack detection came to, if the policy asks for it and there was something to judge by.
    pub(crate) attack: Option<AttackScore>,
    /// What came of the movement that was asked for.
    pub(crate) challenge: Option<ChallengeAnswer>,
    /// Score, threshold and where the threshold comes from.
    pub(crate) comparison: Option<Comparison>,
}

/// Embeds the portrait in DG2: the first picture that it holds.
pub(crate) fn embed_portrait(engine: &Engine, dg2: &[u8]) -> Result<Template, FaceObservation> {
    let dg2 = Dg2::parse(dg2).map_err(|_| FaceObservation::PortraitUnreadable)?;
    let face = dg2.faces.first().ok_or(FaceObservation::PortraitUnreadable)?;
    let picture =
        decode_with(&face.image, &PORTRAIT_LIMITS).map_err(|_| FaceObservation::PortraitUnreadable)?;
    match engine.template(&picture) {
        Ok(located) => Ok(located.template),
        Err(FaceError::NoFace { .. } | FaceError::BlackFrame { .. }) => {
            Err(FaceObservation::NoFaceInPortrait)
        }
        Err(_) => Err(FaceObservation::Unavailable),
    }
}

/// Compares them. `portrait` is `None` where DG2 was not read; the check then knows why.
pub(crate) fn compare(
    engine: &Engine,
    live: LiveFace,
    portrait: Option<Result<Template, FaceObservation>>,
) -> Matched {
    let portrait = portrait.unwrap_or(Err(FaceObservation::PortraitUnreadable));
    let (attack, challenge) = (live.attack, live.challenge);
    let (template, portrait) = match (live.template, portrait) {
        (Ok(live), Ok(portrait)) => (live, portrait),
        // The document's own fault comes first: another live picture would not help.
        (_, Err(observation)) | (Err(observation), _) => {
            return Matched {
                observation,
                attack,
                challenge,
                comparison: None,
            };
        }
    };
    let comparison = engine.compare(&portrait, &template);
    let observation = FaceObservation::Compared(FaceScore {
        score: Score::from_f32(comparison.score),
        threshold: Score::from_f32(comparison.threshold),
        model: comparison.model.clone(),
    });
    Matched {
        observation,
        attack,
        challenge,
        comparison: Some(comparison),
    }
}
