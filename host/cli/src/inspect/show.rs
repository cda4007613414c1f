//! An inspection for people and for programs.

use std::fmt::Write;

use chipgate_chip::AccessProtocol;
use chipgate_face::ChallengeAnswer;
use chipgate_gate::{Inspection, SOFTWARE};
use chipgate_inspection::{Language, Outcome, Reason, Verdict};

use super::{Found, ReportOutcome, document::Document, words};
use crate::{
    face::rounded,
    prose::{labelled, wrapped},
};

/// The object of `inspect --json` (docs/schemas/inspect.schema.json).
pub(crate) fn json(found: &Found) -> serde_json::Value {
    let inspection = &found.inspection;
    let decision = &inspection.decision;
    let checks: Vec<_> = inspection
        .evaluation
        .outcomes()
        .iter()
        .map(|outcome| check_json(inspection, outcome))
        .collect();
    serde_json::json!({
        "verdict": decision.verdict,
        "stopped_by": decision.stopped_by,
        "overall": decision.overall,
        "checks": checks,
        "document": Document::of(inspection).map(|document| document.to_json()),
        "face": face_json(inspection),
        "challenge": challenge_json(inspection),
        "timings": timings_json(inspection),
        "report": found.report.as_ref().map(ReportOutcome::to_json),
        "time": inspection.time.0,
        "policy": { "name": found.policy.0, "sha256": found.policy.1 },
        "software": SOFTWARE,
    })
}

fn check_json(inspection: &Inspection, outcome: &Outcome) -> serde_json::Value {
    serde_json::json!({
        "name": outcome.check,
        "result": outcome.result,
        "reason": outcome.reason,
        "effect": inspection.decision.effect(outcome.check),
        "basis": outcome.basis,
        "detail": outcome.detail,
        "advice": outcome.reason.map(advice_json),
    })
}

/// In every language, so that what a program reads does not hang on where it runs.
fn advice_json(reason: Reason) -> serde_json::Value {
    let of = |language: Language| (language.code().to_owned(), reason.advice(language).into());
    serde_json::Value::Object(Language::ALL.into_iter().map(of).collect())
}

fn face_json(inspection: &Inspection) -> serde_json::Value {
    inspection
        .comparison
        .as_ref()
        .map_or(serde_json::Value::Null, |comparison| {
            serde_json::json!({
                "score": rounded(comparison.score),
                "threshold": rounded(comparison.threshold),
                "model": comparison.model,
                "matched": comparison.matched,
                "threshold_origin": comparison.threshold_origin,
            })
        })
}

/// What the person was asked to do, and what came of it; no answer where no face was there to judge it by.
fn challenge_json(inspection: &Inspection) -> serde_json::Value {
    inspection.challenge.map_or(serde_json::Value::Null, |(asked, answer)| {
        serde_json::json!({ "asked": asked.name(), "answer": answer.map(ChallengeAnswer::name) })
    })
}

/// Milliseconds by step, in the order of the steps.
fn timings_json(inspection: &Inspection) -> serde_json::Value {
    let milliseconds = |time: std::time::Duration| (time.as_secs_f64() * 10_000.0).round() / 10.0;
    let steps = inspection.timings.steps().iter();
    let mut timings: serde_json::Map<_, _> = steps
        .map(|(step, time)| (step.clone(), milliseconds(*time).into()))
        .collect();
    timings.insert(
        "total".to_owned(),
        milliseconds(inspection.timings.total()).into(),
    );
    timings.into()
}

/// What a person sees at the end, but for the report.
///
/// Advice stands only beside what spoke against the document, or beside every check where `verbose`.
pub(crate) fn verdict(inspection: &Inspection, language: Language, verbose: bool) -> String {
    let labels = words::labels(language);
    [
        labelled(labels.document, &document(inspection, language)),
        labelled(labels.chip, &chip(inspection, language)),
        labelled(labels.face, &face(inspection, language)),
        "\n".to_owned(),
        checks(inspection, language, verbose),
        "\n".to_owned(),
        labelled(labels.verdict, &decision(inspection, language)),
        advice_of(inspection, language).map_or_else(String::new, |advice| labelled(labels.advice, advice)),
    ]
    .concat()
}

/// What a person is told of the report, after the verdict.
pub(crate) fn report(report: &ReportOutcome, language: Language) -> String {
    labelled(words::labels(language).report, &report.to_text())
}

fn document(inspection: &Inspection, language: Language) -> String {
    let phrases = words::phrases(language);
    let Some(document) = Document::of(inspection) else {
        return phrases.no_document.to_owned();
    };
    let names = &document.mrz.names;
    let not_verified = if document.verified {
        String::new()
    } else {
        format!(" — {}", phrases.not_verified)
    };
    format!(
        "{} {} {}, {} {}, {} {}, {} {}{not_verified}",
        document.mrz.issuing_state,
        document.mrz.document_code,
        document.mrz.document_number,
        names.primary,
        names.secondary,
        phrases.born,
        document.birth_date(),
        phrases.expires,
        document.expiry_date(),
    )
}

