//! The live picture, or a camera's frames, from files.

use std::path::{Path, PathBuf};

use chipgate_face::{RgbImage, decode};
use chipgate_gate::{LONGEST_PICTURE, read_at_most};

use crate::cli_error::CliError;

/// Ten seconds at fifteen frames a second: no capture takes longer (TR-03121-3).
const MOST_FRAMES: usize = 150;
/// What all frames together may have, so that they fit into memory.
const MOST_PIXELS: u64 = 150_000_000;

/// The pictures of the files, and of the folders' files in the order of their names. `None` if none was given.
pub(super) fn frames(given: &[PathBuf]) -> Result<Option<Vec<RgbImage>>, CliError> {
    if given.is_empty() {
        return Ok(None);
    }
    let mut files = Vec::new();
    for path in given {
        if path.is_dir() {
            files.extend(folder(path)?);
        } else {
            files.push(path.clone());
        }
    }
    if files.len() > MOST_FRAMES {
        return Err(CliError::Usage(format!(
            "{} live frames; at most {MOST_FRAMES} are looked at: give fewer",
            files.len()
        )));
    }
    let (mut frames, mut pixels) = (Vec::new(), 0);
    for file in &files {
        let frame = read(file)?;
        pixels += u64::from(frame.width()) * u64::from(frame.height());
        if pixels > MOST_PIXELS {
            return Err(CliError::Usage(format!(
                "the live frames have more than {MOST_PIXELS} pixels together: give fewer or smaller ones"
            )));
        }
        frames.push(frame);
    }
    Ok(Some(frames))
}

/// The files of a folder, by name; what begins with a dot is left out.
fn folder(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| CliError::file(folder, error))? {
        let path = entry.map_err(|error| CliError::file(folder, error))?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_file() && !hidden {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(CliError::Usage(format!("{} has no pictures", folder.display())));
    }
    files.sort();
    Ok(files)
}

fn read(file: &Path) -> Result<RgbImage, CliError> {
    let bytes = read_at_most(file, LONGEST_PICTURE).map_err(|error| CliError::file(file, error))?;
    decode(&bytes).map_err(|error| CliError::Picture {
        file: file.to_owned(),
        error,
    })
}
