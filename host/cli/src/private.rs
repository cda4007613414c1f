//! Files with personal data: only their owner can read them.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use crate::cli_error::CliError;

/// Makes a folder that only its owner can enter, if it is not there.
pub(crate) fn make_folder(folder: &Path) -> Result<(), CliError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| CliError::file(folder, error))
}

/// Writes a file that only its owner can read. It is there whole or not at all; an older one is replaced, and with it
/// its mode. A device or a pipe is written to.
pub(crate) fn write(file: &Path, bytes: &[u8]) -> Result<(), CliError> {
    if file.metadata().is_ok_and(|about| !about.is_file()) {
        return fs::write(file, bytes).map_err(|error| CliError::file(file, error));
    }
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    let part = Path::new(&name);
    let _ = fs::remove_file(part); // what an interrupted run left; what can't be removed fails to be made anew
    let write = || {
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(part)?
            .write_all(bytes)?;
        fs::rename(part, file)
    };
    write().map_err(|error| CliError::file(file, error))
}
