//! What a device is answered, and what is shown to people: plain data, which proves nothing by itself.

use serde::{Deserialize, Serialize};

/// One check, as the gate and the verifier see it. Names are those of `chipgate_inspection`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which check.
    pub check: String,
    /// The verifier's result.
    pub result: String,
    /// Its reason.
    pub reason: Option<String>,
    /// `proven` from the evidence, or `claimed` by the gate.
    pub basis: String,
    /// What the reason is about, such as `DG2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The gate's result, if it reported one.
    pub gate_result: Option<String>,
    /// Whether the gate came to the same result.
    pub agrees: bool,
}

/// What is odd about a report and does not make it worthless: it is kept, and shown with the flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flag {
    /// The report before it in the device's sequence has not come.
    SequenceGap,
    /// The report before it is not the one whose digest it names.
    PreviousDiffers,
    /// The chip signed a challenge that another report carries too.
    ChallengeRepeated,
    /// The report came after its nonce or its beacon had expired.
    ChallengeLate,
    /// The beacon was older than it may be when the chip signed.
    BeaconOld,
    /// The report names a beacon that this verifier did not issue.
    BeaconUnknown,
    /// What this verifier knows does not bear out the gate's time.
    ClockDiffers,
    /// By the gate's times, the report was made before the one that precedes it.
    TimeReversed,
    /// The gate's verdict does not follow from its own results by the policy that it names.
    VerdictUnfounded,
}

impl Flag {
    /// All flags.
    pub const ALL: [Self; 9] = [
        Self::SequenceGap,
        Self::PreviousDiffers,
        Self::ChallengeRepeated,
        Self::ChallengeLate,
        Self::BeaconOld,
        Self::BeaconUnknown,
        Self::ClockDiffers,
        Self::TimeReversed,
        Self::VerdictUnfounded,
    ];

    /// The name that JSON carries.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SequenceGap => "sequence-gap",
            Self::PreviousDiffers => "previous-differs",
            Self::ChallengeRepeated => "challenge-repeated",
            Self::ChallengeLate => "challenge-late",
            Self::BeaconOld => "beacon-old",
            Self::BeaconUnknown => "beacon-unknown",
            Self::ClockDiffers => "clock-differs",
            Self::TimeReversed => "time-reversed",
            Self::VerdictUnfounded => "verdict-unfounded",
        }
    }
}

/// What the device is answered. `docs/schemas/receipt.schema.json` is its schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The report's identifier, hexadecimal.
    pub id: String,
    /// When the verifier received it first, in milliseconds since 1970 UTC.
    pub received: u64,
    /// The verifier's verdict: `accept`, `refer` or `refuse`.
    pub verdict: String,
    /// The check that has the verdict's effect, if it is not `accept`.
    pub stopped_by: Option<String>,
    /// The gate's verdict.
    pub gate_verdict: String,
    /// Whether the verdicts are the same, and so is the result of each check.
    pub agrees: bool,
    /// Name of the verifier's policy; none in receipts from before this was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Whether that is the gate's policy, to the byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_policy: Option<bool>,
    /// What is odd.
    pub flags: Vec<Flag>,
    /// Every check.
    pub findings: Vec<Finding>,
}

impl Receipt {
    /// What this verifier found about a check.
    pub(crate) fn finding(&self, check: &str) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.check == check)
    }

    /// Whether a check is successful here.
    pub(crate) fn successful(&self, check: &str) -> bool {
        self.finding(check)
            .is_some_and(|finding| finding.result == "successful")
    }
}

/// How fresh the chip's signature is shown to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Freshness {
    /// The chip signed this verifier's single-use nonce: between its issue and the report's arrival.
    Online {
        /// When the nonce was issued, in milliseconds since 1970 UTC.
        issued: u64,
    },
    /// The chip signed a challenge that was made from this verifier's beacon: after the beacon.
    Offline {
        /// When the beacon was made, in milliseconds since 1970 UTC.
        issued: u64,
    },
    /// The challenge was made at the gate, or is not the one it should be.
    NotShown,
    /// There is no signature of the chip.
    NoSignature,
}

/// What the page says about the evidence. No personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Subject of the document signer's certificate.
    pub signer: Option<String>,
    /// SHA-256 of the document signer's certificate, hexadecimal.
    pub signer_sha256: Option<String>,
    /// Subject of the anchor that the signer leads to.
    pub anchor: Option<String>,
    /// SHA-256 of the anchor, hexadecimal.
    pub anchor_sha256: Option<String>,
    /// Data groups that the security object lists.
    pub data_groups: Vec<u8>,
    /// How fresh the chip's signature is.
    pub freshness: Freshness,
    /// The gate's policy: name and SHA-256, hexadecimal.
    pub gate_policy: String,
    /// SHA-256 of the gate's policy file, hexadecimal; none in reports from before this was kept.
    #[serde(default)]
    pub gate_policy_sha256: Option<String>,
    /// The verifier's policy.
    pub policy: String,
    /// SHA-256 of the verifier's policy file.
    #[serde(default)]
    pub policy_sha256: Option<String>,
    /// The gate's software.
    pub software: String,
    /// Face score, threshold and model, as the gate reports them.
    pub face: Option<Face>,
}

impl Summary {
    /// Whether gate and verifier follow the same policy, if that is known.
    pub(crate) fn same_policy(&self) -> Option<bool> {
        Some(self.gate_policy_sha256.as_ref()? == self.policy_sha256.as_ref()?)
    }
}

/// The face comparison, as the gate reports it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Face {
    /// The score, in four decimals.
    pub score: String,
    /// The threshold, in four decimals.
    pub threshold: String,
    /// The model's name.
    pub model: String,
}
