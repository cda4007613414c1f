//! What can be wrong with a policy file.

use alloc::string::String;

use crate::check::Check;
use crate::effect::Weight;

/// What is wrong with a policy file, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// It is not TOML.
    #[error("line {line}: this is not TOML: {message}")]
    NotToml {
        /// The line, counted from 1.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// A key is missing.
    #[error("line {line}: `{key}` is missing; add `{key} = {expected}`")]
    Missing {
        /// The line of the table that should hold it.
        line: usize,
        /// The key with its path.
        key: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A value is not one of those that the key may have.
    #[error("line {line}: `{key}` must be {expected}")]
    Invalid {
        /// The line of the value.
        line: usize,
        /// The key with its path.
        key: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A key that policies do not have.
    #[error("line {line}: `{key}` is no key of a policy; correct or remove it")]
    UnknownKey {
        /// The line of the key.
        line: usize,
        /// The key with its path.
        key: String,
    },
    /// A check that does not exist.
    #[error("line {line}: there is no check `{name}`; docs/policies.md lists them")]
    UnknownCheck {
        /// The line of the name.
        line: usize,
        /// The name as it stands there.
        name: String,
    },
    /// A reason that does not exist.
    #[error("line {line}: there is no reason `{name}`; docs/reasons.md lists them")]
    UnknownReason {
        /// The line of the name.
        line: usize,
        /// The name as it stands there.
        name: String,
    },
    /// A check is not named, so that its results would have no effect.
    #[error("the policy does not name the check `{check}`; every check must be named once under [checks]")]
    CheckNotNamed {
        /// The check that is missing.
        check: Check,
    },
    /// A mandatory check whose failure is accepted, or a recorded one that acts, contradicts itself.
    #[error("line {line}: `{check}` is {weight}, which contradicts its effects: {rule}")]
    Contradiction {
        /// The line of the check.
        line: usize,
        /// The check.
        check: Check,
        /// Its weight.
        weight: Weight,
        /// The rule that it breaks.
        rule: &'static str,
    },
}
