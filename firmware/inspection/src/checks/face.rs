//! `face` and `attack-detection`.

use crate::found::Found;
use crate::observations::{AttackScore, FaceObservation, FileObservation};
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

/// Whether the live picture looks like an attack.
pub(crate) fn attack_detection(attack: Option<AttackScore>) -> Found {
    match attack {
        None => Found::undetermined(Reason::NoAttackDetection),
        Some(attack) if attack.score < attack.threshold => Found::successful(),
        Some(_) => Found::failed(Reason::AttackSuspected),
    }
}
