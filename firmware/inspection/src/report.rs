//! The report: what a device found, with the evidence, as plain data.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use chipgate_apdu::Timestamp;
use chipgate_crypto::PublicKey;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::check::{Check, CheckResult};
use crate::cose::{self, Sign1};
use crate::effect::{Decision, Verdict};
use crate::evaluation::Evaluation;
use crate::hash::sha256;
use crate::outcome::Outcome;
use crate::policy::Policy;
use crate::report_cbor;
use crate::report_error::ReportError;
use crate::signer::Signer;

/// Where the challenge of active authentication came from, and so what its signature proves about the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// The device chose it, or none was signed: nothing is proven about the time.
    None,
    /// The verifier's single-use nonce.
    Online {
        /// The nonce, which is the challenge.
        nonce: [u8; 8],
    },
    /// Derived from the verifier's beacon, the device and the report's sequence number
    /// ([`offline_challenge`](crate::offline_challenge)).
    Offline {
        /// The beacon's hash ([`SignedBeacon::hash`](crate::SignedBeacon::hash)).
        beacon: [u8; 32],
    },
}

/// The evidence in a report: personal data, since it identifies a card. `Debug` shows how long its parts are.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// EF.SOD as it was read; absent if it could not be.
    pub security_object: Option<Vec<u8>>,
    /// DG14 as it was read, where a chip check ran with it.
    pub dg14: Option<Vec<u8>>,
    /// DG15 as it was read, where active authentication ran.
    pub dg15: Option<Vec<u8>>,
    /// Challenge and signature of active authentication, right or wrong.
    pub active_authentication: Option<SignedChallenge>,
    /// EF.CardAccess as it was read, where it was held against DG14.
    pub card_access: Option<Vec<u8>>,
}

/// What a chip signed in active authentication.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedChallenge {
    /// The challenge.
    pub challenge: [u8; 8],
    /// The chip's answer.
    pub signature: Vec<u8>,
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lengths: [(&str, Option<usize>); 4] = [
            ("security_object", self.security_object.as_ref().map(Vec::len)),
            ("dg14", self.dg14.as_ref().map(Vec::len)),
            ("dg15", self.dg15.as_ref().map(Vec::len)),
            ("card_access", self.card_access.as_ref().map(Vec::len)),
        ];
        let mut shown = f.debug_struct("Evidence");
        for (part, length) in lengths {
            if let Some(length) = length {
                shown.field(part, &format_args!("{length} bytes"));
            }
        }
        shown
            .field("active_authentication", &self.active_authentication)
            .finish()
    }
}

impl fmt::Debug for SignedChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedChallenge({} bytes)", self.signature.len())
    }
}

/// Likeness in ten-thousandths, so that a replay gives the same bytes. JSON shows it as a decimal fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score(pub i32);

impl Score {
    /// Rounds to the nearest ten-thousandth. What is no number becomes the lowest score.
    pub fn from_f32(score: f32) -> Self {
        if score.is_nan() {
            return Self(i32::MIN);
        }
        let scaled = f64::from(score) * 10_000.0;
        Self((scaled + if scaled < 0.0 { -0.5 } else { 0.5 }) as i32)
    }

    /// As a fraction.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 10_000.0
    }
}

impl Serialize for Score {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_f64())
    }
}

impl<'de> Deserialize<'de> for Score {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let scaled = f64::deserialize(deserializer)? * 10_000.0;
        Ok(Self((scaled + if scaled < 0.0 { -0.5 } else { 0.5 }) as i32))
    }
}

/// How alike the faces are, and by which model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaceScore {
    /// The likeness.
    pub score: Score,
    /// The likeness that is demanded.
    pub threshold: Score,
    /// The model that says so, with its version.
    pub model: String,
}

/// What the device adds to an inspection to make it a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// 16 random bytes. The verifier takes each report once.
    pub id: [u8; 16],
    /// The device's name at the verifier, 1 to 64 bytes.
    pub device: String,
    /// Its sequence number, from 1, without gaps.
    pub sequence: u64,
    /// Hash of the device's report before this one ([`SignedReport::hash`]); none for the first.
    pub previous: Option<[u8; 32]>,
    /// When the inspection took place, by the device's clock.
    pub time: Timestamp,
    /// Where the challenge came from.
    pub freshness: Freshness,
    /// Name and version of the software, 1 to 64 bytes.
    pub software: String,
}

