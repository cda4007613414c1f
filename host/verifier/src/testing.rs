//! What the unit tests share.

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};

/// "Random" bytes that count up: tests give the same result each time.
#[derive(Debug, Default, Clone)]
pub(crate) struct Counter(u8);

impl Counter {
    pub(crate) fn starting_at(first: u8) -> Self {
        Self(first)
    }
}

impl TryRng for Counter {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
        Ok(())
    }
}

impl TryCryptoRng for Counter {}
