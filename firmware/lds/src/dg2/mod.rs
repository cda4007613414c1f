//! DG2: the face, in CBEFF's templates (Doc 9303-10, 4.7.2).

mod image;
mod iso19794_5;
mod iso39794_5;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use core::fmt;

use chipgate_apdu::tlv::Tag;

use crate::LdsError;
use crate::biometric::iso39794::is_block;
use crate::biometric::{self, Group, Record};
use iso39794_5::FACE_IMAGE_DATA_BLOCK;

pub use image::ImageFormat;

pub(crate) const STRUCTURE: &str = "DG2";
const TEMPLATE: Tag = Tag(0x75);

/// How the record around an image is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaceEncoding {
    /// ISO/IEC 19794-5:2005, a binary record.
    Iso19794_5,
    /// ISO/IEC 39794-5:2019, ASN.1.
    Iso39794_5,
}

/// One picture of the face, still compressed. The picture itself does not appear in `Debug`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaceImage {
    /// What the picture is, by its first bytes; what the record says of it is often wrong.
    pub format: ImageFormat,
    /// How the record around it is written; one for a new picture is of ISO/IEC 19794-5 unless this says otherwise.
    pub encoding: FaceEncoding,
    /// The picture: a JPEG file, a JP2 file or a JPEG 2000 codestream.
    pub image: Vec<u8>,
    /// Its width in pixels, as the picture's own header has it.
    pub width: u32,
    /// Its height in pixels, as the picture's own header has it.
    pub height: u32,
}

impl FaceImage {
    /// Takes a JPEG file, a JP2 file or a JPEG 2000 codestream, recognised by its first bytes. Only its header is read.
    pub fn new(image: Vec<u8>) -> Result<Self, LdsError> {
        Self::recognise(image, FaceEncoding::Iso19794_5)
    }

    pub(crate) fn recognise(image: Vec<u8>, encoding: FaceEncoding) -> Result<Self, LdsError> {
        let header = image::Header::read(&image)?;
        Ok(Self {
            format: header.format,
            encoding,
            image,
            width: header.width,
            height: header.height,
        })
    }
}

impl fmt::Debug for FaceImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaceImage")
            .field("format", &self.format)
            .field("encoding", &self.encoding)
            .field("length", &self.image.len())
            .field("width", &self.width)
            .field("height", &self.height)
            .finish_non_exhaustive()
    }
}

/// DG2: the pictures of the face, best first. A child's document may hold none.
///
/// ```text
/// 75 { 7F61 { 02 number of templates   7F60 { A1 header   5F2E | 7F2E biometric data block } … } }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dg2 {
    /// All pictures of all records, in their order.
    pub faces: Vec<FaceImage>,
}

impl Dg2 {
    /// Reads the whole file. Each level is read once and none calls itself, so that nesting is bounded by the standard's own.
    pub fn parse(file: &[u8]) -> Result<Self, LdsError> {
        let mut faces = Vec::new();
        for block in Group::parse(STRUCTURE, file, TEMPLATE)?.blocks {
            faces.append(&mut pictures(block)?);
        }
        Ok(Self { faces })
    }

    /// Writes the file with one record a picture, of the kind that the picture names.
    pub fn encode(&self) -> Result<Vec<u8>, LdsError> {
        let does_not_fit = |field| LdsError::DoesNotFit {
            structure: STRUCTURE,
            field,
        };
        let records = self
            .faces
            .iter()
            .map(|face| record(face).ok_or(does_not_fit("a picture")));
        let records: Vec<Record> = records.collect::<Result<_, _>>()?;
        biometric::encode(TEMPLATE, &records, None).ok_or(does_not_fit("the number of pictures"))
    }
}

/// A picture's record, of which nothing but its format and its size is said; `None` if it is too large.
fn record(face: &FaceImage) -> Option<Record> {
    Some(match face.encoding {
        FaceEncoding::Iso19794_5 => Record {
            biometric_type: Some(0x02),
            subtype: Some(0x00),
            format: 0x0008,
            block: iso19794_5::encode(face)?,
            constructed: false,
        },
        FaceEncoding::Iso39794_5 => Record {
            biometric_type: None,
            subtype: None,
            format: 0x002A,
            block: iso39794_5::encode(face),
            constructed: true,
        },
    })
}

/// The pictures of one biometric data block. What it is shows in its first bytes.
fn pictures(block: &[u8]) -> Result<Vec<FaceImage>, LdsError> {
    if block.starts_with(iso19794_5::FORMAT_IDENTIFIER) {
        iso19794_5::decode(block)
    } else if is_block(block, FACE_IMAGE_DATA_BLOCK) {
        iso39794_5::decode(block)
    } else {
        Err(Group::unsupported(
            STRUCTURE,
            "a biometric data block that is neither ISO/IEC 19794-5 nor 39794-5",
        ))
    }
}
