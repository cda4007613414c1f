//! What is read of certificates and lists beyond what RFC 5280 lets issuers write, since some wrote it.

use alloc::string::String;
use alloc::vec::Vec;

use der::Decode;
use x509_cert::certificate::Profile;
use x509_cert::serial_number::SerialNumber;

use crate::ber::{self, DEEPEST};

/// RFC 5280, 4.1.2.2: at most 20 octets. Longer ones were issued; what bounds them is that a number is no place for a file.
const LONGEST_SERIAL_NUMBER: usize = 64;
/// UniversalString (X.680, 41): four octets a character. The parser does not know the tag.
const UNIVERSAL_STRING: &[u8] = &[0x1C];
const UTF8_STRING: &[u8] = &[0x0C];

/// How certificates and lists are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tolerant;

impl Profile for Tolerant {
    fn check_serial_number(serial: &SerialNumber<Self>) -> der::Result<()> {
        if serial.as_bytes().len() > LONGEST_SERIAL_NUMBER {
            Err(der::Error::from(der::Tag::Integer.length_error()))
        } else {
            Ok(())
        }
    }
}

/// Reads what may have names with a UniversalString in them. What is signed stays the bytes that came: only what is read of
/// them is read from a copy, with the same text as UTF8String.
pub(crate) fn read<T: for<'a> Decode<'a, Error = der::Error>>(der: &[u8]) -> Option<T> {
    T::from_der(der)
        .ok()
        .or_else(|| T::from_der(&without_universal_strings(der)?).ok())
}

/// The same DER with each UniversalString as UTF8String; `None` if it has none, or is no DER.
fn without_universal_strings(der: &[u8]) -> Option<Vec<u8>> {
    let mut rewritten = Vec::with_capacity(der.len());
    rewrite(der, &mut rewritten, DEEPEST)?.then_some(rewritten)
}

/// Whether there was any.
fn rewrite(mut elements: &[u8], rewritten: &mut Vec<u8>, depth: usize) -> Option<bool> {
    let mut any = false;
    while !elements.is_empty() {
        let element = ber::element(elements)?;
        if element.is_indefinite || !element.is_minimal {
            return None;
        }
        if element.tag == UNIVERSAL_STRING {
            any = true;
            ber::write(UTF8_STRING, characters(element.content)?.as_bytes(), rewritten);
        } else if element.is_constructed() {
            let mut content = Vec::with_capacity(element.content.len());
            any |= rewrite(element.content, &mut content, depth.checked_sub(1)?)?;
            ber::write(element.tag, &content, rewritten);
        } else {
            ber::write(element.tag, element.content, rewritten);
        }
        elements = element.rest;
    }
    Some(any)
}

fn characters(content: &[u8]) -> Option<String> {
    let (characters, rest) = content.as_chunks::<4>();
    let text = characters
        .iter()
        .map(|octets| char::from_u32(u32::from_be_bytes(*octets)))
        .collect();
    if rest.is_empty() { text } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_universal_string_becomes_the_same_text_in_utf8() {
        let universal = [0x30, 10, 0x1C, 8, 0, 0, 0, b'V', 0, 0, 0x1E, 0xC7];
        let expected = [&[0x30, 6, 0x0C, 4, b'V'][..], "ệ".as_bytes()].concat();
        assert_eq!(without_universal_strings(&universal), Some(expected));
    }

    #[test]
    fn what_has_none_or_is_no_text_or_no_der_is_left_alone() {
        let cases: [&[u8]; 6] = [
            &[0x30, 3, 2, 1, 7],
            &[0x30, 5, 0x1C, 3, 0, 0, 0],                // three octets
            &[0x30, 6, 0x1C, 4, 0, 0x11, 0, 0],          // beyond Unicode
            &[0x30, 0x80, 0x1C, 4, 0, 0, 0, b'V', 0, 0], // BER
            &[0x30, 0x81, 6, 0x1C, 4, 0, 0, 0, b'V'],    // BER
            &[0x30, 6, 0x1C, 4, 0, 0, 0],                // cut short
        ];
        for case in cases {
            assert_eq!(without_universal_strings(case), None, "{case:?}");
        }
    }
}
