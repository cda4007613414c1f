use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use chipgate_apdu::Limits;
use serde::Serialize;

use crate::{
    Entry, Header, RecordingError,
    format::{End, FORMAT, Seal, VERSION, VERSION_WITH_END},
};

/// The longest file that is read, in bytes: some hundred times a full read with fingers and irises.
const LONGEST_FILE: u64 = 256 << 20;

/// A recording as it was read from a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Recording {
    /// The first line.
    pub header: Header,
    /// The other lines, the last one excepted.
    pub entries: Vec<Entry>,
}

impl Recording {
    /// Reads a recording.
    pub fn read(path: &Path) -> Result<Self, RecordingError> {
        // Whatever the file system says of its length: a device has none.
        let mut text = String::new();
        let read = File::open(path).and_then(|file| file.take(LONGEST_FILE + 1).read_to_string(&mut text));
        let length = read.map_err(RecordingError::file(path))? as u64;
        if length > LONGEST_FILE {
            return Err(RecordingError::TooLong {
                file: path.to_owned(),
                length,
                longest: LONGEST_FILE,
            });
        }
        Self::parse(&text)
    }

    /// Reads the text of a recording. One that was cut or changed is refused; only version 1 could not tell.
    pub fn parse(text: &str) -> Result<Self, RecordingError> {
        let header = parse_header(text.lines().next().unwrap_or(""))?;
        let body = if header.version < VERSION_WITH_END {
            text
        } else {
            before_the_end(text)?
        };
        let lines = body.lines().enumerate().map(|(index, line)| (index + 1, line));
        let entry = |(line, text)| serde_json::from_str(text).map_err(|error| malformed(line, &error));
        let entries = lines
            .skip(1)
            .filter(|(_, text)| !text.trim().is_empty())
            .map(entry);
        Ok(Self {
            header,
            entries: entries.collect::<Result<_, _>>()?,
        })
    }

    /// Writes it to a new file that only its owner can read. It is there whole or not at all; an older file at that place is
    /// replaced.
    pub fn write(&self, path: &Path) -> Result<(), RecordingError> {
        let text = self.to_text().map_err(|error| RecordingError::File {
            file: path.to_owned(),
            error: error.into(),
        })?;
        // A device or a pipe is written to.
        if path.metadata().is_ok_and(|about| !about.is_file()) {
            return fs::write(path, text).map_err(RecordingError::file(path));
        }
        let mut name = path.as_os_str().to_owned();
        name.push(".part");
        let part = Path::new(&name);
        create_private(part)?
            .write_all(text.as_bytes())
            .and_then(|()| fs::rename(part, path))
            .map_err(RecordingError::file(path))
    }

    fn to_text(&self) -> Result<String, serde_json::Error> {
        let mut header = self.header.clone();
        header.version = VERSION;
        let mut lines = vec![line(&header)?];
        for entry in &self.entries {
            lines.push(line(entry)?);
        }
        let end = sealed(lines.iter().map(String::as_str));
        lines.push(line(&end)?);
        Ok(lines.concat())
    }
}

fn line(value: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string(value).map(|text| text + "\n")
}

fn sealed<'a>(lines: impl Iterator<Item = &'a str>) -> End {
    let mut seal = Seal::default();
    lines.for_each(|line| seal.line(line.as_bytes()));
    seal.end()
}

/// Creates a file that only its owner can read.
pub(crate) fn create_private(path: &Path) -> Result<File, RecordingError> {
    let _ = fs::remove_file(path); // so that the mode is that of a new file
    let mut options = OpenOptions::new();
    options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(RecordingError::file(path))
}

/// What stands before the last line, which must fit it.
fn before_the_end(text: &str) -> Result<&str, RecordingError> {
    let trimmed = text.trim_end();
    let start = trimmed.rfind('\n').map_or(0, |newline| newline + 1);
    let (body, last) = trimmed.split_at(start);
    let Ok(written) = serde_json::from_str::<End>(last) else {
        return Err(unfinished(trimmed, last));
    };
    let found = sealed(body.split_inclusive('\n'));
    if written == found {
        Ok(body)
    } else {
        Err(RecordingError::Altered {
            line: written.first_difference(&found),
        })
    }
}

/// Whether the last line was cut, or is missing.
fn unfinished(text: &str, last: &str) -> RecordingError {
    let line = text.lines().count();
    match serde_json::from_str::<serde_json::Value>(last) {
        Ok(_) => RecordingError::Cut { line },
        Err(error) => malformed(line, &error),
    }
}

fn parse_header(line: &str) -> Result<Header, RecordingError> {
    let value: serde_json::Value = serde_json::from_str(line).map_err(|error| malformed(1, &error))?;
    if value["format"] != FORMAT {
        return Err(RecordingError::Malformed {
            line: 1,
            problem: "the file is no recording",
        });
    }
    let version = value["version"]
        .as_u64()
        .and_then(|version| u32::try_from(version).ok())
        .unwrap_or(0);
    if !(1..=VERSION).contains(&version) {
        return Err(RecordingError::UnknownVersion {
            found: version,
            known: VERSION,
        });
    }
    let header: Header = serde_json::from_value(value).map_err(|error| malformed(1, &error))?;
    let longest = Limits::extended(header.link);
    if header.command_limit > longest.command || header.response_limit > longest.response {
        return Err(RecordingError::Malformed {
            line: 1,
            problem: "its limits are longer than any command or response",
        });
    }
    Ok(header)
}

/// The kind of mistake only: a message of serde could quote a secret.
fn malformed(line: usize, error: &serde_json::Error) -> RecordingError {
    let problem = match error.classify() {
        serde_json::error::Category::Data => "a field is missing, unknown or of the wrong kind",
        serde_json::error::Category::Eof => "the line ends early",
        serde_json::error::Category::Syntax => "it is no JSON",
        serde_json::error::Category::Io => "it could not be read",
    };
    RecordingError::Malformed { line, problem }
}

/// Shows how long it is, never what is in it.
impl core::fmt::Debug for Recording {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Recording")
            .field("header", &self.header)
            .field("entries", &self.entries.len())
            .finish_non_exhaustive()
    }
}
