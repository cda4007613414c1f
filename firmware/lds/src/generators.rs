//! Generators of values that several files hold, for property tests.

use alloc::{string::String, vec::Vec};

use proptest::prelude::{Strategy, any, prop, prop_oneof};

use crate::{FullDate, Text, WrittenDate};

/// Texts that are not empty, in UTF-8 and otherwise.
pub fn texts() -> impl Strategy<Value = Text> {
    prop_oneof![
        "[A-Z<]{1,20}".prop_map(|text: String| Text::from(text.as_str())),
        ".{1,12}".prop_map(|text: String| Text::from(text.as_str())),
        prop::collection::vec(any::<u8>(), 0..12)
            .prop_map(|tail| Text::Opaque([&[0xFF_u8][..], &tail].concat())),
    ]
}

/// Dates of which month and day may be unknown.
pub fn dates() -> impl Strategy<Value = WrittenDate> {
    let part = |highest: u8| prop::option::of(1..=highest);
    (0..=9999_u16, part(12), part(31))
        .prop_map(|(year, month, day)| WrittenDate::Clear(FullDate { year, month, day }))
}

/// Bytes of no meaning.
pub fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..60)
}
