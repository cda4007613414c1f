//! The embedder against onnxruntime, where Python has it (`CHIPGATE_TEST_PYTHON` names another Python).

use std::process::Command;

use chipgate_face::AlignedEmbedder;
use chipgate_models::{manifest, models_dir};

use crate::{alone::pattern, common::engine};

const SCRIPT: &str = "
import sys, numpy, onnxruntime
chip = numpy.fromfile(sys.argv[2], numpy.uint8).reshape(1, 150, 150, 3).transpose(0, 3, 1, 2).astype(numpy.float32)
for value in onnxruntime.InferenceSession(sys.argv[1]).run(None, {'image': chip})[0][0]: print(repr(float(value)))
";

#[test]
fn both_engines_give_one_template() {
    let test = "tract against onnxruntime";
    if engine(test).is_none() {
        return;
    }
    let python = std::env::var("CHIPGATE_TEST_PYTHON").unwrap_or("python3".to_owned());
    let has_it = Command::new(&python)
        .args(["-c", "import numpy, onnxruntime"])
        .output();
    if !has_it.is_ok_and(|output| output.status.success()) {
        println!("skipped: {test}: {python} has no onnxruntime");
        return;
    }
    let manifest = manifest("dlib-face-recognition").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let chip = folder.path().join("chip");
    std::fs::write(&chip, pattern().into_raw()).unwrap();
    let model = models_dir().unwrap().join(&manifest.file);
    let output = Command::new(&python)
        .args(["-c", SCRIPT])
        .arg(model)
        .arg(chip)
        .output()
        .unwrap();
    let theirs: Vec<f32> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|l| l.parse().unwrap())
        .collect();
    let bytes = manifest.read(&models_dir().unwrap()).unwrap();
    let network = AlignedEmbedder::load(&manifest, bytes, manifest.embedder.as_ref().unwrap()).unwrap();
    let ours = network.embed_once(&pattern()).unwrap();
    assert_eq!(theirs.len(), 128);
    for (a, b) in ours.values().iter().zip(theirs) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
}