/// A report. Beside the evidence it holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Who reports, when, and in which place of the device's chain.
    pub sender: Sender,
    /// The policy's name.
    pub policy: String,
    /// SHA-256 of the policy file.
    pub policy_hash: [u8; 32],
    /// The issuing state that DG1 names, as three letters or fewer; only the device has seen it.
    pub issuing_state: Option<String>,
    /// The evidence.
    pub evidence: Evidence,
    /// The outcome of each check, as the device has it, in the order of [`Check::ALL`].
    pub outcomes: Vec<Outcome>,
    /// The device's verdict.
    pub verdict: Verdict,
    /// The check that stopped the card, if one did.
    pub stopped_by: Option<Check>,
    /// The overall result.
    pub overall: CheckResult,
    /// The face's score, if faces were compared.
    pub face: Option<FaceScore>,
}

impl Report {
    /// The report of an inspection.
    pub fn new(sender: Sender, evaluation: &Evaluation, policy: &Policy, decision: &Decision) -> Self {
        Self {
            sender,
            policy: policy.name().into(),
            policy_hash: policy.hash(),
            issuing_state: evaluation.issuing_state().map(Into::into),
            evidence: evaluation.evidence().clone(),
            outcomes: evaluation.outcomes().to_vec(),
            verdict: decision.verdict,
            stopped_by: decision.stopped_by,
            overall: decision.overall,
            face: evaluation.face().cloned(),
        }
    }

    /// Deterministic CBOR, as docs/schemas/report.cddl describes it.
    pub fn encode(&self) -> Result<Vec<u8>, ReportError> {
        report_cbor::encode(self)
    }

    /// Reads what [`encode`](Self::encode) writes, and no other encoding of it.
    pub fn decode(bytes: &[u8]) -> Result<Self, ReportError> {
        report_cbor::decode(bytes)
    }

    /// Signs it: a COSE_Sign1 structure (RFC 9052) of at most 65,536 bytes.
    pub fn sign(&self, signer: &dyn Signer) -> Result<Vec<u8>, ReportError> {
        cose::sign(&self.encode()?, signer)
    }
}

/// A report as it came, before its signature was verified.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedReport {
    bytes: Vec<u8>,
    signed: Sign1,
    report: Report,
}

impl fmt::Debug for SignedReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.bytes.len();
        write!(f, "SignedReport({length} bytes, {:?})", self.report)
    }
}

impl SignedReport {
    /// Reads a signed report. What it says is not to be believed before [`verify`](Self::verify).
    pub fn decode(bytes: &[u8]) -> Result<Self, ReportError> {
        let signed = Sign1::decode(bytes)?;
        let report = Report::decode(&signed.payload)?;
        Ok(Self {
            bytes: bytes.to_vec(),
            signed,
            report,
        })
    }

    /// The device that it says it comes from: to look up the key.
    pub fn claimed_device(&self) -> &str {
        &self.report.sender.device
    }

    /// The identifier that it says it has: to find its receipt.
    pub const fn claimed_id(&self) -> &[u8; 16] {
        &self.report.sender.id
    }

    /// The key that it says it was signed by ([`key_identifier`](crate::key_identifier)).
    pub const fn claimed_key(&self) -> &[u8; 32] {
        &self.signed.key_identifier
    }

    /// Verifies the signature with the device's registered key.
    pub fn verify(self, key: &PublicKey) -> Result<VerifiedReport, ReportError> {
        self.signed.verify(key)?;
        Ok(VerifiedReport(self))
    }
}

/// A report whose signature is the device's. What it claims may still be wrong: the device can lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedReport(SignedReport);

impl VerifiedReport {
    /// What it says.
    pub const fn report(&self) -> &Report {
        &self.0.report
    }

    /// The signed bytes as they came.
    pub fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    /// Its hash, which the device's next report carries: SHA-256 of the signed bytes.
    pub fn hash(&self) -> [u8; 32] {
        report_hash(&self.0.bytes)
    }
}

/// The hash of a signed report, which the device's next report carries: SHA-256 of the signed bytes.
pub fn report_hash(signed: &[u8]) -> [u8; 32] {
    sha256(signed)
}
