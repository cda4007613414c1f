//! The iris image data block of ISO/IEC 39794-6:2021, annex A.
//!
//! ```text
//! A1 { 66 {                             IrisImageDataBlock
//!     A0 version
//!     A1 { 30 {                         RepresentationBlock, one or more
//!         80 eye   A1 kind   82 bit depth   A3 { 80 image data format }   …   89 picture   … } … } } }
//! ```

use alloc::vec::Vec;

use chipgate_apdu::tlv::Tag;

use super::{Eye, IrisImage, IrisImageFormat, STRUCTURE};
use crate::LdsError;
use crate::asn1::small;
use crate::biometric::iso39794::{code, representations, required};

pub const IRIS_IMAGE_DATA_BLOCK: Tag = Tag(0x66);
const EYE_LABEL: Tag = Tag(0x80);
const IMAGE_DATA_FORMAT: Tag = Tag(0xA3);
const PICTURE: Tag = Tag(0x89);
/// What stands for an extension in place of a code.
const EXTENSION: u8 = 0xFF;

/// The pictures of all representations.
pub fn decode(block: &[u8]) -> Result<Vec<IrisImage>, LdsError> {
    let representations = representations(STRUCTURE, block, IRIS_IMAGE_DATA_BLOCK)?;
    representations.into_iter().map(picture).collect()
}

fn picture(representation: &[u8]) -> Result<IrisImage, LdsError> {
    let field = "which eye it is";
    let label = required(STRUCTURE, representation, EYE_LABEL, field)?;
    let structure = STRUCTURE;
    let eye = small(label)
        .and_then(Eye::from_code)
        .ok_or(LdsError::Field { structure, field })?;
    let format = code(
        STRUCTURE,
        representation,
        IMAGE_DATA_FORMAT,
        "the picture's format",
    )?;
    let image = required(STRUCTURE, representation, PICTURE, "the picture")?;
    Ok(IrisImage {
        eye,
        format: match format.unwrap_or(EXTENSION) {
            0 | 1 => IrisImageFormat::Pnm,
            2 => IrisImageFormat::Png,
            3 | 4 => IrisImageFormat::Jpeg2000,
            code => IrisImageFormat::Other(code.into()),
        },
        size: None,
        image: image.to_vec(),
    })
}
