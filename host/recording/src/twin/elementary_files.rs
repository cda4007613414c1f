//! Files that say nothing of a holder: what the standard has in them is kept, as long as it can be, and everything else is exchanged.

use chipgate_crypto::AgreementPublicKey;
use chipgate_lds::{CvcaReferences, DataGroup, File, SecurityInfo, SecurityInfos};
use rand_core::CryptoRng;

use super::der::{self, Node, encode};

const SET: u32 = 0x31;
const OBJECT_IDENTIFIER: u32 = 0x06;

/// Exchanges what is not known in a file that is no data group.
pub(super) fn invent(file: File, bytes: &mut [u8], exchanged: &mut Exchanged, rng: &mut impl CryptoRng) {
    let known: fn(&[u32], &[u8]) -> bool = match file {
        // They are signed anew.
        File::Sod | File::CardSecurity => return,
        File::Cvca if CvcaReferences::parse(bytes).is_ok() => return,
        File::CardAccess => return security_infos(bytes, Keys::HaveNoPlace, exchanged, rng),
        File::Com => in_com,
        File::Directory => in_directory,
        File::Attributes => in_attributes,
        File::Cvca | File::DataGroup(_) => |_, _| false,
    };
    objects(bytes, rng, &mut |bytes, node, rng| {
        exchange_unknown(bytes, node, &mut Vec::new(), known, rng);
    });
}

/// EF.COM: versions in digits, and tags of data groups (Doc 9303-10, 4.6.1).
fn in_com(tags: &[u32], value: &[u8]) -> bool {
    let digits = |count: usize| value.len() == count && value.iter().all(u8::is_ascii_digit);
    match tags {
        [0x60, 0x5F01] => digits(4),
        [0x60, 0x5F36] => digits(6),
        [0x60, 0x5C] => value.iter().all(|&tag| DataGroup::from_tag(tag).is_some()),
        _ => false,
    }
}

/// EF.DIR: names of applications (Doc 9303-10, 3.11.2), which are no text.
fn in_directory(tags: &[u32], value: &[u8]) -> bool {
    tags == [0x61, 0x4F] && crate::redact::is_application_name(value)
}

/// EF.ATR/INFO: what the chip takes at once (Doc 9303-10, 3.11.1). Serial numbers stand there, too.
fn in_attributes(tags: &[u32], value: &[u8]) -> bool {
    matches!(tags, [0x47] | [0x7F66, 0x02]) && value.len() <= 3
}

/// Takes one object after the other. What follows the last one is padding, or is exchanged.
fn objects<R: CryptoRng>(bytes: &mut [u8], rng: &mut R, each: &mut dyn FnMut(&mut [u8], &Node, &mut R)) {
    let mut at = 0;
    while let Some(node) = der::node(bytes, at, bytes.len()) {
        each(bytes, &node, rng);
        at = node.whole.end;
    }
    let rest = bytes.get_mut(at..).unwrap_or_default();
    if rest.iter().any(|byte| *byte != 0) {
        // One that was cut keeps its header.
        let header = chipgate_apdu::tlv::header(rest).map_or(0, |(_, header, _)| header);
        rng.fill_bytes(rest.get_mut(header..).unwrap_or_default());
    }
}

/// Random values in place of those that are not known by the tags around them.
fn exchange_unknown(
    bytes: &mut [u8],
    node: &Node,
    tags: &mut Vec<u32>,
    known: fn(&[u32], &[u8]) -> bool,
    rng: &mut impl CryptoRng,
) {
    tags.push(node.tag);
    let inside = node
        .children(bytes)
        .filter(|_| node.is_constructed() && tags.len() <= der::DEEPEST);
    if !known(tags, &bytes[node.value.clone()]) {
        match inside {
            Some(nodes) => {
                for node in &nodes {
                    exchange_unknown(bytes, node, tags, known, rng);
                }
            }
            None => rng.fill_bytes(&mut bytes[node.value.clone()]),
        }
    }
    tags.pop();
}

/// SecurityInfos that are not known, and what stands in their place: what two files have in common they have in common still
/// (Doc 9303-11, 4.4, has them compared).
pub(super) type Exchanged = Vec<(Vec<u8>, Vec<u8>)>;

/// What becomes of keys of chip authentication.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// They are exchanged elsewhere, where they are of a kind that can be.
    AreExchanged,
    /// None should be there.
    HaveNoPlace,
}

/// EF.CardAccess, DG14 or the content of EF.CardSecurity: what is said of protocols that are known is kept.
pub(super) fn security_infos(
    bytes: &mut [u8],
    keys: Keys,
    exchanged: &mut Exchanged,
    rng: &mut impl CryptoRng,
) {
    objects(bytes, rng, &mut |bytes, node, rng| {
        let set = match node.children(bytes).as_deref() {
            Some([only]) if node.tag != SET && only.tag == SET => only.clone(),
            _ => node.clone(),
        };
        match set.children(bytes) {
            Some(infos) if set.tag == SET => {
                for info in &infos {
                    security_info(bytes, info, keys, exchanged, rng);
                }
            }
            _ => rng.fill_bytes(&mut bytes[set.value]),
        }
    });
}

fn security_info(
    bytes: &mut [u8],
    info: &Node,
    keys: Keys,
    exchanged: &mut Exchanged,
    rng: &mut impl CryptoRng,
) {
    let alone = encode(SET, &[&bytes[info.whole.clone()]]);
    let is_kept = match SecurityInfos::parse(&alone).as_ref().map(SecurityInfos::all) {
        Ok([SecurityInfo::ChipAuthenticationPublicKey(key)]) => {
            keys == Keys::AreExchanged && AgreementPublicKey::from_spki_der(&key.public_key_der).is_ok()
        }
        Ok([SecurityInfo::Unknown { .. }]) | Err(_) => false,
        Ok(_) => true,
    };
    if is_kept {
        return;
    }
    let original = bytes[info.whole.clone()].to_vec();
    let before = exchanged.iter().find(|(old, _)| *old == original);
    if let Some((_, new)) = before {
        bytes[info.whole.clone()].copy_from_slice(new);
        return;
    }
    exchange_unknown(bytes, info, &mut Vec::new(), names_a_protocol, rng);
    exchanged.push((original, bytes[info.whole.clone()].to_vec()));
}

/// An object identifier of an arc in which standards have theirs: ETSI and BSI, ISO members, identified organisations, ICAO.
pub(super) fn is_identifier(value: &[u8]) -> bool {
    const ARCS: [u8; 5] = [0x04, 0x28, 0x2A, 0x2B, 0x67];
    const LONGEST: usize = 16;
    value.len() <= LONGEST && value.first().is_some_and(|first| ARCS.contains(first))
}

fn names_a_protocol(tags: &[u32], value: &[u8]) -> bool {
    tags.last() == Some(&OBJECT_IDENTIFIER) && is_identifier(value)
}
