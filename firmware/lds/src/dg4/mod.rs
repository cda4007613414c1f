//! DG4: the irises, which are read only after terminal authentication (Doc 9303-10, 4.7.4).

mod iso19794_6;
mod iso39794_6;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use core::fmt;

use chipgate_apdu::tlv::Tag;

use crate::LdsError;
use crate::biometric::iso39794::is_block;
use crate::biometric::{self, Group, Record};
use iso39794_6::IRIS_IMAGE_DATA_BLOCK;

pub(crate) const STRUCTURE: &str = "DG4";
const TEMPLATE: Tag = Tag(0x76);

/// Which eye it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Eye {
    /// Not said.
    Unknown,
    /// The right one.
    Right,
    /// The left one.
    Left,
}

/// How an iris's picture is compressed, without regard to colour (ISO/IEC 19794-6:2005, table 2; ISO/IEC 39794-6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IrisImageFormat {
    /// Not at all.
    Raw,
    /// JPEG.
    Jpeg,
    /// JPEG-LS.
    JpegLs,
    /// JPEG 2000.
    Jpeg2000,
    /// PNG.
    Png,
    /// PGM or PPM.
    Pnm,
    /// Another code, as the record has it.
    Other(u16),
}

/// One picture of an iris, still compressed. The picture does not appear in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct IrisImage {
    /// Which eye.
    pub eye: Eye,
    /// How the picture is compressed.
    pub format: IrisImageFormat,
    /// Width and height in pixels, where the record says so.
    pub size: Option<(u16, u16)>,
    /// The picture.
    pub image: Vec<u8>,
}

impl fmt::Debug for IrisImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IrisImage")
            .field("format", &self.format)
            .field("length", &self.image.len())
            .finish_non_exhaustive()
    }
}

/// DG4: pictures of irises, or none and then a filler.
///
/// ```text
/// 76 { 7F61 { 02 number of templates   7F60 { A1 header   5F2E | 7F2E biometric data block } … }   53 filler, if there are none }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dg4 {
    /// All pictures of all records, in their order.
    pub irises: Vec<IrisImage>,
    /// What stands beside no pictures, as in [`Dg3`](crate::Dg3).
    pub filler: Option<Vec<u8>>,
}

impl Dg4 {
    /// Reads the whole file: records of ISO/IEC 19794-6 and data blocks of 39794-6.
    pub fn parse(file: &[u8]) -> Result<Self, LdsError> {
        let group = Group::parse(STRUCTURE, file, TEMPLATE)?;
        let mut irises = Vec::new();
        for block in group.blocks {
            irises.append(&mut pictures(block)?);
        }
        let filler = group.filler.map(<[u8]>::to_vec);
        Ok(Self { irises, filler })
    }

    /// Writes the file with one ISO/IEC 19794-6 record a picture, for the side of the card.
    pub fn encode(&self) -> Result<Vec<u8>, LdsError> {
        let does_not_fit = |field| LdsError::DoesNotFit {
            structure: STRUCTURE,
            field,
        };
        let records = self.irises.iter().map(|iris| {
            Ok(Record {
                biometric_type: Some(0x10),
                subtype: Some(iris.eye.code()),
                format: 0x0009,
                block: iso19794_6::encode(iris).ok_or(does_not_fit("a picture"))?,
                constructed: false,
            })
        });
        let records: Vec<Record> = records.collect::<Result<_, _>>()?;
        biometric::encode(TEMPLATE, &records, self.filler.as_deref())
            .ok_or(does_not_fit("the number of pictures"))
    }
}

impl Eye {
    /// The same code in both records, and in CBEFF's subtype.
    const fn code(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Right => 1,
            Self::Left => 2,
        }
    }

    const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Unknown),
            1 => Some(Self::Right),
            2 => Some(Self::Left),
            _ => None,
        }
    }
}

fn pictures(block: &[u8]) -> Result<Vec<IrisImage>, LdsError> {
    if block.starts_with(iso19794_6::FORMAT_IDENTIFIER) {
        iso19794_6::decode(block)
    } else if is_block(block, IRIS_IMAGE_DATA_BLOCK) {
        iso39794_6::decode(block)
    } else {
        let what = "a biometric data block that is neither ISO/IEC 19794-6 nor 39794-6";
        Err(Group::unsupported(STRUCTURE, what))
    }
}
