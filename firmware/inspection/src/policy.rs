//! The policy: what each result of each check does to the verdict.

use alloc::string::String;
use alloc::vec::Vec;

use crate::check::{Check, CheckResult};
use crate::effect::{Decision, Effect, Verdict, Weight};
use crate::evaluation::Evaluation;
use crate::hash::sha256;
use crate::outcome::Outcome;
use crate::policy_error::PolicyError;
use crate::policy_file;
use crate::reason::Reason;

/// What a policy says about one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    /// How much the check counts.
    pub weight: Weight,
    /// The effect of each result, in the order of [`CheckResult::ALL`].
    pub effects: [Effect; 5],
    /// Reasons that have an effect of their own.
    pub reasons: Vec<(Reason, Effect)>,
}

impl Rule {
    fn effect(&self, result: CheckResult, reason: Option<Reason>) -> Effect {
        let exception = self.reasons.iter().find(|(of, _)| Some(*of) == reason);
        exception.map_or(self.effects[usize::from(result.number())], |(_, effect)| *effect)
    }
}

/// What came out of one check, as a policy sees it.
pub(crate) type Seen = (Check, CheckResult, Option<Reason>);

/// A policy: for each check how much it counts, and what each of its results does to the verdict.
///
/// It is checked when it is loaded: every check is named once, and every result has an effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    name: String,
    hash: [u8; 32],
    rules: Vec<(Check, Rule)>,
}

impl Policy {
    /// Reads a policy file (TOML); docs/policies.md explains it.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let (name, rules) = policy_file::parse(text)?;
        Ok(Self {
            name,
            hash: sha256(text.as_bytes()),
            rules,
        })
    }

    /// The text of the shipped policy of that name: `document`, `airport`, `counter` or `lab`.
    pub fn shipped_text(name: &str) -> Option<&'static str> {
        match name {
            "document" => Some(include_str!("../policies/document.toml")),
            "airport" => Some(include_str!("../policies/airport.toml")),
            "counter" => Some(include_str!("../policies/counter.toml")),
            "lab" => Some(include_str!("../policies/lab.toml")),
            _ => None,
        }
    }

    /// The names of the shipped policies; the first is the default.
    pub const SHIPPED: [&'static str; 4] = ["document", "airport", "counter", "lab"];

    /// The default: is the document genuine? The face counts where a live picture was given.
    pub fn document() -> Result<Self, PolicyError> {
        Self::parse(include_str!("../policies/document.toml"))
    }

    /// The unattended gate: the face must match, and whatever is open goes to an officer.
    pub fn airport() -> Result<Self, PolicyError> {
        Self::parse(include_str!("../policies/airport.toml"))
    }

    /// The service counter, where an officer sees the person.
    pub fn counter() -> Result<Self, PolicyError> {
        Self::parse(include_str!("../policies/counter.toml"))
    }

    /// The test bench: only what failed outright refuses. Never for real documents.
    pub fn lab() -> Result<Self, PolicyError> {
        Self::parse(include_str!("../policies/lab.toml"))
    }

    /// Its name, as it stands in reports.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of the policy file.
    pub const fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// How much the policy makes of `check`.
    pub fn weight(&self, check: Check) -> Weight {
        self.rule(check).map_or(Weight::Mandatory, |rule| rule.weight)
    }

    /// What the policy makes of an inspection.
    pub fn decide(&self, evaluation: &Evaluation) -> Decision {
        self.weigh(
            evaluation
                .outcomes()
                .iter()
                .map(|outcome| (outcome.check, outcome.result, outcome.reason)),
        )
    }

    /// What the policy makes of outcomes that a device reported, to see whether its verdict follows from them.
    pub(crate) fn of_outcomes(&self, outcomes: &[Outcome]) -> Decision {
        self.weigh(
            outcomes
                .iter()
                .map(|outcome| (outcome.check, outcome.result, outcome.reason)),
        )
    }

    /// The verdict is the worst effect, `stopped_by` the first check that has it. A check that is not among `seen`
    /// did not run, and counts as undetermined.
    pub(crate) fn weigh(&self, seen: impl Iterator<Item = Seen>) -> Decision {
        let seen: Vec<Seen> = seen.collect();
        let seen = Check::ALL.map(|check| {
            seen.iter().copied().find(|(of, ..)| *of == check).unwrap_or((
                check,
                CheckResult::Undetermined,
                None,
            ))
        });
        let effects: Vec<_> = seen
            .iter()
            .map(|(check, result, reason)| (*check, self.effect(*check, *result, *reason)))
            .collect();
        let verdict = effects
            .iter()
            .map(|(_, effect)| *effect)
            .max()
            .unwrap_or(Verdict::Refuse);
        let first = effects
            .iter()
            .find(|(_, effect)| *effect == verdict)
            .map(|(check, _)| *check);
        let stopped_by = first.filter(|_| verdict != Verdict::Accept);
        Decision {
            verdict,
            stopped_by,
            overall: self.overall(&seen),
            effects,
        }
    }

    fn effect(&self, check: Check, result: CheckResult, reason: Option<Reason>) -> Effect {
        self.rule(check)
            .map_or(Effect::Refuse, |rule| rule.effect(result, reason))
    }

    fn rule(&self, check: Check) -> Option<&Rule> {
        self.rules
            .iter()
            .find(|(of, _)| *of == check)
            .map(|(_, rule)| rule)
    }

    /// Mandatory and optional checks count, failed before aborted before undetermined before successful. A
    /// mandatory check that the document does not support leaves the whole undetermined; an optional one leaves it
    /// as it is.
    fn overall(&self, seen: &[Seen]) -> CheckResult {
        let counted = seen
            .iter()
            .filter_map(|(check, result, _)| match (self.weight(*check), result) {
                (Weight::Recorded, _) | (Weight::Optional, CheckResult::NotSupported) => None,
                (Weight::Mandatory, CheckResult::NotSupported) => Some(CheckResult::Undetermined),
                (_, result) => Some(*result),
            });
        let counted: Vec<_> = counted.collect();
        [
            CheckResult::Failed,
            CheckResult::Aborted,
            CheckResult::Undetermined,
            CheckResult::Successful,
        ]
        .into_iter()
        .find(|result| counted.contains(result))
        .unwrap_or(CheckResult::Undetermined)
    }
}
