use std::path::{Path, PathBuf};

/// Why a recording can't be made, read or replayed.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file can't be read or written.
    #[error("the recording {}: {error}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// The system's words.
        error: std::io::Error,
    },
    /// A line is not one of a recording.
    #[error("line {line} of the recording is none of its format ({problem}): it was cut or changed")]
    Malformed {
        /// The line, from 1.
        line: usize,
        /// What is wrong; it quotes nothing of the line.
        problem: &'static str,
    },
    /// The format is of another version.
    #[error("the recording is of version {found}; this program reads version {known}")]
    UnknownVersion {
        /// The version in the file.
        found: u32,
        /// The one that is read.
        known: u32,
    },
    /// The replay asked for something else than what was recorded.
    #[error(
        "the replay went another way than the recording at line {line}: {wanted} was recorded there; the program, the trust anchors or the password differ"
    )]
    Diverged {
        /// The line, from 1.
        line: usize,
        /// What was recorded there.
        wanted: &'static str,
    },
}

impl RecordingError {
    pub(crate) fn file(file: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let file = file.to_owned();
        move |error| Self::File { file, error }
    }
}
