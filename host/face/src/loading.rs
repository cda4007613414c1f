//! From manifests to models that are ready, as many at once as there are.

use std::{path::Path, thread};

use chipgate_models::{Calibration, Family, Manifest, ModelsError, Role, manifests};

use crate::{
    AlignedEmbedder, AttackClassifier, AttackDetector, CenterFace, Detector, Embedder, FaceError, FivePoints,
    Landmarker,
};

/// Which models an engine is made of; what is not named is the default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The detector's name.
    pub detector: Option<String>,
    /// The embedder's name.
    pub embedder: Option<String>,
    /// The attack detector's name. Without one, none is loaded: there is no default.
    pub attack: Option<String>,
    /// Whether an embedder without a `[calibration]` is taken, to measure one. Nothing ever matches by it.
    pub uncalibrated: bool,
}

/// The parts of an engine.
pub(crate) struct Parts {
    pub(crate) detector: Box<dyn Detector>,
    pub(crate) landmarker: Option<Box<dyn Landmarker>>,
    pub(crate) embedder: Box<dyn Embedder>,
    pub(crate) attack: Option<Box<dyn AttackDetector>>,
    pub(crate) calibration: Calibration,
    pub(crate) version: String,
    pub(crate) unproven: Vec<String>,
}

/// Loads what is selected, each model on a thread of its own.
pub(crate) fn load(models: &Path, selection: &Selection) -> Result<Parts, FaceError> {
    let all = manifests()?;
    let detector = choose(&all, Role::Detector, selection.detector.as_deref())?;
    let embedder = choose(&all, Role::Embedder, selection.embedder.as_deref())?;
    let numbers = required(embedder, embedder.embedder.as_ref(), "[embedder]")?;
    let calibration = calibration(embedder, selection.uncalibrated)?;
    let landmarker = numbers.landmarker.as_deref();
    let landmarker = landmarker
        .map(|name| choose(&all, Role::Landmarker, Some(name)))
        .transpose()?;
    let attack = selection.attack.as_deref();
    let attack = attack
        .map(|name| choose(&all, Role::AttackDetector, Some(name)))
        .transpose()?;
    let unproven = [Some(detector), Some(embedder), landmarker, attack];
    let unproven = unproven.into_iter().flatten().filter_map(|manifest| {
        let text = manifest.unproven.as_ref()?;
        Some(format!("{}: {text}", manifest.name))
    });
    let version = embedder.sha256.get(..VERSION).unwrap_or_default().to_owned();
    let (found, aligned, points, attack) = thread::scope(|scope| {
        let embedding = scope.spawn(|| load_embedder(embedder, models));
        let marking = scope.spawn(|| {
            landmarker
                .map(|manifest| load_landmarker(manifest, models))
                .transpose()
        });
        let ended = |_| FaceError::inference("models")("a thread that loads ended early");
        (
            load_detector(detector, models),
            embedding.join().map_err(ended),
            marking.join().map_err(ended),
            attack.map(|manifest| load_attack(manifest, models)).transpose(),
        )
    });
    Ok(Parts {
        detector: found?,
        landmarker: points??,
        embedder: aligned??,
        attack: attack?,
        calibration,
        version,
        unproven: unproven.collect(),
    })
}

/// How the embedder's scores are read. Without a calibration only a set of pictures can be measured.
fn calibration(embedder: &Manifest, uncalibrated: bool) -> Result<Calibration, FaceError> {
    match &embedder.calibration {
        Some(calibration) if !is_told(calibration) => Err(FaceError::CalibrationTooSmall {
            model: embedder.name.clone(),
            rate: calibration.false_match_rate.into(),
            pairs: calibration.impostor_pairs,
        }),
        Some(calibration) => Ok(calibration.clone()),
        None if uncalibrated => Ok(Calibration {
            threshold: f32::INFINITY,
            false_match_rate: 0.0,
            false_non_match_rate: 1.0,
            origin: "none: not calibrated".to_owned(),
            set: String::new(),
            impostor_pairs: 0,
            curve: Vec::new(),
        }),
        None => Err(FaceError::NotCalibrated {
            model: embedder.name.clone(),
        }),
    }
}

