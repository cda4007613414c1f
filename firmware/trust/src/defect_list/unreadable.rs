//! What of a list cannot be read, by its place.

use thiserror::Error;

/// An entry, or a known defect in one, that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnreadableDefect {
    /// The place of the entry in the list, counted from 1.
    pub place: usize,
    /// The place of the known defect in its entry, counted from 1; `None` where the entry as a whole does not count.
    pub known: Option<usize>,
    /// What is wrong with it.
    pub why: DefectFault,
}

/// Why an entry of a defect or deviation list, or a known defect of one, cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum DefectFault {
    /// It is not the structure that the standard names.
    #[error("is no entry as TR-03129-2, 7.1, or Doc 9303-12, 7.3, has it: tell whoever publishes the list")]
    Structure,
    /// It does not say whose documents it is about in a way that can be read.
    #[error("names its signer or its documents in a way that can't be read: tell whoever publishes the list")]
    Concerned,
    /// It does not say what is wrong.
    #[error("does not say what is wrong with the documents: tell whoever publishes the list")]
    Known,
    /// A known defect has no type, or parameters that cannot be read.
    #[error("has a type or parameters that can't be read: tell whoever publishes the list")]
    Type,
}
