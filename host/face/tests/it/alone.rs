//! Each model alone, against figures that other programs computed.

use chipgate_face::{CenterFace, Detector, FivePoints, Rectangle, RgbImage};
use chipgate_models::{manifest, models_dir, picture_path};

use crate::common::{engine, picture, shared};

/// A chip that any program can make: no face, but the network answers all the same.
pub fn pattern() -> RgbImage {
    RgbImage::from_fn(150, 150, |x, y| {
        image::Rgb([(x * 5 + y * 3) as u8, (x * y) as u8, (x ^ y) as u8])
    })
}

/// What onnxruntime 1.32 finds for s5/1 on the same two inputs, coarse and precise, made and decoded by a script in Python.
const POINTS: [[f32; 2]; 5] = [
    [17.37, 56.86],
    [48.03, 55.32],
    [29.49, 75.26],
    [22.7, 89.5],
    [47.31, 88.11],
];

/// What dlib 20.0.1 (PyPI dlib-bin) places in the square from (350, 150) to (550, 350) of the official portrait, rounded to whole pixels.
const FIVE: [[f32; 2]; 5] = [
    [566.0, 214.0],
    [527.0, 216.0],
    [423.0, 216.0],
    [464.0, 216.0],
    [497.0, 295.0],
];

#[test]
fn the_five_points_are_where_dlib_puts_them() {
    let test = "the five points against dlib";
    let (Some(_), Ok(path)) = (engine(test), picture_path("obama")) else {
        return;
    };
    let manifest = manifest("dlib-five-points").unwrap();
    let bytes = manifest.read(&models_dir().unwrap()).unwrap();
    let points = FivePoints::load(&bytes, manifest.landmarker.as_ref().unwrap()).unwrap();
    let square = Rectangle {
        x: 350.0,
        y: 150.0,
        width: 201.0,
        height: 201.0,
    };
    let found = points.points_in(&picture(&path), square);
    for (ours, dlibs) in found.iter().zip(FIVE) {
        // dlib rounds, and decoders of JPEG differ in the last bit, which may turn a tree's question.
        assert!(ours.distance(dlibs.into()) < 1.2, "{ours:?} {dlibs:?}");
    }
}

#[test]
fn the_detector_finds_the_points_that_onnxruntime_finds() {
    let test = "the detector against onnxruntime";
    let (Some(_), Some(path)) = (engine(test), shared(test, "faces/att/s5/1.pgm")) else {
        return;
    };
    let manifest = manifest("centerface").unwrap();
    let bytes = manifest.read(&models_dir().unwrap()).unwrap();
    let detector = CenterFace::load(&manifest, bytes, manifest.detector.as_ref().unwrap()).unwrap();
    let picture = picture(&path);
    let coarse = detector.detect(&picture).unwrap();
    assert_eq!(coarse.len(), 1);
    let face = detector.refine(&picture, &coarse[0]).unwrap().unwrap();
    assert!((face.score - 0.883).abs() < 0.01);
    for (ours, theirs) in face.points.iter().zip(POINTS) {
        assert!(ours.distance(theirs.into()) < 0.3, "{ours:?} {theirs:?}");
    }
}
