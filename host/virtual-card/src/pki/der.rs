//! The few DER building blocks that certificates, CRLs and signed data are made of (ITU-T X.690).

use chipgate_apdu::tlv::{self, Tag};
use chipgate_crypto::ObjectIdentifier;

use crate::calendar::Moment;

/// SEQUENCE.
pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv::encode(Tag(0x30), &parts.concat())
}

/// SET OF, its members in DER's order.
pub(crate) fn set_of(mut members: Vec<Vec<u8>>) -> Vec<u8> {
    members.sort();
    tlv::encode(Tag(0x31), &members.concat())
}

/// `[number]`, constructed: explicit, or implicit over a constructed type's content.
pub(crate) fn context(number: u8, content: &[u8]) -> Vec<u8> {
    tlv::encode(Tag(u32::from(0xA0 | number)), content)
}

/// `[number]` over a primitive type's content.
pub(crate) fn context_primitive(number: u8, content: &[u8]) -> Vec<u8> {
    tlv::encode(Tag(u32::from(0x80 | number)), content)
}

/// OBJECT IDENTIFIER.
pub(crate) fn object_identifier(oid: &ObjectIdentifier) -> Vec<u8> {
    tlv::encode(Tag(0x06), oid.as_bytes())
}

/// INTEGER of a magnitude in big-endian bytes.
pub(crate) fn unsigned(magnitude: &[u8]) -> Vec<u8> {
    let start = magnitude
        .iter()
        .position(|&byte| byte != 0)
        .unwrap_or(magnitude.len());
    let mut content = magnitude[start..].to_vec();
    if content.first().is_none_or(|&byte| byte & 0x80 != 0) {
        content.insert(0, 0);
    }
    tlv::encode(Tag(0x02), &content)
}

/// BOOLEAN TRUE.
pub(crate) fn yes() -> Vec<u8> {
    tlv::encode(Tag(0x01), &[0xFF])
}

/// OCTET STRING.
pub(crate) fn octets(content: &[u8]) -> Vec<u8> {
    tlv::encode(Tag(0x04), content)
}

/// BIT STRING of whole bytes.
pub(crate) fn bits(content: &[u8]) -> Vec<u8> {
    tlv::encode(Tag(0x03), &[&[0], content].concat())
}

/// BIT STRING of named bits, without its trailing zeros; `first` holds bit 0 in its highest bit.
pub(crate) fn named_bits(first: u8) -> Vec<u8> {
    tlv::encode(Tag(0x03), &[first.trailing_zeros() as u8, first])
}

/// `PrintableString`.
pub(crate) fn printable(text: &str) -> Vec<u8> {
    tlv::encode(Tag(0x13), text.as_bytes())
}

/// UTF8String.
pub(crate) fn utf8(text: &str) -> Vec<u8> {
    tlv::encode(Tag(0x0C), text.as_bytes())
}

/// Time: `UTCTime` through 2049, `GeneralizedTime` from 2050 on (RFC 5280, 4.1.2.5).
pub(crate) fn time(moment: Moment) -> Vec<u8> {
    let text = moment.generalized();
    if moment.year() < 2050 {
        tlv::encode(Tag(0x17), &text.as_bytes()[2..])
    } else {
        tlv::encode(Tag(0x18), text.as_bytes())
    }
}

/// `GeneralizedTime` under an implicit tag, as the private key usage period has it.
pub(crate) fn implicit_generalized_time(number: u8, moment: Moment) -> Vec<u8> {
    context_primitive(number, moment.generalized().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_takes_a_leading_zero_only_where_its_sign_needs_it() {
        assert_eq!(unsigned(&[0x7F]), [2, 1, 0x7F]);
        assert_eq!(unsigned(&[0x80]), [2, 2, 0, 0x80]);
        assert_eq!(unsigned(&[0, 0, 1]), [2, 1, 1]);
        assert_eq!(unsigned(&[0]), [2, 1, 0]);
    }

    #[test]
    fn named_bits_end_with_their_last_one() {
        // keyUsage: digitalSignature is bit 0; keyCertSign and cRLSign are bits 5 and 6 (RFC 5280, 4.2.1.3).
        assert_eq!(named_bits(0x80), [3, 2, 7, 0x80]);
        assert_eq!(named_bits(0x06), [3, 2, 1, 0x06]);
    }

    #[test]
    fn years_from_2050_on_have_four_digits() {
        assert_eq!(time(Moment::at_midnight(2049, 12, 31)), *b"\x17\x0D491231000000Z");
        assert_eq!(time(Moment::at_midnight(2050, 1, 1)), *b"\x18\x0F20500101000000Z");
    }
}
