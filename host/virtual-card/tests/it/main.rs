//! The virtual card from outside: its PKI and security objects before OpenSSL, its chip before terminals.
#![allow(missing_docs, reason = "tests say what they are by their names")]

mod cards;
mod chip;
mod common;
mod openssl;
mod terminal;
