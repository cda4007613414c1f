use std::{
    convert::Infallible,
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use chipgate_apdu::{Channel, ChannelError, Clock, Limits, Timestamp};
use rand_core::{CryptoRng, TryCryptoRng, TryRng, utils::next_word_via_fill};
use serde::Serialize;

use crate::{Entry, Header, Outcome, RecordingError, format::Seal, recording::create_private};

/// Writes down an exchange while it takes place.
///
/// Recording never changes what is recorded: a file that can't be written to shows in [`Recorder::finish`].
pub struct Recorder {
    log: Arc<Mutex<Log>>,
}

struct Log {
    path: PathBuf,
    writer: BufWriter<File>,
    seal: Seal,
    started: Instant,
    failed: Option<std::io::Error>,
}

impl Recorder {
    /// Begins a recording in a new file that only its owner can read; an older file at that place is replaced.
    pub fn create(path: &Path, header: &Header) -> Result<Self, RecordingError> {
        let file = create_private(path)?;
        let mut log = Log {
            path: path.to_owned(),
            writer: BufWriter::new(file),
            seal: Seal::default(),
            started: Instant::now(),
            failed: None,
        };
        log.line(header);
        Ok(Self {
            log: Arc::new(Mutex::new(log)),
        })
    }

    /// A channel that is recorded.
    pub fn channel<C: Channel>(&self, channel: C) -> RecordingChannel<C> {
        RecordingChannel {
            channel,
            log: Arc::clone(&self.log),
        }
    }

    /// Random numbers that are recorded.
    pub fn rng<R: CryptoRng>(&self, rng: R) -> RecordingRng<R> {
        RecordingRng {
            rng,
            log: Arc::clone(&self.log),
        }
    }

    /// A clock that is recorded.
    pub fn clock<C: Clock>(&self, clock: C) -> RecordingClock<C> {
        RecordingClock {
            clock,
            log: Arc::clone(&self.log),
        }
    }

    /// Ends the recording, and tells whether all of it is in the file. Without it the file counts as cut.
    pub fn finish(self) -> Result<(), RecordingError> {
        let mut log = lock(&self.log);
        let end = log.seal.end();
        log.line(&end);
        let flushed = log.writer.flush();
        let result = log.failed.take().map_or(flushed, Err);
        result.map_err(RecordingError::file(&log.path))
    }
}

impl Log {
    fn line(&mut self, value: &impl Serialize) {
        let written = serde_json::to_vec(value)
            .map_err(std::io::Error::from)
            .and_then(|mut line| {
                line.push(b'\n');
                self.seal.line(&line);
                self.writer.write_all(&line)
            });
        if let Err(error) = written {
            self.failed.get_or_insert(error);
        }
    }

    fn microseconds(&self) -> u64 {
        microseconds(self.started.elapsed())
    }
}

fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// A panic elsewhere does not make the lines that were written wrong.
fn lock(log: &Mutex<Log>) -> MutexGuard<'_, Log> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A channel that is recorded.
pub struct RecordingChannel<C> {
    channel: C,
    log: Arc<Mutex<Log>>,
}

impl<C> RecordingChannel<C> {
    /// Writes an exchange down that began at `at`.
    fn note(&self, at: u64, command: &[u8], result: &Result<&[u8], ChannelError>) {
        let outcome = match result {
            Ok(response) => Outcome::Response(response.to_vec()),
            Err(error) => Outcome::Error(*error),
        };
        let mut log = lock(&self.log);
        let took = log.microseconds().saturating_sub(at);
        log.line(&Entry::Exchange {
            at,
            took,
            command: command.to_vec(),
            outcome,
        });
    }
}

impl<C: Channel> Channel for RecordingChannel<C> {
    async fn transmit<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
    ) -> Result<&'a [u8], ChannelError> {
        let at = lock(&self.log).microseconds();
        let result = self.channel.transmit(command, response).await;
        self.note(at, command, &result);
        result
    }

    async fn transmit_while<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
        work: &mut dyn FnMut(),
    ) -> Result<&'a [u8], ChannelError> {
        let at = lock(&self.log).microseconds();
        let result = self.channel.transmit_while(command, response, work).await;
        self.note(at, command, &result);
        result
    }

    async fn reset(&mut self) -> Result<(), ChannelError> {
        let result = self.channel.reset().await;
        let mut log = lock(&self.log);
        let reset = log.microseconds();
        log.line(&Entry::Reset {
            reset,
            error: result.err(),
        });
        result
    }

    fn limits(&self) -> Limits {
        self.channel.limits()
    }
}

/// Random numbers that are recorded.
pub struct RecordingRng<R> {
    rng: R,
    log: Arc<Mutex<Log>>,
}

impl<R: CryptoRng> TryRng for RecordingRng<R> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.rng.fill_bytes(bytes);
        lock(&self.log).line(&Entry::Random {
            random: bytes.to_vec(),
        });
        Ok(())
    }
}

impl<R: CryptoRng> TryCryptoRng for RecordingRng<R> {}

/// A clock that is recorded.
pub struct RecordingClock<C> {
    clock: C,
    log: Arc<Mutex<Log>>,
}

impl<C: Clock> Clock for RecordingClock<C> {
    fn now(&self) -> Timestamp {
        let now = self.clock.now();
        lock(&self.log).line(&Entry::Clock { clock: now.0 });
        now
    }
}
