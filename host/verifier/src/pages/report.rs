//! The page of one report: every check, what the gate said, what the verifier found, and on what it rests.

use askama::Template;
use chipgate_apdu::Timestamp;
use chipgate_inspection::{Language, Reason};

use super::{Fact, Prose, labels};
use crate::disagreement::Disagreement;
use crate::receipt::{Face, Finding, Freshness, Summary};
use crate::store::StoredReport;
use crate::time::Utc;

#[derive(Debug, Template)]
#[template(path = "report.html")]
pub(crate) struct ReportPage {
    id: String,
    /// In which reasons and advice stand.
    language: Language,
    verdict: String,
    tone: &'static str,
    sentence: &'static str,
    stopped_by: Option<Stop>,
    gate_verdict: String,
    disagreement: Option<Differs>,
    differing: String,
    flags: Vec<Text>,
    checks: Vec<CheckRow>,
    evidence: Vec<Fact>,
    facts: Vec<Fact>,
}

#[derive(Debug)]
struct Stop {
    label: String,
    why: &'static str,
    advice: Prose,
}

#[derive(Debug)]
struct Differs {
    title: &'static str,
    text: &'static str,
    style: &'static str,
}

#[derive(Debug)]
struct Text {
    label: String,
    text: &'static str,
}

#[derive(Debug)]
struct CheckRow {
    label: String,
    name: String,
    question: &'static str,
    part: bool,
    result: String,
    tone: &'static str,
    reason: String,
    detail: String,
    why: &'static str,
    advice: Prose,
    gate_result: String,
    agrees: bool,
    basis: String,
    basis_label: String,
}

impl ReportPage {
    pub(crate) fn new(report: &StoredReport, language: Language) -> Self {
        let receipt = &report.receipt;
        let differing = receipt.findings.iter().filter(|finding| !finding.agrees);
        let differing: Vec<_> = differing.map(|finding| labels::check(&finding.check).0).collect();
        Self {
            id: receipt.id.clone(),
            language,
            verdict: labels::verdict(&receipt.verdict).to_owned(),
            tone: labels::tone(&receipt.verdict),
            sentence: labels::verdict_sentence(&receipt.verdict, receipt.finding("chip-authenticity")),
            stopped_by: receipt
                .stopped_by
                .as_deref()
                .map(|check| stop(check, &receipt.findings, language)),
            gate_verdict: labels::verdict(&receipt.gate_verdict).to_owned(),
            disagreement: report.line.disagreement.map(differs),
            differing: differing.join(", "),
            flags: receipt
                .flags
                .iter()
                .map(|flag| text(labels::flag(flag.name())))
                .collect(),
            checks: receipt
                .findings
                .iter()
                .map(|finding| check_row(finding, language))
                .collect(),
            evidence: evidence(report),
            facts: facts(report),
        }
    }

    #[expect(clippy::unused_self, reason = "the layout asks every page")]
    fn section(&self) -> &'static str {
        "reports"
    }
}

fn differs(why: Disagreement) -> Differs {
    let (title, text, style) = labels::disagreement(why);
    Differs { title, text, style }
}

