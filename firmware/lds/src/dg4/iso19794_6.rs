//! The iris image record of ISO/IEC 19794-6:2005, clause 6.
//!
//! ```text
//! "IIR" 0  "010" 0  length u32  capture device u16  number of eyes u8  length of the header u16  properties u16
//! diameter u16  format u16  width u16  height u16  depth u8  transformation u8  device [16]       record header, 45 bytes
//! { eye u8  number of pictures u16                                                                eye header
//!   { number u16  quality u8  rotation u16  its uncertainty u16  length u32                       image header
//!     picture } … } …
//! ```

use alloc::vec::Vec;

use super::{Eye, IrisImage, IrisImageFormat, STRUCTURE};
use crate::LdsError;
use crate::biometric::Cursor;

/// With which a record starts.
pub const FORMAT_IDENTIFIER: &[u8; 4] = b"IIR\0";
const VERSION: &[u8; 4] = b"010\0";
const RECORD_HEADER: usize = 45;
const EYE_HEADER: usize = 3;
const IMAGE_HEADER: usize = 11;

impl IrisImageFormat {
    /// Grey and colour have codes of their own.
    const fn from_code(code: u16) -> Self {
        match code {
            2 | 4 => Self::Raw,
            6 | 8 => Self::Jpeg,
            10 | 12 => Self::JpegLs,
            14 | 16 => Self::Jpeg2000,
            code => Self::Other(code),
        }
    }

    /// The code for a grey picture; `None` for what this record cannot hold.
    const fn code(self) -> Option<u16> {
        match self {
            Self::Raw => Some(2),
            Self::Jpeg => Some(6),
            Self::JpegLs => Some(10),
            Self::Jpeg2000 => Some(14),
            Self::Png | Self::Pnm => None,
            Self::Other(code) => Some(code),
        }
    }
}

/// The pictures of a record. Its lengths are compared with what is there before anything is taken.
pub fn decode(record: &[u8]) -> Result<Vec<IrisImage>, LdsError> {
    let mut bytes = Cursor::new(STRUCTURE, record);
    bytes.take(FORMAT_IDENTIFIER.len() + VERSION.len())?;
    if record.len() as u64 != u64::from(bytes.u32()?) {
        return Err(bytes.invalid("the length of the iris record"));
    }
    bytes.take(2)?;
    let eyes = bytes.u8()?;
    if usize::from(bytes.u16()?) != RECORD_HEADER {
        return Err(bytes.invalid("the length of the iris record's header"));
    }
    // Properties and diameter.
    bytes.take(4)?;
    let format = IrisImageFormat::from_code(bytes.u16()?);
    let size = (bytes.u16()?, bytes.u16()?);
    // Depth, transformation and device.
    bytes.take(18)?;
    let mut images = Vec::new();
    for _ in 0..eyes {
        let eye = Eye::from_code(bytes.u8()?).ok_or(bytes.invalid("which eye it is"))?;
        for _ in 0..bytes.u16()? {
            images.push(picture(&mut bytes, eye, format, size)?);
        }
    }
    if bytes.rest().is_empty() {
        Ok(images)
    } else {
        Err(bytes.invalid("the number of eyes"))
    }
}

fn picture(
    bytes: &mut Cursor<'_>,
    eye: Eye,
    format: IrisImageFormat,
    size: (u16, u16),
) -> Result<IrisImage, LdsError> {
    bytes.take(IMAGE_HEADER - 4)?;
    let length = bytes.u32()? as usize;
    Ok(IrisImage {
        eye,
        format,
        // Zero is unknown.
        size: Some(size).filter(|&size| size != (0, 0)),
        image: bytes.take(length)?.to_vec(),
    })
}

/// A record with one grey picture; `None` if it does not fit.
pub fn encode(iris: &IrisImage) -> Option<Vec<u8>> {
    let length = RECORD_HEADER + EYE_HEADER + IMAGE_HEADER + iris.image.len();
    let (width, height) = iris.size.unwrap_or_default();
    let mut record = Vec::with_capacity(length);
    record.extend(FORMAT_IDENTIFIER);
    record.extend(VERSION);
    record.extend(u32::try_from(length).ok()?.to_be_bytes());
    // No capture device, one eye.
    record.extend([0, 0, 1]);
    record.extend((RECORD_HEADER as u16).to_be_bytes());
    // Properties and diameter undefined.
    record.extend([0; 4]);
    record.extend(iris.format.code()?.to_be_bytes());
    record.extend(width.to_be_bytes());
    record.extend(height.to_be_bytes());
    // Eight bits a pixel, no transformation, no device.
    record.extend([8, 0]);
    record.extend([b'0'; 16]);
    record.extend([iris.eye.code(), 0, 1]);
    // The first picture, no quality, rotation unknown.
    record.extend([0, 1, 254, 0xFF, 0xFF, 0xFF, 0xFF]);
    record.extend(u32::try_from(iris.image.len()).ok()?.to_be_bytes());
    record.extend_from_slice(&iris.image);
    Some(record)
}
