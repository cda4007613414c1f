//! The crate held against what others wrote: published worked examples and OpenSSL.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod diffie_hellman;
mod doc_9303;
mod elliptic_curves;
mod generic_mapping;
mod integrated_mapping;
mod invalid_keys;
mod keys;
mod message_recovery;
mod openssl;
mod published_vectors;
mod rsa;
mod secrets;

use rand::SeedableRng;
use rand::rngs::StdRng;

/// Randomness that is the same in every run.
fn rng() -> StdRng {
    StdRng::seed_from_u64(9303)
}
