//! The frame header (B.2.2) and what is known of its components from scan to scan.

use super::broken;
use crate::{FaceError, decode::Limits};

/// What a frame header says.
pub(super) struct Frame {
    pub(super) is_progressive: bool,
    /// Units of all components together, across and down (A.2.3).
    pub(super) units: [usize; 2],
    pub(super) components: Vec<Component>,
}

/// One of the frame's components.
pub(super) struct Component {
    identifier: u8,
    /// Blocks in a unit, across and down.
    pub(super) sampling: [usize; 2],
    pub(super) quantisation: u8,
    /// Blocks that cover its samples, across and down: what a scan of it alone has (A.2.2).
    pub(super) blocks: [usize; 2],
    /// Blocks of a row of whole units.
    pub(super) row: usize,
    /// Of a progressive frame, for each block of whole units: which coefficients are not zero so far.
    pub(super) nonzero: Vec<u64>,
    /// How many low bits of each coefficient are not coded yet; `None` before its first scan.
    pub(super) missing_bits: [Option<u8>; 64],
}

impl Frame {
    /// Reads the header behind its length. `marker` says how the frame is coded.
    pub(super) fn read(marker: u8, header: &[u8], limits: &Limits) -> Result<Self, FaceError> {
        let cut = || broken("its frame header is cut off");
        if !matches!(marker, 0xC0..=0xC2) {
            return Err(broken("its frame is neither baseline nor progressive"));
        }
        let (&[precision, high, low, wide, narrow, count], rest) =
            header.split_first_chunk().ok_or_else(cut)?;
        if precision != 8 {
            return Err(broken("its samples are not of eight bits"));
        }
        let size = [
            usize::from(u16::from_be_bytes([wide, narrow])),
            usize::from(u16::from_be_bytes([high, low])),
        ];
        if size.contains(&0) || !matches!(count, 1..=4) || rest.len() < 3 * usize::from(count) {
            return Err(broken("its frame header is of no picture"));
        }
        limits.check_size(size[0] as u32, size[1] as u32)?;
        let parts = rest.chunks_exact(3).take(usize::from(count));
        let sampling = |part: &[u8]| [usize::from(part[1] >> 4), usize::from(part[1] & 15)];
        let most = |side: usize| parts.clone().map(|part| sampling(part)[side]).max().unwrap_or(1);
        let most = [most(0), most(1)];
        if parts
            .clone()
            .flat_map(sampling)
            .any(|factor| !matches!(factor, 1..=4))
        {
            return Err(broken("its components are sampled in a way that there is not"));
        }
        let units = [0, 1].map(|side| size[side].div_ceil(8 * most[side]));
        let is_progressive = marker == 0xC2;
        let components = parts.map(|part| {
            let sampling = sampling(part);
            let row = units[0] * sampling[0];
            let all = if is_progressive {
                row * units[1] * sampling[1]
            } else {
                0
            };
            Component {
                identifier: part[0],
                sampling,
                quantisation: part[2],
                blocks: [0, 1].map(|side| (size[side] * sampling[side]).div_ceil(most[side]).div_ceil(8)),
                row,
                nonzero: vec![0; all],
                missing_bits: [None; 64],
            }
        });
        Ok(Self {
            is_progressive,
            units,
            components: components.collect(),
        })
    }

    /// The place of the component with this identifier.
    pub(super) fn component(&self, identifier: u8) -> Option<usize> {
        self.components
            .iter()
            .position(|component| component.identifier == identifier)
    }

    /// Whether every component was coded, and to its last bit what was begun of it.
    pub(super) fn is_whole(&self) -> bool {
        self.components.iter().all(|component| {
            component.missing_bits[0].is_some()
                && component
                    .missing_bits
                    .iter()
                    .flatten()
                    .all(|missing| *missing == 0)
        })
    }
}
