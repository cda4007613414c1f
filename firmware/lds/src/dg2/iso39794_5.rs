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

use chipgate_apdu::tlv::{self, Tag};

use super::{FaceEncoding, FaceImage, ImageFormat, STRUCTURE};
use crate::LdsError;
use crate::asn1::find;
use crate::biometric::iso39794::{representations, required};

pub const FACE_IMAGE_DATA_BLOCK: Tag = Tag(0x65);
const IMAGE_REPRESENTATION: Tag = Tag(0xA1);
const BASE: Tag = Tag(0xA0);
const TWO_DIMENSIONAL: Tag = Tag(0xA0);
const PICTURE: Tag = Tag(0x80);
const CODE: Tag = Tag(0x80);

/// The pictures of all representations.
pub fn decode(block: &[u8]) -> Result<Vec<FaceImage>, LdsError> {
    representations(STRUCTURE, block, FACE_IMAGE_DATA_BLOCK)?
        .into_iter()
        .map(|representation| {
            let picture = picture(representation)?.to_vec();
            FaceImage::recognise(picture, FaceEncoding::Iso39794_5)
        })
        .collect()
}

/// A block with one picture and what annex A makes mandatory: version 3 of the encoding, of the year 2019, and how the picture is compressed.
pub fn encode(face: &FaceImage) -> Vec<u8> {
    let format = match face.format {
        ImageFormat::Jpeg => 2,
        ImageFormat::Jpeg2000 => 3,
    };
    let picture = tlv::encode(PICTURE, &face.image);
    let information = nested(&[0xA1, 0xA0], &tlv::encode(CODE, &[format]));
    let image = nested(&[0xA1, 0xA0, 0xA0], &[picture, information].concat());
    let identifier = tlv::encode(Tag(0x80), &[0]);
    let representations = nested(&[0xA1, 0x30], &[identifier, image].concat());
    let version = nested(&[0xA0], &[0x80, 1, 3, 0x81, 2, 0x07, 0xE3]);
    nested(
        &[0xA1, FACE_IMAGE_DATA_BLOCK.0],
        &[version, representations].concat(),
    )
}

/// A value in these tags, the outermost first.
fn nested(tags: &[u32], value: &[u8]) -> Vec<u8> {
    tags.iter()
        .rev()
        .fold(value.to_vec(), |inner, &tag| tlv::encode(Tag(tag), &inner))
}

fn picture(representation: &[u8]) -> Result<&[u8], LdsError> {
    let field = "the image representation";
    let image = required(STRUCTURE, representation, IMAGE_REPRESENTATION, field)?;
    let base = find(STRUCTURE, image, BASE)?.ok_or(LdsError::Unsupported {
        structure: STRUCTURE,
        what: "an image representation that is an extension",
    })?;
    let two_dimensional = find(STRUCTURE, base, TWO_DIMENSIONAL)?.ok_or(LdsError::Unsupported {
        structure: STRUCTURE,
        what: "an image representation that is not two-dimensional",
    })?;
    required(STRUCTURE, two_dimensional, PICTURE, "the picture")
}
