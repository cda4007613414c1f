//! A model file as something that runs: `tract`, optimised for one size of input.

use std::{io::Cursor, sync::Arc};

use tract_onnx::prelude::*;

use crate::FaceError;

/// A network that takes one picture of a fixed size.
pub(crate) struct Network {
    name: String,
    plan: Arc<TypedRunnableModel>,
    shape: [usize; 4],
}

impl Network {
    /// Loads ONNX for pictures of `width` × `height`, three channels.
    pub(crate) fn load(name: &str, bytes: &[u8], width: usize, height: usize) -> Result<Self, FaceError> {
        let shape = [1, 3, height, width];
        let plan = onnx()
            .model_for_read(&mut Cursor::new(bytes))
            .and_then(|model| model.with_input_fact(0, f32::fact(shape).into()))
            .and_then(InferenceModelExt::into_optimized)
            .and_then(IntoRunnable::into_runnable);
        Ok(Self {
            name: name.to_owned(),
            plan: plan.map_err(FaceError::inference(name))?,
            shape,
        })
    }

    /// Runs it on red, green and blue planes; returns its outputs in the model's order.
    pub(crate) fn run(&self, planes: &[f32]) -> Result<Vec<Vec<f32>>, FaceError> {
        let run = || -> TractResult<Vec<Vec<f32>>> {
            let input = Tensor::from_shape(&self.shape, planes)?;
            let outputs = self.plan.run(tvec!(input.into()))?;
            outputs
                .iter()
                .map(|output| Ok(output.try_as_plain_ram()?.as_slice::<f32>()?.to_vec()))
                .collect()
        };
        run().map_err(FaceError::inference(&self.name))
    }
}
