//! What a check came to, as plain data to store, send and show.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::check::{Check, CheckResult, by_name};
use crate::reason::Reason;

/// On what the outcome rests for someone who was not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// Whoever holds the report can compute it again from the evidence in it.
    Proven,
    /// Only the device that says so knows. A claim never becomes proven.
    Claimed,
}

impl Basis {
    /// Both, in order.
    pub const ALL: [Self; 2] = [Self::Proven, Self::Claimed];

    /// The name in reports, JSON and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Claimed => "claimed",
        }
    }

    /// The basis of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.name() == name)
    }
}

by_name!(Basis: "`proven` or `claimed`");

/// The outcome of one check.
///
/// Plain data: nothing turns an `Outcome` that came from elsewhere into an [`Evaluation`](crate::Evaluation).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Which check.
    #[serde(rename = "name")]
    pub check: Check,
    /// What it came to.
    pub result: CheckResult,
    /// Why, where the result alone does not say it.
    pub reason: Option<Reason>,
    /// On what it rests.
    pub basis: Basis,
    /// What the reason is about, such as `DG2`: technical, never about the person. At most
    /// [`Outcome::LONGEST_DETAIL`] bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Outcome {
    /// The longest detail, in bytes.
    pub const LONGEST_DETAIL: usize = 160;
}
