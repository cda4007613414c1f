//! The Vietnamese citizen card (thẻ căn cước): its number, its QR code, its keys and its DG13.
//!
//! None of this is published by the issuer; docs and readers of others agree on it, and where they do not, what cannot be
//! read is an opaque result and no error.

mod bac;
mod cross_check;
mod dg13;
mod expiry;
mod names;
mod number;
mod qr;

pub use bac::{BacKeyCandidate, bac_key_candidates};
pub use cross_check::{
    Comparison, ComparisonResult, CrossCheck, CrossCheckField, CrossCheckSource, CrossChecked,
};
pub use dg13::{CitizenField, CitizenValue, Dg13Vietnam};
pub use expiry::{CardExpiry, card_expiry};
pub use names::latin_letters;
pub use number::CitizenNumber;
pub use qr::CitizenQr;
