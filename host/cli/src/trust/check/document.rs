//! The checks of a document's files, as an inspection of files makes them.

use chipgate_gate::Inspector;
use chipgate_inspection::{Check, CheckResult, Files, Language, Outcome, Policy, Reason};
use chipgate_lds::{DataGroup, File};
use chipgate_trust_store::Store;
use serde_json::{Value, json};

use crate::clock::SystemClock;
use crate::prose::wrapped;

/// What the files of a document came to, beyond the path of their signature.
pub(super) struct DocumentChecks {
    outcomes: Vec<Outcome>,
    has_dg1: bool,
}

/// Those that rest on the files and on who signed them. The date of expiry says nothing of whether a document is genuine, and
/// the rest needs a chip or a person.
const CHECKS: [Check; 3] = [
    Check::SodComAgreement,
    Check::DataGroupIntegrity,
    Check::IssuingState,
];

impl DocumentChecks {
    pub(super) fn of(files: Files, store: &Store, policy: &Policy) -> Self {
        let inspector = Inspector {
            anchors: store,
            policy,
            path_options: policy.path_options().clone(),
            engine: None,
            clock: &SystemClock,
        };
        let has_dg1 = files.bytes(File::DataGroup(DataGroup::DG1)).is_some();
        let inspection = inspector.inspect_files(files, None, None);
        let outcomes = inspection.evaluation.outcomes().iter();
        Self {
            outcomes: outcomes
                .filter(|outcome| CHECKS.contains(&outcome.check))
                .cloned()
                .collect(),
            has_dg1,
        }
    }

    /// Nothing failed, and where DG1 is there, the state in it is the one that signed. What was not read leaves a check open.
    pub(super) fn is_sound(&self) -> bool {
        self.outcomes.iter().all(|outcome| match outcome.check {
            Check::IssuingState if self.has_dg1 => outcome.result == CheckResult::Successful,
            _ => outcome.result != CheckResult::Failed,
        })
    }

    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        for outcome in &self.outcomes {
            text += &wrapped(
                &format!("  {:30}  ", outcome.check.name()),
                &" ".repeat(34),
                &(outcome.result.name().to_owned() + &why(outcome)),
            );
        }
        if !self.has_dg1 {
            text += &wrapped(
                "  ",
                "  ",
                "DG1 is not in the folder: issuing state and document type were not checked",
            );
        }
        text
    }

    pub(super) fn to_json(&self) -> Value {
        let outcomes = self.outcomes.iter().map(|outcome| {
            json!({ "name": outcome.check.name(), "result": outcome.result.name(), "reason": outcome.reason.map(Reason::name),
                    "detail": outcome.detail, "says": outcome.reason.map(|reason| reason.meaning_in(Language::English)) })
        });
        outcomes.collect()
    }
}

fn why(outcome: &Outcome) -> String {
    let detail = outcome.detail.as_ref();
    let detail = detail.map_or(String::new(), |detail| format!(" [{detail}]"));
    outcome.reason.map_or(String::new(), |reason| {
        let meaning = reason.meaning_in(Language::English);
        format!(" ({}{detail}): {meaning}", reason.name())
    })
}
