//! The default inference engine: `tract`, in this process, on one thread a call.

use std::{io::Cursor, sync::Arc};

use tract_onnx::prelude::*;

use crate::{
    FaceError,
    network::{Prepared, Runtime},
};

pub(crate) struct Tract;

struct Plan {
    name: String,
    runnable: Arc<TypedRunnableModel>,
    shape: Vec<usize>,
}

impl Runtime for Tract {
    fn prepare(
        &self,
        name: &str,
        bytes: Vec<u8>,
        shapes: &[Vec<usize>],
    ) -> Result<Vec<Box<dyn Prepared>>, FaceError> {
        let model = onnx()
            .model_for_read(&mut Cursor::new(bytes))
            .map_err(FaceError::inference(name))?;
        let mut plans: Vec<Box<dyn Prepared>> = Vec::new();
        for shape in shapes {
            let plan = model
                .clone()
                .with_input_fact(0, f32::fact(shape.clone()).into())
                .and_then(InferenceModelExt::into_optimized)
                .and_then(IntoRunnable::into_runnable)
                .map_err(FaceError::inference(name))?;
            plans.push(Box::new(Plan {
                name: name.to_owned(),
                runnable: plan,
                shape: shape.clone(),
            }));
        }
        Ok(plans)
    }
}

impl Prepared for Plan {
    fn run(&self, input: &[f32]) -> Result<Vec<Vec<f32>>, FaceError> {
        let run = || -> TractResult<Vec<Vec<f32>>> {
            let input = Tensor::from_shape(&self.shape, input)?;
            let outputs = self.runnable.run(tvec!(input.into()))?;
            outputs
                .iter()
                .map(|output| Ok(output.try_as_plain_ram()?.as_slice::<f32>()?.to_vec()))
                .collect()
        };
        run().map_err(FaceError::inference(&self.name))
    }
}
