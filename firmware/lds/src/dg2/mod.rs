//! DG2: the face, in CBEFF's templates (Doc 9303-10, 4.7.2).

mod image;
mod iso19794_5;
mod iso39794_5;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use core::fmt;

use chipgate_apdu::tlv::{self, Tag};

use crate::LdsError;
use crate::asn1::{Components, INTEGER, find, single};

pub use image::ImageFormat;

pub(crate) const STRUCTURE: &str = "DG2";
const TEMPLATE: Tag = Tag(0x75);
const GROUP_TEMPLATE: Tag = Tag(0x7F61);
const INFORMATION_TEMPLATE: Tag = Tag(0x7F60);
const HEADER_TEMPLATE: Tag = Tag(0xA1);
const DATA_BLOCK: Tag = Tag(0x5F2E);
const CONSTRUCTED_DATA_BLOCK: Tag = Tag(0x7F2E);

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
    /// How the record around it is written.
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

    fn recognise(image: Vec<u8>, encoding: FaceEncoding) -> Result<Self, LdsError> {
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
        let group = single(STRUCTURE, single(STRUCTURE, file, TEMPLATE)?, GROUP_TEMPLATE)?;
        let mut components = Components::new(STRUCTURE, group);
        let count = components.small_integer("the number of biometric templates")?;
        let mut faces = Vec::new();
        for _ in 0..count {
            let template = components.expect(INFORMATION_TEMPLATE)?.value;
            faces.append(&mut information_template(template)?);
        }
        components.finish()?;
        Ok(Self { faces })
    }

    /// Writes the file with one ISO/IEC 19794-5 record a picture, whatever record the picture came from.
    pub fn encode(&self) -> Result<Vec<u8>, LdsError> {
        let does_not_fit = |field| LdsError::DoesNotFit {
            structure: STRUCTURE,
            field,
        };
        let count = u8::try_from(self.faces.len()).ok().filter(|&count| count < 0x80);
        let count = count.ok_or(does_not_fit("the number of pictures"))?;
        let mut group = tlv::encode(INTEGER, &[count]);
        for face in &self.faces {
            let record = iso19794_5::encode(face).ok_or(does_not_fit("a picture"))?;
            let header = tlv::encode(HEADER_TEMPLATE, &ISO_19794_5_HEADER);
            let block = tlv::encode(DATA_BLOCK, &record);
            group.extend(tlv::encode(INFORMATION_TEMPLATE, &[header, block].concat()));
        }
        Ok(tlv::encode(TEMPLATE, &tlv::encode(GROUP_TEMPLATE, &group)))
    }
}

/// The biometric header (Doc 9303-10, 4.7.2): facial features without a subtype, and the format of ISO/IEC JTC 1/SC 37
/// (0101) for ISO/IEC 19794-5 (0008). Just these four, since a simple reader finds the picture by its place behind them.
const ISO_19794_5_HEADER: [u8; 14] = [
    0x81, 1, 0x02, 0x82, 1, 0x00, 0x87, 2, 0x01, 0x01, 0x88, 2, 0x00, 0x08,
];

/// The pictures of one biometric information template. What its data block is shows in the block; the header may be wrong.
fn information_template(template: &[u8]) -> Result<Vec<FaceImage>, LdsError> {
    let block = match find(STRUCTURE, template, DATA_BLOCK)? {
        Some(block) => Some(block),
        None => find(STRUCTURE, template, CONSTRUCTED_DATA_BLOCK)?,
    };
    let unsupported = |what| LdsError::Unsupported {
        structure: STRUCTURE,
        what,
    };
    match block {
        Some(block) if block.starts_with(iso19794_5::FORMAT_IDENTIFIER) => iso19794_5::decode(block),
        Some(block) if block.starts_with(&[0xA1]) || block.starts_with(&[0x65]) => iso39794_5::decode(block),
        Some(_) => Err(unsupported(
            "a biometric data block that is neither ISO/IEC 19794-5 nor 39794-5",
        )),
        None => Err(unsupported("a biometric template without a plain data block")),
    }
}
