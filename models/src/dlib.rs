//! dlib's face recognition network, from dlib's own serialisation to ONNX, and its cascade of trees to flat numbers.
//!
//! The format and the network were worked out from dlib's public sources (`serialize.h`, `dnn/core.h`,
//! `dnn/layers.h`, `examples/dnn_face_recognition_ex.cpp`); what is here was written for this project.

mod architecture;
mod graph;
mod network;
mod reader;
mod trees;

pub(crate) use graph::to_onnx;
pub(crate) use network::read;
pub(crate) use trees::read_trees;
