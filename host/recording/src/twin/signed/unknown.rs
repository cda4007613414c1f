//! What no standard has in signed data, and the names of issuers.

use std::ops::Range;

use chipgate_crypto::ObjectIdentifier;
use rand_core::CryptoRng;

use super::places::{Certificate, MESSAGE_DIGEST, Signer, exactly};
use crate::twin::{der, elementary_files};

const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
/// What stands in every name of the twin's issuers.
const MARK: &[u8] = b"TEST";

/// Random values in a structure that no one checks: what they said can't be invented.
pub(super) fn meaningless(bytes: &mut [u8], range: &Range<usize>, rng: &mut impl CryptoRng) {
    let nodes = der::all(bytes, range, 0);
    if nodes.is_empty() {
        rng.fill_bytes(&mut bytes[range.clone()]);
    }
    for node in nodes {
        let is_closed = node.is_constructed() && node.children(bytes).is_none();
        let is_name = node.tag == 0x06 && elementary_files::is_identifier(&bytes[node.value.clone()]);
        if is_closed || !(node.is_constructed() || is_name) {
            rng.fill_bytes(&mut bytes[node.value]);
        }
    }
}

/// The values of the signed attributes that no standard has in EF.SOD: kind and digest of the content and the time of signing are known
/// (Doc 9303-10, 4.6.2.2).
pub(super) fn unknown_attributes(bytes: &[u8], signer: &Signer) -> Vec<Range<usize>> {
    const LONGEST_TIME: usize = 19;
    let attributes = signer.attributes.as_ref().and_then(|set| set.children(bytes));
    let unknown = attributes.into_iter().flatten().filter_map(|attribute| {
        let Some([kind, values]) = attribute.children(bytes).and_then(exactly) else {
            return Some(attribute.value);
        };
        let value = values.children(bytes).and_then(exactly).map(|[value]| value);
        let is_known = value.is_some_and(|value| match &bytes[kind.value.clone()] {
            kind if kind == CONTENT_TYPE.as_bytes() => elementary_files::is_identifier(&bytes[value.value]),
            kind if kind == MESSAGE_DIGEST.as_bytes() => true, // made anew
            kind if kind == SIGNING_TIME.as_bytes() => {
                matches!(value.tag, 0x17 | 0x18) && value.value.len() <= LONGEST_TIME
            }
            _ => false,
        });
        (!is_known).then_some(values.value)
    });
    unknown.collect()
}

/// The values of extensions that are neither X.509's own nor ICAO's.
pub(super) fn unknown_extensions(bytes: &[u8], certificate: &Certificate) -> Vec<Range<usize>> {
    const KNOWN: [&[u8]; 3] = [
        &[0x55, 0x1D],                               // id-ce
        &[0x67, 0x81, 0x08, 0x01, 0x01, 0x06],       // ICAO's
        &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01], // id-pe
    ];
    let list = der::children(bytes, &certificate.extensions).unwrap_or_default();
    let extensions = list
        .first()
        .and_then(|list| list.children(bytes))
        .unwrap_or_default();
    let unknown = extensions.into_iter().filter_map(|extension| {
        let parts = extension.children(bytes)?;
        let kind = &bytes[parts.first()?.value.clone()];
        let is_known = KNOWN.iter().any(|arc| kind.starts_with(arc));
        parts
            .last()
            .filter(|_| !is_known)
            .map(|value| value.value.clone())
    });
    unknown.collect()
}

/// Every name of an issuer says that it is none; countries stay what they are.
pub(super) fn mark_names(bytes: &mut [u8], range: &Range<usize>) {
    let nodes = der::all(bytes, range, 0);
    for pair in nodes.windows(2) {
        let [kind, text] = pair else { continue };
        let is_text = matches!(text.tag, 0x0C | 0x13 | 0x14 | 0x16) && text.value.len() >= MARK.len();
        if kind.tag != 0x06 || !is_text || bytes[kind.value.clone()] == *COUNTRY.as_bytes() {
            continue;
        }
        let value = &mut bytes[text.value.clone()];
        if value.is_ascii() && der::find(value, MARK).is_none() {
            value[..MARK.len()].copy_from_slice(MARK);
        }
    }
}
