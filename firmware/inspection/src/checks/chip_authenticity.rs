//! `chip-authenticity` with `.active`, `.chip` and `.pace-cam`.
//!
//! A key counts only from a verified DG14 or DG15. One protocol suffices; another one's failure stands in its own
//! outcome. *Not supported* holds for the whole only if the verified security object lists neither data group.

use chipgate_chip::{ActiveAuthentication, ChipAuthentication, ChipAuthenticationMapping, ChipError};
use chipgate_lds::{DataGroup, LdsError, SecurityInfos, oid};
use chipgate_trust::{CardSecurityAuthentication, KnownDefect, StepResult};

use crate::check::{Check, CheckResult};
use crate::checks::defects;
use crate::found::{Found, not_verified};
use crate::observations::{AccessObservation, Observations};
use crate::proofs::{Group, Proofs};
use crate::reason::Reason;

/// What a run of a protocol came to.
type Run<'a, Proof> = Option<Result<&'a Proof, &'a ChipError>>;

/// The three protocols' outcomes.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub active: Found,
    pub chip: Found,
    pub pace_cam: Found,
}

impl Parts {
    /// The parts in the light of what is known of the signer's documents, before the whole is made of them.
    pub(crate) fn with_defects(self, defects: &[KnownDefect]) -> Self {
        Self {
            active: defects::apply(Check::ActiveAuthentication, self.active, defects),
            chip: defects::apply(Check::ChipAuthentication, self.chip, defects),
            pace_cam: defects::apply(Check::PaceCam, self.pace_cam, defects),
        }
    }
}

/// Active authentication (Doc 9303-11, 6.1) with the key of the verified DG15.
pub(crate) fn active(run: Run<'_, ActiveAuthentication>, proofs: &Proofs<'_>) -> Found {
    let failed = |error: &ChipError| refused(error, Found::failed(Reason::ActiveAuthenticationFailed));
    let matches = |proof: &ActiveAuthentication, key: &[u8]| proof.public_key() == key;
    match (run, signed_key(proofs.dg15())) {
        (Some(Err(error)), _) => failed(error),
        (_, Err(found)) => found,
        (None, Ok(_)) => not_run(),
        (Some(Ok(proof)), Ok(key)) if matches(proof, &key) => Found::successful(),
        (Some(Ok(_)), Ok(_)) => not_signed(),
    }
}

/// Chip authentication (Doc 9303-11, 6.2) with a key of the verified DG14.
pub(crate) fn chip(run: Run<'_, ChipAuthentication>, proofs: &Proofs<'_>) -> Found {
    let failed = |error: &ChipError| refused(error, Found::failed(Reason::ChipAuthenticationFailed));
    let holds = |signed: &SecurityInfos, proof: &ChipAuthentication| {
        signed
            .chip_authentication_keys()
            .iter()
            .any(|key| key.public_key_der == proof.public_key())
    };
    match (run, signed_key(proofs.dg14())) {
        (Some(Err(error)), _) => failed(error),
        (_, Err(found)) => found,
        (Some(Ok(proof)), Ok(signed)) if holds(&signed, proof) => Found::successful(),
        (Some(Ok(_)), Ok(_)) => not_signed(),
        (None, Ok(signed)) if signed.chip_authentication_keys().is_empty() => not_offered(),
        (None, Ok(_)) => not_run(),
    }
}

/// What a run of PACE with chip authentication mapping left behind.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mapping<'a> {
    /// The chip was opened in another way.
    NotRun,
    /// What the chip sent, and the check of EF.CardSecurity, if that was read.
    Run(
        &'a ChipAuthenticationMapping,
        Option<&'a CardSecurityAuthentication>,
    ),
}

impl<'a> Mapping<'a> {
    pub(crate) fn of(seen: &Observations<'a>) -> Self {
        let evidence = match seen.access {
            AccessObservation::Opened(access) => access.chip_authentication_mapping(),
            AccessObservation::FilesOnly => None,
        };
        evidence.map_or(Self::NotRun, |evidence| Self::Run(evidence, seen.card_security))
    }
}

