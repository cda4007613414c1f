//! BER with indefinite lengths and strings in parts (X.690, 8.1.3 and 8.7), made into DER.
//!
//! CMS allows BER, and issuers use it. What a signature covers stays what it is: the content of a string, the DER of
//! the signed attributes, and certificates, which are in DER already and come out as they went in.

use alloc::borrow::Cow;
use alloc::vec::Vec;

/// A SignedData nests about a dozen levels deep.
pub(crate) const DEEPEST: usize = 24;
/// An OCTET STRING in parts.
const OCTET_STRING_IN_PARTS: u8 = 0x24;
const OCTET_STRING: u8 = 0x04;

/// One element's tag, its content, and what follows it.
pub(crate) struct Element<'a> {
    pub(crate) tag: &'a [u8],
    pub(crate) content: &'a [u8],
    pub(crate) is_indefinite: bool,
    /// Whether its length is in the shortest form.
    pub(crate) is_minimal: bool,
    pub(crate) rest: &'a [u8],
}

impl Element<'_> {
    pub(crate) fn is_constructed(&self) -> bool {
        self.tag.first().is_some_and(|first| is_constructed(*first))
    }
}

/// The one element that `ber` is, with definite and shortest lengths. `None` if it is no BER or nests too deep.
pub(crate) fn to_der(ber: &[u8]) -> Option<Cow<'_, [u8]>> {
    if is_der(ber, DEEPEST)? {
        return Some(Cow::Borrowed(ber));
    }
    let mut der = Vec::with_capacity(ber.len());
    let rest = transcode(ber, &mut der, DEEPEST)?;
    rest.is_empty().then_some(Cow::Owned(der))
}

/// Whether every length is definite and shortest, and no string is in parts.
fn is_der(mut elements: &[u8], depth: usize) -> Option<bool> {
    while !elements.is_empty() {
        let element = element(elements)?;
        let first = *element.tag.first()?;
        if element.is_indefinite || !element.is_minimal || first == OCTET_STRING_IN_PARTS {
            return Some(false);
        }
        if is_constructed(first) && !is_der(element.content, depth.checked_sub(1)?)? {
            return Some(false);
        }
        elements = element.rest;
    }
    Some(true)
}

/// Writes the first element of `ber` in DER; what follows it comes back.
fn transcode<'a>(ber: &'a [u8], der: &mut Vec<u8>, depth: usize) -> Option<&'a [u8]> {
    let element = element(ber)?;
    let first = *element.tag.first()?;
    if !is_constructed(first) {
        if element.is_indefinite {
            return None;
        }
        write(element.tag, element.content, der);
        return Some(element.rest);
    }
    let mut content = Vec::new();
    let depth = depth.checked_sub(1)?;
    let mut elements = element.content;
    while !(elements.is_empty() || element.is_indefinite && is_end(elements)) {
        elements = transcode(elements, &mut content, depth)?;
    }
    let rest = if element.is_indefinite {
        elements.get(2..)?
    } else {
        element.rest
    };
    if first == OCTET_STRING_IN_PARTS {
        write(&[OCTET_STRING], &joined(&content)?, der);
    } else {
        write(element.tag, &content, der);
    }
    Some(rest)
}

/// The parts of a string one after another; they are in DER already, and each is an OCTET STRING.
fn joined(mut parts: &[u8]) -> Option<Vec<u8>> {
    let mut string = Vec::with_capacity(parts.len());
    while !parts.is_empty() {
        let part = element(parts)?;
        if part.tag != [OCTET_STRING] {
            return None;
        }
        string.extend_from_slice(part.content);
        parts = part.rest;
    }
    Some(string)
}

/// End-of-contents octets (X.690, 8.1.5).
fn is_end(elements: &[u8]) -> bool {
    elements.starts_with(&[0, 0])
}

const fn is_constructed(tag: u8) -> bool {
    tag & 0x20 != 0
}