/// No rate below three in the number of impostor pairs is claimed.
#[expect(clippy::cast_precision_loss, reason = "a count of pairs")]
fn is_told(calibration: &Calibration) -> bool {
    f64::from(calibration.false_match_rate) * calibration.impostor_pairs as f64 >= 3.0 - 1e-6
}

/// So many digits of the hash are a model's version.
const VERSION: usize = 16;

/// The manifest of this role that is named, or the default one.
fn choose<'a>(all: &'a [Manifest], role: Role, name: Option<&str>) -> Result<&'a Manifest, FaceError> {
    let mut of_role = all.iter().filter(|manifest| manifest.role == role);
    let found = match name {
        Some(name) => of_role.find(|manifest| manifest.name == name),
        None => of_role.find(|manifest| manifest.default),
    };
    found.ok_or_else(|| {
        let known = all.iter().filter(|manifest| manifest.role == role);
        let known = known
            .map(|manifest| manifest.name.as_str())
            .collect::<Vec<_>>()
            .join(", ");
        FaceError::ModelUnusable(ModelsError::UnknownName {
            name: name.unwrap_or("(default)").to_owned(),
            known,
        })
    })
}

fn required<'a, T>(manifest: &Manifest, numbers: Option<&'a T>, part: &str) -> Result<&'a T, FaceError> {
    numbers.ok_or_else(|| {
        FaceError::ModelUnusable(ModelsError::BrokenManifest {
            file: format!("of {}", manifest.name),
            message: format!("it has no {part}"),
        })
    })
}

fn other_family(manifest: &Manifest) -> FaceError {
    FaceError::ModelUnusable(ModelsError::BrokenManifest {
        file: format!("of {}", manifest.name),
        message: format!(
            "the family {:?} has not the role {:?}",
            manifest.family, manifest.role
        ),
    })
}

fn load_detector(manifest: &Manifest, models: &Path) -> Result<Box<dyn Detector>, FaceError> {
    let bytes = manifest.read(models)?;
    match manifest.family {
        Family::Centerface => {
            let numbers = required(manifest, manifest.detector.as_ref(), "[detector]")?;
            Ok(Box::new(CenterFace::load(manifest, bytes, numbers)?))
        }
        _ => Err(other_family(manifest)),
    }
}

fn load_landmarker(manifest: &Manifest, models: &Path) -> Result<Box<dyn Landmarker>, FaceError> {
    let bytes = manifest.read(models)?;
    match manifest.family {
        Family::DlibFivePoints => {
            let numbers = required(manifest, manifest.landmarker.as_ref(), "[landmarker]")?;
            Ok(Box::new(FivePoints::load(&bytes, numbers)?))
        }
        _ => Err(other_family(manifest)),
    }
}

fn load_embedder(manifest: &Manifest, models: &Path) -> Result<Box<dyn Embedder>, FaceError> {
    let bytes = manifest.read(models)?;
    match manifest.family {
        Family::AlignedEmbedder => {
            let numbers = required(manifest, manifest.embedder.as_ref(), "[embedder]")?;
            Ok(Box::new(AlignedEmbedder::load(manifest, bytes, numbers)?))
        }
        _ => Err(other_family(manifest)),
    }
}

fn load_attack(manifest: &Manifest, models: &Path) -> Result<Box<dyn AttackDetector>, FaceError> {
    let bytes = manifest.read(models)?;
    match manifest.family {
        Family::AttackClassifier => {
            let numbers = required(manifest, manifest.attack.as_ref(), "[attack]")?;
            Ok(Box::new(AttackClassifier::load(manifest, bytes, numbers)?))
        }
        _ => Err(other_family(manifest)),
    }
}
