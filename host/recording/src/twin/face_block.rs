//! The face image data block of ISO/IEC 39794-5 written anew: an invented picture, and nothing beside it but what annex A makes
//! mandatory. When, where and by which camera the picture was taken, and what it shows, is left out.
//!
//! ```text
//! A1 { 65 { A0 version   A1 { 30 {
//!     80 representation identifier
//!     A1 { A0 { A0 { 80 picture   A1 { A0 { 80 format } } } } } } … } } }
//! ```

use std::ops::Range;

use super::{
    der::{self, Node, encode},
    portrait,
};

const BIOMETRIC_DATA: [u32; 2] = [0x5F2E, 0x7F2E];
const CHOICE: u32 = 0xA1;
const FACE_IMAGE_DATA_BLOCK: u32 = 0x65;
/// An identifier may be so long: with it every length can be reached, whatever the length fields take.
const LONGEST_IDENTIFIER: usize = 16;

/// Where the data blocks of this kind stand in a whole DG2.
pub(super) fn blocks(bytes: &[u8]) -> Vec<Range<usize>> {
    let templates = || {
        let outer = Node::only(bytes)?;
        let group = outer
            .children(bytes)?
            .into_iter()
            .find(|node| node.tag == 0x7F61)?;
        group.children(bytes)
    };
    let is_block = |place: &Range<usize>| data_block(bytes, place).is_some();
    templates()
        .unwrap_or_default()
        .into_iter()
        .filter(|node| node.tag == 0x7F60)
        .filter_map(|template| template.children(bytes))
        .filter_map(|parts| parts.into_iter().find(|part| BIOMETRIC_DATA.contains(&part.tag)))
        .map(|data| data.value)
        .filter(is_block)
        .collect()
}

/// The data block inside, with or without the choice around it.
fn data_block(bytes: &[u8], place: &Range<usize>) -> Option<(bool, Node)> {
    let node = der::node(bytes, place.start, place.end)?;
    match node.tag {
        FACE_IMAGE_DATA_BLOCK => Some((false, node)),
        CHOICE => {
            let inside = der::node(bytes, node.value.start, node.value.end)?;
            (inside.tag == FACE_IMAGE_DATA_BLOCK).then_some((true, inside))
        }
        _ => None,
    }
}

/// What is kept of a representation.
struct Representation {
    picture: Vec<u8>,
    /// The code of its format.
    format: Vec<u8>,
}

/// A block as long as this one, with other pictures.
pub(super) fn invented(block: &[u8]) -> Option<Vec<u8>> {
    let (has_choice, data) = data_block(block, &(0..block.len()))?;
    let parts = data.children(block)?;
    let version = block[parts.first()?.whole.clone()].to_vec();
    let representations = parts.get(1)?.children(block)?;
    let mut representations: Vec<_> = representations
        .iter()
        .map(|node| representation(block, node))
        .collect::<Option<_>>()?;
    for representation in &mut representations {
        representation.picture = portrait::invented(&representation.picture);
    }
    let write = |representations: &[Representation], identifier: usize| {
        let blocks: Vec<u8> = representations
            .iter()
            .flat_map(|representation| representation.encode(identifier))
            .collect();
        let data = encode(FACE_IMAGE_DATA_BLOCK, &[&version, &encode(0xA1, &[&blocks])]);
        if has_choice {
            encode(CHOICE, &[&data])
        } else {
            data
        }
    };
    // What was left out the last picture takes up.
    let first = representations.last()?.picture.clone();
    for identifier in 1..=LONGEST_IDENTIFIER {
        representations.last_mut()?.picture.clone_from(&first);
        let mut longer = block
            .len()
            .checked_sub(write(&representations, identifier).len())?;
        // Longer length fields leave a little less.
        for _ in 0..LONGEST_IDENTIFIER {
            representations.last_mut()?.picture = portrait::as_long(&first, first.len() + longer);
            let written = write(&representations, identifier);
            match block.len().checked_sub(written.len()) {
                Some(0) => return Some(written),
                Some(_) => break,
                None => longer = longer.checked_sub(written.len() - block.len())?,
            }
        }
    }
    None
}

fn representation(block: &[u8], node: &Node) -> Option<Representation> {
    let child = |node: &Node, tag: u32| node.children(block)?.into_iter().find(|child| child.tag == tag);
    let image = child(&child(&child(node, 0xA1)?, 0xA0)?, 0xA0)?;
    let picture = child(&image, 0x80)?;
    let format = child(&child(&child(&image, 0xA1)?, 0xA0)?, 0x80);
    Some(Representation {
        picture: block[picture.value].to_vec(),
        format: format.map_or_else(|| vec![0], |format| block[format.value].to_vec()),
    })
}

impl Representation {
    fn encode(&self, identifier: usize) -> Vec<u8> {
        let mut number = vec![0; identifier];
        number[0] = u8::from(identifier > 1);
        let format = encode(0xA1, &[&encode(0xA0, &[&encode(0x80, &[&self.format])])]);
        let image = encode(0xA0, &[&encode(0x80, &[&self.picture]), &format]);
        let base = encode(0xA1, &[&encode(0xA0, &[&image])]);
        encode(0x30, &[&encode(0x80, &[&number]), &base])
    }
}
