//! What a check found, before it becomes an outcome.

use alloc::string::{String, ToString};
use core::fmt;

use crate::check::{Check, CheckResult};
use crate::outcome::{Basis, Outcome};
use crate::reason::Reason;

/// Result and reason of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub result: CheckResult,
    pub reason: Option<Reason>,
    pub detail: Option<String>,
}

impl Found {
    pub(crate) const fn successful() -> Self {
        Self {
            result: CheckResult::Successful,
            reason: None,
            detail: None,
        }
    }

    pub(crate) const fn successful_although(reason: Reason) -> Self {
        Self::because(CheckResult::Successful, reason)
    }

    pub(crate) const fn failed(reason: Reason) -> Self {
        Self::because(CheckResult::Failed, reason)
    }

    pub(crate) const fn undetermined(reason: Reason) -> Self {
        Self::because(CheckResult::Undetermined, reason)
    }

    pub(crate) const fn not_supported(reason: Reason) -> Self {
        Self::because(CheckResult::NotSupported, reason)
    }

    pub(crate) const fn aborted(reason: Reason) -> Self {
        Self::because(CheckResult::Aborted, reason)
    }

    pub(crate) const fn because(result: CheckResult, reason: Reason) -> Self {
        Self {
            result,
            reason: Some(reason),
            detail: None,
        }
    }

    /// Says what it is about; what is too long for a report is cut.
    pub(crate) fn about(mut self, detail: impl fmt::Display) -> Self {
        let mut detail = detail.to_string();
        detail.truncate(detail.floor_char_boundary(Outcome::LONGEST_DETAIL));
        self.detail = Some(detail).filter(|detail| !detail.is_empty());
        self
    }

    /// What a second question comes to, if the first one's answer was successful.
    pub(crate) fn and_then(self, next: impl FnOnce() -> Self) -> Self {
        if self.result == CheckResult::Successful {
            next()
        } else {
            self
        }
    }

    pub(crate) fn is(&self, result: CheckResult) -> bool {
        self.result == result
    }

    pub(crate) fn outcome(self, check: Check, basis: Basis) -> Outcome {
        Outcome {
            check,
            result: self.result,
            reason: self.reason,
            basis,
            detail: self.detail,
        }
    }
}

/// The check rests on a verified security object, and there is none.
pub(crate) const fn not_verified() -> Found {
    Found::undetermined(Reason::SecurityObjectNotVerified)
}
