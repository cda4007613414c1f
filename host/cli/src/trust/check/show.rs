//! A check for people and for programs.

use std::{fmt::Write, path::Path};

use chipgate_trust::{StepResult, TrustFault};
use serde_json::{Value, json};

use super::super::text::fingerprint_line;
use super::checked::{CERTIFICATE, Checked};
use super::document::DocumentChecks;
use super::list_entries::ListEntries;
use crate::prose::{labelled, wrapped};
use crate::time;

fn result(step: StepResult) -> &'static str {
    match step {
        StepResult::Successful => "successful",
        StepResult::Failed(_) => "failed",
        StepResult::Undetermined(_) => "undetermined",
    }
}

pub(super) fn to_text(file: &Path, checked: &Checked) -> String {
    let verdict = match (checked.is_trusted(), checked.is_revocation_unknown()) {
        (true, false) => "trusted",
        (true, true) => "trusted, revocation unknown",
        (false, _) => "not trusted",
    };
    let mut text = format!("{}: {}, {verdict}\n", file.display(), checked.kind);
    if checked.pem_blocks > 1 {
        let _ = writeln!(
            text,
            "  the first of {} PEM blocks; the others are not looked at",
            checked.pem_blocks
        );
    }
    for (name, step) in &checked.steps {
        let why = step
            .fault()
            .map_or(String::new(), |fault| format!(" ({}): {fault}", fault.code()));
        text += &wrapped(
            &format!("  {name:30}  "),
            &" ".repeat(34),
            &(result(*step).to_owned() + &why),
        );
    }
    if let Some(document) = &checked.document {
        text += &document.to_text();
    }
    if let Some(signed) = checked.signing_time {
        text += &labelled("signed", &time::date(signed));
    }
    text += &path_to_text(checked);
    if let Some(list) = &checked.list {
        text += &list.to_text();
    }
    for defect in &checked.defects {
        let _ = writeln!(text, "  known defect: {defect}");
    }
    for (group, says) in &checked.data_groups {
        let _ = writeln!(text, "  {group:6} {}", says.unwrap_or("is what was signed"));
    }
    for group in &checked.missing {
        let _ = writeln!(text, "  {group:6} is listed in EF.SOD, and is not in the folder");
    }
    if checked.document.is_some() && checked.data_groups.is_empty() {
        text.push_str("  the folder has none of the data groups: nothing was held against EF.SOD\n");
    }
    text
}

/// The path as far as it goes, and whose certificate is missing at its end.
fn path_to_text(checked: &Checked) -> String {
    let mut text = String::new();
    for (depth, certificate) in checked.path.iter().enumerate() {
        let label = match depth {
            0 if checked.kind == CERTIFICATE => CERTIFICATE,
            0 => "signer",
            _ => "issued by",
        };
        let indent = " ".repeat(14);
        text += &wrapped(
            &format!("  {label:12}"),
            &indent,
            &certificate.subject().to_string(),
        );
        let (from, to) = (
            time::date(certificate.not_before()),
            time::date(certificate.not_after()),
        );
        let _ = writeln!(text, "{indent}{from} to {to}");
        text += &fingerprint_line(&hex::encode(certificate.fingerprint()));
    }
    if let Some(missing) = &checked.missing_issuer {
        let name = format!("its issuer, {}", missing.name);
        text += &wrapped("  missing     ", &" ".repeat(14), &name);
        if let Some(identifier) = &missing.key_identifier {
            let _ = writeln!(text, "    key identifier {identifier}");
        }
    }
    if checked.is_anchor {
        text.push_str("  this very certificate is an anchor here\n");
    }
    text
}

pub(super) fn to_json(file: &Path, checked: &Checked) -> Value {
    let steps = checked.steps.iter().map(|(name, step)| {
        json!({ "step": name, "result": result(*step), "fault": step.fault().map(TrustFault::code),
                "says": step.fault().map(|fault| fault.to_string()) })
    });
    let path = checked.path.iter().map(|certificate| {
        json!({ "subject": certificate.subject().to_string(), "issuer": certificate.issuer().to_string(),
                "fingerprint": hex::encode(certificate.fingerprint()),
                "not_before": time::date(certificate.not_before()), "not_after": time::date(certificate.not_after()) })
    });
    let groups = checked.data_groups.iter().map(
        |(group, says)| json!({ "data_group": group.to_string(), "agrees": says.is_none(), "says": says }),
    );
    let missing_issuer = checked
        .missing_issuer
        .as_ref()
        .map(|missing| json!({ "name": missing.name, "key_identifier": missing.key_identifier }));
    let list = checked.list.as_ref().map(ListEntries::to_json);
    let missing: Vec<_> = checked.missing.iter().map(ToString::to_string).collect();
    json!({
        "file": file, "kind": checked.kind, "trusted": checked.is_trusted(),
        "steps": steps.collect::<Vec<_>>(), "path": path.collect::<Vec<_>>(), "missing_issuer": missing_issuer,
        "is_anchor": checked.is_anchor,
        "signed": checked.signing_time.map(time::date),
        "defects": checked.defects.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "data_groups": groups.collect::<Vec<_>>(), "missing_data_groups": missing, "checks": checked.document.as_ref().map(DocumentChecks::to_json), "list": list, "pem_blocks": checked.pem_blocks,
    })
}
