//! The finger image record of ISO/IEC 19794-4:2005, clause 7.
//!
//! ```text
//! "FIR" 0  "010" 0  length u48  capture device u16  acquisition level u16  number of fingers u8  scale u8
//! scan resolution u16 u16  image resolution u16 u16  depth u8  compression u8  0000            general header, 32 bytes
//! { length u32  position u8  number of views u8  view u8  quality u8  impression u8
//!   width u16  height u16  00                                                                  finger header, 14 bytes
//!   picture } …
//! ```

use alloc::vec::Vec;

use super::{FingerImage, FingerImageFormat, STRUCTURE};
use crate::LdsError;
use crate::biometric::Cursor;

/// With which a record starts.
pub const FORMAT_IDENTIFIER: &[u8; 4] = b"FIR\0";
const VERSION: &[u8; 4] = b"010\0";
const GENERAL_HEADER: usize = 32;
const FINGER_HEADER: usize = 14;
/// 500 pixels an inch, in pixels a centimetre.
const RESOLUTION: u16 = 197;

impl FingerImageFormat {
    const fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Raw,
            1 => Self::BitPacked,
            2 => Self::Wsq,
            3 => Self::Jpeg,
            4 => Self::Jpeg2000,
            5 => Self::Png,
            code => Self::Other(code),
        }
    }

    /// `None` for what this record cannot hold.
    const fn code(self) -> Option<u8> {
        match self {
            Self::Raw => Some(0),
            Self::BitPacked => Some(1),
            Self::Wsq => Some(2),
            Self::Jpeg => Some(3),
            Self::Jpeg2000 => Some(4),
            Self::Png => Some(5),
            Self::Pgm => None,
            Self::Other(code) => Some(code),
        }
    }
}

/// The pictures of a record: all views of all fingers. The number in the header is that of fingers or, in some records, of views.
pub fn decode(record: &[u8]) -> Result<Vec<FingerImage>, LdsError> {
    let mut bytes = Cursor::new(STRUCTURE, record);
    bytes.take(FORMAT_IDENTIFIER.len() + VERSION.len())?;
    if record.len() as u64 != bytes.u48()? {
        return Err(bytes.invalid("the length of the finger record"));
    }
    // Capture device and acquisition level.
    bytes.take(4)?;
    let fingers = usize::from(bytes.u8()?);
    // Scale, resolutions and depth.
    bytes.take(10)?;
    let format = FingerImageFormat::from_code(bytes.u8()?);
    bytes.take(2)?;
    let (mut images, mut views) = (Vec::new(), 0_usize);
    while !bytes.rest().is_empty() {
        let (image, view, of) = finger(&mut bytes, format)?;
        views += usize::from(view <= 1 || of <= 1);
        images.push(image);
    }
    if fingers == images.len() || fingers == views {
        Ok(images)
    } else {
        Err(bytes.invalid("the number of fingers"))
    }
}

/// A picture, which view of its finger it is, and of how many.
fn finger(bytes: &mut Cursor<'_>, format: FingerImageFormat) -> Result<(FingerImage, u8, u8), LdsError> {
    let length = bytes.within(bytes.rest()).u32()? as usize;
    let block = bytes.take(length)?;
    let mut block = bytes.within(block);
    block.take(4)?;
    let position = block.u8()?;
    let (of, view) = (block.u8()?, block.u8()?);
    // Quality and impression.
    block.take(2)?;
    let size = Some((block.u16()?, block.u16()?));
    block.take(1)?;
    let image = FingerImage {
        position,
        format,
        size,
        image: block.rest().to_vec(),
    };
    Ok((image, view, of))
}

/// A record with one picture at 500 pixels an inch and eight bits a pixel; `None` if it does not fit.
pub fn encode(finger: &FingerImage) -> Option<Vec<u8>> {
    let (width, height) = finger.size?;
    let block = FINGER_HEADER + finger.image.len();
    let mut record = Vec::with_capacity(GENERAL_HEADER + block);
    record.extend(FORMAT_IDENTIFIER);
    record.extend(VERSION);
    record.extend(((GENERAL_HEADER + block) as u64).to_be_bytes().get(2..)?);
    // No capture device, acquisition level 31, one finger, pixels a centimetre.
    record.extend([0, 0, 0, 31, 1, 2]);
    for _ in 0..4 {
        record.extend(RESOLUTION.to_be_bytes());
    }
    record.extend([8, finger.format.code()?, 0, 0]);
    record.extend(u32::try_from(block).ok()?.to_be_bytes());
    // One view of one, no quality, a plain impression of a live finger.
    record.extend([finger.position, 1, 1, 254, 0]);
    record.extend(width.to_be_bytes());
    record.extend(height.to_be_bytes());
    record.push(0);
    record.extend_from_slice(&finger.image);
    Some(record)
}
