//! What an inspection found, made from proofs only.

use alloc::string::String;
use alloc::vec::Vec;

use crate::check::Check;
use crate::outcome::Outcome;
use crate::report::{Evidence, FaceScore};

/// The outcomes of an inspection, one a check. Only [`evaluate`](crate::evaluate) makes one, and only from proofs;
/// only an `Evaluation` reaches a verdict.
#[derive(Debug, Clone)]
pub struct Evaluation {
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) evidence: Evidence,
    pub(crate) issuing_state: Option<String>,
    pub(crate) face: Option<FaceScore>,
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
