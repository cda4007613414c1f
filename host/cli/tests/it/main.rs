//! The program as its users run it: a process, its output, its exit status.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod bad_input;
mod decode;
mod faces;
mod faults;
mod files;
mod live;
mod operator;
mod operators_model;
mod other_readers;
mod pcsc;
mod personalities;
mod protocols;
mod recording;
mod reports;
#[path = "../../../face/tests/it/scenes.rs"]
mod scenes;
mod trust;
mod trust_advice;
mod trust_documents;
mod trust_lists;
mod trust_published;
mod trust_unusable;
mod vectors;
mod workplace;
