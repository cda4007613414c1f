//! Checking the evidence again, with the verifier's own anchors, and without believing the gate.

use chipgate_apdu::Timestamp;
use chipgate_inspection::{
    Basis, Check, CheckResult, Policy, Report, Reverification, VerifiedReport, reverify,
};
use chipgate_lds::DataGroup;
use chipgate_trust::{PassiveAuthentication, SecurityObject, Verified};

use crate::challenge::Expected;
use crate::error::VerifierError;
use crate::receipt::{Face, Finding, Flag, Freshness, Receipt, Summary};
use crate::store::{Digest, NewReport, SignerCertificate, Store};
use crate::verifier::{Verifier, after};

impl<S: Store> Verifier<S> {
    /// Everything that is kept of the report, and what its device is answered.
    pub(crate) fn check_again(
        &self,
        report: &VerifiedReport,
        expected: &Expected,
        received: Timestamp,
    ) -> Result<NewReport, VerifierError> {
        let said = report.report();
        let (judged_at, clock_differs) = self.judged_at(said.sender.time, expected, received);
        let again = reverify(
            report,
            expected.challenge,
            &*self.anchors.current(),
            judged_at,
            self.policy.path_options(),
            &self.policy,
        );
        let mut receipt = receipt(said, &again, &self.policy, received);
        receipt
            .flags
            .extend(expected.flags.iter().copied().chain(clock_differs));
        let verified = again
            .passive()
            .and_then(|passive: &PassiveAuthentication| passive.verified());
        Ok(NewReport {
            id: said.sender.id,
            digest: report.hash(),
            device: said.sender.device.clone(),
            sequence: said.sender.sequence,
            previous: said.sender.previous,
            made_at: said.sender.time,
            received_at: received,
            issuing_state: said.issuing_state.clone(),
            nonce: expected.nonce,
            challenge: said
                .evidence
                .active_authentication
                .as_ref()
                .map(|signed| signed.challenge),
            pseudonym: self.pseudonym(verified, received)?,
            signer: verified.map(signer),
            signed: report.bytes().to_vec(),
            delete_evidence_at: after(received, self.limits.evidence_retention),
            summary: self.summary(said, verified, freshness(said, expected, &again)),
            receipt,
        })
    }

    /// Made from DG1's hash in the *verified* security object: a gate cannot choose whose it is.
    fn pseudonym(
        &self,
        verified: Option<&Verified<SecurityObject>>,
        received: Timestamp,
    ) -> Result<Option<(u64, Digest)>, VerifierError> {
        let dg1 = verified.and_then(|verified| verified.digest(DataGroup::DG1));
        dg1.map(|hash| self.pseudonyms.pseudonym(hash, received, &mut **self.rng()))
            .transpose()
    }

    fn summary(
        &self,
        said: &Report,
        verified: Option<&Verified<SecurityObject>>,
        freshness: Freshness,
    ) -> Summary {
        let signer = verified.map(|verified| &verified.signer);
        let anchor = verified.map(|verified| &verified.anchor);
        let listed = verified.map(|verified| verified.lds.data_groups.iter());
        Summary {
            signer: signer.map(|signer| signer.subject().to_string()),
            signer_sha256: signer.map(|signer| hex::encode(signer.fingerprint())),
            anchor: anchor.map(|anchor| anchor.subject().to_string()),
            anchor_sha256: anchor.map(|anchor| hex::encode(anchor.fingerprint())),
            data_groups: listed
                .into_iter()
                .flatten()
                .map(|(number, _)| number.number())
                .collect(),
            freshness,
            gate_policy: policy_text(&said.policy, &said.policy_hash),
            gate_policy_sha256: Some(hex::encode(said.policy_hash)),
            policy: policy_text(self.policy.name(), &self.policy.hash()),
            policy_sha256: Some(hex::encode(self.policy.hash())),
            software: said.sender.software.clone(),
            face: said.face.as_ref().map(|face| Face {
                score: format!("{:.4}", face.score.as_f64()),
                threshold: format!("{:.4}", face.threshold.as_f64()),
                model: face.model.clone(),
            }),
        }
    }
}

fn receipt(said: &Report, again: &Reverification, policy: &Policy, received: Timestamp) -> Receipt {
    let decision = again.decision();
    let unfounded = again.verdict_follows() == Some(false);
    Receipt {
        id: hex::encode(said.sender.id),
        received: received.0,
        verdict: decision.verdict.name().to_owned(),
        stopped_by: decision.stopped_by.map(|check| check.name().to_owned()),
        gate_verdict: said.verdict.name().to_owned(),
        agrees: again.agrees(),
        policy: Some(policy.name().to_owned()),
        same_policy: Some(policy.hash() == said.policy_hash),
        flags: unfounded.then_some(Flag::VerdictUnfounded).into_iter().collect(),
        findings: again.findings().iter().map(finding).collect(),
    }
}

fn finding(found: &chipgate_inspection::Finding) -> Finding {
    Finding {
        check: found.check.name().to_owned(),
        result: found.result.name().to_owned(),
        reason: found.reason.map(|reason| reason.name().to_owned()),
        basis: found.basis.name().to_owned(),
        detail: found.detail.clone(),
        gate_result: found.gate_result.map(|result| result.name().to_owned()),
        agrees: found.agrees,
    }
}

fn signer(verified: &Verified<SecurityObject>) -> SignerCertificate {
    let signer = &verified.signer;
    SignerCertificate {
        hash: signer.fingerprint(),
        certificate: signer.der().to_vec(),
        subject: signer.subject().to_string(),
    }
}

fn policy_text(name: &str, hash: &[u8; 32]) -> String {
    format!("{name} (SHA-256 {}…)", &hex::encode(hash)[..16])
}

/// A signature is as fresh as its challenge, if it is right.
fn freshness(said: &Report, expected: &Expected, again: &Reverification) -> Freshness {
    let active = again
        .findings()
        .iter()
        .find(|finding| finding.check == Check::ActiveAuthentication);
    let proven = active
        .is_some_and(|finding| finding.result == CheckResult::Successful && finding.basis == Basis::Proven);
    match said.evidence.active_authentication {
        None => Freshness::NoSignature,
        Some(_) if proven => expected.freshness.clone(),
        Some(_) => Freshness::NotShown,
    }
}
