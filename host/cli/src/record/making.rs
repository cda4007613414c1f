//! A recording that a command makes beside its own work.

use std::path::Path;

use chipgate_apdu::{Channel, Clock as _};
use chipgate_recording::{Header, Recorder, RecordingChannel, RecordingClock, RecordingRng};
use rand::rngs::ThreadRng;

use super::context::{Manner, RecordedContext, with_context};
use crate::{cli_error::CliError, clock::SystemClock, overwrite};

/// A recording that is being made.
pub(crate) struct Recording(Recorder);

/// A channel, random numbers and a clock that are recorded.
pub(crate) type Recorded<C> = (
    Recording,
    RecordingChannel<C>,
    RecordingRng<ThreadRng>,
    RecordingClock<SystemClock>,
);

impl Recording {
    /// Begins a recording. It keeps the password, without which it can't be replayed.
    pub(crate) fn begin<C: Channel>(
        file: &Path,
        channel: C,
        manner: &Manner<'_>,
        context: Option<RecordedContext>,
    ) -> Result<Recorded<C>, CliError> {
        if manner.opening.pin_revival.is_some() {
            return Err(CliError::Usage(
                "a session that opens with two passwords is not recorded: leave --record out, and record one with the PIN alone".to_owned(),
            ));
        }
        overwrite::refuse([file])?;
        let mut header = manner.put(Header::new(channel.limits(), SystemClock.now()));
        if let Some(context) = context {
            header = with_context(header, &context);
        }
        let recorder = Recorder::create(file, &header)?;
        let (channel, rng, clock) = (
            recorder.channel(channel),
            recorder.rng(rand::rng()),
            recorder.clock(SystemClock),
        );
        Ok((Self(recorder), channel, rng, clock))
    }

    pub(crate) fn finish(self) -> Result<(), CliError> {
        Ok(self.0.finish()?)
    }
}
