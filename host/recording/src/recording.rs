use std::{fs, path::Path};

use chipgate_apdu::Limits;

use crate::{
    Entry, Header, RecordingError,
    format::{FORMAT, VERSION},
};

/// A recording as it was read from a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Recording {
    /// The first line.
    pub header: Header,
    /// The other lines.
    pub entries: Vec<Entry>,
}

impl Recording {
    /// Reads a recording.
    pub fn read(path: &Path) -> Result<Self, RecordingError> {
        Self::parse(&fs::read_to_string(path).map_err(RecordingError::file(path))?)
    }

    /// Reads the text of a recording.
    pub fn parse(text: &str) -> Result<Self, RecordingError> {
        let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
        let first = lines.next().map_or("", |(_, line)| line);
        let header = parse_header(first)?;
        let entry = |(line, text)| serde_json::from_str(text).map_err(|error| malformed(line, &error));
        let entries = lines.filter(|(_, text)| !text.trim().is_empty()).map(entry);
        Ok(Self {
            header,
            entries: entries.collect::<Result<_, _>>()?,
        })
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
    if version != VERSION {
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
