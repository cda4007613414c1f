//! Gives back what was recorded, in the same order. Anything else that is asked for ends it.

use core::{cell::Cell, convert::Infallible};

use chipgate_apdu::{Channel, ChannelError, Limits, Link, Timestamp};
use rand_core::{TryCryptoRng, TryRng};

use crate::recording::{ENTRIES, Entry};

/// What a reader for a microcontroller carries: the longest reading of 4 KiB, protected.
const LIMITS: Limits = Limits {
    command: 1024,
    response: 4200,
    link: Link::Replay,
};
/// The code of [`ChannelError::Broken`] where the exchange went another way.
const DIVERGED: u32 = 1;

/// Where the replay stands.
pub(crate) struct Replay {
    next: Cell<usize>,
    diverged: Cell<bool>,
}

impl Replay {
    pub(crate) const fn new() -> Self {
        Self {
            next: Cell::new(0),
            diverged: Cell::new(false),
        }
    }

    /// The line of the recording that comes next, from 1; the header is the first one.
    pub(crate) fn line(&self) -> usize {
        self.next.get() + 2
    }

    /// Whether all that was recorded happened, and nothing else.
    pub(crate) fn is_finished(&self) -> bool {
        !self.diverged.get() && self.next.get() == ENTRIES.len()
    }

    /// The recorded clock; the beginning of time where it was not looked at then.
    pub(crate) fn now(&self) -> Timestamp {
        let recorded = self.take(|entry| match entry {
            Entry::Clock(milliseconds) => Some(Timestamp(*milliseconds)),
            _ => None,
        });
        recorded.unwrap_or(Timestamp(0))
    }

    fn take<T>(&self, want: impl FnOnce(&'static Entry) -> Option<T>) -> Option<T> {
        if self.diverged.get() {
            return None;
        }
        let taken = ENTRIES.get(self.next.get()).and_then(want);
        if taken.is_some() {
            self.next.set(self.next.get() + 1);
        } else {
            self.diverged.set(true);
        }
        taken
    }
}

/// The recorded chip.
pub(crate) struct ReplayChannel<'r>(pub(crate) &'r Replay);

impl Channel for ReplayChannel<'_> {
    async fn transmit<'a>(&mut self, sent: &[u8], buffer: &'a mut [u8]) -> Result<&'a [u8], ChannelError> {
        let recorded = self.0.take(|entry| match entry {
            Entry::Exchange(command, response) if *command == sent => Some(*response),
            _ => None,
        });
        let response = recorded.ok_or(ChannelError::Broken(DIVERGED))?;
        let part = buffer.get_mut(..response.len()).ok_or(ChannelError::TooLong)?;
        part.copy_from_slice(response);
        Ok(part)
    }

    async fn reset(&mut self) -> Result<(), ChannelError> {
        Err(ChannelError::Broken(DIVERGED))
    }

    fn limits(&self) -> Limits {
        LIMITS
    }
}

/// The recorded random numbers. After the replay went another way every byte is one, and no exchange succeeds.
pub(crate) struct ReplayRng<'r>(pub(crate) &'r Replay);

impl TryRng for ReplayRng<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)
            .map(|()| u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)
            .map(|()| u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        let recorded = self.0.take(|entry| match entry {
            Entry::Random(random) if random.len() == bytes.len() => Some(*random),
            _ => None,
        });
        match recorded {
            Some(random) => bytes.copy_from_slice(random),
            None => bytes.fill(1),
        }
        Ok(())
    }
}

/// It gives nothing away that is not in the repository.
impl TryCryptoRng for ReplayRng<'_> {}
