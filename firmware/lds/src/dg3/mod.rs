//! DG3: the fingers, which are read only after terminal authentication (Doc 9303-10, 4.7.3).

mod iso19794_4;
mod iso39794_4;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use core::fmt;

use chipgate_apdu::tlv::Tag;

use crate::LdsError;
use crate::biometric::iso39794::is_block;
use crate::biometric::{self, Group, Record};
use iso39794_4::FINGER_IMAGE_DATA_BLOCK;

pub(crate) const STRUCTURE: &str = "DG3";
const TEMPLATE: Tag = Tag(0x63);

/// How a finger's picture is compressed (ISO/IEC 19794-4:2005, table 5; ISO/IEC 39794-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FingerImageFormat {
    /// Not at all, a byte a pixel.
    Raw,
    /// Not at all, its bits packed.
    BitPacked,
    /// Wavelet scalar quantisation.
    Wsq,
    /// JPEG.
    Jpeg,
    /// JPEG 2000.
    Jpeg2000,
    /// PNG.
    Png,
    /// PGM.
    Pgm,
    /// Another code, as the record has it.
    Other(u8),
}

/// One picture of a finger, still compressed. The picture and whose finger it is do not appear in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct FingerImage {
    /// Which finger: 1 to 5 from the right thumb to the right little finger, 6 to 10 from the left thumb; 0 unknown; other codes for
    /// several fingers in one picture (ISO/IEC 19794-4:2005, table 6).
    pub position: u8,
    /// How the picture is compressed.
    pub format: FingerImageFormat,
    /// Width and height in pixels, where the record says so; ISO/IEC 39794-4 leaves it to the picture.
    pub size: Option<(u16, u16)>,
    /// The picture.
    pub image: Vec<u8>,
}

impl fmt::Debug for FingerImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FingerImage")
            .field("format", &self.format)
            .field("length", &self.image.len())
            .finish_non_exhaustive()
    }
}

/// DG3: pictures of fingers. Someone without fingers to be taken has none, and then a filler.
///
/// ```text
/// 63 { 7F61 { 02 number of templates   7F60 { A1 header   5F2E | 7F2E biometric data block } … }   53 filler, if there are none }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dg3 {
    /// All pictures of all records, in their order.
    pub fingers: Vec<FingerImage>,
    /// What stands beside no pictures: issuers make it random, so that the file's hash does not show that there are none.
    pub filler: Option<Vec<u8>>,
}

impl Dg3 {
    /// Reads the whole file: records of ISO/IEC 19794-4 and data blocks of 39794-4.
    pub fn parse(file: &[u8]) -> Result<Self, LdsError> {
        let group = Group::parse(STRUCTURE, file, TEMPLATE)?;
        let mut fingers = Vec::new();
        for block in group.blocks {
            fingers.append(&mut pictures(block)?);
        }
        let filler = group.filler.map(<[u8]>::to_vec);
        Ok(Self { fingers, filler })
    }

    /// Writes the file with one ISO/IEC 19794-4 record a picture, for the side of the card.
    pub fn encode(&self) -> Result<Vec<u8>, LdsError> {
        let does_not_fit = |field| LdsError::DoesNotFit {
            structure: STRUCTURE,
            field,
        };
        let records = self.fingers.iter().map(|finger| {
            Ok(Record {
                biometric_type: Some(0x08),
                subtype: Some(subtype(finger.position)),
                format: 0x0007,
                block: iso19794_4::encode(finger).ok_or(does_not_fit("a picture"))?,
                constructed: false,
            })
        });
        let records: Vec<Record> = records.collect::<Result<_, _>>()?;
        biometric::encode(TEMPLATE, &records, self.filler.as_deref())
            .ok_or(does_not_fit("the number of pictures"))
    }
}

/// CBEFF's subtype of a finger: the hand in bits 1 and 2, the finger from thumb to little finger in bits 3 to 5; 0 for anything else.
const fn subtype(position: u8) -> u8 {
    match position {
        1..=5 => position << 2 | 0b01,
        6..=10 => (position - 5) << 2 | 0b10,
        _ => 0,
    }
}

fn pictures(block: &[u8]) -> Result<Vec<FingerImage>, LdsError> {
    if block.starts_with(iso19794_4::FORMAT_IDENTIFIER) {
        iso19794_4::decode(block)
    } else if is_block(block, FINGER_IMAGE_DATA_BLOCK) {
        iso39794_4::decode(block)
    } else {
        let what = "a biometric data block that is neither ISO/IEC 19794-4 nor 39794-4";
        Err(Group::unsupported(STRUCTURE, what))
    }
}
