//! Rewrites what inference engines run badly, in an ONNX file that stays as it is otherwise.
//!
//! A graph that is fixed to one size of input, though nothing in it depends on that, loses its sizes; constants that are also
//! listed as inputs, as older exporters did, are only constants.
//!
//! A PReLU with a slope a channel becomes max(x, a·x) where all slopes are between 0 and 1, else
//! ReLU(x) − a·ReLU(−x): the same values from operators that `tract` runs three times as fast, and onnxruntime no slower.

use std::collections::{HashMap, HashSet};

use crate::{
    ModelsError,
    onnx::Message,
    wire::{Field, Fields, utf8},
};

/// `ModelProto.graph`, `GraphProto.node`, `GraphProto.initializer`.
const GRAPH: u64 = 7;
const NODE: u64 = 1;
const INITIALIZER: u64 = 5;

/// Replaces every PReLU.
pub(crate) fn replace_prelu(model: &[u8]) -> Result<Vec<u8>, ModelsError> {
    let mut out = Message::default();
    for field in Fields::of(model) {
        let field = field?;
        out = match field {
            Field::Bytes(GRAPH, graph) => out.bytes(GRAPH, &rewrite_graph(graph)?),
            other => other.copy(out),
        };
    }
    Ok(out.into_bytes())
}

fn rewrite_graph(graph: &[u8]) -> Result<Vec<u8>, ModelsError> {
    let mut gentle = HashMap::new();
    for field in Fields::of(graph) {
        if let Field::Bytes(INITIALIZER, tensor) = field? {
            let (name, values) = tensor_values(tensor)?;
            gentle.insert(name, values.iter().all(|value| (0.0..=1.0).contains(value)));
        }
    }
    let mut out = Message::default();
    for field in Fields::of(graph) {
        out = match field? {
            Field::Bytes(NODE, node) => rewrite_node(out, node, &gentle)?,
            other => other.copy(out),
        };
    }
    Ok(out.into_bytes())
}

/// `GraphProto.input`, `.output` and `.value_info`.
const INPUT: u64 = 11;
const OUTPUT: u64 = 12;
const VALUE: u64 = 13;

/// Takes the sizes out of the graph's inputs and outputs, and constants out of its inputs.
pub(crate) fn free_sizes(model: &[u8]) -> Result<Vec<u8>, ModelsError> {
    let mut out = Message::default();
    for field in Fields::of(model) {
        out = match field? {
            Field::Bytes(GRAPH, graph) => out.bytes(GRAPH, &free_graph(graph)?),
            other => other.copy(out),
        };
    }
    Ok(out.into_bytes())
}

fn free_graph(graph: &[u8]) -> Result<Vec<u8>, ModelsError> {
    let mut constants = HashSet::new();
    for field in Fields::of(graph) {
        if let Field::Bytes(INITIALIZER, tensor) = field? {
            constants.insert(tensor_values(tensor)?.0);
        }
    }
    let mut out = Message::default();
    for field in Fields::of(graph) {
        out = match field? {
            Field::Bytes(place @ (INPUT | OUTPUT), value) => {
                let name = name_of(value)?;
                if constants.contains(&name) {
                    continue;
                }
                out.message(place, &without_shape(&name))
            }
            Field::Bytes(VALUE, _) => continue,
            other => other.copy(out),
        };
    }
    Ok(out.into_bytes())
}

/// `ValueInfoProto.name`.
fn name_of(value: &[u8]) -> Result<String, ModelsError> {
    for field in Fields::of(value) {
        if let Field::Bytes(1, text) = field? {
            return utf8(text);
        }
    }
    Ok(String::new())
}

/// `ValueInfoProto` { name = 1, type = 2 { tensor_type = 1 { elem_type = 1 } } } of floats.
fn without_shape(name: &str) -> Message {
    let tensor = Message::default().number(1, 1);
    let kind = Message::default().message(1, &tensor);
    Message::default().text(1, name).message(2, &kind)
}

