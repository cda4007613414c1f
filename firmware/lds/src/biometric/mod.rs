//! What DG2, DG3 and DG4 have in common: CBEFF's templates (Doc 9303-10, 4.7.2) and the data blocks in them.
//!
//! ```text
//! 75 | 63 | 76 {
//!   7F61 { 02 number of templates   7F60 { A1 header   5F2E | 7F2E biometric data block } … }
//!   53 filler, if there is no template
//! }
//! ```

mod cursor;
pub mod iso39794;

use alloc::vec::Vec;

use chipgate_apdu::tlv::{self, Tag};

use crate::LdsError;
use crate::asn1::{Components, INTEGER, find, single};

pub use cursor::Cursor;

const GROUP_TEMPLATE: Tag = Tag(0x7F61);
const INFORMATION_TEMPLATE: Tag = Tag(0x7F60);
const HEADER_TEMPLATE: Tag = Tag(0xA1);
const DATA_BLOCK: Tag = Tag(0x5F2E);
const CONSTRUCTED_DATA_BLOCK: Tag = Tag(0x7F2E);
/// What an issuer puts beside no templates, so that the hash of an empty file tells nobody that it is empty (Doc 9303-10, 4.7.3).
const FILLER: Tag = Tag(0x53);

/// The biometric data blocks of a file, in their order.
pub struct Group<'a> {
    pub blocks: Vec<&'a [u8]>,
    pub filler: Option<&'a [u8]>,
}

impl<'a> Group<'a> {
    /// Reads the whole file. Each level is read once and none calls itself, so that nesting is bounded by the standard's own.
    pub fn parse(structure: &'static str, file: &'a [u8], template: Tag) -> Result<Self, LdsError> {
        let mut outer = Components::new(structure, single(structure, file, template)?);
        let group = outer.expect(GROUP_TEMPLATE)?.value;
        let mut components = outer.within(group);
        let count = components.small_integer("the number of biometric templates")?;
        let mut blocks = Vec::new();
        for _ in 0..count {
            blocks.push(data_block(
                structure,
                components.expect(INFORMATION_TEMPLATE)?.value,
            )?);
        }
        // Issuers put it into the group or behind it.
        let within = components.optional(FILLER)?;
        let behind = outer.optional(FILLER)?;
        components.finish()?;
        outer.finish()?;
        let filler = within.or(behind).map(|element| element.value);
        Ok(Self { blocks, filler })
    }

    /// An error for data blocks of a kind that is not read here.
    pub const fn unsupported(structure: &'static str, what: &'static str) -> LdsError {
        LdsError::Unsupported { structure, what }
    }
}

/// The data block of one template. What it is shows in the block; the header may be wrong.
fn data_block<'a>(structure: &'static str, template: &'a [u8]) -> Result<&'a [u8], LdsError> {
    let block = match find(structure, template, DATA_BLOCK)? {
        Some(block) => Some(block),
        None => find(structure, template, CONSTRUCTED_DATA_BLOCK)?,
    };
    block.ok_or(Group::unsupported(
        structure,
        "a biometric template without a plain data block",
    ))
}

/// A biometric data block with CBEFF's header (Doc 9303-10, 4.7.2), which names the format by ISO/IEC JTC 1/SC 37 (0101) and its number there.
pub struct Record {
    /// 02 face, 08 fingers, 10 irises; ISO/IEC 39794's blocks go without.
    pub biometric_type: Option<u8>,
    /// Which finger or eye it is; 00 for a face.
    pub subtype: Option<u8>,
    /// 0007 finger images, 0008 face images, 0009 iris images, 002A a face image data block of ISO/IEC 39794-5.
    pub format: u16,
    /// The data block.
    pub block: Vec<u8>,
    /// Whether the data block is made of data objects.
    pub constructed: bool,
}

impl Record {
    fn header(&self) -> Vec<u8> {
        // As most issuers write it, without the header's version: a simple reader finds the picture by its place behind it.
        let typed = self
            .biometric_type
            .map(|biometric_type| tlv::encode(Tag(0x81), &[biometric_type]));
        let subtype = self.subtype.map(|subtype| tlv::encode(Tag(0x82), &[subtype]));
        let parts = [
            typed.unwrap_or_default(),
            subtype.unwrap_or_default(),
            tlv::encode(Tag(0x87), &[0x01, 0x01]),
            tlv::encode(Tag(0x88), &self.format.to_be_bytes()),
        ];
        tlv::encode(HEADER_TEMPLATE, &parts.concat())
    }

    fn encode(&self) -> Vec<u8> {
        let tag = if self.constructed {
            CONSTRUCTED_DATA_BLOCK
        } else {
            DATA_BLOCK
        };
        let block = tlv::encode(tag, &self.block);
        tlv::encode(INFORMATION_TEMPLATE, &[self.header(), block].concat())
    }
}

/// Writes a file; `None` if there are more than 127 records.
pub fn encode(template: Tag, records: &[Record], filler: Option<&[u8]>) -> Option<Vec<u8>> {
    let count = u8::try_from(records.len()).ok().filter(|&count| count < 0x80)?;
    let mut group = tlv::encode(INTEGER, &[count]);
    for record in records {
        group.extend(record.encode());
    }
    let mut value = tlv::encode(GROUP_TEMPLATE, &group);
    if let Some(filler) = filler {
        value.extend(tlv::encode(FILLER, filler));
    }
    Some(tlv::encode(template, &value))
}
