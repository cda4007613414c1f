//! The few DER encodings that keys and signatures need (X.690, 10). Writing DER cannot fail, unlike reading it,
//! which the `der` crate does.

use alloc::vec::Vec;

use der::asn1::ObjectIdentifier;

/// NULL.
pub(crate) const NULL: [u8; 2] = [0x05, 0x00];

/// One element with a one-byte tag.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::from([tag]);
    if content.len() < 0x80 {
        encoded.push(content.len() as u8);
    } else {
        let length = content.len().to_be_bytes();
        let significant = &length[content.len().leading_zeros() as usize / 8..];
        encoded.push(0x80 | significant.len() as u8);
        encoded.extend_from_slice(significant);
    }
    encoded.extend_from_slice(content);
    encoded
}

/// SEQUENCE of elements already encoded.
pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(0x30, &parts.concat())
}

/// INTEGER of an unsigned big-endian number.
pub(crate) fn unsigned(number: &[u8]) -> Vec<u8> {
    let significant = &number[number.iter().position(|byte| *byte != 0).unwrap_or(number.len())..];
    let mut content = Vec::new();
    if significant.first().is_none_or(|first| *first >= 0x80) {
        content.push(0);
    }
    content.extend_from_slice(significant);
    element(0x02, &content)
}

/// OBJECT IDENTIFIER.
pub(crate) fn object_identifier(oid: &ObjectIdentifier) -> Vec<u8> {
    element(0x06, oid.as_bytes())
}

/// OCTET STRING.
pub(crate) fn octet_string(content: &[u8]) -> Vec<u8> {
    element(0x04, content)
}

/// BIT STRING of whole bytes.
pub(crate) fn bit_string(content: &[u8]) -> Vec<u8> {
    element(0x03, &[&[0], content].concat())
}

/// A context-specific, explicit tag.
pub(crate) fn explicit(number: u8, content: &[u8]) -> Vec<u8> {
    element(0xA0 | number, content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::Decode;
    use der::asn1::{OctetStringRef, UintRef};
    use proptest::prelude::*;

    #[test]
    fn zero_has_one_byte() {
        assert_eq!(unsigned(&[]), [2, 1, 0]);
        assert_eq!(unsigned(&[0, 0, 0x80]), [2, 2, 0, 0x80]);
    }

    proptest! {
        #[test]
        fn the_der_crate_reads_what_is_written(content in proptest::collection::vec(any::<u8>(), 0..70_000)) {
            let encoded = octet_string(&content);
            let read: &OctetStringRef = Decode::from_der(&encoded).unwrap();
            prop_assert_eq!(read.as_bytes(), &content[..]);
        }

        #[test]
        fn the_der_crate_reads_the_same_number(number in proptest::collection::vec(any::<u8>(), 1..80)) {
            let encoded = unsigned(&number);
            let read = UintRef::from_der(&encoded).unwrap();
            let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len() - 1);
            prop_assert_eq!(read.as_bytes(), &number[start..]);
        }
    }
}
