//! Measures error rates: every picture of a set against every other, and what follows from their scores.
//!
//! Terms are those of ISO/IEC 19795-1: a *genuine* pair shows one person, an *impostor* pair two. At a threshold, the
//! false match rate (FMR) is the share of impostor pairs that reach it, the false non-match rate (FNMR) the share of genuine
//! pairs that don't. Without attempts that fail to acquire, the true accept rate (TAR) is 1 − FNMR, and FAR is FMR.

mod intervals;
mod pairs;
mod rates;
mod splits;

pub use intervals::{Interval, by_person, wilson};
pub use pairs::{Pair, Sample, all_pairs};
pub use rates::{Rates, TradeOff};
pub use splits::{SplitCheck, split_check};
