//! Sample data, with which every page can be rendered.

use chipgate_apdu::Timestamp;

use crate::disagreement::Disagreement;
use crate::receipt::{Face, Finding, Flag, Freshness, Receipt, Summary};
use crate::store::{Device, DeviceActivity, Predecessor, Refused, ReportLine, StoredReport, Tally};

/// 2026-11-24 07:40:15 UTC.
const NOW: Timestamp = Timestamp(1_795_506_015_000);

const CHECKS: [(&str, &str, &str, &str); 19] = [
    ("chip-access", "successful", "", "claimed"),
    ("card-access-agreement", "successful", "", "proven"),
    (
        "terminal-authentication",
        "undetermined",
        "terminal-authentication-not-tried",
        "claimed",
    ),
    ("chip-authenticity", "successful", "", "proven"),
    ("chip-authenticity.active", "successful", "", "proven"),
    ("chip-authenticity.chip", "successful", "", "claimed"),
    (
        "chip-authenticity.pace-cam",
        "not_supported",
        "protocol-not-offered",
        "claimed",
    ),
    ("security-object", "successful", "", "proven"),
    ("issuer-certificate", "successful", "", "proven"),
    ("certificate-validity", "successful", "", "proven"),
    ("revocation", "successful", "", "proven"),
    ("sod-com-agreement", "successful", "", "claimed"),
    ("data-group-integrity", "successful", "", "claimed"),
    ("issuing-state", "successful", "", "claimed"),
    ("document-expiry", "successful", "", "claimed"),
    (
        "printed-electronic-agreement",
        "undetermined",
        "nothing-printed",
        "claimed",
    ),
    ("document-status", "undetermined", "no-status-list", "claimed"),
    ("face", "successful", "", "claimed"),
    (
        "attack-detection",
        "undetermined",
        "no-attack-detection",
        "claimed",
    ),
];

fn findings() -> Vec<Finding> {
    let finding = |&(check, result, reason, basis): &(&str, &str, &str, &str)| Finding {
        check: check.into(),
        result: result.into(),
        reason: (!reason.is_empty()).then(|| reason.into()),
        basis: basis.into(),
        detail: None,
        gate_result: Some(result.into()),
        agrees: true,
    };
    CHECKS.iter().map(finding).collect()
}

fn line(number: u8, verdict: &str, stopped_by: &str) -> ReportLine {
    ReportLine {
        number: u64::from(number),
        id: [number; 16],
        device: if number.is_multiple_of(2) {
            "gate-07".into()
        } else {
            "counter.noi-bai-2".into()
        },
        made_at: Timestamp(NOW.0 - 95_000 * (9 - u64::from(number)) - 420),
        received_at: Timestamp(NOW.0 - 95_000 * (9 - u64::from(number))),
        verdict: verdict.into(),
        stopped_by: (!stopped_by.is_empty()).then(|| stopped_by.into()),
        gate_verdict: verdict.into(),
        disagreement: None,
        issuing_state: Some("VNM".into()),
        issuer_known: true,
        flags: 0,
    }
}

/// Reports as the list shows them.
pub(crate) fn lines() -> Vec<ReportLine> {
    let mut lines = vec![
        line(8, "accept", ""),
        line(7, "refuse", "face"),
        line(6, "refuse", "chip-authenticity"),
        line(5, "refuse", "security-object"),
        line(4, "accept", ""),
        line(3, "refer", "issuer-certificate"),
        line(2, "accept", ""),
        line(1, "accept", ""),
    ];
    lines[3].gate_verdict = "accept".into();
    lines[3].disagreement = Some(Disagreement::Contradiction);
    lines[3].issuer_known = false;
    lines[3].flags = 2;
    lines[5].issuing_state = Some("UTO".into());
    lines[5].issuer_known = false;
    lines
}

/// Names of devices.
pub(crate) fn device_names() -> Vec<String> {
    vec!["counter.noi-bai-2".into(), "gate-07".into()]
}

