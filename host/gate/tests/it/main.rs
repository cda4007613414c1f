//! Reading whole virtual cards through links that break.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod altered;
mod cancelled;
mod common;
mod lost;
mod pin_revival;
