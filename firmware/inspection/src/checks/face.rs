//! `face` and `attack-detection`.

use crate::found::Found;
use crate::observations::{AttackScore, ChallengeObservation, FaceObservation, FileObservation};
use crate::proofs::Group;
use crate::reason::Reason;

use alloc::vec::Vec;

/// The live face against the portrait of the verified DG2. A likeness below the threshold fails whoever signed the
/// portrait; one above it proves something only if the issuer did.
pub(crate) fn face(
    observation: &FaceObservation,
    file: Option<&FileObservation>,
    portrait: &Group<Vec<u8>>,
) -> Found {
    let absent = *portrait == Group::NotListed || file == Some(&FileObservation::NotFound);
    match observation {
        FaceObservation::NotRequested => Found::undetermined(Reason::NotRequested),
        FaceObservation::Compared(face) if face.score < face.threshold => {
            Found::failed(Reason::BelowThreshold)
        }
        FaceObservation::Compared(_) if matches!(portrait, Group::Verified(_)) => Found::successful(),
        _ if absent => Found::undetermined(Reason::NoPortrait),
        FaceObservation::Compared(_) => Found::undetermined(Reason::PortraitNotVerified),
        FaceObservation::PortraitUnreadable => Found::undetermined(Reason::PortraitUnreadable),
        FaceObservation::NoFaceInPortrait => Found::undetermined(Reason::NoFaceInPortrait),
        FaceObservation::NoLiveFace => Found::undetermined(Reason::NoLiveFace),
        FaceObservation::SeveralLiveFaces => Found::undetermined(Reason::SeveralLiveFaces),
        FaceObservation::LivePictureTooPoor => Found::undetermined(Reason::LivePictureTooPoor),
        FaceObservation::BlackFrame => Found::undetermined(Reason::BlackFrame),
        FaceObservation::FrozenCamera => Found::undetermined(Reason::FrozenCamera),
        FaceObservation::EyesClosed => Found::undetermined(Reason::EyesClosed),
        FaceObservation::MouthCovered => Found::undetermined(Reason::MouthCovered),
        FaceObservation::Unavailable => Found::undetermined(Reason::FaceUnavailable),
    }
}

/// Whether the live picture looks like an attack. What was seen of one comes first, then the movement that was asked for; only where
/// neither speaks against the person does it count that too little was done.
pub(crate) fn attack_detection(
    attack: Option<AttackScore>,
    challenge: Option<ChallengeObservation>,
) -> Found {
    match (attack, challenge) {
        (Some(attack), _) if attack.score >= attack.threshold => Found::failed(Reason::AttackSuspected),
        (_, Some(ChallengeObservation::NotMet)) => Found::failed(Reason::ChallengeNotMet),
        (None, _) => Found::undetermined(Reason::NoAttackDetection),
        (_, Some(ChallengeObservation::NotAsked)) => Found::undetermined(Reason::ChallengeNotAsked),
        (Some(_), Some(ChallengeObservation::Met) | None) => Found::successful(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Score;

    #[test]
    fn a_challenge_can_only_make_it_worse_and_never_covers_a_suspicion() {
        let score = |score: f32| {
            Some(AttackScore {
                score: Score::from_f32(score),
                threshold: Score::from_f32(0.5),
            })
        };
        let (met, not_met, not_asked) = (
            Some(ChallengeObservation::Met),
            Some(ChallengeObservation::NotMet),
            Some(ChallengeObservation::NotAsked),
        );
        for (attack, challenge, found) in [
            (score(0.1), None, Found::successful()),
            (score(0.1), met, Found::successful()),
            (score(0.1), not_met, Found::failed(Reason::ChallengeNotMet)),
            (
                score(0.1),
                not_asked,
                Found::undetermined(Reason::ChallengeNotAsked),
            ),
            (score(0.5), met, Found::failed(Reason::AttackSuspected)),
            (score(0.9), not_met, Found::failed(Reason::AttackSuspected)),
            (None, None, Found::undetermined(Reason::NoAttackDetection)),
            (None, met, Found::undetermined(Reason::NoAttackDetection)),
            (None, not_asked, Found::undetermined(Reason::NoAttackDetection)),
            (None, not_met, Found::failed(Reason::ChallengeNotMet)),
        ] {
            assert_eq!(attack_detection(attack, challenge), found);
        }
    }
}
