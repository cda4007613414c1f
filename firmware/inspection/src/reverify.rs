//! The inspection again, at the verifier, from the evidence in the report.
//!
//! What can be computed again is **proven**, whatever the device says. The rest is taken from the device and stays
//! **claimed**: the verifier has not seen the chip's other files, the face or the session.

use alloc::string::String;
use alloc::vec::Vec;

use chipgate_apdu::Timestamp;
use chipgate_chip::{ActiveAuthentication, ChipError, verify_active_authentication};
use chipgate_lds::{DataGroup, File};
use chipgate_trust::{PassiveAuthentication, PathOptions, TrustAnchors, authenticate_security_object};
use serde::Serialize;

use crate::check::{Check, CheckResult};
use crate::checks::access::{CardAccess, card_access_agreement};
use crate::checks::chip_authenticity::{self, Mapping, Parts};
use crate::checks::{data_groups, defects, document, face, signature};
use crate::effect::Decision;
use crate::evaluation::{known_defects, whole_basis};
use crate::found::{Found, not_verified};
use crate::observations::{FaceObservation, FileObservation, Files};
use crate::outcome::{Basis, Outcome};
use crate::policy::Policy;
use crate::proofs::{Group, Proofs};
use crate::reason::Reason;
use crate::report::{Evidence, Report, VerifiedReport};

/// What the verifier found about one check, beside what the device said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which check.
    pub check: Check,
    /// What it came to at the verifier.
    pub result: CheckResult,
    /// Why.
    pub reason: Option<Reason>,
    /// Whether the verifier computed it from evidence, or took the device's word for it.
    pub basis: Basis,
    /// What the reason is about.
    pub detail: Option<String>,
    /// What the device said; none if it said nothing.
    pub gate_result: Option<CheckResult>,
    /// Whether both came to the same result.
    pub agrees: bool,
}

/// What the verifier makes of a report. Only [`reverify`] makes it; it is no [`Evaluation`](crate::Evaluation), since
/// the verifier has seen less.
#[derive(Debug, Clone)]
pub struct Reverification {
    findings: Vec<Finding>,
    decision: Decision,
    passive: Option<PassiveAuthentication>,
    verdict_follows: Option<bool>,
    verdict_agrees: bool,
}

impl Reverification {
    /// One finding a check, in the order of [`Check::ALL`].
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What the verifier's policy makes of the findings.
    pub const fn decision(&self) -> &Decision {
        &self.decision
    }

    /// Passive authentication with the verifier's anchors; none if the report carries no EF.SOD.
    pub const fn passive(&self) -> Option<&PassiveAuthentication> {
        self.passive.as_ref()
    }

    /// Whether the device's verdict follows from its own outcomes by this policy; none if it used another one. It
    /// never follows from a match of faces that the device's own score denies.
    pub const fn verdict_follows(&self) -> Option<bool> {
        self.verdict_follows
    }

    /// Whether device and verifier came to the same results and the same verdict.
    pub fn agrees(&self) -> bool {
        self.verdict_agrees
            && self.verdict_follows != Some(false)
            && self.findings.iter().all(|finding| finding.agrees)
    }
}

/// Makes the checks again from the evidence in a report.
///
/// `challenge` is the one that active authentication had to sign: the nonce that the verifier issued for this report,
/// or the [`offline_challenge`](crate::offline_challenge) of a beacon that was still young enough. Without one, a
/// signature is right but may be old: it counts as claimed, and its reason tells. `now` is when certificates must be valid: the time of
/// the inspection, as far as the verifier believes it.
pub fn reverify(
    report: &VerifiedReport,
    challenge: Option<[u8; 8]>,
    anchors: &dyn TrustAnchors,
    now: Timestamp,
    options: &PathOptions,
    policy: &Policy,
) -> Reverification {
    let report = report.report();
    let sod = report.evidence.security_object.as_deref();
    let passive = sod.map(|sod| authenticate_security_object(sod, anchors, now, options));
    let files = files(&report.evidence);
    let again = Again::new(report, passive.as_ref(), &files, challenge);
    let findings: Vec<Finding> = Check::ALL.into_iter().map(|check| again.finding(check)).collect();
    let decision = policy.weigh(
        findings
            .iter()
            .map(|finding| (finding.check, finding.result, finding.reason)),
    );
    let same_policy = report.policy_hash == policy.hash();
    let follows = same_policy.then(|| policy.of_outcomes(&report.outcomes).verdict == report.verdict);
    let verdict_follows = if claims_a_match(report) && !again.face().is(CheckResult::Successful) {
        Some(false)
    } else {
        follows
    };
    let verdict_agrees = decision.verdict == report.verdict;
    Reverification {
        findings,
        decision,
        passive,
        verdict_follows,
        verdict_agrees,
    }
}

