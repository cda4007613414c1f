//! The default inference engine: `tract`, in this process, on one thread a call.

use std::{io::Cursor, sync::Arc};

use tract_onnx::{
    prelude::*,
    tract_core::{
        ops::{binary::TypedBinOp, cnn::Conv},
        transform::get_transform,
    },
};

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
                .and_then(InferenceModelExt::into_typed)
                .and_then(TypedModel::into_decluttered)
                .and_then(optimised)
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

/// Depthwise convolutions run up to five times as fast where a pixel's channels lie beside each other: they are many, and planes are small.
/// Where that layout leaves an operator between two tensors that `tract` has no fast form for, more is lost than won, and the model stays as it is.
fn optimised(model: TypedModel) -> TractResult<TypedModel> {
    let is_depthwise = |node: &TypedNode| node.op_as::<Conv>().is_some_and(|conv| conv.group > 1);
    if model.nodes.iter().any(is_depthwise)
        && let Some(channels_last) = get_transform("conv_nhwc")?
    {
        let mut moved = model.clone();
        channels_last.transform(&mut moved)?;
        let moved = moved.into_optimized()?;
        if !moved.nodes.iter().any(TypedNode::op_is::<TypedBinOp>) {
            return Ok(moved);
        }
    }
    model.into_optimized()
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
