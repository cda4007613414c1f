//! What a result does to the verdict, and the verdict itself.

use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::check::{Check, CheckResult, by_name};

/// What a check's result does to the verdict, from mild to severe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// It does not stand in the way.
    Accept,
    /// A person must look.
    Refer,
    /// The card is turned away.
    Refuse,
}

/// What the inspection comes to: the worst effect.
pub type Verdict = Effect;

impl Effect {
    /// All effects, from mild to severe.
    pub const ALL: [Self; 3] = [Self::Accept, Self::Refer, Self::Refuse];

    /// The name in policies, reports, JSON and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Refer => "refer",
            Self::Refuse => "refuse",
        }
    }

    /// The effect of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|effect| effect.name() == name)
    }

    /// The number in a report.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The effect of that number in a report.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|effect| effect.number() == number)
    }
}

/// How much a policy makes of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Weight {
    /// It must be successful for the overall result to be.
    Mandatory,
    /// It counts where the document supports it.
    Optional,
    /// It is written down, and touches neither the verdict nor the overall result.
    Recorded,
}

impl Weight {
    /// All weights, from heavy to light.
    pub const ALL: [Self; 3] = [Self::Mandatory, Self::Optional, Self::Recorded];

    /// The name in policies.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mandatory => "mandatory",
            Self::Optional => "optional",
            Self::Recorded => "recorded",
        }
    }

    /// The weight of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|weight| weight.name() == name)
    }
}

by_name!(Effect: "`accept`, `refer` or `refuse`", Weight: "`mandatory`, `optional` or `recorded`");

/// What a policy makes of the outcomes of an inspection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The worst effect.
    pub verdict: Verdict,
    /// The first check, in the order of [`Check::ALL`], that has it; none if the card is accepted.
    pub stopped_by: Option<Check>,
    /// The overall result over the mandatory and optional checks (BSI TR-03135-1, 5.4).
    pub overall: CheckResult,
    /// What each check does to the verdict, in the order of [`Check::ALL`].
    pub effects: Vec<(Check, Effect)>,
}

impl Decision {
    /// What `check` does to the verdict.
    pub fn effect(&self, check: Check) -> Option<Effect> {
        self.effects
            .iter()
            .find(|(of, _)| *of == check)
            .map(|(_, effect)| *effect)
    }
}