/// Reads tag and length. The content of an element of indefinite length is all that follows.
pub(crate) fn element(bytes: &[u8]) -> Option<Element<'_>> {
    let tag_length = tag_length(bytes)?;
    let (tag, after) = bytes.split_at_checked(tag_length)?;
    let (first, after) = after.split_first()?;
    let count = usize::from(first & 0x7F);
    if *first == 0x80 {
        return Some(Element {
            tag,
            content: after,
            is_indefinite: true,
            is_minimal: false,
            rest: &[],
        });
    }
    let (length, after) = if *first < 0x80 {
        (count, after)
    } else {
        let (octets, after) = (count <= 4).then(|| after.split_at_checked(count))??;
        let length = octets
            .iter()
            .fold(0, |length, octet| (length << 8) | usize::from(*octet));
        (length, after)
    };
    let (content, rest) = after.split_at_checked(length)?;
    Some(Element {
        tag,
        content,
        is_indefinite: false,
        is_minimal: length_octets(length) == 1 + if *first < 0x80 { 0 } else { count },
        rest,
    })
}

/// One octet, or more where the low five bits of the first are all set.
fn tag_length(bytes: &[u8]) -> Option<usize> {
    if bytes.first()? & 0x1F != 0x1F {
        return Some(1);
    }
    let last = bytes.iter().skip(1).take(4).position(|octet| octet & 0x80 == 0)?;
    Some(last + 2)
}

/// How many octets the shortest form of a length has.
const fn length_octets(length: usize) -> usize {
    match length {
        0..0x80 => 1,
        0x80..0x100 => 2,
        0x100..0x1_0000 => 3,
        0x1_0000..0x100_0000 => 4,
        _ => 5,
    }
}

pub(crate) fn write(tag: &[u8], content: &[u8], der: &mut Vec<u8>) {
    der.extend_from_slice(tag);
    let length = content.len();
    match length_octets(length) {
        1 => der.push(u8::try_from(length).unwrap_or_default()),
        octets => {
            let count = octets - 1;
            der.push(0x80 | u8::try_from(count).unwrap_or_default());
            let bytes = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
            der.extend(bytes.iter().skip(4 - count));
        }
    }
    der.extend_from_slice(content);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_der_as_it_is() {
        let der = [0x30, 5, 0x02, 1, 7, 0x04, 0];
        assert!(matches!(to_der(&der), Some(Cow::Borrowed(same)) if same == der));
    }

    #[test]
    fn indefinite_and_long_lengths_and_strings_in_parts_become_der() {
        let ber = [
            0x30, 0x80, 0x24, 0x80, 0x04, 1, 1, 0x24, 3, 0x04, 1, 2, 0, 0, 0x02, 0x81, 1, 7, 0, 0,
        ];
        assert_eq!(
            to_der(&ber).unwrap().as_ref(),
            [0x30, 7, 0x04, 2, 1, 2, 0x02, 1, 7]
        );
    }

    #[test]
    fn refuses_what_is_no_ber() {
        let cases: [&[u8]; 7] = [
            &[],
            &[0x30],
            &[0x30, 0x80, 0x02, 1, 7],       // no end
            &[0x02, 0x80, 1, 0, 0],          // a number has no indefinite length
            &[0x30, 0x80, 0, 0, 0],          // something follows
            &[0x24, 0x80, 0x02, 1, 7, 0, 0], // a part that is no string
            &[0x30, 0x85, 0, 0, 0, 0, 0],
        ];
        for case in cases {
            let der = to_der(case);
            assert!(der.is_none() || case.is_empty(), "{case:?}: {der:?}");
        }
        assert!(to_der(&[0x30, 0x80].repeat(100)).is_none(), "too deep");
        assert!(to_der(&[&[0x30, 0x80].repeat(20)[..], &[0; 40]].concat()).is_some());
    }

    /// What came out is DER: it comes out of a second turn as it went in.
    #[test]
    fn what_comes_out_is_der_whatever_went_in() {
        let mut state = 1_u64;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(state >> 33).unwrap() % below
        };
        let octets = [
            0x30, 0x80, 0, 0, 0x24, 0x04, 1, 2, 0x81, 0x1F, 0xA0, 0x82, 3, 0x7F,
        ];
        let mut changed = 0;
        for _ in 0..20_000 {
            let mut ber = Vec::from([0x30, 0x80]);
            for _ in 0..next(14) {
                ber.push(octets[next(octets.len())]);
            }
            ber.extend([0, 0]);
            if let Some(der) = to_der(&ber) {
                assert_ne!(der.as_ref(), ber);
                assert!(matches!(to_der(&der), Some(Cow::Borrowed(_))), "{ber:02X?}");
                changed += 1;
            }
        }
        assert!(changed > 100, "{changed}");
    }
}
