//! The verifier through its HTTP door, without a socket.

mod beacon;
mod nonces;
mod pages;
mod reports;
mod restart;
mod server;
mod support;
