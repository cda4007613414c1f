//! The store on real folders, with the files that OpenSSL made for firmware/trust and, where they are at hand, the
//! master lists that states publish.

// The helpers of tests are tests too: what they cannot do ends the test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bundles;
mod complete;
mod fixtures;
mod import;
mod ldif;
mod links;
mod looks;
mod open;
mod published;
mod removal;
mod signers;
mod signing_time;
mod standing;
mod verification;
