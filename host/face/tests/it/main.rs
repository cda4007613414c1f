//! The pipeline with its real models. Each test says `skipped: …` where the models or the pictures are absent.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests are tests"
)]

mod alone;
mod captures;
mod challenges;
mod common;
mod onnxruntime;
mod portraits;
mod references;
mod samples;
mod scenes;
