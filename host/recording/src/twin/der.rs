//! DER structures walked and changed in place: nothing moves, so that every length stays as it was.

use std::ops::Range;

use chipgate_apdu::tlv;

/// A data object, by its places in the bytes around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) tag: u32,
    /// Header and value.
    pub(super) whole: Range<usize>,
    pub(super) value: Range<usize>,
}

/// The deepest nesting that is followed.
pub(super) const DEEPEST: usize = 16;

/// The object that starts at `at`, if all of it lies before `end`.
pub(super) fn node(bytes: &[u8], at: usize, end: usize) -> Option<Node> {
    let (tag, header, length) = tlv::header(bytes.get(at..end)?).ok()?;
    let start = at.checked_add(header)?;
    let stop = start.checked_add(length).filter(|stop| *stop <= end)?;
    Some(Node {
        tag: tag.0,
        whole: at..stop,
        value: start..stop,
    })
}

/// The objects in a value, one after the other; `None` if they do not fill it.
pub(super) fn children(bytes: &[u8], range: &Range<usize>) -> Option<Vec<Node>> {
    let mut nodes = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let node = node(bytes, at, range.end)?;
        at = node.whole.end;
        nodes.push(node);
    }
    Some(nodes)
}

impl Node {
    /// The only object of the bytes.
    pub(super) fn only(bytes: &[u8]) -> Option<Self> {
        node(bytes, 0, bytes.len()).filter(|node| node.whole.end == bytes.len())
    }

    pub(super) fn children(&self, bytes: &[u8]) -> Option<Vec<Self>> {
        children(bytes, &self.value)
    }

    /// Whether the tag says that other objects are inside.
    pub(super) const fn is_constructed(&self) -> bool {
        let mut first = self.tag;
        while first > 0xFF {
            first >>= 8;
        }
        first & 0x20 != 0
    }
}

/// Every node of a structure, from the outside in.
pub(super) fn all(bytes: &[u8], range: &Range<usize>, depth: usize) -> Vec<Node> {
    let mut found = Vec::new();
    if depth > DEEPEST {
        return found;
    }
    for node in children(bytes, range).unwrap_or_default() {
        let inside = node.is_constructed().then(|| all(bytes, &node.value, depth + 1));
        found.push(node);
        found.extend(inside.unwrap_or_default());
    }
    found
}

/// Puts bytes of the same length into a place.
pub(super) fn put(bytes: &mut [u8], range: &Range<usize>, value: &[u8]) -> bool {
    match bytes.get_mut(range.clone()) {
        Some(place) if place.len() == value.len() => {
            place.copy_from_slice(value);
            true
        }
        _ => false,
    }
}

/// Where `part` stands in the bytes.
pub(super) fn find(bytes: &[u8], part: &[u8]) -> Option<Range<usize>> {
    if part.is_empty() {
        return None;
    }
    let at = bytes.windows(part.len()).position(|window| window == part)?;
    Some(at..at + part.len())
}

/// Puts `new` wherever `old`, of the same length, stands.
pub(super) fn replace_all(bytes: &mut [u8], old: &[u8], new: &[u8]) {
    if old.len() != new.len() {
        return;
    }
    let mut from = 0;
    while let Some(found) = find(&bytes[from..], old) {
        let place = from + found.start..from + found.end;
        from = place.end;
        put(bytes, &place, new);
    }
}

/// A structure written anew.
pub(super) fn encode(tag: u32, parts: &[&[u8]]) -> Vec<u8> {
    tlv::encode(tlv::Tag(tag), &parts.concat())
}

pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    encode(0x30, parts)
}

/// A positive INTEGER.
pub(super) fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    let digits = &bytes[zeros.min(bytes.len().saturating_sub(1))..];
    let sign: &[u8] = if digits.first().is_none_or(|first| first & 0x80 != 0) {
        &[0]
    } else {
        &[]
    };
    encode(0x02, &[sign, digits])
}
