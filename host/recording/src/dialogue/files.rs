//! Files put together from what READ BINARY brought.

use std::collections::BTreeMap;

use chipgate_apdu::{
    Response, StatusWord,
    tlv::{self, Tag},
};
use chipgate_lds::File;

/// What became of a file that was asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct FileTrace {
    /// What the chip made of the wish.
    pub found: Found,
    /// Whether it was selected at least once, whatever became of its reading.
    pub selected: bool,
    /// The bytes from the file's beginning, as far as they were read without a gap.
    pub bytes: Vec<u8>,
}

/// What a chip made of the wish for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It was selected or read.
    There,
    /// The chip has none (6A82).
    Absent,
    /// The chip refused it.
    Refused(StatusWord),
}

impl FileTrace {
    /// Whether it was read to the end that its first bytes name.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        tlv::header(&self.bytes).is_ok_and(|(_, header, length)| self.bytes.len() >= header + length)
    }
}

/// Notes what a SELECT came to.
pub(super) fn note_selection(files: &mut BTreeMap<File, FileTrace>, file: File, status: StatusWord) {
    let found = match status {
        StatusWord::FILE_NOT_FOUND => Found::Absent,
        StatusWord::SECURITY_STATUS_NOT_SATISFIED | StatusWord::CONDITIONS_NOT_SATISFIED => {
            Found::Refused(status)
        }
        status if status.is_success() => Found::There,
        _ => return,
    };
    let trace = files.entry(file).or_insert(FileTrace {
        found,
        selected: false,
        bytes: Vec::new(),
    });
    if trace.bytes.is_empty() {
        trace.found = found;
    }
}

/// Notes what a READ BINARY came to.
pub(super) fn note_reading(
    files: &mut BTreeMap<File, FileTrace>,
    file: File,
    (offset, odd): (usize, bool),
    response: &Response,
) {
    let data = if odd {
        tlv::single(&response.data, Tag(0x53)).unwrap_or_default()
    } else {
        &response.data
    };
    if data.is_empty() {
        return note_selection(files, file, response.status);
    }
    let trace = files.entry(file).or_insert(FileTrace {
        found: Found::There,
        selected: false,
        bytes: Vec::new(),
    });
    trace.found = Found::There;
    if let Some(known) = trace.bytes.len().checked_sub(offset) {
        // What was read twice is the same, or the later reading counts.
        let again = known.min(data.len());
        trace.bytes[offset..offset + again].copy_from_slice(&data[..again]);
        trace.bytes.extend_from_slice(&data[again..]);
    }
}
