use std::{
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chipgate_apdu::{Channel, ChannelError, Clock, Limits, Link, Timestamp};
use rand_core::{TryCryptoRng, TryRng, utils::next_word_via_fill};

use crate::{Entry, Header, Outcome, Recording, RecordingError};

/// The code of [`ChannelError::Broken`] when a replay goes another way than the recording; [`Replay::finish`] tells where.
pub const DIVERGED: u32 = 0x5250_4C59;

/// Gives back what was recorded, in the same order.
///
/// The first thing that differs ends the replay: every further exchange fails with [`DIVERGED`].
#[derive(Clone)]
pub struct Replay {
    state: Arc<Mutex<State>>,
    header: Header,
}

struct State {
    entries: Vec<Entry>,
    next: usize,
    diverged: Option<(usize, &'static str)>,
}

impl Replay {
    /// Prepares a replay.
    #[must_use]
    pub fn new(recording: Recording) -> Self {
        let state = State {
            entries: recording.entries,
            next: 0,
            diverged: None,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            header: recording.header,
        }
    }

    /// The first line of the recording.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The recorded chip.
    #[must_use]
    pub fn channel(&self) -> ReplayChannel {
        let limits = Limits {
            link: Link::Replay,
            ..self.header.limits()
        };
        ReplayChannel {
            state: Arc::clone(&self.state),
            limits,
        }
    }

    /// The recorded random numbers.
    #[must_use]
    pub fn rng(&self) -> ReplayRng {
        ReplayRng {
            state: Arc::clone(&self.state),
        }
    }

    /// The recorded clock.
    #[must_use]
    pub fn clock(&self) -> ReplayClock {
        ReplayClock {
            state: Arc::clone(&self.state),
            created: self.header.created(),
        }
    }

    /// Where the replay went another way than the recording, if it did.
    #[must_use]
    pub fn diverged(&self) -> Option<RecordingError> {
        lock(&self.state)
            .diverged
            .map(|(line, wanted)| RecordingError::Diverged { line, wanted })
    }

    /// Tells whether the replay went the way of the recording and made every recorded exchange again. Random numbers and
    /// clock readings may be left: those of a report that is not made again.
    pub fn finish_exchanges(&self) -> Result<(), RecordingError> {
        let state = lock(&self.state);
        if let Some((line, wanted)) = state.diverged {
            return Err(RecordingError::Diverged { line, wanted });
        }
        let rest = state.entries.iter().enumerate().skip(state.next);
        let mut left = rest.filter(|(_, entry)| matches!(entry, Entry::Exchange { .. }));
        match left.next() {
            Some((index, _)) => Err(RecordingError::Unused {
                line: line_of(index),
                exchanges: 1 + left.count(),
            }),
            None => Ok(()),
        }
    }

    /// Tells whether the replay went the way of the recording, to its end.
    pub fn finish(&self) -> Result<(), RecordingError> {
        self.finish_exchanges()?;
        let state = lock(&self.state);
        match state.entries.get(state.next) {
            Some(entry) => Err(RecordingError::Diverged {
                line: line_of(state.next),
                wanted: entry.kind(),
            }),
            None => Ok(()),
        }
    }
}

/// The line of an entry, from 1; the header is the first line.
const fn line_of(index: usize) -> usize {
    index + 2
}

impl State {
    /// The next entry, if `take` can use it; else the replay has diverged.
    fn next<T>(&mut self, take: impl FnOnce(&Entry) -> Option<T>) -> Option<T> {
        if self.diverged.is_some() {
            return None;
        }
        let entry = self.entries.get(self.next);
        let taken = entry.and_then(take);
        if taken.is_some() {
            self.next += 1;
        } else {
            self.diverged = Some((line_of(self.next), entry.map_or("the end", Entry::kind)));
        }
        taken
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The recorded chip.
pub struct ReplayChannel {
    state: Arc<Mutex<State>>,
    limits: Limits,
}

impl Channel for ReplayChannel {
    async fn transmit<'a>(&mut self, sent: &[u8], response: &'a mut [u8]) -> Result<&'a [u8], ChannelError> {
        let outcome = lock(&self.state).next(|entry| match entry {
            Entry::Exchange { command, outcome, .. } if command == sent => Some(outcome.clone()),
            _ => None,
        });
        match outcome.ok_or(ChannelError::Broken(DIVERGED))? {
            Outcome::Error(error) => Err(error),
            Outcome::Response(bytes) => {
                let part = response.get_mut(..bytes.len()).ok_or(ChannelError::TooLong)?;
                part.copy_from_slice(&bytes);
                Ok(part)
            }
        }
    }

    async fn reset(&mut self) -> Result<(), ChannelError> {
        let result = lock(&self.state).next(|entry| match entry {
            Entry::Reset { error, .. } => Some(error.map_or(Ok(()), Err)),
            _ => None,
        });
        result.unwrap_or(Err(ChannelError::Broken(DIVERGED)))
    }

    fn limits(&self) -> Limits {
        self.limits
    }
}

/// The recorded random numbers. After the replay has diverged every byte is one, and no exchange succeeds any more.
pub struct ReplayRng {
    state: Arc<Mutex<State>>,
}

impl TryRng for ReplayRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        let recorded = lock(&self.state).next(|entry| match entry {
            Entry::Random { random } if random.len() == bytes.len() => Some(random.clone()),
            _ => None,
        });
        match recorded {
            Some(recorded) => bytes.copy_from_slice(&recorded),
            // Not zero: whoever draws a private key draws again until it is not zero.
            None => bytes.fill(1),
        }
        Ok(())
    }
}

/// It gives nothing new away: what it gives stands in the file.
impl TryCryptoRng for ReplayRng {}

/// The recorded clock. After the replay has diverged it stands at the beginning of the recording.
pub struct ReplayClock {
    state: Arc<Mutex<State>>,
    created: Timestamp,
}

impl Clock for ReplayClock {
    fn now(&self) -> Timestamp {
        let recorded = lock(&self.state).next(|entry| match entry {
            Entry::Clock { clock } => Some(Timestamp(*clock)),
            _ => None,
        });
        recorded.unwrap_or(self.created)
    }
}
