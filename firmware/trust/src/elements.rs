//! Walking DER by its elements, where the bytes as they came matter.

use alloc::vec::Vec;

use der::asn1::AnyRef;
use der::{Decode, Reader, SliceReader, Tag, TagNumber, Tagged};

pub(crate) const CONTEXT_0: Tag = Tag::ContextSpecific {
    constructed: true,
    number: TagNumber(0),
};
pub(crate) const CONTEXT_1: Tag = Tag::ContextSpecific {
    constructed: true,
    number: TagNumber(1),
};
pub(crate) const CONTEXT_0_PRIMITIVE: Tag = Tag::ContextSpecific {
    constructed: false,
    number: TagNumber(0),
};
pub(crate) const CONTEXT_2_PRIMITIVE: Tag = Tag::ContextSpecific {
    constructed: false,
    number: TagNumber(2),
};
pub(crate) const CONTEXT_3_PRIMITIVE: Tag = Tag::ContextSpecific {
    constructed: false,
    number: TagNumber(3),
};
pub(crate) const CONTEXT_1_PRIMITIVE: Tag = Tag::ContextSpecific {
    constructed: false,
    number: TagNumber(1),
};

/// The content octets of the next element, which must have this tag.
pub(crate) fn element<'a>(reader: &mut SliceReader<'a>, tag: Tag) -> der::Result<&'a [u8]> {
    let any = AnyRef::decode(reader)?;
    any.tag().assert_eq(tag)?;
    Ok(any.value())
}

/// The content octets of the next element if it has this tag.
pub(crate) fn optional_element<'a>(reader: &mut SliceReader<'a>, tag: Tag) -> der::Result<Option<&'a [u8]>> {
    if reader.is_finished() || Tag::peek(reader)? != tag {
        return Ok(None);
    }
    element(reader, tag).map(Some)
}

/// The elements that follow one another in these octets, each with tag and length.
pub(crate) fn elements(content: &[u8]) -> der::Result<Vec<&[u8]>> {
    let mut reader = SliceReader::new(content)?;
    let mut found = Vec::new();
    while !reader.is_finished() {
        found.push(reader.tlv_bytes()?);
    }
    Ok(found)
}
