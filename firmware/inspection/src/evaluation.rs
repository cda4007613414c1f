//! What an inspection found, made from proofs only.

use alloc::vec::Vec;

use crate::check::Check;
use crate::outcome::Outcome;

/// The outcomes of an inspection, one a check. Only [`evaluate`](crate::evaluate) makes one, and only from proofs;
/// only an `Evaluation` reaches a verdict.
#[derive(Debug, Clone)]
pub struct Evaluation {
    outcomes: Vec<Outcome>,
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
}
