//! The virtual card from outside: its PKI and security objects before OpenSSL, its chip before terminals.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests"
)]

mod cards;
mod chip;
mod common;
mod emrtd_reader;
mod openpace;
mod openssl;
mod pcsc_reader;
mod peer;
mod personalities;
mod protocols;
mod schema;
mod terminal;
mod terminal_authentication;
mod terminal_certificates;
