//! The Vietnamese citizen card (thẻ căn cước): its number, its QR code, its keys and its DG13.
//!
//! None of this is published by the issuer; docs and readers of others agree on it, and where they do not, what cannot be
//! read is an opaque result and no error.

mod bac;
mod dg13;
mod names;
mod number;
mod qr;

pub use bac::{BacKeyCandidate, bac_key_candidates};
pub use dg13::{CitizenField, CitizenValue, Dg13Vietnam};
pub use names::latin_letters;
pub use number::CitizenNumber;
pub use qr::CitizenQr;
