//! The face image data block of ISO/IEC 39794-5:2019, annex A, with the tags that its application profile in Doc 9303 uses.
//!
//! ```text
//! A1 { 65 {                                             FaceImageDataBlock
//!     A0 version
//!     A1 { 30 {                                         RepresentationBlock, one or more
//!         80 representation identifier
//!         A1 { A0 { A0 {                                ImageRepresentation, base, two-dimensional
//!             80 picture
//!             A1 information about it   A2 … } } }
//!         A2 … } … } } }
//! ```

use alloc::vec::Vec;

use chipgate_apdu::tlv::Tag;

use super::{FaceEncoding, FaceImage, STRUCTURE};
use crate::LdsError;
use crate::asn1::{Components, SEQUENCE, find, single};

const BLOCK_CHOICE: Tag = Tag(0xA1);
const FACE_IMAGE_DATA_BLOCK: Tag = Tag(0x65);
const REPRESENTATION_BLOCKS: Tag = Tag(0xA1);
const IMAGE_REPRESENTATION: Tag = Tag(0xA1);
const BASE: Tag = Tag(0xA0);
const TWO_DIMENSIONAL: Tag = Tag(0xA0);
const PICTURE: Tag = Tag(0x80);

/// The pictures of all representations.
pub fn decode(block: &[u8]) -> Result<Vec<FaceImage>, LdsError> {
    let data_block = match find(STRUCTURE, block, BLOCK_CHOICE)? {
        Some(choice) => single(STRUCTURE, choice, FACE_IMAGE_DATA_BLOCK)?,
        None => single(STRUCTURE, block, FACE_IMAGE_DATA_BLOCK)?,
    };
    let blocks = required(data_block, REPRESENTATION_BLOCKS, "the representation blocks")?;
    let mut components = Components::new(STRUCTURE, blocks);
    let mut images = Vec::new();
    while let Some(representation) = components.optional(SEQUENCE)? {
        images.push(FaceImage::recognise(
            picture(representation.value)?.to_vec(),
            FaceEncoding::Iso39794_5,
        )?);
    }
    components.finish()?;
    Ok(images)
}

fn picture(representation: &[u8]) -> Result<&[u8], LdsError> {
    let image = required(representation, IMAGE_REPRESENTATION, "the image representation")?;
    let base = find(STRUCTURE, image, BASE)?.ok_or(LdsError::Unsupported {
        structure: STRUCTURE,
        what: "an image representation that is an extension",
    })?;
    let two_dimensional = find(STRUCTURE, base, TWO_DIMENSIONAL)?.ok_or(LdsError::Unsupported {
        structure: STRUCTURE,
        what: "an image representation that is not two-dimensional",
    })?;
    required(two_dimensional, PICTURE, "the picture")
}

fn required<'a>(value: &'a [u8], tag: Tag, field: &'static str) -> Result<&'a [u8], LdsError> {
    let structure = STRUCTURE;
    find(structure, value, tag)?.ok_or(LdsError::Field { structure, field })
}
