//! Portraits in, scores out: decode, find the face, align it, embed it, compare.
//!
//! The face check of an inspection asks whether the portrait on the chip and the picture at the camera show one
//! person. An [`Engine`] answers with a score; whether that is enough is the policy's to decide. Models are files that
//! `chipgate-models` fetches by hash; inference is `tract`'s, in this process.
//!
//! ```no_run
//! use chipgate_face::{Engine, decode};
//!
//! let engine = Engine::load(&chipgate_models::models_dir()?)?;
//! let portrait = engine.template(&decode(&std::fs::read("DG2.jp2")?)?)?;
//! let live = engine.template(&decode(&std::fs::read("camera.jpg")?)?)?;
//! let comparison = engine.compare(&portrait.template, &live.template);
//! println!("{} (same person from {} up)", comparison.score, comparison.threshold);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing is written to the disk. A [`Template`] is wiped when it is dropped, and no `Debug` shows its values.
//!
//! Decoding needs no model:
//!
//! ```
//! let picture = chipgate_face::decode(b"P6 2 1 255\n\xFF\0\0\0\0\xFF")?;
//! assert_eq!(picture.get_pixel(1, 0).0, [0, 0, 255]);
//! # Ok::<(), chipgate_face::FaceError>(())
//! ```

mod align;
mod attack;
mod calibration;
mod canvas;
mod capture;
mod centerface;
mod compare;
mod decode;
mod embedder;
mod engine;
mod error;
mod five_points;
mod geometry;
mod input;
mod loading;
mod network;
#[cfg(feature = "onnxruntime")]
mod onnxruntime;
mod picture;
mod quality;
mod references;
mod seams;
mod stages;
mod template;
mod tracker;
mod tract;

pub use align::{Similarity, align};
pub use attack::{AttackClassifier, Challenge, ChallengeAnswer, Cues, Liveness, Motion, cues, motion};
pub use calibration::{
    Interval, Pair, Rates, Sample, SplitCheck, TradeOff, all_pairs, by_person, split_check, wilson,
};
pub use capture::{Capture, CaptureOptions, Captured, Frozen, Seen, Step, is_black};
pub use centerface::CenterFace;
pub use compare::{Comparison, FalseMatchRate};
pub use decode::{Limits, decode, decode_with};
pub use embedder::AlignedEmbedder;
pub use engine::{Engine, Located, Warning};
pub use error::FaceError;
pub use five_points::FivePoints;
pub use geometry::{Face, Point, Rectangle};
pub use image::RgbImage;
pub use loading::Selection;
pub use picture::{fitted, grey, resized, to_png};
pub use quality::{Component, Pose, Quality, pose, quality};
pub use references::check_reference;
pub use seams::{AttackDetector, Detector, Embedder, Landmarker};
pub use stages::{Stages, Timed, time_model};
pub use template::Template;
pub use tracker::{Tracked, Tracker};
