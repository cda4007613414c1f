//! The facial record of ISO/IEC 19794-5:2005, clause 5.
//!
//! ```text
//! "FAC" 0  "010" 0  length u32  number of faces u16                                   record header
//! { length u32  number of feature points u16  gender, eyes, hair u8  properties [3]
//!   expression u16  pose [3]  its uncertainty [3]                                     facial information
//!   feature point [8] …
//!   image type u8  data type u8  width u16  height u16  colour space u8  source u8
//!   device u16  quality u16                                                           image information
//!   picture } …
//! ```

use alloc::vec::Vec;

use super::{FaceEncoding, FaceImage, ImageFormat, STRUCTURE};
use crate::LdsError;
use crate::biometric::Cursor;

/// With which a record starts.
pub const FORMAT_IDENTIFIER: &[u8; 4] = b"FAC\0";
const VERSION: &[u8; 4] = b"010\0";
const RECORD_HEADER: usize = 14;
const FACIAL_INFORMATION: usize = 20;
const FEATURE_POINT: usize = 8;
const IMAGE_INFORMATION: usize = 12;

/// The pictures of a record. Its lengths are compared with what is there before anything is taken.
pub fn decode(record: &[u8]) -> Result<Vec<FaceImage>, LdsError> {
    let mut bytes = Cursor::new(STRUCTURE, record);
    bytes.take(FORMAT_IDENTIFIER.len())?;
    // Nothing hangs on the version: the lengths say whether the layout is this one.
    bytes.take(VERSION.len())?;
    if record.len() as u64 != u64::from(bytes.u32()?) {
        return Err(bytes.invalid("the length of the facial record"));
    }
    let faces = bytes.u16()?;
    let mut images = Vec::new();
    for _ in 0..faces {
        images.push(face(&mut bytes)?);
    }
    if bytes.rest().is_empty() {
        Ok(images)
    } else {
        Err(bytes.invalid("the number of faces"))
    }
}

fn face(bytes: &mut Cursor<'_>) -> Result<FaceImage, LdsError> {
    let length = bytes.within(bytes.rest()).u32()? as usize;
    let block = bytes.take(length)?;
    let mut block = bytes.within(block);
    block.take(4)?;
    let points = block.u16()?;
    block.take(FACIAL_INFORMATION - 6)?;
    block.take(usize::from(points) * FEATURE_POINT)?;
    block.take(IMAGE_INFORMATION)?;
    FaceImage::recognise(block.rest().to_vec(), FaceEncoding::Iso19794_5)
}

/// A record with one picture, of which nothing but its format and size is said; `None` if it is too long or too large.
pub fn encode(face: &FaceImage) -> Option<Vec<u8>> {
    let block_length = FACIAL_INFORMATION + IMAGE_INFORMATION + face.image.len();
    let mut record = Vec::new();
    record.extend(FORMAT_IDENTIFIER);
    record.extend(VERSION);
    record.extend(u32::try_from(RECORD_HEADER + block_length).ok()?.to_be_bytes());
    record.extend(1_u16.to_be_bytes());
    record.extend(u32::try_from(block_length).ok()?.to_be_bytes());
    record.extend([0; FACIAL_INFORMATION - 4]);
    // A full frontal picture.
    record.push(0x01);
    record.push(match face.format {
        ImageFormat::Jpeg => 0x00,
        ImageFormat::Jpeg2000 => 0x01,
    });
    record.extend(u16::try_from(face.width).ok()?.to_be_bytes());
    record.extend(u16::try_from(face.height).ok()?.to_be_bytes());
    // Colour space sRGB, source, device and quality unspecified.
    record.extend([0x01, 0, 0, 0, 0, 0]);
    record.extend_from_slice(&face.image);
    Some(record)
}
