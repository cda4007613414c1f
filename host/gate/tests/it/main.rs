//! Reading whole virtual cards through links that break.

mod altered;
mod cancelled;
mod common;
mod lost;
