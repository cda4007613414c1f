//! Models and pictures, where they are there.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use chipgate_face::{Engine, RgbImage, decode};

static ENGINE: LazyLock<Option<Engine>> = LazyLock::new(|| {
    let models = chipgate_models::models_dir().ok()?;
    let all_there = chipgate_models::manifests()
        .ok()?
        .iter()
        .filter(|model| model.default)
        .all(|model| models.join(&model.file).is_file());
    all_there.then(|| Engine::load(&models).expect("models that are there load"))
});

/// The engine, or `None` with a line that `test` is skipped.
pub fn engine(test: &str) -> Option<&'static Engine> {
    if ENGINE.is_none() {
        println!("skipped: {test}: the models are not fetched (cargo xtask models)");
    }
    ENGINE.as_ref()
}

/// A file of the shared data, or `None` with a line that `test` is skipped.
pub fn shared(test: &str, path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data")
        .join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {test}: {} is not there", path.display());
    None
}

pub fn picture(path: &Path) -> RgbImage {
    decode(&fs::read(path).expect("a picture that is there")).expect("a sound picture")
}
