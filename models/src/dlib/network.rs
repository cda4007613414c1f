//! Reads the network: first a version number for each layer from the output inwards, then, from the input
//! outwards, each layer's own data.

use super::architecture::{FIRST_FILTERS, INPUT_SIDE, Kernel, Layer, OUTPUT_LENGTH, layers};
use super::reader::{Reader, Tensor};
use crate::ModelsError;

/// The parameters of the network.
#[derive(Debug)]
pub(crate) struct Network {
    /// Subtracted from red, green and blue before anything else.
    pub(super) means: [f32; 3],
    /// The convolutions from the input to the output, each with the scale and shift that follow it folded in.
    pub(super) convolutions: Vec<Convolution>,
    /// The matrix at the end, a row for each input.
    pub(super) matrix: Vec<f32>,
}

/// A convolution with its parameters.
#[derive(Debug)]
pub(super) struct Convolution {
    pub(super) kernel: Kernel,
    pub(super) channels: usize,
    /// Filter by filter, channel by channel, row by row.
    pub(super) weights: Vec<f32>,
    pub(super) biases: Vec<f32>,
}

/// Reads dlib's file of the face recognition network.
pub(crate) fn read(bytes: &[u8]) -> Result<Network, ModelsError> {
    let mut reader = Reader::new(bytes);
    read_loss(&mut reader)?;
    let layers = layers();
    let versions = read_versions(&mut reader, &layers)?;
    let means = read_input(&mut reader)?;
    let mut network = Network {
        means,
        convolutions: Vec::new(),
        matrix: Vec::new(),
    };
    for (layer, version) in layers.iter().zip(versions) {
        if matches!(layer, Layer::Tag | Layer::Skip) {
            continue;
        }
        read_layer(&mut reader, *layer, &mut network)?;
        read_state(&mut reader, version)?;
    }
    reader.end()?;
    Ok(network)
}

/// How much a layer stores beside its parameters.
#[derive(Clone, Copy)]
enum Stored {
    /// Up to this version of the outer layers: with the gradient of the parameters from version 2.
    Layer(i64),
    /// The layer that also holds the input, which has a version count of its own.
    Innermost(i64),
}

fn name(reader: &mut Reader<'_>, known: &[&'static str]) -> Result<&'static str, ModelsError> {
    let found = reader.text()?;
    let matching = known.iter().find(|name| **name == found).copied();
    matching.ok_or_else(|| reader.expected(format!("a layer called {}, not {found}", known.join(" or "))))
}

/// The loss that it was trained with: a margin and a distance, of no use here.
fn read_loss(reader: &mut Reader<'_>) -> Result<(), ModelsError> {
    reader.version(&[1], "a network with a loss, version 1")?;
    name(reader, &["loss_metric_2"])?;
    reader.float()?;
    reader.float()?;
    Ok(())
}

/// The version numbers, in the order of the layers.
fn read_versions(reader: &mut Reader<'_>, layers: &[Layer]) -> Result<Vec<Stored>, ModelsError> {
    let mut versions = Vec::with_capacity(layers.len());
    for (index, layer) in layers.iter().enumerate().rev() {
        versions.push(match layer {
            Layer::Tag | Layer::Skip => Stored::Layer(reader.version(&[1], "a tag of version 1")?),
            _ if index == 0 => {
                Stored::Innermost(reader.version(&[2, 3], "an input layer of version 2 or 3")?)
            }
            _ => Stored::Layer(reader.version(&[1, 2], "a layer of version 1 or 2")?),
        });
    }
    versions.reverse();
    Ok(versions)
}

fn read_input(reader: &mut Reader<'_>) -> Result<[f32; 3], ModelsError> {
    name(reader, &["input_rgb_image_sized"])?;
    let means = [reader.float()?, reader.float()?, reader.float()?];
    for _ in 0..2 {
        if reader.count()? != INPUT_SIDE {
            return Err(reader.expected("an input of 150 × 150 pixels"));
        }
    }
    Ok(means)
}

fn read_layer(reader: &mut Reader<'_>, layer: Layer, network: &mut Network) -> Result<(), ModelsError> {
    match layer {
        Layer::Convolution(kernel) => {
            let channels = network
                .convolutions
                .last()
                .map_or(3, |previous| previous.kernel.filters);
            network
                .convolutions
                .push(read_convolution(reader, kernel, channels)?);
        }
        Layer::Affine => {
            let convolution = network.convolutions.last_mut();
            let convolution = convolution.ok_or_else(|| reader.expected("a convolution before a scale"))?;
            read_affine(reader, convolution)?;
        }
        Layer::Relu => {
            if name(reader, &["relu_", "relu_2"])? == "relu_2" {
                reader.flag()?;
            }
        }
        Layer::MaxPool => read_pool(reader, &["max_pool_2"])?,
        Layer::AveragePool => read_pool(reader, &["avg_pool_2"])?,
        Layer::AddPrevious => name(reader, &["add_prev_"]).map(|_| ())?,
        Layer::FullyConnected => network.matrix = read_matrix(reader)?,
        Layer::Tag | Layer::Skip => {}
    }
    Ok(())
}

