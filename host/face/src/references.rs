//! A model held against what other programs compute from it (`models/manifests/*.reference.toml`).

use std::path::Path;

use chipgate_models::{Family, Manifest, ModelsError, Pixels, Reference};
use image::{Rgb, RgbImage};

use crate::{FaceError, FivePoints, Rectangle, input, network::Network};

/// Runs the fetched model on the picture of its reference and compares what comes out, to 10⁻³. Returns the programs that it agrees with:
/// none where nothing stands beside its manifest.
pub fn check_reference<'a>(manifest: &'a Manifest, models: &Path) -> Result<Vec<&'a str>, FaceError> {
    let Some(reference) = &manifest.reference else {
        return Ok(Vec::new());
    };
    let [width, height] = reference.size;
    let picture = RgbImage::from_fn(width, height, |x, y| Rgb(Reference::pixel(x, y)));
    let found = outputs(manifest, models, &picture)?;
    let mut agreed = Vec::new();
    for by in &reference.by {
        let differs = |difference: String| FaceError::ReferenceDiffers {
            model: manifest.name.clone(),
            program: by.program.clone(),
            difference,
        };
        if found.len() != by.output.len() {
            return Err(differs(format!(
                "it has {} outputs, not {}",
                found.len(),
                by.output.len()
            )));
        }
        for (index, (expected, found)) in by.output.iter().zip(&found).enumerate() {
            if let Some(difference) = expected.difference(found) {
                return Err(differs(format!("of output {index}, {difference}")));
            }
        }
        agreed.push(by.program.as_str());
    }
    Ok(agreed)
}

/// What the model gives for the whole picture, by its family.
fn outputs(manifest: &Manifest, models: &Path, picture: &RgbImage) -> Result<Vec<Vec<f32>>, FaceError> {
    let bytes = manifest.read(models)?;
    let network = |bytes: Vec<u8>, pixels: &Pixels| {
        let shape = input::shape(picture.width(), picture.height(), pixels);
        Network::load(&manifest.name, bytes, &shape)?.run(&input::values(picture, pixels))
    };
    match (
        manifest.family,
        &manifest.embedder,
        &manifest.attack,
        &manifest.landmarker,
    ) {
        (Family::Centerface, ..) => network(bytes, &Pixels::default()),
        (Family::AlignedEmbedder, Some(numbers), ..) => network(bytes, &numbers.pixels),
        (Family::AttackClassifier, _, Some(numbers), _) => network(bytes, &numbers.pixels),
        (Family::DlibFivePoints, .., Some(numbers)) => {
            Ok(vec![points(&FivePoints::load(&bytes, numbers)?, picture)])
        }
        _ => Err(FaceError::ModelUnusable(ModelsError::BrokenManifest {
            file: format!("of {}", manifest.name),
            message: "the numbers of its family are missing".to_owned(),
        })),
    }
}

/// The points on the whole picture, as shares of its sides.
#[expect(clippy::cast_precision_loss, reason = "sides of a picture of the reference")]
fn points(landmarker: &FivePoints, picture: &RgbImage) -> Vec<f32> {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let square = Rectangle {
        x: 0.0,
        y: 0.0,
        width,
        height,
    };
    let points = landmarker.points_in(picture, square);
    points
        .iter()
        .flat_map(|point| [point.x / width, point.y / height])
        .collect()
}
