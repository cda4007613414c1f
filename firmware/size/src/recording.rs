//! A recording of test-vectors/, as build.rs wrote it down.

#![allow(
    dead_code,
    reason = "not every program uses all of it, and a recording has one kind of password"
)]

/// What was recorded: random numbers, the clock in milliseconds, a command with its response.
pub(crate) enum Entry {
    Random(&'static [u8]),
    Clock(u64),
    Exchange(&'static [u8], &'static [u8]),
}

/// What opens the chip: a CAN, or document number, date of birth and date of expiry.
pub(crate) enum Opener {
    Can(&'static str),
    Mrz(&'static str, &'static str, &'static str),
}

include!(concat!(env!("OUT_DIR"), "/recording.rs"));
