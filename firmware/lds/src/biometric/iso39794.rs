//! What the data blocks of ISO/IEC 39794 have in common (part 1, and Doc 9303's application profile).
//!
//! ```text
//! A1 { 64 fingers | 65 face | 66 irises {
//!     A0 version
//!     A1 { 30 { a representation block } … } } }
//! ```

use alloc::vec::Vec;

use chipgate_apdu::tlv::Tag;

use crate::LdsError;
use crate::asn1::{Components, SEQUENCE, find, single, small};

const BLOCK_CHOICE: Tag = Tag(0xA1);
const REPRESENTATION_BLOCKS: Tag = Tag(0xA1);
/// The code in a CHOICE of a code and an extension block.
const CODE: Tag = Tag(0x80);

/// Whether a data block starts as one of these does.
pub fn is_block(block: &[u8], application: Tag) -> bool {
    block
        .first()
        .is_some_and(|&first| [BLOCK_CHOICE.0, application.0].contains(&u32::from(first)))
}

/// All representation blocks, with or without the outer choice around them.
pub fn representations<'a>(
    structure: &'static str,
    block: &'a [u8],
    application: Tag,
) -> Result<Vec<&'a [u8]>, LdsError> {
    let data_block = match find(structure, block, BLOCK_CHOICE)? {
        Some(choice) => single(structure, choice, application)?,
        None => single(structure, block, application)?,
    };
    let blocks = required(
        structure,
        data_block,
        REPRESENTATION_BLOCKS,
        "the representation blocks",
    )?;
    let mut components = Components::new(structure, blocks);
    let mut representations = Vec::new();
    while let Some(representation) = components.optional(SEQUENCE)? {
        representations.push(representation.value);
    }
    components.finish()?;
    Ok(representations)
}

/// A component that must be there.
pub fn required<'a>(
    structure: &'static str,
    value: &'a [u8],
    tag: Tag,
    field: &'static str,
) -> Result<&'a [u8], LdsError> {
    find(structure, value, tag)?.ok_or(LdsError::Field { structure, field })
}

/// The code in a component that is a choice of a code and an extension block; `None` for an extension.
pub fn code(
    structure: &'static str,
    value: &[u8],
    tag: Tag,
    field: &'static str,
) -> Result<Option<u8>, LdsError> {
    let choice = required(structure, value, tag, field)?;
    match find(structure, choice, CODE)? {
        None => Ok(None),
        Some(value) => match small(value) {
            Some(code) => Ok(Some(code)),
            None => Err(LdsError::Field { structure, field }),
        },
    }
}
