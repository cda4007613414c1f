//! The random numbers of a recording, and the private keys that were made of them.

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng, utils::next_word_via_fill};

/// Gives back recorded draws in their order, and notes when something else was asked for.
pub(crate) struct Draws<'a> {
    recorded: &'a [&'a [u8]],
    pub(crate) taken: usize,
    pub(crate) failed: bool,
}

impl<'a> Draws<'a> {
    pub(crate) const fn new(recorded: &'a [&'a [u8]]) -> Self {
        Self {
            recorded,
            taken: 0,
            failed: false,
        }
    }
}

impl TryRng for Draws<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        match self.recorded.get(self.taken) {
            Some(draw) if draw.len() == bytes.len() && !self.failed => {
                bytes.copy_from_slice(draw);
                self.taken += 1;
            }
            // Not zero: whoever makes a key draws again until it is not zero.
            _ => {
                self.failed = true;
                bytes.fill(1);
            }
        }
        Ok(())
    }
}

/// It gives nothing new away: what it gives stands in the file.
impl TryCryptoRng for Draws<'_> {}
