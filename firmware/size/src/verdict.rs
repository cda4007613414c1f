//! The checks, and the verdict by the default policy.

use chipgate_apdu::Timestamp;
use chipgate_chip::{ActiveAuthentication, ChipAuthentication};
use chipgate_inspection::{
    AccessObservation, FaceObservation, FileObservation, Files, Observations, Policy, evaluate,
};
use chipgate_lds::File;

use crate::{document::Document, measure::measured, passive::Signed, recording::VERDICT};

/// The verdict must be the one that belongs to the recording.
pub(crate) fn reach(
    document: &Document<'_>,
    chip: Option<&ChipAuthentication>,
    active: Option<&ActiveAuthentication>,
    signed: &Signed,
    now: Timestamp,
) -> Result<(), &'static str> {
    let verdict = measured("verdict", || {
        let access = document.session.access();
        let mut files = Files::new();
        if let Some(bytes) = access.card_access() {
            files.insert(File::CardAccess, FileObservation::Read(bytes.to_vec()));
        }
        for (file, bytes) in &document.files {
            files.insert(*file, FileObservation::Read(bytes.clone()));
        }
        let evaluation = evaluate(&Observations {
            access: AccessObservation::Opened(access),
            files: &files,
            passive: Some(&signed.object),
            chip_authentication: chip.map(Ok),
            active_authentication: active.map(Ok),
            terminal_authentication: None,
            card_security: signed.card_security.as_ref(),
            printed: None,
            face: &FaceObservation::NotRequested,
            attack: None,
            challenge: None,
            now,
        });
        Policy::document()
            .ok()
            .map(|policy| policy.decide(&evaluation).verdict)
    });
    let reached = verdict.is_some_and(|verdict| verdict.name() == VERDICT);
    if reached { Ok(()) } else { Err("verdict") }
}
