//! Writes ONNX: the few messages of `onnx.proto` that a converted network needs, in protocol buffers' wire format.
//!
//! The order of fields is fixed, so the same graph always gives the same bytes.

/// Version of the ONNX file format (IR) and of the operators that are used.
const IR_VERSION: u64 = 7;
const OPSET_VERSION: u64 = 13;
/// `TensorProto.DataType`.
const FLOAT: u64 = 1;
const INT64: u64 = 7;
/// `AttributeProto.AttributeType.INTS`.
const INTS: u64 = 7;

/// A message under construction.
#[derive(Default)]
pub(crate) struct Message(Vec<u8>);

impl Message {
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// A field of wire type 1 or 5, its bytes as they are.
    pub(crate) fn fixed(mut self, field: u64, wire: u64, value: &[u8]) -> Self {
        self.varint(field << 3 | wire);
        self.0.extend_from_slice(value);
        self
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// A field of wire type 0.
    pub(crate) fn number(mut self, field: u64, value: u64) -> Self {
        self.varint(field << 3);
        self.varint(value);
        self
    }

    /// A field of wire type 2.
    pub(crate) fn bytes(mut self, field: u64, value: &[u8]) -> Self {
        self.varint(field << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    pub(crate) fn text(self, field: u64, value: &str) -> Self {
        self.bytes(field, value.as_bytes())
    }

    pub(crate) fn message(self, field: u64, value: &Self) -> Self {
        self.bytes(field, &value.0)
    }
}

/// A graph under construction: each operator's output is the name of a value.
pub(crate) struct Graph {
    name: &'static str,
    nodes: Vec<Message>,
    initializers: Vec<Message>,
}

impl Graph {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            nodes: Vec::new(),
            initializers: Vec::new(),
        }
    }

    /// A constant of floats.
    pub(crate) fn floats(&mut self, shape: &[usize], values: &[f32]) -> String {
        let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.initializer(FLOAT, shape, &raw)
    }

    /// A constant list of integers, none of them negative.
    pub(crate) fn integers(&mut self, values: &[usize]) -> String {
        let raw: Vec<u8> = values
            .iter()
            .flat_map(|value| (*value as u64).to_le_bytes())
            .collect();
        self.initializer(INT64, &[values.len()], &raw)
    }

    /// `TensorProto` { dims = 1, data_type = 2, name = 8, raw_data = 9 }.
    fn initializer(&mut self, data_type: u64, shape: &[usize], raw: &[u8]) -> String {
        let name = format!("c{}", self.initializers.len());
        let message = shape.iter().fold(Message::default(), |message, side| {
            message.number(1, *side as u64)
        });
        self.initializers
            .push(message.number(2, data_type).text(8, &name).bytes(9, raw));
        name
    }

    /// An operator with lists of integers as attributes. Returns its output.
    ///
    /// `NodeProto` { input = 1, output = 2, name = 3, op_type = 4, attribute = 5 }.
    pub(crate) fn node(
        &mut self,
        operator: &str,
        inputs: &[&str],
        attributes: &[(&str, &[usize])],
    ) -> String {
        let output = format!("v{}", self.nodes.len());
        let message = inputs
            .iter()
            .fold(Message::default(), |message, input| message.text(1, input));
        let message = message.text(2, &output).text(3, &output).text(4, operator);
        let message = attributes.iter().fold(message, |message, (name, values)| {
            message.message(5, &ints(name, values))
        });
        self.nodes.push(message);
        output
    }

    /// The finished model, with one input and one output.
    ///
    /// `ModelProto` { ir_version = 1, producer_name = 2, graph = 7, opset_import = 8 },
    /// `GraphProto` { node = 1, name = 2, initializer = 5, input = 11, output = 12 }.
    pub(crate) fn finish(self, input: (&str, &[usize]), output: (&str, &[usize])) -> Vec<u8> {
        let graph = self
            .nodes
            .iter()
            .fold(Message::default(), |graph, node| graph.message(1, node));
        let graph = graph.text(2, self.name);
        let graph = self
            .initializers
            .iter()
            .fold(graph, |graph, constant| graph.message(5, constant));
        let graph = graph.message(11, &value(input)).message(12, &value(output));
        let opset = Message::default().text(1, "").number(2, OPSET_VERSION);
        let model = Message::default()
            .number(1, IR_VERSION)
            .text(2, "chipgate-models");
        model.message(7, &graph).message(8, &opset).0
    }
}

/// `AttributeProto` { name = 1, ints = 8, type = 20 }.
fn ints(name: &str, values: &[usize]) -> Message {
    let message = Message::default().text(1, name);
    let message = values
        .iter()
        .fold(message, |message, value| message.number(8, *value as u64));
    message.number(20, INTS)
}

/// `ValueInfoProto` { name = 1, type = 2 } of a tensor of floats with a fixed shape.
fn value((name, shape): (&str, &[usize])) -> Message {
    let dimension = |side: &usize| Message::default().number(1, *side as u64);
    let shape = shape.iter().fold(Message::default(), |message, side| {
        message.message(1, &dimension(side))
    });
    let tensor = Message::default().number(1, FLOAT).message(2, &shape);
    Message::default()
        .text(1, name)
        .message(2, &Message::default().message(1, &tensor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_varint_is_written_seven_bits_at_a_time_from_the_lowest() {
        // The worked example of the protocol buffers' encoding guide: 150 is 96 01; field 1 of type varint is 08.
        assert_eq!(Message::default().number(1, 150).0, [0x08, 0x96, 0x01]);
        // And the string "testing" in field 2.
        assert_eq!(Message::default().text(2, "testing").0, b"\x12\x07testing");
    }

    #[test]
    fn the_same_graph_gives_the_same_bytes() {
        let build = || {
            let mut graph = Graph::new("g");
            let two = graph.floats(&[1], &[2.0]);
            let output = graph.node("Mul", &["x", &two], &[]);
            graph.finish(("x", &[1]), (&output, &[1]))
        };
        assert_eq!(build(), build());
    }
}
