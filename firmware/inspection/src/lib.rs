//! Checks, outcomes, policy, verdict, evidence and the signed report.
//!
//! An inspection ends here. What was read and proven goes in as [`Observations`]; [`evaluate`] makes every [`Check`] of
//! it, from verified data only; a [`Policy`] decides; a [`Report`] carries outcomes and evidence, signed by the device's
//! key, to the verifier, which makes the checks again with [`reverify`] and keeps apart what is proven and what the
//! device claims. There is no clock, no file and no network here.
//!
//! ```
//! use chipgate_apdu::Timestamp;
//! use chipgate_inspection::{
//!     AccessObservation, Check, CheckResult, FaceObservation, Files, Observations, Policy, Verdict, evaluate,
//! };
//!
//! // Nothing was read: nothing is successful, and the card is not accepted.
//! let files = Files::new();
//! let evaluation = evaluate(&Observations {
//!     access: AccessObservation::FilesOnly,
//!     files: &files,
//!     passive: None,
//!     chip_authentication: None,
//!     active_authentication: None,
//!     terminal_authentication: None,
//!     card_security: None,
//!     printed: None,
//!     face: &FaceObservation::NotRequested,
//!     attack: None,
//!     challenge: None,
//!     now: Timestamp::from_seconds(1_790_000_000),
//! });
//! assert!(evaluation.outcomes().iter().all(|outcome| outcome.result != CheckResult::Successful));
//!
//! let decision = Policy::document()?.decide(&evaluation);
//! assert_eq!(decision.verdict, Verdict::Refer);
//! assert_eq!(decision.stopped_by, Some(Check::ChipAccess));
//! # Ok::<(), chipgate_inspection::PolicyError>(())
//! ```
//!
//! The model of checks and results is BSI TR-03135-1's. docs/policies.md explains checks and policies, docs/reasons.md
//! the reasons, docs/schemas/report.cddl the report.
#![no_std]
extern crate alloc;

mod advice;
mod beacon;
mod cbor;
mod check;
mod checks;
mod cose;
mod country;
mod effect;
mod evaluation;
mod found;
mod hash;
mod low_s;
mod observations;
mod outcome;
mod policy;
mod policy_error;
mod policy_file;
mod proofs;
mod reason;
mod report;
mod report_cbor;
mod report_error;
mod reverify;
mod signer;

pub use advice::Language;
pub use beacon::{Beacon, SignedBeacon, beacon_hash, offline_challenge};
pub use check::{Check, CheckResult};
pub use cose::LONGEST_REPORT;
pub use effect::{Decision, Effect, Verdict, Weight};
pub use evaluation::{Evaluation, evaluate};
pub use observations::{
    AccessObservation, AttackScore, ChallengeObservation, FaceObservation, FileObservation, Files,
    Observations, Printed,
};
pub use outcome::{Basis, Outcome};
pub use policy::Policy;
pub use policy_error::PolicyError;
pub use reason::Reason;
pub use report::{
    Evidence, FaceScore, Freshness, Report, Score, Sender, SignedChallenge, SignedReport, VerifiedReport,
    report_hash,
};
pub use report_error::{ReportError, SignerError};
pub use reverify::{Finding, Reverification, reverify};
pub use signer::{Signer, SoftwareSigner, key_identifier};
