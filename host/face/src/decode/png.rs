//! What a PNG (ISO/IEC 15948) has to end with: its decoder takes one whose last chunk is cut off.

use crate::FaceError;

/// How a PNG begins.
pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1A\n";

pub(super) const NAME: &str = "PNG";

/// Length and type before a chunk's content, and the checksum behind it.
const AROUND: usize = 12;

/// Walks the chunks by their lengths to the end of IEND.
pub(super) fn require_end(bytes: &[u8]) -> Result<(), FaceError> {
    let truncated = || FaceError::broken(NAME)("it ends before its end chunk");
    let mut rest = bytes.get(SIGNATURE.len()..).unwrap_or_default();
    loop {
        let (length, behind) = rest.split_first_chunk::<4>().ok_or_else(truncated)?;
        let is_end = behind.starts_with(b"IEND");
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| truncated())?;
        let next = length.checked_add(AROUND).ok_or_else(truncated)?;
        rest = rest.get(next..).ok_or_else(truncated)?;
        if is_end {
            return Ok(());
        }
    }
}
