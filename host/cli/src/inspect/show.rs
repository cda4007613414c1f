//! An inspection for people and for programs.

use std::fmt::Write;

use chipgate_chip::AccessProtocol;
use chipgate_gate::{Inspection, SOFTWARE};
use chipgate_inspection::{CheckResult, Outcome, Verdict};

use super::{Found, ReportOutcome, document::Document};
use crate::face::rounded;

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
    })
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
pub(crate) fn verdict(inspection: &Inspection) -> String {
    let mut text = String::new();
    for line in [
        document_line(inspection),
        chip_line(inspection),
        face_line(inspection),
    ] {
        let _ = writeln!(text, "  {line}");
    }
    let _ = writeln!(text, "\n{}", checks(inspection));
    let _ = writeln!(text, "  {}", verdict_line(inspection));
    text
}

/// What a person is told of the report, after the verdict.
pub(crate) fn report(report: &ReportOutcome) -> String {
    format!("  Report    {}\n", report.to_text())
}

fn document_line(inspection: &Inspection) -> String {
    let Some(document) = Document::of(inspection) else {
        return "Document  DG1 was not read".to_owned();
    };
    let names = &document.mrz.names;
    format!(
        "Document  {} {} {}, {} {}, born {}, expires {}{}",
        document.mrz.issuing_state,
        document.mrz.document_code,
        document.mrz.document_number,
        names.primary,
        names.secondary,
        document.birth_date(),
        document.expiry_date(),
        if document.verified {
            ""
        } else {
            " — NOT VERIFIED"
        },
    )
}

fn chip_line(inspection: &Inspection) -> String {
    let Some(access) = &inspection.access else {
        return "Chip      none: the files were read from a folder".to_owned();
    };
    let protocol = match access.protocol() {
        AccessProtocol::Bac => "BAC".to_owned(),
        AccessProtocol::Pace { protocol, .. } => {
            chipgate_lds::oid::name(protocol).map_or_else(|| "PACE".to_owned(), pace_in_words)
        }
    };
    let total = inspection.timings.total().as_secs_f64();
    format!(
        "Chip      {protocol} with the {}; took {total:.2} s",
        access.password().name()
    )
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

fn face_line(inspection: &Inspection) -> String {
    let Some(comparison) = &inspection.comparison else {
        return "Face      not compared".to_owned();
    };
    // The whole origin is a paragraph; it stands in the JSON and in the model's card.
    let origin = comparison.threshold_origin.split(':').next().unwrap_or_default();
    format!(
        "Face      {:.4}, one person from {:.4} up ({}; {origin})",
        comparison.score, comparison.threshold, comparison.model
    )
}

/// One line a check, none longer than a terminal is wide; the reason stands below.
fn checks(inspection: &Inspection) -> String {
    let mut text = String::new();
    for outcome in inspection.evaluation.outcomes() {
        let effect = inspection
            .decision
            .effect(outcome.check)
            .filter(|effect| *effect != Verdict::Accept)
            .map_or_else(String::new, |effect| format!("→ {}", effect.name()));
        let (check, result) = (outcome.check.name(), word(outcome.result));
        let line = format!("  {check:30}  {result:13}  {effect}");
        let _ = writeln!(text, "{}", line.trim_end());
        if let Some(reason) = outcome.reason {
            let _ = writeln!(text, "      {}{}", reason.name(), detail(outcome));
        }
    }
    text
}

fn detail(outcome: &Outcome) -> String {
    let detail = outcome.detail.as_deref();
    detail.map_or_else(String::new, |detail| format!(" ({detail})"))
}

fn word(result: CheckResult) -> String {
    result.name().replace('_', " ")
}

fn verdict_line(inspection: &Inspection) -> String {
    let decision = &inspection.decision;
    let word = match decision.verdict {
        Verdict::Accept => return "VERDICT   accept".to_owned(),
        Verdict::Refer => "refer to a person",
        Verdict::Refuse => "refuse",
    };
    let Some(check) = decision.stopped_by else {
        return format!("VERDICT   {word}");
    };
    let outcome = inspection.evaluation.outcome(check);
    let why = outcome.and_then(|outcome| Some(format!(": {}{}", outcome.reason?.meaning(), detail(outcome))));
    format!(
        "VERDICT   {word}, stopped by {}{}",
        check.name(),
        why.unwrap_or_default()
    )
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
