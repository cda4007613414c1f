//! Signed lists: whether they count, and what was found out of them when they were imported.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use chipgate_apdu::Timestamp;
use chipgate_trust::{
    Authentication, Certificate, DefectList, MasterList, PathOptions, StepResult, TrustAnchors, TrustError,
    TrustFault, UnverifiedMasterList, ValidityTime, authenticate_defect_list, authenticate_master_list,
    fingerprint,
};

use super::Fingerprint;
use crate::listing::parse_fingerprint;

/// Lists are judged as of their signing, so that they do not end with their signer's certificate.
fn list_options() -> PathOptions {
    PathOptions {
        validity_at: ValidityTime::Signing,
        ..PathOptions::default()
    }
}

/// Checks a defect list, whose signer must have been valid when it signed, and must not be revoked. No clock is needed; so no
/// revocation list takes another one's place, and any that names the signer decides.
pub(crate) fn authenticate_defects(der: &[u8], anchors: &dyn TrustAnchors) -> Result<DefectList, TrustFault> {
    let found = authenticate_defect_list(der, anchors, Timestamp(0), &list_options());
    demand(&found)?;
    found
        .into_verified()
        .map(chipgate_trust::Verified::into_inner)
        .ok_or(TrustFault::NoIssuerFound)
}

/// A list that does not say when it was signed, or whose signer was not valid then, does not count. Revocation may
/// stay open: not every state publishes a list.
fn demand<T>(found: &Authentication<T>) -> Result<(), TrustFault> {
    let demanded = [found.signature(), found.issuer_certificate(), found.validity()];
    if let Some(fault) = demanded.into_iter().find_map(StepResult::fault) {
        return Err(fault);
    }
    match found.revocation() {
        StepResult::Failed(fault) => Err(fault),
        _ => Ok(()),
    }
}

/// Checks a master list; its signer must have been valid when it signed, and must not be revoked. What a list says
/// does not end with its signer's certificate, so that no clock is needed here.
pub(crate) fn authenticate(
    der: &[u8],
    anchors: &dyn TrustAnchors,
) -> Result<(MasterList, (Certificate, Option<Timestamp>)), TrustFault> {
    let found = authenticate_master_list(der, anchors, Timestamp(0), &list_options());
    demand(&found)?;
    let signed = found
        .signer()
        .cloned()
        .map(|signer| (signer, found.signing_time()));
    found
        .into_verified()
        .map(chipgate_trust::Verified::into_inner)
        .zip(signed)
        .ok_or(TrustFault::NoIssuerFound)
}

/// Every certificate that a master list brings along, in it or beside its signature.
pub(crate) fn carried(der: &[u8]) -> Result<Vec<Certificate>, TrustError> {
    let read = UnverifiedMasterList::from_der(der)?;
    Ok(read.beside.into_iter().chain(read.list.certificates).collect())
}

/// The entries with a wrong signature of lists that were checked when they were imported, by the lists' fingerprints: so
/// that not each opening checks each signature again.
pub(super) type Checked = BTreeMap<Fingerprint, BTreeSet<Fingerprint>>;

/// What [`read_checked`] reads: the list's fingerprint, then those of the wrong entries, a line each.
pub(crate) fn checked_text(list: &[u8], wrong: &[Fingerprint]) -> Vec<u8> {
    let of_list = [fingerprint(list)];
    let lines = of_list.iter().chain(wrong).map(|one| hex::encode(one) + "\n");
    lines.collect::<String>().into_bytes()
}

/// `None` if a line is no fingerprint: the list is then checked again.
pub(super) fn read_checked(file: &Path) -> Option<(Fingerprint, BTreeSet<Fingerprint>)> {
    let text = fs::read_to_string(file).ok()?;
    let mut lines = text.lines().map(parse_fingerprint);
    let of_list = lines.next()??;
    Some((of_list, lines.collect::<Option<_>>()?))
}
