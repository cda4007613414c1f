use core::time::Duration;
use std::{ffi::CString, time::Instant};

use pcsc::{Context, Disposition, Protocols, ReaderState, Scope, ShareMode, State};

use crate::{PcscChannel, PcscError};

/// How often the list of readers is looked at again while waiting, so that a reader that is plugged in is found.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// The connection to the PC/SC service.
pub struct Readers {
    context: Context,
}

impl Readers {
    /// Connects to the service; fails with [`PcscError::NoService`] if none runs.
    pub fn connect() -> Result<Self, PcscError> {
        Ok(Self {
            context: Context::establish(Scope::User)?,
        })
    }

    /// The names of the connected readers.
    pub fn names(&self) -> Result<Vec<String>, PcscError> {
        Ok(self
            .list()?
            .iter()
            .map(|name| name.to_string_lossy().into_owned())
            .collect())
    }

    fn list(&self) -> Result<Vec<CString>, PcscError> {
        match self.context.list_readers_owned() {
            Err(pcsc::Error::NoReadersAvailable) => Ok(Vec::new()),
            other => Ok(other?),
        }
    }

    /// Waits until a card lies on `reader` (any, if `None`), and opens it for this program alone.
    pub fn wait_for_card(&self, reader: Option<&str>, timeout: Duration) -> Result<PcscChannel, PcscError> {
        let start = Instant::now();
        loop {
            let mut states = self.states(reader)?;
            let left = timeout.saturating_sub(start.elapsed());
            if let Some(state) = states.iter().find(|state| holds_card(state)) {
                return self.open(state);
            }
            if left.is_zero() {
                return Err(PcscError::NoCard {
                    seconds: timeout.as_secs(),
                });
            }
            for state in &mut states {
                state.sync_current_state();
            }
            ignore_timeout(self.context.get_status_change(left.min(LOOK_AGAIN), &mut states))?;
        }
    }

    /// The present state of the readers that count.
    fn states(&self, reader: Option<&str>) -> Result<Vec<ReaderState>, PcscError> {
        let mut names = self.list()?;
        if names.is_empty() {
            return Err(PcscError::NoReader);
        }
        if let Some(wanted) = reader {
            names.retain(|name| name.to_string_lossy() == wanted);
            if names.is_empty() {
                return Err(PcscError::UnknownReader {
                    wanted: wanted.to_owned(),
                    connected: self.names()?,
                });
            }
        }
        let mut states: Vec<_> = names
            .into_iter()
            .map(|name| ReaderState::new(name, State::UNAWARE))
            .collect();
        ignore_timeout(self.context.get_status_change(Duration::ZERO, &mut states))?;
        Ok(states)
    }

    fn open(&self, state: &ReaderState) -> Result<PcscChannel, PcscError> {
        let reader = state.name().to_string_lossy().into_owned();
        let mut card = match self
            .context
            .connect(state.name(), ShareMode::Exclusive, Protocols::ANY)
        {
            Ok(card) => card,
            Err(pcsc::Error::UnresponsiveCard | pcsc::Error::UnpoweredCard | pcsc::Error::ProtoMismatch) => {
                return Err(PcscError::UnresponsiveCard { reader });
            }
            Err(pcsc::Error::SharingViolation) => return Err(PcscError::InUse { reader }),
            Err(other) => return Err(other.into()),
        };
        // Whoever used the card before may have left a security state on it.
        card.reconnect(ShareMode::Exclusive, Protocols::ANY, Disposition::ResetCard)?;
        PcscChannel::new(card, reader)
    }
}

fn holds_card(state: &ReaderState) -> bool {
    let event = state.event_state();
    event.contains(State::PRESENT) && !event.contains(State::MUTE)
}

fn ignore_timeout(result: Result<(), pcsc::Error>) -> Result<(), PcscError> {
    match result {
        // UnknownReader: it was unplugged between listing and asking; the next listing tells.
        Ok(()) | Err(pcsc::Error::Timeout | pcsc::Error::UnknownReader) => Ok(()),
        Err(other) => Err(other.into()),
    }
}
