//! Each model against the outputs beside its manifest, which onnxruntime and dlib computed (models/references.py).

use chipgate_face::{FaceError, check_reference};
use chipgate_models::{Manifest, manifest, manifests, models_dir};

/// The models that are fetched; the others are named as skipped.
fn fetched(test: &str) -> Vec<Manifest> {
    let folder = models_dir().unwrap();
    let (there, absent): (Vec<_>, Vec<_>) = manifests()
        .unwrap()
        .into_iter()
        .partition(|manifest| folder.join(&manifest.file).is_file());
    for manifest in absent {
        println!("skipped: {test}: {} is not fetched", manifest.name);
    }
    there
}

#[test]
fn each_model_computes_what_other_programs_compute() {
    let folder = models_dir().unwrap();
    for manifest in fetched("a model against its reference outputs") {
        let agreed = check_reference(&manifest, &folder).unwrap();
        let dlibs = manifest.name.starts_with("dlib");
        assert_eq!(
            agreed.iter().any(|program| program.starts_with("dlib ")),
            dlibs,
            "{agreed:?}"
        );
        assert!(!agreed.is_empty(), "{}", manifest.name);
    }
}

#[test]
fn a_model_that_computes_something_else_is_refused_by_name() {
    let folder = models_dir().unwrap();
    for mut manifest in fetched("a model that differs") {
        let by = &mut manifest.reference.as_mut().unwrap().by;
        *by.last_mut()
            .unwrap()
            .output
            .last_mut()
            .unwrap()
            .values
            .last_mut()
            .unwrap() += 0.1;
        let error = check_reference(&manifest, &folder).unwrap_err();
        assert!(matches!(error, FaceError::ReferenceDiffers { .. }), "{error}");
        assert!(error.to_string().contains(&manifest.name), "{error}");
    }
}

#[test]
fn a_model_without_a_reference_agrees_with_nobody() {
    let mut manifest = manifest("centerface").unwrap();
    manifest.reference = None;
    assert_eq!(
        check_reference(&manifest, &models_dir().unwrap()).unwrap(),
        [""; 0]
    );
}
