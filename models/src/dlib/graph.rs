//! The network as an ONNX graph.

use super::architecture::{BLOCKS, Block, FIRST, INPUT_SIDE, Kernel, OUTPUT_LENGTH};
use super::network::{Convolution, Network};
use crate::onnx::Graph;

/// Pixel values are divided by this after the means are subtracted (`dlib/dnn/input.h`).
const PIXEL_SCALE: f32 = 256.0;

/// A value of the graph: its name, channels, and the side of its square picture.
#[derive(Clone)]
struct Value {
    name: String,
    channels: usize,
    side: usize,
}

/// Writes `network` as ONNX. Input `image`: 1×3×150×150, RGB, 0 to 255; output: 1×128.
pub(crate) fn to_onnx(network: &Network) -> Vec<u8> {
    let mut graph = Graph::new("dlib_face_recognition_resnet_model_v1");
    let mut convolutions = network.convolutions.iter();
    let mut value = normalise(&mut graph, network.means);
    if let Some(first) = convolutions.next() {
        value = convolve(&mut graph, &value, first);
    }
    value = relu(&mut graph, &value);
    value = pool(&mut graph, "MaxPool", &value, 3);
    for block in BLOCKS {
        if let (Some(first), Some(second)) = (convolutions.next(), convolutions.next()) {
            value = residual(&mut graph, &value, block, first, second);
        }
    }
    let mean = graph.node("GlobalAveragePool", &[&value.name], &[]);
    let shape = graph.integers(&[1, value.channels]);
    let row = graph.node("Reshape", &[&mean, &shape], &[]);
    let matrix = graph.floats(&[value.channels, OUTPUT_LENGTH], &network.matrix);
    let output = graph.node("MatMul", &[&row, &matrix], &[]);
    graph.finish(
        ("image", &[1, 3, INPUT_SIDE, INPUT_SIDE]),
        (&output, &[1, OUTPUT_LENGTH]),
    )
}

fn normalise(graph: &mut Graph, means: [f32; 3]) -> Value {
    let means = graph.floats(&[1, 3, 1, 1], &means);
    let scale = graph.floats(&[1], &[1.0 / PIXEL_SCALE]);
    let centred = graph.node("Sub", &["image", &means], &[]);
    Value {
        name: graph.node("Mul", &[&centred, &scale], &[]),
        channels: 3,
        side: INPUT_SIDE,
    }
}

fn convolve(graph: &mut Graph, input: &Value, convolution: &Convolution) -> Value {
    let kernel = convolution.kernel;
    let weights = graph.floats(
        &[kernel.filters, convolution.channels, kernel.side, kernel.side],
        &convolution.weights,
    );
    let biases = graph.floats(&[kernel.filters], &convolution.biases);
    let Kernel {
        side,
        stride,
        padding,
        ..
    } = kernel;
    let attributes: [(&str, &[usize]); 3] = [
        ("kernel_shape", &[side; 2]),
        ("strides", &[stride; 2]),
        ("pads", &[padding; 4]),
    ];
    Value {
        name: graph.node("Conv", &[&input.name, &weights, &biases], &attributes),
        channels: kernel.filters,
        side: (input.side + 2 * kernel.padding - kernel.side) / kernel.stride + 1,
    }
}

fn relu(graph: &mut Graph, input: &Value) -> Value {
    Value {
        name: graph.node("Relu", &[&input.name], &[]),
        ..*input
    }
}

/// A pool of stride 2 without padding; what does not fill a window is left out.
fn pool(graph: &mut Graph, operator: &str, input: &Value, side: usize) -> Value {
    let kernel = [side; 2];
    let name = graph.node(
        operator,
        &[&input.name],
        &[("kernel_shape", &kernel), ("strides", &[2, 2])],
    );
    Value {
        name,
        channels: input.channels,
        side: (input.side - side) / 2 + 1,
    }
}

fn residual(
    graph: &mut Graph,
    input: &Value,
    block: Block,
    first: &Convolution,
    second: &Convolution,
) -> Value {
    let inner = convolve(graph, input, first);
    let inner = relu(graph, &inner);
    let inner = convolve(graph, &inner, second);
    let shortcut = if block.down {
        pool(graph, "AveragePool", input, 2)
    } else {
        input.clone()
    };
    let sum = add(graph, &inner, &shortcut);
    relu(graph, &sum)
}

/// Adds two values of different sizes as dlib does: what one of them lacks counts as zero.
fn add(graph: &mut Graph, a: &Value, b: &Value) -> Value {
    let (channels, side) = (a.channels.max(b.channels), a.side.max(b.side));
    let a = pad(graph, a, channels, side);
    let b = pad(graph, b, channels, side);
    Value {
        name: graph.node("Add", &[&a.name, &b.name], &[]),
        channels,
        side,
    }
}

/// Zero channels at the end, zero pixels to the right and below.
fn pad(graph: &mut Graph, input: &Value, channels: usize, side: usize) -> Value {
    if (input.channels, input.side) == (channels, side) {
        return input.clone();
    }
    let (deeper, wider) = (channels - input.channels, side - input.side);
    let pads = graph.integers(&[0, 0, 0, 0, 0, deeper, wider, wider]);
    Value {
        name: graph.node("Pad", &[&input.name, &pads], &[]),
        channels,
        side,
    }
}

// The first kernel's filters are the channels of the first block's shortcut.
const _: () = assert!(FIRST.filters == BLOCKS[0].filters);