/// `NodeProto` { input = 1, output = 2, name = 3, op_type = 4 }.
fn rewrite_node(out: Message, node: &[u8], gentle: &HashMap<String, bool>) -> Result<Message, ModelsError> {
    let (mut inputs, mut output, mut operator) = (Vec::new(), String::new(), String::new());
    for field in Fields::of(node) {
        match field? {
            Field::Bytes(1, text) => inputs.push(utf8(text)?),
            Field::Bytes(2, text) => output = utf8(text)?,
            Field::Bytes(4, text) => operator = utf8(text)?,
            _ => {}
        }
    }
    let (x, slope) = match (operator.as_str(), inputs.as_slice()) {
        ("PRelu", [x, slope]) => (x.as_str(), slope.as_str()),
        _ => return Ok(out.bytes(NODE, node)),
    };
    let part = |name: &str| format!("{output}/{name}");
    let (scaled, positive, turned, negative) =
        (part("scaled"), part("positive"), part("turned"), part("negative"));
    Ok(if gentle.get(slope).copied().unwrap_or(false) {
        let out = out.message(NODE, &plain("Mul", &[x, slope], &scaled));
        out.message(NODE, &plain("Max", &[x, &scaled], &output))
    } else {
        out.message(NODE, &plain("Relu", &[x], &positive))
            .message(NODE, &plain("Neg", &[x], &turned))
            .message(NODE, &plain("Relu", &[&turned], &negative))
            .message(NODE, &plain("Mul", &[&negative, slope], &scaled))
            .message(NODE, &plain("Sub", &[&positive, &scaled], &output))
    })
}

fn plain(operator: &str, inputs: &[&str], output: &str) -> Message {
    let message = inputs
        .iter()
        .fold(Message::default(), |message, input| message.text(1, input));
    message.text(2, output).text(3, output).text(4, operator)
}

/// Name and floats of a `TensorProto` { data_type = 2, float_data = 4, name = 8, raw_data = 9 }.
fn tensor_values(tensor: &[u8]) -> Result<(String, Vec<f32>), ModelsError> {
    let (mut name, mut values) = (String::new(), Vec::new());
    for field in Fields::of(tensor) {
        match field? {
            Field::Bytes(8, text) => name = utf8(text)?,
            Field::Bytes(4 | 9, raw) => {
                values.extend(
                    raw.as_chunks::<4>()
                        .0
                        .iter()
                        .map(|quad| f32::from_le_bytes(*quad)),
                );
            }
            _ => {}
        }
    }
    Ok((name, values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::Graph;

    fn model(slopes: &[f32]) -> Vec<u8> {
        let mut graph = Graph::new("g");
        let slope = graph.floats(&[slopes.len(), 1, 1], slopes);
        let output = graph.node("PRelu", &["x", &slope], &[]);
        let output = graph.node("Relu", &[&output], &[("axes", &[1])]);
        graph.finish(("x", &[1, 2, 3, 3]), (&output, &[1, 2, 3, 3]))
    }

    fn operators(model: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        for field in Fields::of(model) {
            if let Field::Bytes(GRAPH, graph) = field.unwrap() {
                for field in Fields::of(graph) {
                    if let Field::Bytes(NODE, node) = field.unwrap() {
                        let kinds = Fields::of(node).filter_map(|field| match field.unwrap() {
                            Field::Bytes(4, text) => Some(String::from_utf8(text.to_vec()).unwrap()),
                            _ => None,
                        });
                        found.extend(kinds);
                    }
                }
            }
        }
        found
    }

    #[test]
    fn slopes_between_0_and_1_become_a_maximum() {
        let rewritten = replace_prelu(&model(&[0.0, 0.25])).unwrap();
        assert_eq!(operators(&rewritten), ["Mul", "Max", "Relu"]);
    }

    #[test]
    fn other_slopes_become_two_relus() {
        let rewritten = replace_prelu(&model(&[0.25, -0.5])).unwrap();
        assert_eq!(
            operators(&rewritten),
            ["Relu", "Neg", "Relu", "Mul", "Sub", "Relu"]
        );
    }

    #[test]
    fn a_model_without_prelu_stays_as_it_is() {
        let rewritten = replace_prelu(&model(&[0.5])).unwrap();
        assert_eq!(replace_prelu(&rewritten).unwrap(), rewritten);
    }

    #[test]
    fn a_graph_loses_its_sizes_and_constants_among_its_inputs() {
        let freed = free_sizes(&model(&[0.5])).unwrap();
        assert!(freed.len() < model(&[0.5]).len());
        assert_eq!(operators(&freed), ["PRelu", "Relu"]);
        assert_eq!(free_sizes(&freed).unwrap(), freed);
    }

    #[test]
    fn rejects_every_truncation_that_cuts_a_field() {
        let bytes = model(&[0.5]);
        let errors = (1..bytes.len())
            .filter(|length| replace_prelu(&bytes[..*length]).is_err())
            .count();
        assert!(errors > bytes.len() / 2, "{errors} of {}", bytes.len());
    }
}
