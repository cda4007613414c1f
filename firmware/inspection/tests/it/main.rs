//! Inspections of virtual cards through the real protocols, their reports, and the reports checked again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests may")]

mod cards;
mod inspection;
mod reasons;
mod reports;
mod reverification;
