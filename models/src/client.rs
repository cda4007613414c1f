//! What the clients of registries have in common, and the choice between them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use crate::{Client, ModelsError, Npm, Pip, Registry, Source};

/// Each package by the client that its manifest names.
#[derive(Debug, Default, Clone, Copy)]
pub struct Clients;

impl Registry for Clients {
    fn download(&self, source: &Source, into: &Path) -> Result<PathBuf, ModelsError> {
        match source.client {
            Client::Pip => Pip.download(source, into),
            Client::Npm => Npm.download(source, into),
            Client::File => Ok(PathBuf::from(&source.package)),
        }
    }
}

/// The file that a client put into the folder, which was empty before.
pub(crate) fn only_file_in(folder: &Path) -> Result<Option<PathBuf>, ModelsError> {
    let mut entries = fs::read_dir(folder).map_err(ModelsError::file(folder))?;
    entries
        .next()
        .transpose()
        .map(|entry| entry.map(|entry| entry.path()))
        .map_err(ModelsError::file(folder))
}

/// The end of what a client said, as an error.
pub(crate) fn failure(client: &'static str, source: &Source, output: &Output) -> ModelsError {
    const SHOWN: usize = 20;
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<_> = text.lines().collect();
    ModelsError::DownloadFailed {
        client,
        package: source.package.clone(),
        version: source.version.clone(),
        output: lines[lines.len().saturating_sub(SHOWN)..].join("\n"),
    }
}