/// The files that came with the report.
fn files(evidence: &Evidence) -> Files {
    let mut files = Files::new();
    for (file, bytes) in [
        (File::CardAccess, &evidence.card_access),
        (File::Sod, &evidence.security_object),
        (File::DataGroup(DataGroup::DG14), &evidence.dg14),
        (File::DataGroup(DataGroup::DG15), &evidence.dg15),
    ] {
        if let Some(bytes) = bytes {
            files.insert(file, FileObservation::Read(bytes.clone()));
        }
    }
    files
}

/// A report that is being checked again.
struct Again<'a> {
    report: &'a Report,
    passive: Option<&'a PassiveAuthentication>,
    files: &'a Files,
    proofs: Proofs<'a>,
    parts: Parts,
    bases: PartBases,
}

/// On what the parts of `chip-authenticity` rest.
struct PartBases {
    active: Basis,
    chip: Basis,
    pace_cam: Basis,
}

impl<'a> Again<'a> {
    fn new(
        report: &'a Report,
        passive: Option<&'a PassiveAuthentication>,
        files: &'a Files,
        challenge: Option<[u8; 8]>,
    ) -> Self {
        let proofs = Proofs::new(passive, files);
        let (active, active_basis) = active(report, &proofs, challenge);
        let no_dg14 = proofs.dg14() == Group::NotRead;
        let of_dg14 = |found, check| offered_or_claimed(found, claim(report, check), no_dg14);
        let (chip, chip_basis) = of_dg14(chip_authenticity::chip(None, &proofs), Check::ChipAuthentication);
        let (pace_cam, pace_cam_basis) = of_dg14(
            chip_authenticity::pace_cam(Mapping::NotRun, &proofs),
            Check::PaceCam,
        );
        let bases = PartBases {
            active: active_basis,
            chip: chip_basis,
            pace_cam: pace_cam_basis,
        };
        Self {
            report,
            passive,
            files,
            proofs,
            parts: Parts {
                active,
                chip,
                pace_cam,
            }
            .with_defects(known_defects(passive)),
            bases,
        }
    }

    fn finding(&self, check: Check) -> Finding {
        let (found, basis) = self.check(check);
        let found = defects::apply(check, found, known_defects(self.passive));
        let said = self.report.outcomes.iter().find(|outcome| outcome.check == check);
        let gate_result = said.map(|outcome| outcome.result);
        let Outcome {
            check,
            result,
            reason,
            basis,
            detail,
        } = found.outcome(check, basis);
        Finding {
            check,
            result,
            reason,
            basis,
            detail,
            gate_result,
            agrees: gate_result == Some(result),
        }
    }

    fn check(&self, check: Check) -> (Found, Basis) {
        let passive = self.passive;
        match check {
            Check::ChipAuthenticity => {
                let whole = chip_authenticity::whole(&self.parts, &self.proofs);
                let basis = whole_basis(&whole, &self.parts.active, self.bases.active);
                (whole, basis)
            }
            Check::ActiveAuthentication => (self.parts.active.clone(), self.bases.active),
            Check::ChipAuthentication => (self.parts.chip.clone(), self.bases.chip),
            Check::PaceCam => (self.parts.pace_cam.clone(), self.bases.pace_cam),
            Check::SecurityObject => self.security_object(),
            Check::IssuerCertificate => (signature::issuer_certificate(passive), Basis::Proven),
            Check::CertificateValidity => (
                signature::behind_the_signature(passive, |passive| passive.validity()),
                Basis::Proven,
            ),
            Check::KeyUsagePeriod => (signature::key_usage_period(passive), Basis::Proven),
            Check::Revocation => (
                signature::behind_the_signature(passive, |passive| passive.revocation()),
                Basis::Proven,
            ),
            Check::CardAccessAgreement => self.card_access_agreement(),
            Check::DataGroupIntegrity => (self.data_group_integrity(), Basis::Claimed),
            Check::IssuingState => (self.issuing_state(), Basis::Claimed),
            Check::Face => (self.face(), Basis::Claimed),
            _ => (claim(self.report, check), Basis::Claimed),
        }
    }

    /// That the chip gave no EF.SOD, only the device knows; its word counts where it speaks against the card.
    fn security_object(&self) -> (Found, Basis) {
        let claimed = claim(self.report, Check::SecurityObject);
        if self.passive.is_none() && claimed.is(CheckResult::Failed) {
            return (claimed, Basis::Claimed);
        }
        (
            signature::security_object(self.passive, self.files),
            Basis::Proven,
        )
    }

