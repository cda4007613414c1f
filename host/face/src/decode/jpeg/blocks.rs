//! One block of a scan: its codes are taken and its coefficients are not kept, but for what later scans need.

use super::{
    bits::{Bits, Huffman},
    broken,
};
use crate::FaceError;

/// No coefficient of eight-bit samples has more bits: DC differences, and the others (tables F.1 and F.2).
const MOST_BITS: [u8; 2] = [11, 10];
/// A block's mean is at most eight times 128; so much more is let pass for what encoders round and overshoot.
const FURTHEST_MEAN: i64 = 2048;

/// What a scan codes of each block.
pub(super) struct Coding {
    pub(super) is_progressive: bool,
    /// The first and the last coefficient, in zigzag order.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it adds a bit to what is coded already, and how many bits are still missing behind it.
    pub(super) refines: bool,
    pub(super) missing_bits: u8,
}

/// What goes on from block to block of one component.
pub(super) struct Running {
    pub(super) direct: Huffman,
    pub(super) alternating: Huffman,
    pub(super) quantisation: u16,
    pub(super) mean: i64,
}

/// How many blocks, this one among them, have no further code (G.1.2.2).
pub(super) type EndOfBand = u32;

impl Coding {
    /// Takes the codes of a block. `nonzero` are its coefficients that are not zero.
    pub(super) fn block(
        &self,
        bits: &mut Bits<'_>,
        running: &mut Running,
        ended: &mut EndOfBand,
        nonzero: &mut u64,
    ) -> Result<(), FaceError> {
        if self.start == 0 {
            self.mean(bits, running)?;
        }
        let start = self.start.max(1);
        if start > self.end {
            return Ok(());
        }
        if self.refines {
            return self.refined(bits, running, ended, nonzero);
        }
        if *ended > 0 {
            *ended -= 1;
            return Ok(());
        }
        let mut at = start;
        while at <= self.end {
            let symbol = bits.symbol(&running.alternating)?;
            let (zeros, length) = (usize::from(symbol >> 4), symbol & 15);
            match (zeros, length) {
                (15, 0) => at += 16,
                (_, 0) => {
                    *ended = self.band_ends(bits, zeros)? - 1;
                    return Ok(());
                }
                _ => {
                    at += zeros;
                    if at > self.end || length > MOST_BITS[1] {
                        return Err(broken("a block has more coefficients than there are"));
                    }
                    bits.signed(u32::from(length))?;
                    *nonzero |= 1 << at;
                    at += 1;
                }
            }
        }
        if at > self.end + 1 {
            return Err(broken("a block has more coefficients than there are"));
        }
        Ok(())
    }

    /// The DC coefficient (F.2.2.1, G.1.2.1).
    fn mean(&self, bits: &mut Bits<'_>, running: &mut Running) -> Result<(), FaceError> {
        if self.refines {
            bits.take(1)?;
            return Ok(());
        }
        let length = bits.symbol(&running.direct)?;
        if length > MOST_BITS[0] {
            return Err(broken("the mean of a block is beyond all pixels"));
        }
        running.mean += i64::from(bits.signed(u32::from(length))?);
        let step = i64::from(running.quantisation);
        if (running.mean.abs() << self.missing_bits) * step > FURTHEST_MEAN + step {
            return Err(broken("the mean of a block is beyond all pixels"));
        }
        Ok(())
    }

    /// For how many blocks the band ends here (F.2.2.2, G.1.2.2).
    fn band_ends(&self, bits: &mut Bits<'_>, exponent: usize) -> Result<EndOfBand, FaceError> {
        if !self.is_progressive && exponent > 0 {
            return Err(broken("its coded data has a code that there is not"));
        }
        Ok((1 << exponent) + bits.take(exponent as u32)?)
    }

    /// A further bit of each coefficient that is not zero, and of some that were (G.1.2.3).
    fn refined(
        &self,
        bits: &mut Bits<'_>,
        running: &Running,
        ended: &mut EndOfBand,
        nonzero: &mut u64,
    ) -> Result<(), FaceError> {
        let mut at = self.start;
        while *ended == 0 && at <= self.end {
            let symbol = bits.symbol(&running.alternating)?;
            let (mut zeros, length) = (usize::from(symbol >> 4), symbol & 15);
            match (zeros, length) {
                (_, 1) => {
                    bits.take(1)?;
                }
                (15, 0) => {}
                (_, 0) => {
                    *ended = self.band_ends(bits, zeros)?;
                    break;
                }
                _ => return Err(broken("its coded data has a code that there is not")),
            }
            while at <= self.end {
                if *nonzero >> at & 1 == 1 {
                    bits.take(1)?;
                } else if zeros == 0 {
                    break;
                } else {
                    zeros -= 1;
                }
                at += 1;
            }
            if at > self.end {
                return Err(broken("a block has more coefficients than there are"));
            }
            *nonzero |= u64::from(length) << at;
            at += 1;
        }
        if *ended > 0 {
            for at in at..=self.end {
                if *nonzero >> at & 1 == 1 {
                    bits.take(1)?;
                }
            }
            *ended -= 1;
        }
        Ok(())
    }
}
