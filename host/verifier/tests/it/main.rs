//! The verifier through its HTTP door, without a socket.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on says where"
)]

mod beacon;
mod evidence;
mod inspection;
mod nonces;
mod pages;
mod reports;
mod restart;
mod server;
mod support;
