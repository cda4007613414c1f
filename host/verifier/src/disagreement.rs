//! Why gate and verifier do not agree: not each difference speaks against the gate.

use crate::receipt::{Finding, Flag, Receipt, Summary};

/// What lies behind a difference between gate and verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disagreement {
    /// No check differs; the two follow different policies, which make different verdicts of the same results.
    Policies,
    /// This verifier could not settle what the gate settled, since it lacks anchors or revocation lists altogether.
    VerifierLacks,
    /// The issuer is none of this verifier's: it lacks an anchor that the gate has, or the gate let a stranger pass.
    Anchors,
    /// Something contradicts the gate.
    Contradiction,
}

/// Reasons of what a verifier without anchors or lists can't settle.
const MISSING_HERE: [&str; 3] = ["no-anchors", "no-revocation-list", "revocation-list-expired"];
/// Reasons that follow from another check's.
const CONSEQUENCES: [&str; 4] = [
    "security-object-not-verified",
    "mrz-not-verified",
    "nothing-to-compare-with",
    "portrait-not-verified",
];

impl Disagreement {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Policies,
        Self::VerifierLacks,
        Self::Anchors,
        Self::Contradiction,
    ];

    /// What lies behind the differences in a receipt; `None` if there are none.
    pub(crate) fn of(receipt: &Receipt, summary: &Summary) -> Option<Self> {
        if receipt.agrees {
            return None;
        }
        let differing: Vec<_> = receipt
            .findings
            .iter()
            .filter(|finding| !finding.agrees)
            .collect();
        let all = |reasons: &[&str]| differing.iter().all(|finding| is_open(finding, reasons));
        Some(if receipt.flags.contains(&Flag::VerdictUnfounded) {
            Self::Contradiction
        } else if differing.is_empty() {
            if summary.same_policy() == Some(false) {
                Self::Policies
            } else {
                Self::Contradiction
            }
        } else if all(&MISSING_HERE) && is_explained(&differing, &["no-anchors"]) {
            Self::VerifierLacks
        } else if all(&[&MISSING_HERE[..], &["issuer-unknown"]].concat())
            && is_explained(&differing, &["no-anchors", "issuer-unknown"])
        {
            Self::Anchors
        } else {
            Self::Contradiction
        })
    }

    /// The name that the database holds.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Policies => "policies",
            Self::VerifierLacks => "verifier-lacks",
            Self::Anchors => "anchors",
            Self::Contradiction => "contradiction",
        }
    }
}

/// Whether what follows from another check has one of these among the differences to follow from. A gate that agrees about the cause,
/// and yet settles what can't be settled with it, contradicts itself.
fn is_explained(differing: &[&Finding], causes: &[&str]) -> bool {
    let is = |finding: &&Finding, reasons: &[&str]| {
        finding
            .reason
            .as_deref()
            .is_some_and(|reason| reasons.contains(&reason))
    };
    !differing.iter().any(|finding| is(finding, &CONSEQUENCES))
        || differing.iter().any(|finding| is(finding, causes))
}

/// Whether this verifier left a check open for one of these reasons, or for what follows from them.
fn is_open(finding: &Finding, reasons: &[&str]) -> bool {
    let reason = finding.reason.as_deref().unwrap_or_default();
    finding.result == "undetermined" && (reasons.contains(&reason) || CONSEQUENCES.contains(&reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::samples;

    fn differing(changes: &[(&str, &str, &str)]) -> (Receipt, Summary) {
        let mut report = samples::accepted();
        report.receipt.agrees = false;
        for (check, result, reason) in changes {
            let finding = report
                .receipt
                .findings
                .iter_mut()
                .find(|finding| finding.check == *check);
            let finding = finding.unwrap();
            (finding.result, finding.reason) = ((*result).to_owned(), Some((*reason).to_owned()));
            finding.agrees = false;
        }
        (report.receipt, report.summary)
    }

    fn of(changes: &[(&str, &str, &str)]) -> Option<Disagreement> {
        let (receipt, summary) = differing(changes);
        Disagreement::of(&receipt, &summary)
    }

    #[test]
    fn different_policies_are_no_tampering() {
        let (receipt, mut summary) = differing(&[]);
        assert_eq!(Disagreement::of(&receipt, &summary), Some(Disagreement::Policies));
        summary.gate_policy_sha256.clone_from(&summary.policy_sha256);
        assert_eq!(
            Disagreement::of(&receipt, &summary),
            Some(Disagreement::Contradiction),
            "the same policy makes one verdict of the same results"
        );
    }

    #[test]
    fn what_a_verifier_without_anchors_leaves_open_is_its_own_gap() {
        let open = "undetermined";
        let gap = [
            ("issuer-certificate", open, "no-anchors"),
            ("revocation", open, "security-object-not-verified"),
            ("chip-authenticity", open, "security-object-not-verified"),
        ];
        assert_eq!(of(&gap), Some(Disagreement::VerifierLacks));
        let unknown = [("issuer-certificate", open, "issuer-unknown")];
        assert_eq!(of(&unknown), Some(Disagreement::Anchors));
    }

    #[test]
    fn a_consequence_without_its_cause_contradicts_the_gate() {
        let open = "undetermined";
        let claimed = ("chip-authenticity", open, "security-object-not-verified");
        assert_eq!(of(&[claimed]), Some(Disagreement::Contradiction));
        let revocation = ("revocation", open, "no-revocation-list");
        assert_eq!(of(&[revocation]), Some(Disagreement::VerifierLacks));
        assert_eq!(of(&[revocation, claimed]), Some(Disagreement::Contradiction));
    }

    #[test]
    fn what_was_proven_wrong_contradicts_the_gate_whatever_else_is_open() {
        let open = "undetermined";
        let forged = [
            ("security-object", "failed", "signature-invalid"),
            ("issuer-certificate", open, "security-object-not-verified"),
            ("revocation", open, "no-revocation-list"),
        ];
        assert_eq!(of(&forged), Some(Disagreement::Contradiction));
        let (mut receipt, summary) = differing(&[]);
        receipt.flags.push(Flag::VerdictUnfounded);
        assert_eq!(
            Disagreement::of(&receipt, &summary),
            Some(Disagreement::Contradiction)
        );
        receipt.agrees = true;
        assert_eq!(Disagreement::of(&receipt, &summary), None);
    }
}
