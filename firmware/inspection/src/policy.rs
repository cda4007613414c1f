//! The policy: what each result of each check does to the verdict.

use alloc::string::String;
use alloc::vec::Vec;

use chipgate_trust::PathOptions;

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
    /// Whether the person is to be asked for a movement; only `attack-detection` can want it.
    pub challenge: bool,
}

impl Rule {
    /// A reason's exception counts before the result's own effect; but no exception makes a mandatory check's
    /// failure accepted.
    fn effect(&self, result: CheckResult, reason: Option<Reason>) -> Effect {
        let exception = self.reasons.iter().find(|(of, _)| Some(*of) == reason);
        let effect = exception.map_or(self.effects[usize::from(result.number())], |(_, effect)| *effect);
        match (self.weight, result) {
            (Weight::Mandatory, CheckResult::Failed) => effect.max(Effect::Refer),
            _ => effect,
        }
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
    path_options: PathOptions,
    rules: Vec<(Check, Rule)>,
}

impl Policy {
    /// Reads a policy file (TOML); docs/policies.md explains it.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let (name, path_options, rules) = policy_file::parse(text)?;
        Ok(Self {
            name,
            path_options,
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

    /// How certificates and signatures are judged: the table `certificates`.
    pub const fn path_options(&self) -> &PathOptions {
        &self.path_options
    }

    /// How much the policy makes of `check`.
    pub fn weight(&self, check: Check) -> Weight {
        self.rule(check).map_or(Weight::Mandatory, |rule| rule.weight)
    }

    /// Whether the person at the camera is to be asked for a movement: `challenge = true` of `attack-detection`.
    pub fn wants_challenge(&self) -> bool {
        self.rule(Check::AttackDetection)
            .is_some_and(|rule| rule.challenge)
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

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::{String, ToString};

    use super::*;

    /// The policy `document` with one of its lines changed.
    fn changed(from: &str, to: &str) -> PolicyError {
        let text = Policy::shipped_text("document").unwrap();
        assert!(text.contains(from), "{from}");
        Policy::parse(&text.replacen(from, to, 1)).unwrap_err()
    }

    fn line_of(part: &str) -> usize {
        let text = Policy::shipped_text("document").unwrap();
        text.lines().position(|line| line.starts_with(part)).unwrap() + 1
    }

    #[test]
    fn an_error_names_its_line_and_key() {
        let face = line_of("face =");
        let error = changed("face = { weight = \"optional\"", "face = { weight = \"heavy\"");
        assert!(
            error
                .to_string()
                .starts_with(&format!("line {face}: `checks.face.weight` must be")),
            "{error}"
        );
        let error = changed("\nface = {", "\nfaces = {");
        assert_eq!(
            error,
            PolicyError::UnknownCheck {
                line: face,
                name: "faces".into()
            }
        );
        let error = changed("not-requested = ", "not-asked = ");
        assert_eq!(
            error,
            PolicyError::UnknownReason {
                line: face,
                name: "not-asked".into()
            }
        );
        let error = changed("name = \"document\"", "name = \"document\"\nspeed = 1");
        assert!(matches!(error, PolicyError::UnknownKey { ref key, .. } if key == "speed"));
        let error = changed("name = \"document\"", "name = 7");
        assert!(matches!(error, PolicyError::Invalid { ref key, .. } if key == "name"));
        assert!(matches!(
            changed("[checks]", "[checks"),
            PolicyError::NotToml { .. }
        ));
    }

    #[test]
    fn every_check_is_named_and_every_result_has_an_effect() {
        let text = Policy::shipped_text("document").unwrap();
        for check in Check::ALL {
            let key = if check.parent().is_some() {
                format!("\"{check}\"")
            } else {
                check.to_string()
            };
            let without = |line: &&str| !line.starts_with(&format!("{key} ="));
            let text: String = text
                .lines()
                .filter(without)
                .flat_map(|line| [line, "\n"])
                .collect();
            assert_eq!(Policy::parse(&text), Err(PolicyError::CheckNotNamed { check }));
        }
        for result in CheckResult::ALL {
            let error = changed(&format!("{result} = "), &format!("x{result} = "));
            assert!(matches!(error, PolicyError::UnknownKey { .. }));
        }
        let error = changed(", aborted = \"refer\" }", " }");
        assert!(matches!(error, PolicyError::Missing { ref key, .. } if key == "checks.chip-access.aborted"));
    }

    #[test]
    fn a_check_that_is_named_twice_is_refused() {
        let text = Policy::shipped_text("document").unwrap();
        let face = text.lines().find(|line| line.starts_with("face =")).unwrap();
        assert!(matches!(
            Policy::parse(&format!("{text}{face}\n")),
            Err(PolicyError::NotToml { .. })
        ));
    }

    #[test]
    fn a_policy_does_not_contradict_itself() {
        let error = changed(
            "\nterminal-authentication = { weight = \"recorded\", successful = \"accept\"",
            "\nterminal-authentication = { weight = \"recorded\", successful = \"refer\"",
        );
        assert!(matches!(
            error,
            PolicyError::Contradiction {
                check: Check::TerminalAuthentication,
                ..
            }
        ));
        let error = changed("failed = \"refuse\"", "failed = \"accept\"");
        assert!(matches!(
            error,
            PolicyError::Contradiction {
                check: Check::ChipAccess,
                ..
            }
        ));
    }

    #[test]
    fn only_attack_detection_that_counts_can_want_a_challenge() {
        let text = Policy::shipped_text("airport").unwrap();
        let with = |line: &str, challenge: &str| {
            let (before, after) = text.split_once(&format!("\n{line} = {{ ")).unwrap();
            Policy::parse(&format!("{before}\n{line} = {{ challenge = {challenge}, {after}"))
        };
        assert!(!Policy::airport().unwrap().wants_challenge());
        assert!(with("attack-detection", "true").unwrap().wants_challenge());
        assert!(!with("attack-detection", "false").unwrap().wants_challenge());
        let error = with("attack-detection", "\"turn\"").unwrap_err();
        assert!(
            matches!(error, PolicyError::Invalid { ref key, .. } if key == "checks.attack-detection.challenge")
        );
        let error = with("face", "true").unwrap_err();
        assert!(matches!(error, PolicyError::UnknownKey { ref key, .. } if key == "checks.face.challenge"));
        let recorded = text.replacen(
            "attack-detection = { weight = \"mandatory\", successful = \"accept\", failed = \"refer\", undetermined = \"refer\", \
             not_supported = \"refer\", aborted = \"refer\"",
            "attack-detection = { weight = \"recorded\", challenge = true, successful = \"accept\", failed = \"accept\", \
             undetermined = \"accept\", not_supported = \"accept\", aborted = \"accept\"",
            1,
        );
        let error = Policy::parse(&recorded).unwrap_err();
        assert!(error.to_string().contains("challenge"), "{error}");
    }

    #[test]
    fn no_exception_makes_a_mandatory_checks_failure_accepted() {
        let text = Policy::shipped_text("document").unwrap();
        let line = text
            .lines()
            .find(|line| line.starts_with("data-group-integrity"))
            .unwrap();
        let lenient = line.replace(" }", ", reasons = { data-group-altered = \"accept\" } }");
        let policy = Policy::parse(&text.replace(line, &lenient)).unwrap();
        let check = Check::DataGroupIntegrity;
        let reason = Some(Reason::DataGroupAltered);
        let effect = |result| policy.effect(check, result, reason);
        assert_eq!(effect(CheckResult::Failed), Effect::Refer);
        assert_eq!(effect(CheckResult::Undetermined), Effect::Accept);
    }

    #[test]
    fn the_name_of_a_policy_fits_a_report() {
        let name = |name: &str| {
            let text = Policy::shipped_text("document").unwrap();
            Policy::parse(&text.replacen("\"document\"", &format!("\"{name}\""), 1))
        };
        assert!(name(&"n".repeat(64)).is_ok());
        for unfit in ["", &"n".repeat(65), &"\u{1ea1}".repeat(22)] {
            let error = name(unfit).unwrap_err();
            assert!(matches!(error, PolicyError::Invalid { ref key, .. } if key == "name"));
        }
    }

    fn all(result: CheckResult) -> [Seen; 20] {
        Check::ALL.map(|check| (check, result, None))
    }

    #[test]
    fn the_verdict_is_the_worst_effect_and_the_first_check_that_has_it_stops() {
        let policy = Policy::document().unwrap();
        let mut seen = all(CheckResult::Successful);
        assert_eq!(policy.weigh(seen.into_iter()).verdict, Verdict::Accept);
        seen[15].1 = CheckResult::Failed;
        let decision = policy.weigh(seen.into_iter());
        assert_eq!(
            (decision.verdict, decision.stopped_by),
            (Verdict::Refer, Some(Check::DocumentExpiry))
        );
        seen[18].1 = CheckResult::Failed;
        seen[13].1 = CheckResult::Failed;
        let decision = policy.weigh(seen.into_iter());
        assert_eq!(
            (decision.verdict, decision.stopped_by),
            (Verdict::Refuse, Some(Check::DataGroupIntegrity))
        );
        assert_eq!(decision.effect(Check::Face), Some(Effect::Refuse));
    }

    #[test]
    fn the_overall_result_is_the_worst_of_what_counts() {
        let policy = Policy::document().unwrap();
        let overall = |seen: [Seen; 20]| policy.weigh(seen.into_iter()).overall;
        let mut seen = all(CheckResult::Successful);
        seen[2].1 = CheckResult::Failed;
        assert_eq!(
            overall(seen),
            CheckResult::Successful,
            "a recorded check does not count"
        );
        seen[1].1 = CheckResult::NotSupported;
        assert_eq!(
            overall(seen),
            CheckResult::Successful,
            "an optional check that is not supported neither"
        );
        seen[3].1 = CheckResult::NotSupported;
        assert_eq!(overall(seen), CheckResult::Undetermined);
        seen[4].1 = CheckResult::Aborted;
        assert_eq!(overall(seen), CheckResult::Aborted);
        seen[18].1 = CheckResult::Failed;
        assert_eq!(overall(seen), CheckResult::Failed);
    }

    #[test]
    fn a_check_that_nobody_names_did_not_run() {
        let decision = Policy::document().unwrap().weigh(core::iter::empty());
        assert_eq!(
            (decision.verdict, decision.stopped_by),
            (Verdict::Refer, Some(Check::ChipAccess))
        );
        assert_eq!(decision.overall, CheckResult::Undetermined);
    }
}