fn text((label, text): (&str, &'static str)) -> Text {
    Text {
        label: label.to_owned(),
        text,
    }
}

/// What a reason means, and what to do; nothing where there is none, or where only another version knows it.
fn explained(reason: Option<&str>, language: Language) -> (&'static str, Prose) {
    reason
        .and_then(Reason::from_name)
        .map_or_else(Default::default, |reason| {
            (reason.meaning_in(language), Prose::new(reason.advice(language)))
        })
}

fn stop(check: &str, findings: &[Finding], language: Language) -> Stop {
    let finding = findings.iter().find(|finding| finding.check == check);
    let (why, advice) = explained(finding.and_then(|finding| finding.reason.as_deref()), language);
    Stop {
        label: labels::check(check).0.to_owned(),
        why,
        advice,
    }
}

fn check_row(finding: &Finding, language: Language) -> CheckRow {
    let (why, advice) = explained(finding.reason.as_deref(), language);
    let (label, question) = labels::check(&finding.check);
    let (basis_label, basis) = labels::basis(&finding.result, &finding.basis);
    CheckRow {
        label: label.to_owned(),
        name: finding.check.clone(),
        question,
        part: finding.check.contains('.'),
        result: labels::result(&finding.result).to_owned(),
        tone: labels::tone(&finding.result),
        why,
        advice,
        reason: finding.reason.clone().unwrap_or_default(),
        detail: finding.detail.clone().unwrap_or_default(),
        gate_result: finding
            .gate_result
            .as_deref()
            .map(labels::result)
            .unwrap_or_default()
            .to_owned(),
        agrees: finding.agrees,
        basis: basis.to_owned(),
        basis_label: basis_label.to_owned(),
    }
}

fn evidence(report: &StoredReport) -> Vec<Fact> {
    let summary = &report.summary;
    let mut facts = signature_facts(summary);
    facts.push(Fact::text(
        "Freshness",
        freshness(&summary.freshness, report.line.received_at),
    ));
    facts.push(match report.evidence_until {
        Some(until) => Fact::text("Kept until", Utc(until).to_string()),
        None => Fact::text("Kept until", "deleted at the end of its retention"),
    });
    facts
}

fn signature_facts(summary: &Summary) -> Vec<Fact> {
    let none = || "not shown by the evidence".to_owned();
    let mut facts = vec![Fact::text(
        "Signed by",
        summary.signer.clone().unwrap_or_else(none),
    )];
    facts.extend(
        summary
            .signer_sha256
            .clone()
            .map(|hash| Fact::code("its SHA-256", hash)),
    );
    facts.push(Fact::text(
        "Trusted through",
        summary.anchor.clone().unwrap_or_else(none),
    ));
    facts.extend(
        summary
            .anchor_sha256
            .clone()
            .map(|hash| Fact::code("its SHA-256", hash)),
    );
    let groups: Vec<_> = summary
        .data_groups
        .iter()
        .map(|number| format!("DG{number}"))
        .collect();
    facts.push(Fact::text(
        "Signed data groups",
        if groups.is_empty() {
            none()
        } else {
            groups.join(", ")
        },
    ));
    facts
}

fn freshness(freshness: &Freshness, received: Timestamp) -> String {
    match freshness {
        Freshness::Online { issued } => format!(
            "Fresh: the chip signed this verifier's single-use challenge, between {} and {}. This shows a live chip, \
             not who held it.",
            Utc(Timestamp(*issued)),
            Utc(received)
        ),
        Freshness::Offline { issued } => format!(
            "The chip signed a challenge made from this verifier's beacon, after {}. The device was without contact.",
            Utc(Timestamp(*issued))
        ),
        Freshness::NotShown => {
            "Not shown: the chip's signature is wrong, or its challenge is none that this verifier can vouch for.".to_owned()
        }
        Freshness::NoSignature => "The chip signed nothing that others can check.".to_owned(),
    }
}

fn facts(report: &StoredReport) -> Vec<Fact> {
    let summary = &report.summary;
    let mut facts = vec![
        Fact::code("Report", report.receipt.id.clone()),
        Fact::text(
            "Device",
            format!("{}, report number {}", report.line.device, report.sequence),
        ),
        Fact::text("Made", format!("{} (the device's clock)", Utc(report.made_at))),
        Fact::text("Received", Utc(report.line.received_at).to_string()),
    ];
    facts.extend(
        report
            .line
            .issuing_state
            .clone()
            .map(|state| Fact::text("Issuing state", issuing_state(&state, report.line.issuer_known))),
    );
    facts.extend(
        summary
            .face
            .as_ref()
            .map(|face| Fact::text("Face comparison", face_text(face))),
    );
    facts.push(Fact::text(
        "Gate's policy",
        policy_name(&summary.gate_policy, summary.gate_policy_sha256.as_ref()),
    ));
    let hash = |hash: &Option<String>| hash.clone().map(|hash| Fact::code("its SHA-256", hash));
    facts.extend(hash(&summary.gate_policy_sha256));
    facts.push(Fact::text(
        "Verifier's policy",
        policy_name(&summary.policy, summary.policy_sha256.as_ref()),
    ));
    facts.extend(hash(&summary.policy_sha256));
    facts.push(Fact::text("Gate's software", summary.software.clone()));
    facts.push(Fact::code("SHA-256", hex::encode(report.digest)));
    facts
}

/// The policy without the beginning of its hash, where the whole hash stands below it.
fn policy_name(policy: &str, hash: Option<&String>) -> String {
    let name = policy.split(" (SHA-256 ").next().filter(|_| hash.is_some());
    name.unwrap_or(policy).to_owned()
}

fn issuing_state(state: &str, known: bool) -> String {
    if known {
        format!("{state} (as the gate read it; the signature is that state's)")
    } else {
        format!("{state} (as the gate read it; NOT VERIFIED: the signature does not lead to that state)")
    }
}

fn face_text(face: &Face) -> String {
    format!(
        "score {}, threshold {}, model {} (as the gate reports it)",
        face.score, face.threshold, face.model
    )
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn shows_a_genuine_card() {
        insta::assert_snapshot!(
            ReportPage::new(&samples::accepted(), Language::English)
                .render()
                .unwrap()
        );
    }

    #[test]
    fn shows_a_forged_card_that_the_gate_let_pass() {
        insta::assert_snapshot!(
            ReportPage::new(&samples::disagreement(), Language::English)
                .render()
                .unwrap()
        );
    }

    #[test]
    fn the_hash_of_a_policy_stands_there_once() {
        let mut report = samples::accepted();
        report.summary.gate_policy = "airport (SHA-256 a1a1a1a1a1a1a1a1…)".into();
        let html = ReportPage::new(&report, Language::English).render().unwrap();
        assert!(
            html.contains("<dd>airport</dd>") && html.contains(&"a1".repeat(32)),
            "{html}"
        );
        report.summary.gate_policy_sha256 = None;
        let html = ReportPage::new(&report, Language::English).render().unwrap();
        assert!(html.contains("airport (SHA-256 a1a1"), "{html}");
    }

    #[test]
    fn different_policies_are_not_shown_as_tampering() {
        let mut report = samples::accepted();
        report.line.disagreement = Some(Disagreement::Policies);
        let html = ReportPage::new(&report, Language::English).render().unwrap();
        assert!(html.contains("follow different policies"), "{html}");
        assert!(
            !html.contains("tampered") && !html.contains("agreement differs"),
            "{html}"
        );
    }

    #[test]
    fn a_genuine_document_is_said_only_where_the_chip_proved_itself() {
        let genuine = "The evidence shows a genuine document";
        assert!(
            ReportPage::new(&samples::accepted(), Language::English)
                .render()
                .unwrap()
                .contains(genuine)
        );
        for (result, basis, says) in [
            ("successful", "claimed", "only the gate says"),
            ("not_supported", "proven", "whether it is a copy"),
            ("undetermined", "proven", "Nothing shows that the chip is no copy"),
        ] {
            let mut report = samples::accepted();
            let findings = &mut report.receipt.findings;
            let chip = findings
                .iter_mut()
                .find(|finding| finding.check == "chip-authenticity")
                .unwrap();
            (chip.result, chip.basis) = (result.into(), basis.into());
            let html = ReportPage::new(&report, Language::English).render().unwrap();
            assert!(
                html.contains(says) && !html.contains(genuine),
                "{result} {basis}: {html}"
            );
        }
    }

    #[test]
    fn nothing_that_is_open_is_called_proven() {
        let mut report = samples::accepted();
        for finding in &mut report.receipt.findings {
            (finding.result, finding.basis) = ("undetermined".into(), "proven".into());
        }
        let html = ReportPage::new(&report, Language::English).render().unwrap();
        assert_eq!(
            html.matches("basis proven").count(),
            1,
            "in the legend alone: {html}"
        );
    }

    #[test]
    fn says_in_the_readers_language_what_to_do_about_what_stopped_it() {
        for language in Language::ALL {
            let html = ReportPage::new(&samples::disagreement(), language)
                .render()
                .unwrap();
            let advice = Reason::SignatureInvalid.advice(language);
            assert!(html.contains(advice) && advice.len() > 5, "{html}");
            assert!(
                html.contains("?language=vi") && html.contains("?language=en"),
                "{html}"
            );
        }
    }

    #[test]
    fn escapes_what_a_device_sends() {
        let mut report = samples::accepted();
        report.summary.software = "<script>alert(1)</script>".into();
        report.line.issuing_state = Some("<b>".into());
        let html = ReportPage::new(&report, Language::English).render().unwrap();
        assert!(!html.contains("<script>") && !html.contains("<b> "), "{html}");
    }
}