/// Devices and what came from them.
pub(crate) fn devices() -> Vec<DeviceActivity> {
    let device = |name: &str, revoked_at| Device {
        name: name.into(),
        public_key: name.as_bytes().to_vec(),
        added_at: Timestamp(NOW.0 - 864_000_000),
        revoked_at,
    };
    vec![
        DeviceActivity {
            device: device("counter.noi-bai-2", None),
            reports: 4,
            last_sequence: Some(4),
            last_received: Some(NOW),
        },
        DeviceActivity {
            device: device("gate-06", Some(Timestamp(NOW.0 - 86_400_000))),
            reports: 0,
            last_sequence: None,
            last_received: None,
        },
        DeviceActivity {
            device: device("gate-07", None),
            reports: 4,
            last_sequence: Some(5),
            last_received: Some(NOW),
        },
    ]
}

/// What was refused.
pub(crate) fn refused() -> Vec<Refused> {
    let refused = |code: &str, device: &str, times| Refused {
        code: code.into(),
        device: device.into(),
        times,
        first_at: Timestamp(NOW.0 - 600_000),
        last_at: NOW,
    };
    vec![
        refused("sequence-repeated", "gate-07", 3),
        refused("malformed", "", 1),
    ]
}

/// What came today.
pub(crate) fn tally() -> Tally {
    Tally {
        accept: 4,
        refer: 1,
        refuse: 3,
        disagree: 1,
    }
}

/// A genuine card.
pub(crate) fn accepted() -> StoredReport {
    let line = line(8, "accept", "");
    StoredReport {
        digest: [0xAB; 32],
        sequence: 12,
        predecessor: Predecessor::Linked,
        made_at: Timestamp(line.received_at.0 - 420),
        evidence_until: Some(Timestamp(line.received_at.0 + 2_592_000_000)),
        receipt: Receipt {
            id: hex::encode(line.id),
            received: line.received_at.0,
            verdict: "accept".into(),
            stopped_by: None,
            gate_verdict: "accept".into(),
            agrees: true,
            policy: Some("document".into()),
            same_policy: Some(true),
            flags: vec![],
            findings: findings(),
        },
        summary: Summary {
            signer: Some("C=VN, O=Test, CN=Document Signer 1".into()),
            signer_sha256: Some("5e".repeat(32)),
            anchor: Some("C=VN, O=Test, CN=CSCA Test".into()),
            anchor_sha256: Some("c0".repeat(32)),
            data_groups: vec![1, 2, 13, 14, 15],
            freshness: Freshness::Online {
                issued: line.received_at.0 - 7_300,
            },
            gate_policy: "airport".into(),
            gate_policy_sha256: Some("a1".repeat(32)),
            policy: "document".into(),
            policy_sha256: Some("d0".repeat(32)),
            software: "chipgate 0.1.0".into(),
            face: Some(Face {
                score: "0.7312".into(),
                threshold: "0.3900".into(),
                model: "sface".into(),
            }),
        },
        line,
    }
}

/// A forged security object that the gate let pass, with a broken chain.
pub(crate) fn disagreement() -> StoredReport {
    let mut report = accepted();
    report.line = lines().swap_remove(3);
    report.predecessor = Predecessor::Missing;
    let receipt = &mut report.receipt;
    receipt.id = hex::encode(report.line.id);
    receipt.verdict = "refuse".into();
    receipt.stopped_by = Some("security-object".into());
    receipt.agrees = false;
    receipt.flags = vec![Flag::SequenceGap, Flag::ChallengeRepeated];
    for finding in &mut receipt.findings {
        match finding.check.as_str() {
            "security-object" => {
                finding.result = "failed".into();
                finding.agrees = false;
                finding.reason = Some("signature-invalid".into());
            }
            "issuer-certificate" | "certificate-validity" | "revocation" => {
                finding.result = "undetermined".into();
                finding.agrees = false;
                finding.reason = Some("security-object-not-verified".into());
            }
            _ => {}
        }
    }
    report.summary.signer = None;
    report.summary.signer_sha256 = None;
    report.summary.anchor = None;
    report.summary.anchor_sha256 = None;
    report.summary.freshness = Freshness::NotShown;
    report.evidence_until = None;
    report
}
