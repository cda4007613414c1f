//! Each model alone, against figures that other programs computed.

use chipgate_face::{CenterFace, Detector, DlibResnet, RgbImage};
use chipgate_models::{manifest, models_dir};

use crate::common::{engine, picture, shared};

/// A chip that any program can make: no face, but the network answers all the same.
pub fn pattern() -> RgbImage {
    RgbImage::from_fn(150, 150, |x, y| {
        image::Rgb([(x * 5 + y * 3) as u8, (x * y) as u8, (x ^ y) as u8])
    })
}

/// What dlib 20.0.1's `face_recognition_model_v1` computes for [`pattern`], from the unconverted model.
const DLIB: [f32; 8] = [
    -0.109_233, 0.116_842, 0.085_18, -0.069_529, -0.106_839, -0.031_963, -0.021_992, 0.017_327,
];
const DLIB_SUM: f32 = -0.700_345;
const DLIB_NORM: f32 = 1.361_275;

#[test]
fn the_converted_network_computes_what_dlib_computes() {
    if engine("the converted network against dlib").is_none() {
        return;
    }
    let manifest = manifest("dlib-face-recognition").unwrap();
    let bytes = manifest.read(&models_dir().unwrap()).unwrap();
    let network = DlibResnet::load(&manifest, &bytes, manifest.embedder.as_ref().unwrap()).unwrap();
    let template = network.embed_once(&pattern()).unwrap();
    let values = template.values();
    for (ours, dlibs) in values.iter().zip(DLIB) {
        assert!((ours - dlibs).abs() < 1e-4, "{ours} {dlibs}");
    }
    assert!((values.iter().sum::<f32>() - DLIB_SUM).abs() < 1e-3);
    assert!((values.iter().map(|v| v * v).sum::<f32>().sqrt() - DLIB_NORM).abs() < 1e-4);
}

/// What onnxruntime 1.32 finds for s5/1 with the same input, decoded by a script in Python (enlarged by Pillow).
const POINTS: [[f32; 2]; 5] = [
    [17.42, 56.5],
    [48.64, 54.91],
    [29.63, 73.97],
    [20.27, 87.67],
    [46.19, 86.07],
];

#[test]
fn the_detector_finds_the_points_that_onnxruntime_finds() {
    let test = "the detector against onnxruntime";
    let (Some(_), Some(path)) = (engine(test), shared(test, "faces/att/s5/1.pgm")) else {
        return;
    };
    let manifest = manifest("centerface").unwrap();
    let bytes = manifest.read(&models_dir().unwrap()).unwrap();
    let detector = CenterFace::load(&manifest, &bytes, manifest.detector.as_ref().unwrap()).unwrap();
    let faces = detector.detect(&picture(&path)).unwrap();
    assert_eq!(faces.len(), 1);
    assert!((faces[0].score - 0.898).abs() < 0.01);
    for (ours, theirs) in faces[0].points.iter().zip(POINTS) {
        assert!(ours.distance(theirs.into()) < 0.3, "{ours:?} {theirs:?}");
    }
}
