//! The bits of entropy-coded data (F.2.2.5), and the Huffman codes in them (C.2).

use super::broken;
use crate::FaceError;

/// Codes of up to this many bits are looked up in one step.
const SHORT: u32 = 9;

/// Entropy-coded data up to its next marker.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The next bits; the lowest `count` of them are valid.
    buffer: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at,
            buffer: 0,
            count: 0,
        }
    }

    fn fill(&mut self) {
        while self.count <= 56 {
            let (byte, length) = match self.bytes.get(self.at..) {
                Some([0xFF, 0x00, ..]) => (0xFF, 2),
                Some([0xFF, ..] | []) | None => return,
                Some([byte, ..]) => (*byte, 1),
            };
            self.buffer = self.buffer << 8 | u64::from(byte);
            self.count += 8;
            self.at += length;
        }
    }

    /// The next `length` bits, at most 16, with zeros behind the last one; none is taken.
    fn peek(&mut self, length: u32) -> u32 {
        if self.count < length {
            self.fill();
        }
        let bits = if self.count >= length {
            self.buffer >> (self.count - length)
        } else {
            self.buffer << (length - self.count)
        };
        (bits & ((1 << length) - 1)) as u32
    }

    fn skip(&mut self, length: u32) -> Result<(), FaceError> {
        self.count = self
            .count
            .checked_sub(length)
            .ok_or_else(|| broken("its coded data ends before the last pixel"))?;
        Ok(())
    }

    /// Takes `length` bits, at most 16.
    pub(super) fn take(&mut self, length: u32) -> Result<u32, FaceError> {
        let bits = self.peek(length);
        self.skip(length)?;
        Ok(bits)
    }

    /// Takes `length` bits as a signed number (F.2.2.1).
    pub(super) fn signed(&mut self, length: u32) -> Result<i32, FaceError> {
        if length == 0 {
            return Ok(0);
        }
        let bits = self.take(length)?.cast_signed();
        let half = 1 << (length - 1);
        Ok(if bits < half { bits - 2 * half + 1 } else { bits })
    }

    /// Takes a Huffman code.
    pub(super) fn symbol(&mut self, table: &Huffman) -> Result<u8, FaceError> {
        let code = self.peek(16);
        let (length, symbol) = table
            .find(code)
            .ok_or_else(|| broken("its coded data has a code that its table has not"))?;
        self.skip(length)?;
        Ok(symbol)
    }

    /// Ends the data behind the last block: where the marker is that has to follow (F.1.2.3). Zeros before it do no harm.
    pub(super) fn end(mut self) -> Result<usize, FaceError> {
        self.fill();
        let whole = self.count - self.count % 8;
        let left = self.buffer & 1_u64.checked_shl(whole).map_or(u64::MAX, |above| above - 1);
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let zeros = rest.iter().take_while(|byte| **byte == 0).count();
        if left != 0 || rest.get(zeros) != Some(&0xFF) || rest.get(zeros + 1) == Some(&0) {
            return Err(broken("more is coded than its pixels"));
        }
        Ok(self.at + zeros)
    }
}

/// A table of Huffman codes (B.2.4.2).
#[derive(Clone, Default)]
pub(super) struct Huffman {
    /// By the first bits of a code: its length and symbol; a length of 0 where it is longer or none.
    short: Vec<(u8, u8)>,
    /// For each length from 1 to 16, aligned to 16 bits: the first code, the one above the last, and the place of its symbol.
    lengths: [(u32, u32, usize); 16],
    symbols: Vec<u8>,
}

impl Huffman {
    /// From the number of codes of each length, and the symbols in their order (C.2). `None` if there are more codes than fit.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut lengths = [(0, 0, 0); 16];
        let (mut code, mut place) = (0_u32, 0);
        for (length, count) in (1_u32..).zip(counts) {
            let above = code + (u32::from(*count) << (16 - length));
            if above > 1 << 16 {
                return None;
            }
            lengths[length as usize - 1] = (code, above, place);
            (code, place) = (above, place + usize::from(*count));
        }
        let mut table = Self {
            short: Vec::new(),
            lengths,
            symbols: symbols.to_vec(),
        };
        let short = (0..1_u32 << SHORT).map(|start| match table.search(start << (16 - SHORT)) {
            Some((length, symbol)) if length <= SHORT => (length as u8, symbol),
            _ => (0, 0),
        });
        table.short = short.collect();
        Some(table)
    }

    /// The length and symbol of the code at the start of 16 bits.
    fn find(&self, bits: u32) -> Option<(u32, u8)> {
        match self.short.get((bits >> (16 - SHORT)) as usize) {
            Some((length @ 1.., symbol)) => Some((u32::from(*length), *symbol)),
            _ => self.search(bits),
        }
    }

    fn search(&self, bits: u32) -> Option<(u32, u8)> {
        let (length, (first, _, place)) = (1_u32..)
            .zip(&self.lengths)
            .find(|(_, (first, above, _))| (*first..*above).contains(&bits))?;
        let symbol = place + ((bits - first) >> (16 - length)) as usize;
        Some((length, *self.symbols.get(symbol)?))
    }
}
