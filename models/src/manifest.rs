//! The manifests: what each model is, where it comes from and the numbers that belong to it.

use std::{fs, path::Path};

use serde::Deserialize;

use crate::{
    AttackNumbers, Calibration, Conversion, DetectorNumbers, EmbedderNumbers, LandmarkerNumbers, ModelsError,
    Reference, Source, hash,
};

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Finds faces and their five points.
    Detector,
    /// Places points on a face that a detector found.
    Landmarker,
    /// Turns an aligned face into a template.
    Embedder,
    /// Tells a face from a picture of one.
    AttackDetector,
}

/// Which kind of network a model is. Models of one family share the code before and behind the network, so that another
/// one of them takes a manifest and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Anchor-free, a grid of cells with heat, size, offset and five points. A detector.
    Centerface,
    /// dlib's cascade of regression trees. A landmarker with five points.
    DlibFivePoints,
    /// A square with the face aligned by five points, one vector out. An embedder.
    AlignedEmbedder,
    /// A square around the face, one probability a class out. An attack detector.
    AttackClassifier,
}

/// One model: everything that its file in `models/` says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The name it is called by here.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Which kind of network it is.
    pub family: Family,
    /// Whether it is fetched and loaded without being asked for by name. Only models of proven licence and origin are.
    #[serde(default)]
    pub default: bool,
    /// What is unproven about licence or origin, as a warning to whoever names the model. Absent where all is proven.
    pub unproven: Option<String>,
    /// Its file's name in the cache.
    pub file: String,
    /// SHA-256 of that file, after conversion.
    pub sha256: String,
    /// SPDX identifier of the weights' licence.
    pub licence: String,
    /// Who made it, and from what.
    pub origin: String,
    /// How far licence and origin are proven.
    pub proven: String,
    /// What is done to the file taken out of the package.
    pub conversion: Conversion,
    /// The package it comes from.
    pub source: Source,
    /// The numbers of a detector.
    pub detector: Option<DetectorNumbers>,
    /// The numbers of a landmarker.
    pub landmarker: Option<LandmarkerNumbers>,
    /// The numbers of an embedder.
    pub embedder: Option<EmbedderNumbers>,
    /// The numbers of an attack detector.
    pub attack: Option<AttackNumbers>,
    /// How a score of this embedder is to be read.
    pub calibration: Option<Calibration>,
    /// What was measured, in words.
    #[serde(default)]
    pub measured: Vec<String>,
    /// What other programs compute from it, from the file beside the manifest; an operator's model may have none.
    #[serde(skip)]
    pub reference: Option<Reference>,
}

impl Manifest {
    /// The model's bytes out of the folder of fetched models, checked against the pinned hash.
    pub fn read(&self, folder: &Path) -> Result<Vec<u8>, ModelsError> {
        let path = folder.join(&self.file);
        let bytes = fs::read(&path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => ModelsError::NotFetched {
                name: self.name.clone(),
                path: path.clone(),
            },
            _ => ModelsError::File {
                path: path.clone(),
                source,
            },
        })?;
        hash::check(&path.display().to_string(), &self.sha256, &hash::sha256(&bytes))?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalogue::parse, manifest, manifests};

    #[test]
    fn every_manifest_parses_and_pins_by_full_hashes() {
        for manifest in manifests().unwrap() {
            let source = &manifest.source;
            for hash in [&manifest.sha256, &source.archive_sha256, &source.member_sha256] {
                assert_eq!(hex::decode(hash).unwrap().len(), 32, "{}", manifest.name);
            }
        }
    }

    #[test]
    fn a_model_carries_the_numbers_of_its_family() {
        for manifest in manifests().unwrap() {
            let numbers = [
                (Family::Centerface, manifest.detector.is_some()),
                (Family::DlibFivePoints, manifest.landmarker.is_some()),
                (Family::AlignedEmbedder, manifest.embedder.is_some()),
                (Family::AttackClassifier, manifest.attack.is_some()),
            ];
            for (family, there) in numbers {
                assert_eq!(there, manifest.family == family, "{} {family:?}", manifest.name);
            }
        }
    }

    #[test]
    fn an_embedder_says_how_its_scores_are_read() {
        for manifest in manifests().unwrap().iter().filter(|m| m.role == Role::Embedder) {
            assert!(manifest.calibration.is_some(), "{}", manifest.name);
        }
    }

    #[test]
    fn every_model_has_reference_outputs_of_another_program() {
        for manifest in manifests().unwrap() {
            let reference = manifest.reference.unwrap();
            assert!(!reference.by.is_empty(), "{}", manifest.name);
            for by in reference.by {
                let values: usize = by.output.iter().map(|output| output.values.len()).sum();
                assert!(values >= 2 && by.program.contains(' '), "{}", manifest.name);
            }
        }
    }

    #[test]
    fn what_is_unproven_is_never_a_default() {
        for manifest in manifests().unwrap() {
            assert!(
                !manifest.default || manifest.unproven.is_none(),
                "{}",
                manifest.name
            );
        }
    }

    #[test]
    fn a_file_that_is_not_converted_has_one_hash() {
        for manifest in manifests()
            .unwrap()
            .iter()
            .filter(|m| m.conversion == Conversion::None)
        {
            assert_eq!(
                manifest.sha256, manifest.source.member_sha256,
                "{}",
                manifest.name
            );
        }
    }

    #[test]
    fn a_model_that_is_not_there_and_one_that_was_changed_are_different_errors() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = manifest("centerface").unwrap();
        assert!(matches!(
            manifest.read(folder.path()),
            Err(ModelsError::NotFetched { .. })
        ));
        fs::write(folder.path().join(&manifest.file), b"something else").unwrap();
        assert!(matches!(
            manifest.read(folder.path()),
            Err(ModelsError::HashMismatch { .. })
        ));
    }

    #[test]
    fn rejects_a_manifest_with_an_unknown_key_by_name() {
        let error = parse::<Manifest>("x.toml", "nmae = 'x'").unwrap_err().to_string();
        assert!(error.contains("x.toml") && error.contains("nmae"), "{error}");
    }
}
