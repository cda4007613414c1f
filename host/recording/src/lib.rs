//! Recording and replaying the exchange with a chip.
//!
//! A recording holds everything that an inspection took from outside: commands and responses, random numbers and clock
//! readings, each a line of JSON (docs/schemas/recording.cddl). A replay gives the same back in the same order, so that the
//! same program makes the same commands, and the same report, to the byte.
//!
//! A recording holds secrets: the password, and with the random numbers the session keys. It says so in its first
//! line, and its file is readable by its owner alone.
//!
//! [`Dialogue`] understands a recording: it names each command, opens secure messaging with keys that follow from what
//! the file holds, and puts the files together. [`show`] writes that down.
//!
//! ```
//! use chipgate_apdu::{Channel, Timestamp};
//! use chipgate_recording::{Header, Recorder, Recording, Replay};
//! # use chipgate_apdu::{ChannelError, Limits, Link};
//! # struct Chip;
//! # impl Channel for Chip {
//! #     async fn transmit<'a>(&mut self, _: &[u8], response: &'a mut [u8]) -> Result<&'a [u8], ChannelError> {
//! #         response[..2].copy_from_slice(&[0x90, 0]);
//! #         Ok(&response[..2])
//! #     }
//! #     async fn reset(&mut self) -> Result<(), ChannelError> { Ok(()) }
//! #     fn limits(&self) -> Limits { Limits::short(Link::InProcess) }
//! # }
//! # let folder = tempfile::tempdir().unwrap();
//! # let file = folder.path().join("exchange.jsonl");
//! let chip = Chip; // any channel
//! let recorder = Recorder::create(&file, &Header::new(chip.limits(), Timestamp(0)))?;
//! let mut channel = recorder.channel(chip);
//! let mut buffer = [0; 258];
//! pollster::block_on(channel.transmit(&[0, 0xA4, 0, 0x0C], &mut buffer)).unwrap();
//! recorder.finish()?;
//!
//! let replay = Replay::new(Recording::read(&file)?);
//! let mut channel = replay.channel();
//! let response = pollster::block_on(channel.transmit(&[0, 0xA4, 0, 0x0C], &mut buffer));
//! assert_eq!(response, Ok(&[0x90, 0][..]));
//! # Ok::<(), chipgate_recording::RecordingError>(())
//! ```

mod dialogue;
mod error;
mod format;
mod import;
mod pcapng;
mod recorder;
mod recording;
mod redact;
mod replay;
mod show;
mod twin;

pub use dialogue::{AccessUsed, Answer, Dialogue, FileTrace, Found, Meaning, Turn, Unopened};
pub use error::RecordingError;
pub use format::{Entry, Header, Outcome};
pub use import::{Imported, import};
pub use pcapng::{Capture, pcapng};
pub use recorder::{Recorder, RecordingChannel, RecordingClock, RecordingRng};
pub use recording::Recording;
pub use redact::{Redacted, redact};
pub use replay::{DIVERGED, Replay, ReplayChannel, ReplayClock, ReplayRng};
pub use show::{Detail, meaning, show, show_json};
pub use twin::{IssuerKnown, RevocationKnown, Twin, TwinOptions};