fn read_convolution(
    reader: &mut Reader<'_>,
    kernel: Kernel,
    channels: usize,
) -> Result<Convolution, ModelsError> {
    let version = name(reader, &["con_4", "con_5", "con_6"])?;
    let Tensor { values, .. } = reader.tensor()?;
    let Kernel {
        filters,
        side,
        stride,
        padding,
    } = kernel;
    for expected in [filters, side, side, stride, stride, padding, padding] {
        if reader.count()? != expected {
            return Err(reader.expected(format!("a convolution {kernel:?}")));
        }
    }
    if reader.view()? != [filters, channels, side, side] {
        return Err(reader.expected(format!("filters for {channels} channels")));
    }
    reader.view()?;
    read_multipliers(reader)?;
    // From con_5 whether there are biases, from con_6 whether a ReLU is built in.
    let has_biases = version == "con_4" || reader.flag()?;
    if !has_biases || (version == "con_6" && reader.flag()?) {
        return Err(reader.expected("a convolution with biases and no ReLU of its own"));
    }
    let mut weights = values;
    if weights.len() != filters * (channels * side * side + 1) {
        return Err(
            reader.expected("a weight for each filter, channel and pixel, and a bias for each filter")
        );
    }
    let biases = weights.split_off(filters * channels * side * side);
    Ok(Convolution {
        kernel,
        channels,
        weights,
        biases,
    })
}

/// Scale and shift a channel, folded into the convolution before: s·(w·x + b) + t = (s·w)·x + (s·b + t).
fn read_affine(reader: &mut Reader<'_>, convolution: &mut Convolution) -> Result<(), ModelsError> {
    let version = name(reader, &["affine_", "affine_2"])?;
    let Tensor { values, .. } = reader.tensor()?;
    reader.view()?;
    reader.view()?;
    reader.integer()?;
    if version == "affine_2" && reader.flag()? {
        return Err(reader.expected("a scale that is switched on"));
    }
    let filters = convolution.kernel.filters;
    if values.len() != 2 * filters {
        return Err(reader.expected(format!("a scale and a shift for each of {filters} channels")));
    }
    let (scales, shifts) = values.split_at(filters);
    let each = convolution.weights.len() / filters;
    for (filter, scale) in convolution.weights.chunks_mut(each).zip(scales) {
        for weight in filter {
            *weight *= scale;
        }
    }
    for ((bias, scale), shift) in convolution.biases.iter_mut().zip(scales).zip(shifts) {
        *bias = *bias * scale + shift;
    }
    Ok(())
}

/// Rows, columns, strides and padding, which the architecture already knows.
fn read_pool(reader: &mut Reader<'_>, known: &[&'static str]) -> Result<(), ModelsError> {
    name(reader, known)?;
    for _ in 0..6 {
        reader.count()?;
    }
    Ok(())
}

fn read_matrix(reader: &mut Reader<'_>) -> Result<Vec<f32>, ModelsError> {
    let version = name(reader, &["fc_2", "fc_3"])?;
    let (outputs, inputs) = (reader.count()?, reader.count()?);
    let Tensor { values, .. } = reader.tensor()?;
    reader.view()?;
    reader.view()?;
    let without_bias = reader.integer()? == 1;
    read_multipliers(reader)?;
    if version == "fc_3" {
        reader.flag()?;
    }
    let expected_inputs = 8 * FIRST_FILTERS;
    let fits = outputs == OUTPUT_LENGTH && inputs == expected_inputs && values.len() == outputs * inputs;
    if fits && without_bias {
        Ok(values)
    } else {
        Err(reader.expected("a matrix of 256 × 128 without bias"))
    }
}

/// Learning rates and weight decays.
fn read_multipliers(reader: &mut Reader<'_>) -> Result<(), ModelsError> {
    for _ in 0..4 {
        reader.float()?;
    }
    Ok(())
}

/// What a layer keeps for training: three flags and tensors that are empty in a finished network.
fn read_state(reader: &mut Reader<'_>, stored: Stored) -> Result<(), ModelsError> {
    for _ in 0..3 {
        reader.flag()?;
    }
    let tensors = match stored {
        Stored::Layer(version) if version < 2 => 2,
        _ => 3,
    };
    for _ in 0..tensors {
        reader.tensor()?;
    }
    if matches!(stored, Stored::Innermost(3)) {
        reader.integer()?;
    }
    Ok(())
}
