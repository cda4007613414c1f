//! Checks, outcomes, policy, verdict, evidence and the signed report.
#![no_std]
extern crate alloc;
