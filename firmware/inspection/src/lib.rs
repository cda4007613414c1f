//! Checks, outcomes, policy, verdict, evidence and the signed report.
#![no_std]
extern crate alloc;

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

pub use beacon::{Beacon, SignedBeacon, beacon_hash, offline_challenge};
pub use check::{Check, CheckResult};
pub use cose::LONGEST_REPORT;
pub use effect::{Decision, Effect, Verdict, Weight};
pub use evaluation::{Evaluation, evaluate};
pub use observations::{
    AccessObservation, AttackScore, FaceObservation, FileObservation, Files, Observations, Printed,
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
