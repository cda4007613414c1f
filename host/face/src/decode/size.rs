//! What a JPEG 2000 picture says of its size, held against limits before the decoder makes room for it.
//!
//! A few bytes can claim four thousand million tiles. The decoder reserves memory for each of them before it looks at
//! the first, so that the claims have to be read here first.

use super::Limits;
use super::boxes::Boxes;
use super::jpeg2000::{CODESTREAM, JP2, NAME};
use super::style;
use crate::FaceError;
use crate::decode::within;

/// Grey or colour, and an alpha channel.
const MOST_COMPONENTS: u16 = 4;
/// Chroma at half the resolution is common; anything coarser is not.
const COARSEST: u8 = 2;
/// A portrait is one tile; a camera's picture has a few dozen.
const MOST_TILES: u64 = 1024;

/// Checks every codestream of the picture, since a decoder may take any of them.
pub(super) fn check(bytes: &[u8], limits: &Limits) -> Result<(), FaceError> {
    if !bytes.starts_with(JP2) {
        return check_codestream(bytes, limits);
    }
    for found in Boxes::of(bytes) {
        let (kind, content) = found.ok_or_else(|| broken("a box is cut off"))?;
        match &kind {
            b"jp2c" => check_codestream(content, limits)?,
            b"jp2h" => check_header(content)?,
            _ => {}
        }
    }
    Ok(())
}

/// A palette multiplies the channels by what it says itself (I.5.3.4 and 5): at most as many channels as pictures have, from at most
/// 1024 entries, and one of each box.
fn check_header(boxes: &[u8]) -> Result<(), FaceError> {
    let (mut palettes, mut mappings) = (0, 0);
    for found in Boxes::of(boxes) {
        let (kind, content) = found.ok_or_else(|| broken("a box of the header is cut off"))?;
        match &kind {
            b"pclr" => {
                let Some(([high, low, columns], _)) = content.split_first_chunk::<3>() else {
                    return Err(broken("its palette is cut off"));
                };
                within(
                    u64::from(u16::from_be_bytes([*high, *low])),
                    1024,
                    "entries of a palette",
                )?;
                within(u64::from(*columns), u64::from(MOST_COMPONENTS), "components")?;
                palettes += 1;
            }
            // CMP (two bytes), MTYP and PCOL for each channel.
            b"cmap" => {
                within(content.len() as u64 / 4, u64::from(MOST_COMPONENTS), "components")?;
                mappings += 1;
            }
            _ => {}
        }
    }
    if palettes > 1 || mappings > 1 {
        return Err(broken("it has several palettes"));
    }
    Ok(())
}

/// The SIZ segment stands right behind SOC (A.5.1).
fn check_codestream(codestream: &[u8], limits: &Limits) -> Result<(), FaceError> {
    let siz = codestream
        .strip_prefix(CODESTREAM)
        .and_then(Size::read)
        .ok_or_else(|| broken("its size cannot be read"))?;
    within(
        u64::from(siz.components),
        u64::from(MOST_COMPONENTS),
        "components",
    )?;
    if siz.coarsest > COARSEST {
        return Err(broken("a component has less than half the picture's resolution"));
    }
    limits.check_size(siz.width, siz.height)?;
    within(
        siz.tiles_across.saturating_mul(siz.tiles_down),
        MOST_TILES,
        "tiles",
    )?;
    style::check(codestream, &siz)
}

/// The SIZ segment (Table A.9), as far as memory depends on it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Size {
    /// Of the image area on the reference grid.
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) tiles_across: u64,
    pub(super) tiles_down: u64,
    components: u16,
    /// The largest XRsiz or YRsiz.
    coarsest: u8,
}

impl Size {
    /// `segment` begins behind the marker: Lsiz, Rsiz, the eight numbers of the grid, Csiz, the components.
    fn read(segment: &[u8]) -> Option<Self> {
        let (_, rest) = segment.split_at_checked(4)?;
        let (grid, rest) = rest.split_at_checked(32)?;
        let (components, rest) = rest.split_first_chunk::<2>()?;
        let components = u16::from_be_bytes(*components);
        let (each, _) = rest.split_at_checked(3 * usize::from(components))?;

        let mut grid = grid.as_chunks::<4>().0.iter().map(|n| u32::from_be_bytes(*n));
        let mut pair = || Some((grid.next()?, grid.next()?));
        let (right, bottom) = pair()?;
        let (left, top) = pair()?;
        let (tile_width, tile_height) = pair()?;
        let (tiles_left, tiles_top) = pair()?;
        // numXtiles = ⌈(Xsiz − XTOsiz) / XTsiz⌉, and likewise downwards (B-5).
        let across = right.checked_sub(tiles_left)?;
        let down = bottom.checked_sub(tiles_top)?;
        let count = |size: u32, tile: u32| (tile > 0).then(|| u64::from(size.div_ceil(tile)));
        Some(Self {
            width: right.checked_sub(left)?,
            height: bottom.checked_sub(top)?,
            tiles_across: count(across, tile_width)?,
            tiles_down: count(down, tile_height)?,
            components,
            coarsest: each
                .as_chunks::<3>()
                .0
                .iter()
                .flat_map(|[_, x, y]| [*x, *y])
                .max()?,
        })
    }
}

pub(super) fn broken(reason: &str) -> FaceError {
    FaceError::broken(NAME)(reason)
}
