//! The one rule for files that a command writes: what is there already is kept.
//!
//! `--force` writes over it, for what can be made again. Recordings of an exchange, reports and keys never are: they have no
//! `--force`.

use std::path::Path;

use clap::Args;

use crate::cli_error::CliError;

/// For commands whose files can be made again.
#[derive(Args, Clone, Copy, Default)]
pub(crate) struct Overwrite {
    /// Write over a file that is there already
    #[arg(long)]
    force: bool,
}

impl Overwrite {
    /// Whether what is there may be written over.
    pub(crate) const fn is_forced(self) -> bool {
        self.force
    }

    /// Looks at the files to come, before the work for them begins.
    pub(crate) fn check<'a>(self, files: impl IntoIterator<Item = &'a Path>) -> Result<(), CliError> {
        let mut kept = files
            .into_iter()
            .filter(|file| !self.force && holds_something(file));
        kept.next().map_or(Ok(()), |file| {
            Err(is_there(file, ", or --force to write over it"))
        })
    }
}

/// For files that are never written over.
pub(crate) fn refuse<'a>(files: impl IntoIterator<Item = &'a Path>) -> Result<(), CliError> {
    let mut kept = files.into_iter().filter(|file| holds_something(file));
    kept.next()
        .map_or(Ok(()), |file| Err(is_there(file, ", or move that one away")))
}

/// An empty file, made to be written to, holds nothing; neither do `/dev/null` and pipes.
fn holds_something(file: &Path) -> bool {
    file.metadata()
        .is_ok_and(|about| about.is_dir() || about.is_file() && about.len() > 0)
}

fn is_there(file: &Path, or: &str) -> CliError {
    let file = file.display();
    CliError::Usage(format!(
        "{file} is there already, and was left as it is: name another file{or}"
    ))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Overwrite, refuse};

    #[test]
    fn what_holds_something_is_kept_unless_it_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, content).unwrap();
            file
        };
        let (full, empty, new) = (
            file("full", "a thesis"),
            file("empty", ""),
            folder.path().join("new"),
        );
        let (gentle, force) = (Overwrite { force: false }, Overwrite { force: true });
        for fine in [&*empty, &*new, Path::new("/dev/null")] {
            assert!(
                gentle.check([fine]).is_ok() && refuse([fine]).is_ok(),
                "{}",
                fine.display()
            );
        }
        for kept in [&*full, folder.path()] {
            assert!(gentle.check([&*new, kept]).is_err() && refuse([kept]).is_err());
        }
        assert!(force.check([&*full]).is_ok());
    }
}
