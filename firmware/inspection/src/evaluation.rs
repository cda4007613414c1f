//! What an inspection found, made from proofs only.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use chipgate_chip::ChipError;
use chipgate_lds::{DataGroup, File};
use chipgate_trust::{KnownDefect, PassiveAuthentication};

use crate::check::{Check, CheckResult};
use crate::checks::access::{self, CardAccess};
use crate::checks::chip_authenticity::{self, Mapping, Parts};
use crate::checks::{data_groups, defects, document, face, signature};
use crate::found::Found;
use crate::observations::{FaceObservation, Observations};
use crate::outcome::{Basis, Outcome};
use crate::proofs::Proofs;
use crate::report::{Evidence, FaceScore, SignedChallenge};

/// The outcomes of an inspection, one a check. Only [`evaluate`] makes one, and only from proofs; only an
/// `Evaluation` reaches a verdict.
#[derive(Debug, Clone)]
pub struct Evaluation {
    outcomes: Vec<Outcome>,
    evidence: Evidence,
    issuing_state: Option<String>,
    face: Option<FaceScore>,
}

impl Evaluation {
    /// The outcomes, in the order of [`Check::ALL`].
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// The outcome of one check.
    pub fn outcome(&self, check: Check) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| outcome.check == check)
    }

    /// The evidence that a report of it carries.
    pub const fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// The issuing state in the verified DG1.
    pub fn issuing_state(&self) -> Option<&str> {
        self.issuing_state.as_deref()
    }

    /// The score, if faces were compared.
    pub const fn face(&self) -> Option<&FaceScore> {
        self.face.as_ref()
    }
}

/// Makes every check of what an inspection saw.
pub fn evaluate(observations: &Observations<'_>) -> Evaluation {
    let proofs = Proofs::new(observations.passive, observations.files);
    let defects = known_defects(observations.passive);
    let parts = Parts {
        active: chip_authenticity::active(observations.active_authentication, &proofs),
        chip: chip_authenticity::chip(observations.chip_authentication, &proofs),
        pace_cam: chip_authenticity::pace_cam(Mapping::of(observations), &proofs),
    }
    .with_defects(defects);
    let outcome = |check| {
        let found = check_one(check, observations, &proofs, &parts);
        let found = defects::apply(check, found, defects);
        let basis = basis(check, &found, &parts);
        found.outcome(check, basis)
    };
    let mrz = document::verified_mrz(proofs.mrz()).ok();
    Evaluation {
        outcomes: Check::ALL.into_iter().map(outcome).collect(),
        evidence: evidence(observations),
        issuing_state: mrz.and_then(|mrz| without_fillers(&mrz.issuing_state)),
        face: match observations.face {
            FaceObservation::Compared(face) => Some(face.clone()),
            _ => None,
        },
    }
}

/// The issuing state; none where DG1 has nothing but fillers there.
fn without_fillers(state: &str) -> Option<String> {
    let state = state.trim_end_matches('<');
    Some(state.to_string()).filter(|state| !state.is_empty())
}

/// What is known of the documents of the signer that EF.SOD names.
pub(crate) fn known_defects(passive: Option<&PassiveAuthentication>) -> &[KnownDefect] {
    passive.map_or(&[], PassiveAuthentication::defects)
}

fn check_one(check: Check, seen: &Observations<'_>, proofs: &Proofs<'_>, parts: &Parts) -> Found {
    let passive = seen.passive;
    let with_mrz = |check: &dyn Fn(&chipgate_lds::Mrz) -> Found| {
        document::verified_mrz(proofs.mrz()).map_or_else(|found| found, |mrz| check(&mrz))
    };
    match check {
        Check::ChipAccess => access::chip_access(seen.access),
        Check::CardAccessAgreement => access::card_access_agreement(CardAccess::of(seen), proofs),
        Check::TerminalAuthentication => access::terminal_authentication(seen.terminal_authentication),
        Check::ChipAuthenticity => chip_authenticity::whole(parts, proofs),
        Check::ActiveAuthentication => parts.active.clone(),
        Check::ChipAuthentication => parts.chip.clone(),
        Check::PaceCam => parts.pace_cam.clone(),
        Check::SecurityObject => signature::security_object(passive, seen.files),
        Check::IssuerCertificate => signature::issuer_certificate(passive),
        Check::CertificateValidity => signature::behind_the_signature(passive, |passive| passive.validity()),
        Check::KeyUsagePeriod => signature::key_usage_period(passive),
        Check::Revocation => signature::behind_the_signature(passive, |passive| passive.revocation()),
        Check::SodComAgreement => data_groups::sod_com_agreement(seen.files, proofs),
        Check::DataGroupIntegrity => data_groups::data_group_integrity(passive, seen.files, proofs),
        Check::IssuingState => with_mrz(&|mrz| {
            let signer = passive.and_then(|passive| passive.verified());
            let signer = signer.map(|object| &object.get().signer);
            document::issuing_state(&mrz.issuing_state, signer, known_defects(passive))
                .and_then(|| document::document_type(mrz, signer))
        }),
        Check::DocumentExpiry => with_mrz(&|mrz| document::document_expiry(mrz, seen.now)),
        Check::PrintedElectronicAgreement => {
            with_mrz(&|mrz| document::printed_electronic_agreement(mrz, seen.printed))
        }
        Check::DocumentStatus => document::document_status(known_defects(passive)),
        Check::Face => face::face(
            seen.face,
            seen.files.group(DataGroup::DG2),
            &proofs.group(DataGroup::DG2),
        ),
        Check::AttackDetection => face::attack_detection(seen.attack, seen.challenge),
    }
}

