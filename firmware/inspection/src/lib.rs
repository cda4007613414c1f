//! Checks, outcomes, policy, verdict, evidence and the signed report.
#![no_std]
extern crate alloc;

mod beacon;
mod cbor;
mod check;
mod cose;
mod effect;
mod evaluation;
mod hash;
mod outcome;
mod policy;
mod policy_error;
mod policy_file;
mod reason;
mod report;
mod report_cbor;
mod report_error;
mod signer;

pub use beacon::{Beacon, SignedBeacon, beacon_hash, offline_challenge};
pub use check::{Check, CheckResult};
pub use cose::LONGEST_REPORT;
pub use effect::{Decision, Effect, Verdict, Weight};
pub use evaluation::Evaluation;
pub use outcome::{Basis, Outcome};
pub use policy::Policy;
pub use policy_error::PolicyError;
pub use reason::Reason;
pub use report::{
    Evidence, FaceScore, Freshness, Report, Score, Sender, SignedChallenge, SignedReport, VerifiedReport,
    report_hash,
};
pub use report_error::{ReportError, SignerError};
pub use signer::{Signer, SoftwareSigner, key_identifier};
