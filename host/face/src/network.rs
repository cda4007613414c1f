//! A model file as something that runs: the seam between the models and the inference engine.

use crate::FaceError;

/// An inference engine: it prepares a model for one shape of input, once.
pub(crate) trait Runtime {
    /// Prepares ONNX `bytes` for each of `shapes`. They are taken, so that they are gone before the graph is optimised.
    fn prepare(
        &self,
        name: &str,
        bytes: Vec<u8>,
        shapes: &[Vec<usize>],
    ) -> Result<Vec<Box<dyn Prepared>>, FaceError>;
}

/// A model that is ready.
pub(crate) trait Prepared: Send + Sync {
    /// Runs it on an input of its shape; returns its outputs in the model's order.
    fn run(&self, input: &[f32]) -> Result<Vec<Vec<f32>>, FaceError>;
}

/// A network that takes one input of a fixed shape.
pub(crate) struct Network {
    prepared: Box<dyn Prepared>,
}

impl Network {
    /// Loads ONNX for one shape of input.
    pub(crate) fn load(name: &str, bytes: Vec<u8>, shape: &[usize]) -> Result<Self, FaceError> {
        let mut networks = Self::load_for(name, bytes, &[shape.to_vec()])?;
        networks
            .pop()
            .ok_or_else(|| FaceError::inference(name)("no network came back"))
    }

    /// Loads ONNX for several shapes of input; the file is read once.
    pub(crate) fn load_for(
        name: &str,
        bytes: Vec<u8>,
        shapes: &[Vec<usize>],
    ) -> Result<Vec<Self>, FaceError> {
        let prepared = runtime(name)?.prepare(name, bytes, shapes)?;
        Ok(prepared.into_iter().map(|prepared| Self { prepared }).collect())
    }

    /// Runs it; returns its outputs in the model's order.
    pub(crate) fn run(&self, input: &[f32]) -> Result<Vec<Vec<f32>>, FaceError> {
        self.prepared.run(input)
    }
}

/// ONNX Runtime where it was built in and the environment names its library, otherwise tract.
#[cfg(feature = "onnxruntime")]
fn runtime(name: &str) -> Result<&'static dyn Runtime, FaceError> {
    if crate::onnxruntime::is_wanted() {
        crate::onnxruntime::load().map_err(FaceError::inference(name))?;
        return Ok(&crate::onnxruntime::OnnxRuntime);
    }
    Ok(&crate::tract::Tract)
}

#[cfg(not(feature = "onnxruntime"))]
#[expect(clippy::unnecessary_wraps, reason = "with another engine it can fail")]
fn runtime(_name: &str) -> Result<&'static dyn Runtime, FaceError> {
    Ok(&crate::tract::Tract)
}
