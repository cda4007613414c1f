//! A second inference engine: ONNX Runtime, its library loaded when the first model is.
//!
//! `ORT_DYLIB_PATH` names the library (`libonnxruntime.so`, also part of the Python package onnxruntime). It is used where
//! the feature `onnxruntime` is on and the variable is set; otherwise everything runs on `tract`.

use std::{
    path::Path,
    sync::{Mutex, OnceLock},
};

use ort::{environment::Environment, session::Session, value::TensorRef};

use crate::{
    FaceError,
    network::{Prepared, Runtime},
};

pub(crate) struct OnnxRuntime;

/// Names the library.
const LIBRARY: &str = "ORT_DYLIB_PATH";

/// What loading the library came to; it is loaded once.
static LOADED: OnceLock<Result<Environment, String>> = OnceLock::new();

/// Whether the environment names the library.
pub(crate) fn is_wanted() -> bool {
    std::env::var_os(LIBRARY).is_some_and(|path| !path.is_empty())
}

/// Loads the library that the environment names. A library that is named and cannot be loaded is an error: nobody should
/// believe that another engine ran.
pub(crate) fn load() -> Result<Environment, String> {
    let path = std::env::var_os(LIBRARY).unwrap_or_default();
    load_from(Path::new(&path))
}

fn load_from(path: &Path) -> Result<Environment, String> {
    let broken = |error: &dyn std::fmt::Display| {
        format!("{} from {LIBRARY} cannot be loaded: {error}", path.display())
    };
    let load = || {
        let builder = ort::init_from(path).map_err(|error| broken(&error))?;
        builder.build().map_err(|error| broken(&error))
    };
    LOADED.get_or_init(load).clone()
}

struct Ready {
    name: String,
    session: Mutex<Session>,
    shape: Vec<usize>,
}

impl Runtime for OnnxRuntime {
    fn prepare(
        &self,
        name: &str,
        bytes: Vec<u8>,
        shapes: &[Vec<usize>],
    ) -> Result<Vec<Box<dyn Prepared>>, FaceError> {
        let environment = load().map_err(FaceError::inference(name))?;
        let mut all: Vec<Box<dyn Prepared>> = Vec::new();
        for shape in shapes {
            let session = Session::builder(&environment)
                .map_err(FaceError::inference(name))?
                .with_intra_threads(1)
                .map_err(FaceError::inference(name))?
                .commit_from_memory(&bytes)
                .map_err(FaceError::inference(name))?;
            all.push(Box::new(Ready {
                name: name.to_owned(),
                session: Mutex::new(session),
                shape: shape.clone(),
            }));
        }
        Ok(all)
    }
}

impl Prepared for Ready {
    fn run(&self, input: &[f32]) -> Result<Vec<Vec<f32>>, FaceError> {
        let input = TensorRef::from_array_view((self.shape.clone(), input))
            .map_err(FaceError::inference(&self.name))?;
        let mut session = self
            .session
            .lock()
            .map_err(|_| FaceError::inference(&self.name)("another thread ended while it ran"))?;
        let outputs = session
            .run(ort::inputs![input])
            .map_err(FaceError::inference(&self.name))?;
        let mut all = Vec::new();
        for (_, output) in &outputs {
            let (_, values) = output
                .try_extract_tensor::<f32>()
                .map_err(FaceError::inference(&self.name))?;
            all.push(values.to_vec());
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use chipgate_models::{Family, manifests, models_dir};

    use super::*;
    use crate::{centerface, input, tract::Tract};

    /// The library of the Python package onnxruntime, where `cargo xtask test` puts it.
    fn library() -> Option<PathBuf> {
        let named = std::env::var_os(LIBRARY).map(PathBuf::from);
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let targets = [
            Some(root.join("target")),
            std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from),
        ];
        let folders = targets.into_iter().flatten();
        let libraries = folders.flat_map(|target| {
            let folder = target.join("tools/python-peers/onnxruntime/capi");
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            entries
                .map(|entry| entry.path())
                .filter(|path| {
                    let name = path
                        .file_name()
                        .unwrap_or_default()
                        .to_string_lossy()
                        .into_owned();
                    name.starts_with("libonnxruntime.so")
                })
                .collect::<Vec<_>>()
        });
        named.into_iter().chain(libraries).find(|path| path.is_file())
    }

    #[test]
    fn both_engines_compute_the_same_from_every_model_that_is_there() {
        let test = "tract and ONNX Runtime on every model";
        let (Some(library), Ok(folder)) = (library(), models_dir()) else {
            println!(
                "skipped: {test}: the library of onnxruntime is not there (cargo xtask test fetches it)"
            );
            return;
        };
        load_from(&library).unwrap();
        for manifest in manifests().unwrap() {
            let shape = match (&manifest.embedder, &manifest.attack, manifest.family) {
                (Some(numbers), ..) => input::shape(numbers.side, numbers.side, &numbers.pixels),
                (_, Some(numbers), _) => input::shape(numbers.side, numbers.side, &numbers.pixels),
                (.., Family::Centerface) => centerface::shapes().remove(0),
                _ => continue,
            };
            let Ok(bytes) = manifest.read(&folder) else {
                println!(
                    "skipped: {test}: {} is not fetched (cargo xtask models)",
                    manifest.name
                );
                continue;
            };
            let count: usize = shape.iter().product();
            let values: Vec<f32> = (0..count)
                .map(|index| f32::from((index * 7 % 251) as u8) / 251.0)
                .collect();
            let run = |runtime: &dyn Runtime| {
                let prepared = runtime
                    .prepare(&manifest.name, bytes.clone(), std::slice::from_ref(&shape))
                    .unwrap();
                prepared[0].run(&values).unwrap()
            };
            let (ours, theirs) = (run(&Tract), run(&OnnxRuntime));
            assert_eq!(ours.len(), theirs.len(), "{}", manifest.name);
            for (a, b) in ours.iter().flatten().zip(theirs.iter().flatten()) {
                assert!(
                    (a - b).abs() < 1e-3 * b.abs().max(1.0),
                    "{}: {a} {b}",
                    manifest.name
                );
            }
            println!("{}: both engines agree", manifest.name);
        }
    }
}
