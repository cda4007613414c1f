//! Checks, outcomes, policy, verdict, evidence and the signed report.
#![no_std]
extern crate alloc;

mod check;
mod effect;
mod evaluation;
mod outcome;
mod policy;
mod policy_error;
mod policy_file;
mod reason;

pub use check::{Check, CheckResult};
pub use effect::{Decision, Effect, Verdict, Weight};
pub use evaluation::Evaluation;
pub use outcome::{Basis, Outcome};
pub use policy::Policy;
pub use policy_error::PolicyError;
pub use reason::Reason;