/// PACE with chip authentication mapping (Doc 9303-11, 4.4.3.5) with a key of the verified EF.CardSecurity. The session goes on
/// under the keys of that same run, so that the files come from the chip that holds the key.
pub(crate) fn pace_cam(mapping: Mapping<'_>, proofs: &Proofs<'_>) -> Found {
    let (evidence, card_security) = match mapping {
        Mapping::NotRun => return offered_mapping(proofs),
        // The chip took part in the protocol and did not give the file that belongs to it.
        Mapping::Run(_, None) => return Found::failed(Reason::CardSecurityMissing),
        Mapping::Run(evidence, Some(card_security)) => (evidence, card_security),
    };
    let steps = [
        card_security.signature(),
        card_security.issuer_certificate(),
        card_security.revocation(),
    ];
    let failed = steps.into_iter().find_map(|step| match step {
        StepResult::Failed(fault) => Some(fault),
        _ => None,
    });
    match (failed, card_security.verified()) {
        (Some(fault), _) => Found::failed(Reason::CardSecurityNotAuthentic).about(fault),
        (None, None) => not_verified(),
        (None, Some(verified)) => match evidence.verify(&verified.get().security_infos) {
            Ok(_) => Found::successful(),
            Err(error) => Found::failed(Reason::PaceCamFailed).about(error),
        },
    }
}

/// Whether the document would offer it.
fn offered_mapping(proofs: &Proofs<'_>) -> Found {
    match signed_key(proofs.dg14()) {
        Err(found) => found,
        Ok(signed)
            if signed
                .pace()
                .iter()
                .any(|info| is_chip_authentication_mapping(&info.protocol)) =>
        {
            not_run()
        }
        Ok(_) => not_offered(),
    }
}

fn is_chip_authentication_mapping(protocol: &chipgate_crypto::ObjectIdentifier) -> bool {
    [
        oid::id_PACE_ECDH_CAM_AES_CBC_CMAC_128,
        oid::id_PACE_ECDH_CAM_AES_CBC_CMAC_192,
        oid::id_PACE_ECDH_CAM_AES_CBC_CMAC_256,
    ]
    .contains(protocol)
}

/// The whole, from its parts. Of several failures that of active authentication is told: the wrong signature convinces
/// others, too, so that at the verifier a proven failure has the reason that proves it.
pub(crate) fn whole(parts: &Parts, proofs: &Proofs<'_>) -> Found {
    let of = |parts: [&Found; 3], result| parts.into_iter().find(|found| found.is(result)).cloned();
    let first = |result| of([&parts.chip, &parts.active, &parts.pace_cam], result);
    if let Some(found) = first(CheckResult::Successful) {
        return found;
    }
    let failed = of([&parts.active, &parts.chip, &parts.pace_cam], CheckResult::Failed);
    if let Some(found) = failed.or_else(|| first(CheckResult::Aborted)) {
        return found;
    }
    let lists_a_key = proofs.lists(DataGroup::DG14) || proofs.lists(DataGroup::DG15);
    match proofs.security_object {
        None => not_verified(),
        Some(_) if !lists_a_key => Found::not_supported(Reason::NoChipKey),
        Some(_) => first(CheckResult::Undetermined).unwrap_or_else(|| Found {
            result: CheckResult::Undetermined,
            ..not_offered()
        }),
    }
}

/// The content of the data group that holds the key, or what its absence means.
fn signed_key<T>(group: Group<Result<T, LdsError>>) -> Result<T, Found> {
    match group {
        Group::Verified(Ok(content)) => Ok(content),
        Group::Verified(Err(error)) => Err(Found::failed(Reason::ChipKeyUnreadable).about(error)),
        Group::Altered | Group::Withheld => Err(Found::failed(Reason::ChipKeyWithheld)),
        Group::NotRead => Err(not_run()),
        Group::NotListed => Err(not_offered()),
        Group::Unproven => Err(not_verified()),
    }
}

/// What an error of the protocol says about the chip: whatever is not a broken connection or a gap in this software
/// speaks against it.
pub(crate) fn refused(error: &ChipError, failed: Found) -> Found {
    match error {
        ChipError::CardLost { .. } | ChipError::Channel { .. } | ChipError::SessionClosed { .. } => {
            Found::aborted(Reason::ChipLost)
        }
        ChipError::Unsupported { what } => Found::undetermined(Reason::ProtocolUnsupported).about(what),
        ChipError::Protocol { status, .. } => failed.about(status),
        _ => failed,
    }
}

fn not_run() -> Found {
    Found::undetermined(Reason::ProtocolNotRun)
}

fn not_offered() -> Found {
    Found::not_supported(Reason::ProtocolNotOffered)
}

/// The chip proved a key that the issuer did not sign.
fn not_signed() -> Found {
    Found::failed(Reason::ChipKeyNotSigned)
}
