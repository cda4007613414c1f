//! All manifests: those in the program, and those that an operator adds.

use std::{fs, path::Path};

use crate::{Manifest, ModelsError, Reference};

/// Names a folder of manifests (`*.toml`) beside the built-in ones.
const FOLDER: &str = "CHIPGATE_MANIFESTS";

/// A report has room for a name of this many bytes with its version.
const LONGEST_NAME: usize = 40;

/// What other programs compute from a model stands beside its manifest, in a file with this ending.
const REFERENCE: &str = ".reference.toml";

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        [$((
            $name,
            include_str!(concat!("../manifests/", $name, ".toml")),
            include_str!(concat!("../manifests/", $name, ".reference.toml")),
        )),*]
    };
}

/// The built-in manifests, the defaults first, then those of the folder that the variable `CHIPGATE_MANIFESTS` names.
/// A manifest of the folder takes the place of a built-in one of the same name.
pub fn manifests() -> Result<Vec<Manifest>, ModelsError> {
    let files = built_in![
        "centerface",
        "dlib-five-points",
        "dlib-face-recognition",
        "fr_feature",
        "fr_liveness",
    ];
    let mut all = Vec::new();
    for (name, text, reference) in files {
        let manifest: Manifest = parse(&format!("{name}.toml"), text)?;
        all.push(with_reference(
            manifest,
            &format!("{name}{REFERENCE}"),
            reference,
        )?);
    }
    if let Some(folder) = std::env::var_os(FOLDER).filter(|folder| !folder.is_empty()) {
        add_folder(&mut all, Path::new(&folder))?;
    }
    Ok(all)
}

/// Adds the manifests of a folder, in the order of their file names.
fn add_folder(all: &mut Vec<Manifest>, folder: &Path) -> Result<(), ModelsError> {
    let entries = fs::read_dir(folder).map_err(ModelsError::file(folder))?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(ModelsError::file(folder))?;
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        path.extension().is_some_and(|extension| extension == "toml") && !name.ends_with(REFERENCE)
    });
    paths.sort();
    for path in paths {
        let text = fs::read_to_string(&path).map_err(ModelsError::file(&path))?;
        let file = path.display().to_string();
        let mut manifest: Manifest = parse(&file, &text)?;
        if manifest.name.is_empty() || manifest.name.len() > LONGEST_NAME {
            let message = format!("its name must have 1 to {LONGEST_NAME} bytes");
            return Err(ModelsError::BrokenManifest { file, message });
        }
        let beside = path.with_extension(REFERENCE.trim_start_matches('.'));
        if beside.is_file() {
            let text = fs::read_to_string(&beside).map_err(ModelsError::file(&beside))?;
            manifest = with_reference(manifest, &beside.display().to_string(), &text)?;
        }
        match all.iter_mut().find(|other| other.name == manifest.name) {
            Some(other) => *other = manifest,
            None => all.push(manifest),
        }
    }
    Ok(())
}

/// The manifest with what other programs compute from its model.
fn with_reference(mut manifest: Manifest, file: &str, text: &str) -> Result<Manifest, ModelsError> {
    let reference: Reference = parse(file, text)?;
    if reference.model != manifest.name {
        return Err(ModelsError::BrokenManifest {
            file: file.to_owned(),
            message: format!("it is of `{}`, not of `{}`", reference.model, manifest.name),
        });
    }
    manifest.reference = Some(reference);
    Ok(manifest)
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

/// Reads a TOML file.
pub(crate) fn parse<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, ModelsError> {
    toml::from_str(text).map_err(|error| ModelsError::BrokenManifest {
        file: file.to_owned(),
        message: error.to_string().replace('\n', " "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_adds_models_and_replaces_those_of_the_same_name() {
        let folder = tempfile::tempdir().unwrap();
        let text = include_str!("../manifests/centerface.toml");
        fs::write(
            folder.path().join("a.toml"),
            text.replace("\"centerface\"\nrole", "\"another\"\nrole"),
        )
        .unwrap();
        fs::write(folder.path().join("b.toml"), text.replace("\"MIT\"", "\"Zlib\"")).unwrap();
        fs::write(folder.path().join("notes.md"), "no manifest").unwrap();
        let mut all = vec![parse::<Manifest>("centerface.toml", text).unwrap()];
        add_folder(&mut all, folder.path()).unwrap();
        let names: Vec<_> = all
            .iter()
            .map(|m| (m.name.as_str(), m.licence.as_str()))
            .collect();
        assert_eq!(names, [("centerface", "Zlib"), ("another", "MIT")]);
    }

    #[test]
    fn a_broken_manifest_of_a_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("mine.toml"), "name = 1").unwrap();
        let error = add_folder(&mut Vec::new(), folder.path()).unwrap_err();
        assert!(error.to_string().contains("mine.toml"), "{error}");
    }
}
