//! The live picture, or a camera's frames, from files.

use std::{
    io::stdin,
    path::{Path, PathBuf},
};

use chipgate_face::{Challenge, RgbImage, decode};
use chipgate_gate::{LONGEST_PICTURE, Live, read_at_most};
use chipgate_inspection::Language;
use rand::seq::IndexedRandom;

use super::words;
use crate::cli_error::CliError;

/// What is asked of the person at the camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asking {
    /// This.
    For(Challenge),
    /// One of all, drawn now: the frames come after it.
    Random,
}

/// What `--challenge` takes.
pub(super) fn parse(name: &str) -> Result<Asking, String> {
    if name == "random" {
        return Ok(Asking::Random);
    }
    Challenge::from_name(name).map(Asking::For).ok_or_else(|| {
        let names = Challenge::ALL.map(Challenge::name).join(", ");
        format!("it is {names} or random")
    })
}

/// The frames, and what the person was asked before them.
pub(super) struct Camera {
    frames: Vec<RgbImage>,
    challenge: Option<Challenge>,
}

impl Camera {
    pub(super) fn live(&self) -> Live<'_> {
        Live {
            frames: &self.frames,
            challenge: self.challenge,
        }
    }

    /// Says what is asked of the person, and reads the frames. `None` if none were given.
    pub(super) fn look(
        given: &[PathBuf],
        asking: Option<Asking>,
        language: Language,
    ) -> Result<Option<Self>, CliError> {
        if given.is_empty() {
            return Ok(None);
        }
        let challenge = asking.and_then(|asking| ask(asking, language));
        let frames = frames(given)?;
        Ok(Some(Self { frames, challenge }))
    }
}

/// Says it, and after one that was drawn waits until the frames are there.
fn ask(asking: Asking, language: Language) -> Option<Challenge> {
    let phrases = words::phrases(language);
    let challenge = match asking {
        Asking::For(challenge) => challenge,
        Asking::Random => *Challenge::ALL.choose(&mut rand::rng())?,
    };
    eprintln!(
        "  {}: {}.",
        phrases.ask_the_person,
        words::challenge(challenge, language)
    );
    if asking == Asking::Random {
        eprintln!("  {}", phrases.then_enter);
        // Where nobody can press a key, the end of the input does as well.
        let _ = stdin().read_line(&mut String::new());
    }
    Some(challenge)
}

/// Ten seconds at fifteen frames a second: no capture takes longer (TR-03121-3).
const MOST_FRAMES: usize = 150;
/// What all frames together may have, so that they fit into memory.
const MOST_PIXELS: u64 = 150_000_000;

/// The pictures of the files, and of the folders' files in the order of their names.
fn frames(given: &[PathBuf]) -> Result<Vec<RgbImage>, CliError> {
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
    Ok(frames)
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
