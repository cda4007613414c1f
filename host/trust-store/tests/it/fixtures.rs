//! Folders with fixtures in them.

use std::path::{Path, PathBuf};

use chipgate_apdu::Timestamp;
use tempfile::TempDir;

/// 2026-06-01.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_780_272_000);

/// A fixture of firmware/trust.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../firmware/trust/tests/data/{name}.der"))
}

pub(crate) fn bytes(name: &str) -> Vec<u8> {
    let path = fixture(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn empty() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A folder with these fixtures under these file names.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = empty();
    for (fixture, name) in files {
        std::fs::write(folder.path().join(name), bytes(fixture)).unwrap();
    }
    folder
}

/// The names of the files in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    // The lock stays; it holds nothing.
    names.retain(|name| name != ".lock");
    names.sort();
    names
}
