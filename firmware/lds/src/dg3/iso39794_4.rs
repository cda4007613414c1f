//! The finger image data block of ISO/IEC 39794-4:2019, annex A.
//!
//! ```text
//! A1 { 64 {                             FingerImageDataBlock
//!     A0 version
//!     A1 { 30 {                         RepresentationBlock, one or more
//!         A0 { 80 position }   A1 { 80 impression }   A2 { 80 image data format }   83 picture   … } … } } }
//! ```

use alloc::vec::Vec;

use chipgate_apdu::tlv::Tag;

use super::{FingerImage, FingerImageFormat, STRUCTURE};
use crate::LdsError;
use crate::biometric::iso39794::{code, representations, required};

pub const FINGER_IMAGE_DATA_BLOCK: Tag = Tag(0x64);
const POSITION: Tag = Tag(0xA0);
const IMAGE_DATA_FORMAT: Tag = Tag(0xA2);
const PICTURE: Tag = Tag(0x83);
/// What stands for an extension in place of a code.
const EXTENSION: u8 = 0xFF;

/// The pictures of all representations.
pub fn decode(block: &[u8]) -> Result<Vec<FingerImage>, LdsError> {
    let representations = representations(STRUCTURE, block, FINGER_IMAGE_DATA_BLOCK)?;
    representations.into_iter().map(picture).collect()
}

fn picture(representation: &[u8]) -> Result<FingerImage, LdsError> {
    let position = code(STRUCTURE, representation, POSITION, "the finger's position")?;
    let format = code(
        STRUCTURE,
        representation,
        IMAGE_DATA_FORMAT,
        "the picture's format",
    )?;
    let image = required(STRUCTURE, representation, PICTURE, "the picture")?;
    Ok(FingerImage {
        position: position.unwrap_or_default(),
        format: match format.unwrap_or(EXTENSION) {
            0 => FingerImageFormat::Pgm,
            1 => FingerImageFormat::Wsq,
            2 | 3 => FingerImageFormat::Jpeg2000,
            4 => FingerImageFormat::Png,
            code => FingerImageFormat::Other(code),
        },
        size: None,
        image: image.to_vec(),
    })
}
