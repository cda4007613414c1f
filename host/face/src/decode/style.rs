//! How a JPEG 2000 codestream says that it is cut up, held against limits before the decoder makes room for it.
//!
//! A kilobyte can ask for millions of precincts and code blocks, which cost gigabytes whatever is in them. The markers
//! are followed as the decoder follows them; where a length could be understood in two ways, the picture is refused.

use super::size::{Size, broken};
use crate::FaceError;

const COD: u8 = 0x52;
const COC: u8 = 0x53;
const QCD: u8 = 0x5C;
const QCC: u8 = 0x5D;
const RGN: u8 = 0x5E;
const SOT: u8 = 0x90;
const SOD: u8 = 0x93;
const EOC: u8 = 0xD9;

/// Of one component, over all its resolutions. A picture of 16 million pixels in precincts of 128 × 128 has a tenth.
const MOST_PRECINCTS: u64 = 16_384;
/// Code blocks have 16 × 16 samples or more; the usual ones have 64 × 64.
const SMALLEST_BLOCK_EXPONENTS: u16 = 8;

/// Checks the main header and the headers of all tile-parts (A.3).
pub(super) fn check(codestream: &[u8], size: &Size) -> Result<(), FaceError> {
    let unreadable = || broken("its headers cannot be read");
    // Behind SOC.
    let mut at = 2;
    let mut end_of_part = None;
    loop {
        let [0xFF, marker] = *bytes(codestream, at).ok_or_else(unreadable)? else {
            return Err(unreadable());
        };
        match marker {
            // These have no parameters (A.1).
            0x30..=0x3F => at += 2,
            EOC => return Ok(()),
            SOD => {
                at = end_of_part.filter(|end| *end > at).ok_or_else(unreadable)?;
                if bytes(codestream, at) != Some(&[0xFF, SOT]) {
                    return Ok(());
                }
            }
            _ => {
                let segment = segment(codestream, at).ok_or_else(unreadable)?;
                if marker == SOT {
                    end_of_part = Some(end(codestream, at, segment).ok_or_else(unreadable)?);
                }
                check_segment(marker, segment, size)?;
                at += 4 + segment.len();
            }
        }
    }
}

fn bytes<const N: usize>(codestream: &[u8], at: usize) -> Option<&[u8; N]> {
    codestream.get(at..)?.first_chunk()
}

/// The parameters of the marker segment that begins there. Its length counts itself.
fn segment(codestream: &[u8], at: usize) -> Option<&[u8]> {
    let length = u16::from_be_bytes(*bytes(codestream, at + 2)?);
    codestream.get(at + 4..at + 2 + usize::from(length))
}

/// Where the tile-part ends whose SOT begins there: Psot counts from its first byte, and 0 means the end (A.4.2).
fn end(codestream: &[u8], at: usize, segment: &[u8]) -> Option<usize> {
    let [_, _, length @ .., _, _] = segment else {
        return None;
    };
    match u32::from_be_bytes(length.try_into().ok()?) {
        0 => Some(codestream.len()),
        length => at.checked_add(usize::try_from(length).ok()?),
    }
}

fn check_segment(marker: u8, segment: &[u8], size: &Size) -> Result<(), FaceError> {
    let fits = match (marker, segment) {
        // A.6.1: Scod, the four bytes of SGcod, SPcod. A.6.2: Ccoc, Scoc, SPcoc.
        (COD, [style, _, _, _, _, parameters @ ..]) | (COC, [_, style, parameters @ ..]) => {
            return check_style(*style, parameters, size);
        }
        (QCD, quantization) | (QCC, [_, quantization @ ..]) => is_whole(quantization),
        (RGN, segment) => segment.len() == 3,
        (COD | COC | QCC, _) => false,
        _ => true,
    };
    if fits {
        Ok(())
    } else {
        Err(broken("a segment of its headers has the wrong length"))
    }
}

/// Whether the step sizes fill the segment (Table A.27 and 28).
fn is_whole(quantization: &[u8]) -> bool {
    match quantization {
        [style, steps @ ..] => match style & 0x1F {
            0 => true,
            1 => steps.len() == 2,
            _ => steps.len().is_multiple_of(2),
        },
        [] => false,
    }
}

/// SPcod or SPcoc (Table A.15 and 20).
fn check_style(style: u8, parameters: &[u8], size: &Size) -> Result<(), FaceError> {
    let [levels, width, height, _, _, precincts @ ..] = parameters else {
        return Err(broken("its coding style is cut off"));
    };
    let resolutions = usize::from(*levels) + 1;
    let announced = if style & 1 == 1 { resolutions } else { 0 };
    if precincts.len() != announced {
        return Err(broken("its coding style has the wrong length"));
    }
    // Table A.18: the exponents are two more than what is written.
    if u16::from(*width) + u16::from(*height) + 4 < SMALLEST_BLOCK_EXPONENTS {
        return Err(broken("its code blocks are too small"));
    }
    let count = precincts
        .iter()
        .zip((0..=u32::from(*levels)).rev())
        .map(|(exponents, level)| at_most(size, level, *exponents));
    super::within(count.sum(), MOST_PRECINCTS, "precincts")
}

/// At most so many precincts has a resolution that is so many levels below the picture's. Table A.21: PPx in the low
/// four bits, PPy in the high ones. Each border between tiles may cut one more row or column of precincts.
fn at_most(size: &Size, level: u32, exponents: u8) -> u64 {
    let along = |length: u32, tiles: u64, exponent: u8| {
        let precincts = length.checked_shr(level + u32::from(exponent)).unwrap_or(0);
        u64::from(precincts) + 1 + tiles
    };
    let across = along(size.width, size.tiles_across, exponents & 0x0F);
    let down = along(size.height, size.tiles_down, exponents >> 4);
    across.saturating_mul(down)
}
