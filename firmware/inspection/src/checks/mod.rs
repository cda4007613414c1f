//! The checks, a file for each group of them. docs/architecture.md says how to add one.

pub(crate) mod access;
pub(crate) mod chip_authenticity;
pub(crate) mod data_groups;
pub(crate) mod defects;
pub(crate) mod document;
pub(crate) mod face;
pub(crate) mod signature;
