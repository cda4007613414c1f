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
    /// The last line is not there: the file was cut, or the program that wrote it was stopped.
    #[error(
        "the recording ends after line {line} without its last line: the file was cut, or the program that recorded was stopped; record again"
    )]
    Cut {
        /// The last line that is there, from 1.
        line: usize,
    },
    /// The lines are not those that were recorded.
    #[error(
        "line {line} of the recording is not as it was written: it was changed, or a line was added or taken out there; take the original file"
    )]
    Altered {
        /// The first such line, from 1.
        line: usize,
    },
    /// The file is longer than any recording.
    #[error("the recording {} has {length} bytes; at most {longest} are read", file.display())]
    TooLong {
        /// The file.
        file: PathBuf,
        /// Its length in bytes.
        length: u64,
        /// The most that is read.
        longest: u64,
    },
    /// What was recorded can't be made again with invented data.
    #[error("no twin can be made of the recording: it has {what}")]
    NoTwin {
        /// What it has.
        what: &'static str,
    },
    /// What the file holds does not open everything in it: what stays closed can't be exchanged.
    #[error("line {line} of the recording can't be redacted: {problem}; delete the file if it must not stay")]
    NotRedactable {
        /// The line, from 1.
        line: usize,
        /// What is in the way.
        problem: &'static str,
    },
    /// A cryptographic primitive failed.
    #[error("a twin's keys or signatures can't be made: {0}")]
    Crypto(#[from] chipgate_crypto::CryptoError),
    /// The twin is no card that the virtual card can be.
    #[error(transparent)]
    Card(#[from] chipgate_virtual_card::CardError),
    /// A line of another program's trace is none.
    #[error("line {line} of the trace: {problem}; `> 00A4…` is a command, `< 9000` its response")]
    NotATrace {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// The format is of another version.
    #[error(
        "the recording is of version {found}; this program reads versions 1 to {known}: take the program that recorded it, or a newer one"
    )]
    UnknownVersion {
        /// The version in the file.
        found: u32,
        /// The newest that is read.
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
    /// The replay ended, and the recording goes on.
    #[error(
        "the replay ended before the recording: {exchanges} recorded exchange(s) were not made again, the first at line {line}; the program, the options or what is printed differ"
    )]
    Unused {
        /// The line of the first one, from 1.
        line: usize,
        /// How many there are.
        exchanges: usize,
    },
}

impl RecordingError {
    pub(crate) fn file(file: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let file = file.to_owned();
        move |error| Self::File { file, error }
    }
}
