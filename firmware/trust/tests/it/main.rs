//! Passive authentication against certificates, lists and security objects that OpenSSL made
//! (`tests/data/make.py`), and against the certificates that states publish.

// The helpers of tests are tests too: what they cannot do ends the test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod agreement;
mod algorithms;
mod card_security;
mod cms;
mod documents;
mod each_check;
mod fixtures;
mod judged;
mod keys;
mod links;
mod lists;
mod mutations;
mod partial_lists;
mod paths;
mod pki;
mod published;
mod revocation;
mod signatures;
mod signers;
