//! The live face: one picture, or the frames of a camera.

use std::time::Duration;

use chipgate_face::{
    Capture, CaptureOptions, Captured, Challenge, ChallengeAnswer, Engine, Face, FaceError, Liveness, Motion,
    RgbImage, Seen, Template, cues,
};
use chipgate_inspection::{AttackScore, FaceObservation, Score};

/// Frames that come as pictures count as this far apart: a camera's usual pace while a face is followed.
const BETWEEN_FRAMES: Duration = Duration::from_millis(67);
/// From here on an attack is suspected: less speaks for a living face than against one.
const SUSPECTED: f32 = 0.5;

/// What the camera gave.
#[derive(Debug, Clone, Copy)]
pub struct Live<'a> {
    /// The live picture, or the frames of a camera in order. One picture shows no motion, so that attack detection has little to judge by.
    pub frames: &'a [RgbImage],
    /// What the person was asked to do before the first of them.
    pub challenge: Option<Challenge>,
}

/// What came of the live picture.
pub(crate) struct LiveFace {
    /// The traveller's template, or why there is none.
    pub(crate) template: Result<Template, FaceObservation>,
    /// How much it looks like an attack, if that was asked for and something spoke for or against it.
    pub(crate) attack: Option<AttackScore>,
    /// What came of the movement that was asked for, if a face was there to show it.
    pub(crate) challenge: Option<ChallengeAnswer>,
}

impl LiveFace {
    /// Nothing came of it.
    pub(crate) const fn none(observation: FaceObservation) -> Self {
        Self {
            template: Err(observation),
            attack: None,
            challenge: None,
        }
    }

    /// Looks at the frames, in order. Attack detection runs if it is asked for, and never stands in the way of the template.
    pub(crate) fn of(engine: &Engine, live: Live<'_>, detect_attacks: bool) -> Self {
        let seen = match live.frames {
            [] => Ok(Err(FaceObservation::NoLiveFace)),
            [picture] => single(engine, picture, live.challenge),
            frames => several(engine, frames, live.challenge),
        };
        match seen {
            Ok(Ok((template, liveness))) => Self {
                template: Ok(template),
                challenge: liveness.challenge.map(|(_, answer)| answer),
                attack: detect_attacks.then(|| attack(&liveness)).flatten(),
            },
            Ok(Err(observation)) => Self::none(observation),
            Err(error) => Self::none(of_error(&error)),
        }
    }
}

type Looked = Result<Result<(Template, Liveness), FaceObservation>, FaceError>;

fn single(engine: &Engine, picture: &RgbImage, challenge: Option<Challenge>) -> Looked {
    let faces = engine.faces(picture)?;
    if let Some(observation) = hindrance(Seen::in_picture(picture, &faces), faces.first()) {
        return Ok(Err(observation));
    }
    let Some(face) = faces.first() else {
        return Ok(Err(FaceObservation::NoLiveFace));
    };
    let model = engine.liveness(picture, face)?;
    let mut liveness = Liveness::of(model, cues(picture, face), Motion::TooLittle);
    if let Some(challenge) = challenge {
        // One picture shows no movement.
        liveness = liveness.with_challenge(challenge, ChallengeAnswer::NotMet);
    }
    Ok(Ok((engine.embed(picture, face)?, liveness)))
}

fn several(engine: &Engine, frames: &[RgbImage], challenge: Option<Challenge>) -> Looked {
    let options = CaptureOptions {
        challenge,
        ..CaptureOptions::default()
    };
    let mut capture = Capture::begin(options, Duration::ZERO);
    let mut now = Duration::ZERO;
    for frame in frames {
        // Even when enough frames are good: motion and a challenge are judged over all of them.
        capture.add(engine, frame, now)?;
        now += BETWEEN_FRAMES;
        if now >= options.time {
            break;
        }
    }
    Ok(match capture.finish(engine)? {
        Ok(Captured {
            template, liveness, ..
        }) => Ok((template, liveness)),
        Err(seen) => Err(hindrance(seen, None).unwrap_or(FaceObservation::LivePictureTooPoor)),
    })
}

/// What stands in the way of a comparison, if anything does.
fn hindrance(seen: Seen, face: Option<&Face>) -> Option<FaceObservation> {
    /// A single picture may be smaller than a camera's frame; below this the face had to be enlarged.
    const ENOUGH: f32 = 40.0;
    match seen {
        Seen::BlackFrame => Some(FaceObservation::BlackFrame),
        Seen::FrozenCamera => Some(FaceObservation::FrozenCamera),
        Seen::NoFace => Some(FaceObservation::NoLiveFace),
        Seen::SeveralFaces => Some(FaceObservation::SeveralLiveFaces),
        Seen::EyesClosed => Some(FaceObservation::EyesClosed),
        Seen::MouthCovered => Some(FaceObservation::MouthCovered),
        Seen::TooFar if face.is_none_or(|face| face.eye_distance() < ENOUGH) => {
            Some(FaceObservation::LivePictureTooPoor)
        }
        // A picture of a picture is attack detection's to tell.
        _ => None,
    }
}

fn attack(liveness: &Liveness) -> Option<AttackScore> {
    let suspicion = liveness.suspicion()?;
    Some(AttackScore {
        score: Score::from_f32(suspicion),
        threshold: Score::from_f32(SUSPECTED),
    })
}

const fn of_error(error: &FaceError) -> FaceObservation {
    match error {
        FaceError::NoFace { .. } => FaceObservation::NoLiveFace,
        FaceError::BlackFrame { .. } => FaceObservation::BlackFrame,
        _ => FaceObservation::Unavailable,
    }
}