/// Whether whoever holds the report can compute the outcome again from the evidence in it: signature, path, validity,
/// revocation and active authentication. All else, chip authentication too, only the device has seen.
fn basis(check: Check, found: &Found, parts: &Parts) -> Basis {
    match check {
        Check::SecurityObject
        | Check::IssuerCertificate
        | Check::CertificateValidity
        | Check::KeyUsagePeriod
        | Check::Revocation
        | Check::ActiveAuthentication => Basis::Proven,
        Check::ChipAuthenticity => whole_basis(found, &parts.active, Basis::Proven),
        _ => Basis::Claimed,
    }
}

/// `chip-authenticity` rests on active authentication where that decided it, and on the security object alone where
/// that lists no key.
pub(crate) fn whole_basis(whole: &Found, active: &Found, active_basis: Basis) -> Basis {
    match whole.result {
        CheckResult::NotSupported => Basis::Proven,
        CheckResult::Successful | CheckResult::Failed if whole.result == active.result => active_basis,
        _ => Basis::Claimed,
    }
}

/// The longest EF.SOD in a report, in bytes.
const LONGEST_SECURITY_OBJECT: usize = 24 * 1024;
/// The longest of the other four parts, in bytes. With all of them a report still fits its 65,536 bytes.
const LONGEST_OTHER: usize = 8 * 1024;

/// EF.SOD; DG14 and DG15 where a chip check ran or EF.CardAccess was held against DG14; what the chip signed. What is
/// too long for a report is left out: the verifier then has less to go by, and the verdict reaches it all the same.
fn evidence(observations: &Observations<'_>) -> Evidence {
    let file = |file, longest| {
        let bytes = observations.files.bytes(file);
        bytes.filter(|bytes| bytes.len() <= longest).map(<[u8]>::to_vec)
    };
    let group = |number| file(File::DataGroup(number), LONGEST_OTHER);
    let card_access = match CardAccess::of(observations) {
        CardAccess::Read(bytes) => Some(bytes.to_vec()),
        CardAccess::Absent | CardAccess::NotRead => None,
    };
    let active = observations.active_authentication;
    let used_dg14 = active.is_some() || observations.chip_authentication.is_some() || card_access.is_some();
    Evidence {
        security_object: file(File::Sod, LONGEST_SECURITY_OBJECT),
        dg14: group(DataGroup::DG14).filter(|_| used_dg14),
        dg15: group(DataGroup::DG15).filter(|_| active.is_some()),
        active_authentication: active
            .and_then(|run| match run {
                Ok(proof) => Some((proof.challenge(), proof.signature().to_vec())),
                Err(ChipError::ActiveAuthenticationFailed { challenge, signature }) => {
                    Some((*challenge, signature.clone()))
                }
                Err(_) => None,
            })
            .filter(|(_, signature)| signature.len() <= LONGEST_OTHER)
            .map(|(challenge, signature)| SignedChallenge { challenge, signature }),
        card_access: card_access.filter(|bytes| bytes.len() <= LONGEST_OTHER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuing_state_of_fillers_is_none() {
        assert_eq!(without_fillers("D<<").as_deref(), Some("D"));
        assert_eq!(without_fillers("<<<"), None);
        assert_eq!(without_fillers(""), None);
    }
}
