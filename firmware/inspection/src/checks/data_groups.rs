//! `sod-com-agreement` and `data-group-integrity`.

use chipgate_lds::{Com, DataGroup, File};
use chipgate_trust::{HashFault, PassiveAuthentication, SecurityObject, Verified};

use crate::check::CheckResult;
use crate::found::{Found, not_verified};
use crate::observations::{FileObservation, Files};
use crate::proofs::Proofs;
use crate::reason::Reason;

/// EF.COM, which is unsigned, lists the data groups that the security object lists (Doc 9303-11, 5.1).
pub(crate) fn sod_com_agreement(files: &Files, proofs: &Proofs<'_>) -> Found {
    let com = match files.get(File::Com) {
        Some(FileObservation::Read(bytes)) => Com::parse(bytes).map_err(Some),
        Some(FileObservation::Denied | FileObservation::Unreadable) => Err(None),
        Some(FileObservation::NotFound) => return com_missing(CheckResult::NotSupported),
        None => return com_missing(CheckResult::Undetermined),
    };
    match (com, proofs.security_object) {
        (Err(Some(error)), _) => com_unreadable().about(error),
        (Err(None), _) => com_unreadable(),
        (Ok(_), None) => not_verified(),
        (Ok(com), Some(object)) => compare(&com, object),
    }
}

fn com_missing(result: CheckResult) -> Found {
    Found::because(result, Reason::ComMissing)
}

fn com_unreadable() -> Found {
    Found::failed(Reason::ComUnreadable)
}

/// The order of EF.COM's list means nothing. From version 1 on the security object repeats the LDS version.
fn compare(com: &Com, object: &Verified<SecurityObject>) -> Found {
    let differs = |group: &DataGroup| com.data_groups.contains(group) != object.lists(*group);
    let signed = object.lds.lds_version.as_ref();
    let detail = match DataGroup::all().find(differs) {
        Some(group) => group.name(),
        None if signed.is_some_and(|signed| signed.lds_version != com.lds_version) => "LDS version",
        None => return Found::successful(),
    };
    Found::failed(Reason::ComDiffers).about(detail)
}

/// Every data group that was read has its hash in the security object (Doc 9303-11, 5.1, step 4), and none that an
/// inspection needs is kept back.
pub(crate) fn data_group_integrity(
    passive: Option<&PassiveAuthentication>,
    files: &Files,
    proofs: &Proofs<'_>,
) -> Found {
    let Some(object) = proofs.security_object else {
        return contradiction(passive, files).unwrap_or_else(not_verified);
    };
    let worst = |result| {
        let found = DataGroup::all().filter_map(|group| fault(group, object, files));
        found.into_iter().find(|found| found.is(result))
    };
    worst(CheckResult::Failed)
        .or_else(|| worst(CheckResult::Undetermined))
        .unwrap_or(Found::successful())
}

/// Data that contradict even their own security object were altered, whoever signed it.
fn contradiction(passive: Option<&PassiveAuthentication>, files: &Files) -> Option<Found> {
    let own = passive?.self_consistent()?;
    DataGroup::all().find_map(|group| {
        let bytes = files.bytes(File::DataGroup(group))?;
        own.contradiction(group, bytes)
            .map(|fault| hash_fault(fault, group))
    })
}

fn fault(group: DataGroup, object: &Verified<SecurityObject>, files: &Files) -> Option<Found> {
    let listed = object.lists(group);
    match files.group(group) {
        Some(FileObservation::Read(bytes)) => object
            .data_group(group, bytes)
            .err()
            .map(|fault| hash_fault(fault, group)),
        Some(FileObservation::Unreadable) => Some(Found::failed(Reason::DataGroupUnreadable).about(group)),
        Some(FileObservation::NotFound) if listed => {
            Some(Found::failed(Reason::DataGroupMissing).about(group))
        }
        // The chip gives fingerprints and irises to proven terminals only.
        Some(FileObservation::Denied) if matches!(group, DataGroup::DG3 | DataGroup::DG4) => None,
        Some(FileObservation::Denied) if listed => Some(not_read(group)),
        None if group == DataGroup::DG1 || (listed && is_needed(group)) => Some(not_read(group)),
        Some(FileObservation::NotFound | FileObservation::Denied) | None => None,
    }
}

/// The portrait, and the keys by which the chip proves itself.
fn is_needed(group: DataGroup) -> bool {
    matches!(group, DataGroup::DG2 | DataGroup::DG14 | DataGroup::DG15)
}

fn hash_fault(fault: HashFault, group: DataGroup) -> Found {
    let reason = match fault {
        HashFault::Mismatch => Reason::DataGroupAltered,
        HashFault::NotListed => Reason::DataGroupNotListed,
    };
    Found::failed(reason).about(group)
}

fn not_read(group: DataGroup) -> Found {
    Found::undetermined(Reason::DataGroupNotRead).about(group)
}
