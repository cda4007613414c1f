//! Writing a file so that it is there completely or not at all.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use crate::error::StoreError;

/// Writes beside the target, flushes to the disk, and renames: a reader sees the old state or the new one.
pub(crate) fn write(target: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    // The ending is one that a store does not look at, so that what a crash leaves behind is never read.
    let temporary = target.with_extension(format!("{}.partial", std::process::id()));
    let written = write_and_rename(&temporary, target, bytes);
    if written.is_err() {
        // What is left of the attempt is of no use; the first error is the one to tell.
        let _ = fs::remove_file(&temporary);
    }
    written.map_err(|source| StoreError::NotWritable {
        path: target.to_path_buf(),
        source,
    })
}

fn write_and_rename(temporary: &Path, target: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(temporary, target)?;
    match target.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