fn chip(inspection: &Inspection, language: Language) -> String {
    let phrases = words::phrases(language);
    let Some(access) = &inspection.access else {
        return phrases.no_chip.to_owned();
    };
    let total = inspection.timings.total().as_secs_f64();
    let (with, password, took) = (phrases.with, access.password().name(), phrases.took);
    let protocol = match access.protocol() {
        AccessProtocol::None => return format!("{}; {took} {total:.2} s", phrases.no_access_control),
        AccessProtocol::Bac => "BAC".to_owned(),
        AccessProtocol::Pace { protocol, .. } => {
            chipgate_lds::oid::name(protocol).map_or_else(|| "PACE".to_owned(), pace_in_words)
        }
    };
    format!("{protocol} {with} {password}; {took} {total:.2} s")
}

/// `id_PACE_ECDH_GM_AES_CBC_CMAC_128` as a person says it.
fn pace_in_words(name: &str) -> String {
    let parts: Vec<_> = name.trim_start_matches("id_PACE_").split('_').collect();
    let [agreement, mapping, cipher, .., last] = parts[..] else {
        return name.to_owned();
    };
    let mapping = match mapping {
        "GM" => "generic mapping",
        "IM" => "integrated mapping",
        "CAM" => "chip authentication mapping",
        other => other,
    };
    match last.parse::<u16>() {
        Ok(bits) => format!("PACE ({agreement}, {mapping}, {cipher}-{bits})"),
        Err(_) => format!("PACE ({agreement}, {mapping}, {cipher})"),
    }
}

fn face(inspection: &Inspection, language: Language) -> String {
    let phrases = words::phrases(language);
    let Some(comparison) = &inspection.comparison else {
        return phrases.not_compared.to_owned();
    };
    let told = if comparison.matched {
        phrases.faces_match
    } else {
        phrases.faces_differ
    };
    // The whole origin is a paragraph; it stands in the JSON and in the model's card.
    let origin = comparison.threshold_origin.split(':').next().unwrap_or_default();
    format!(
        "{told} ({:.2}, {} {:.2}); {}; {origin}",
        comparison.score, phrases.needed, comparison.threshold, comparison.model
    )
}

/// One line a check; below it the reason, and what to do, which is said once, and only where something is to be done.
fn checks(inspection: &Inspection, language: Language, verbose: bool) -> String {
    let mut text = String::new();
    let mut advised = Vec::new();
    for outcome in inspection.evaluation.outcomes() {
        let effect = inspection
            .decision
            .effect(outcome.check)
            .filter(|effect| *effect != Verdict::Accept)
            .map_or_else(String::new, |effect| {
                format!("→ {}", words::effect(effect, language))
            });
        let (check, result) = (outcome.check.name(), words::result(outcome.result, language));
        let line = format!("  {check:30}  {result:13}  {effect}");
        let _ = writeln!(text, "{}", line.trim_end());
        if let Some(reason) = outcome.reason {
            text += &wrapped(REASON, REASON, &format!("{}{}", reason.name(), detail(outcome)));
            let is_wanted = verbose || !effect.is_empty();
            if is_wanted && !advised.contains(&reason) {
                text += &wrapped(REASON, REASON, reason.advice(language));
                advised.push(reason);
            }
        }
    }
    text
}

/// What stands before a line below a check.
const REASON: &str = "      ";

fn detail(outcome: &Outcome) -> String {
    let detail = outcome.detail.as_deref();
    detail.map_or_else(String::new, |detail| format!(" ({detail})"))
}

fn decision(inspection: &Inspection, language: Language) -> String {
    let decision = &inspection.decision;
    let verdict = words::verdict(decision.verdict, language);
    let Some(check) = decision.stopped_by else {
        return verdict.to_owned();
    };
    let outcome = inspection.evaluation.outcome(check);
    let why = outcome.and_then(|outcome| {
        Some(format!(
            ": {}{}",
            outcome.reason?.meaning_in(language),
            detail(outcome)
        ))
    });
    let stopped_by = words::phrases(language).stopped_by;
    format!(
        "{verdict}, {stopped_by} {}{}",
        check.name(),
        why.unwrap_or_default()
    )
}

/// What to do about the check that the verdict rests on.
fn advice_of(inspection: &Inspection, language: Language) -> Option<&'static str> {
    let outcome = inspection.evaluation.outcome(inspection.decision.stopped_by?)?;
    Some(outcome.reason?.advice(language))
}

#[cfg(test)]
mod tests {
    use super::pace_in_words;

    #[test]
    fn protocols_are_told_in_words() {
        for (name, words) in [
            (
                "id_PACE_ECDH_GM_AES_CBC_CMAC_128",
                "PACE (ECDH, generic mapping, AES-128)",
            ),
            (
                "id_PACE_DH_IM_3DES_CBC_CBC",
                "PACE (DH, integrated mapping, 3DES)",
            ),
        ] {
            assert_eq!(pace_in_words(name), words);
        }
    }
}