    /// EF.CardAccess is unsigned, so that only the device knows whether the chip gave this one.
    fn card_access_agreement(&self) -> (Found, Basis) {
        let found = match &self.report.evidence.card_access {
            Some(bytes) => card_access_agreement(CardAccess::Read(bytes), &self.proofs),
            None => claim(self.report, Check::CardAccessAgreement),
        };
        (found, Basis::Claimed)
    }

    /// The data groups in the report can be held against the security object; but that they are those of the chip, and
    /// what the others are, only the device knows.
    fn data_group_integrity(&self) -> Found {
        let computed = data_groups::data_group_integrity(self.passive, self.files, &self.proofs);
        if computed.is(CheckResult::Failed) {
            return computed;
        }
        claim(self.report, Check::DataGroupIntegrity)
    }

    /// A match is believed only with a score that is one; whose the portrait was, only the device knows.
    fn face(&self) -> Found {
        if !claims_a_match(self.report) {
            return claim(self.report, Check::Face);
        }
        let score = self.report.face.clone();
        let observation = score.map_or(FaceObservation::NotRequested, FaceObservation::Compared);
        face::face(&observation, None, &Group::Verified(Vec::new()))
    }

    /// The state is the device's claim; whether the signer's country fits it can be seen.
    fn issuing_state(&self) -> Found {
        let claimed = claim(self.report, Check::IssuingState);
        match (
            &self.report.issuing_state,
            self.proofs.security_object,
            self.passive,
        ) {
            (Some(state), Some(_), Some(passive)) if claimed.is(CheckResult::Successful) => {
                let signer = passive.verified().map(|object| &object.get().signer);
                document::issuing_state(state, signer, passive.defects())
            }
            _ => claimed,
        }
    }
}

fn claims_a_match(report: &Report) -> bool {
    claim(report, Check::Face).is(CheckResult::Successful)
}

/// What the device says about a check; nothing said is undetermined.
fn claim(report: &Report, check: Check) -> Found {
    let said = report.outcomes.iter().find(|outcome| outcome.check == check);
    said.map_or(
        Found {
            result: CheckResult::Undetermined,
            reason: None,
            detail: None,
        },
        |outcome| Found {
            result: outcome.result,
            reason: outcome.reason,
            detail: outcome.detail.clone(),
        },
    )
}

/// A protocol whose run leaves no evidence: what the signed data say of it stands, and only where they say that the
/// document offers it, or where they are not in the report, does the device's word count.
fn offered_or_claimed(computed: Found, claimed: Found, not_in_report: bool) -> (Found, Basis) {
    let offered = computed.is(CheckResult::Undetermined) && computed != not_verified();
    if offered && (not_in_report || !claimed.is(CheckResult::NotSupported)) {
        (claimed, Basis::Claimed)
    } else {
        (computed, Basis::Proven)
    }
}

/// Active authentication again: the signature under the key of the verified DG15, over the challenge that was due.
fn active(report: &Report, proofs: &Proofs<'_>, challenge: Option<[u8; 8]>) -> (Found, Basis) {
    let said = claim(report, Check::ActiveAuthentication);
    let Some(signed) = &report.evidence.active_authentication else {
        let computed = chip_authenticity::active(None, proofs);
        // Success leaves evidence; without it, it is not believed.
        return if said.is(CheckResult::Successful) {
            (computed, Basis::Proven)
        } else {
            offered_or_claimed(computed, said, false)
        };
    };
    let run = verify(proofs, signed.challenge, &signed.signature);
    let found = match &run {
        None => chip_authenticity::active(None, proofs),
        Some(run) => chip_authenticity::active(Some(run.as_ref()), proofs),
    };
    match challenge {
        _ if !found.is(CheckResult::Successful) => (found, Basis::Proven),
        Some(due) if due == signed.challenge => (found, Basis::Proven),
        Some(_) => (Found::failed(Reason::ChallengeNotFresh), Basis::Proven),
        None => (
            Found::successful_although(Reason::ChallengeUnknown),
            Basis::Claimed,
        ),
    }
}

fn verify(
    proofs: &Proofs<'_>,
    challenge: [u8; 8],
    signature: &[u8],
) -> Option<Result<ActiveAuthentication, ChipError>> {
    let Group::Verified(Ok(key)) = proofs.dg15() else {
        return None;
    };
    let dg14 = match proofs.dg14() {
        Group::Verified(Ok(infos)) => Some(infos),
        _ => None,
    };
    Some(verify_active_authentication(
        &key,
        challenge,
        signature,
        dg14.as_ref(),
    ))
}
