use core::time::Duration;
use std::{ffi::CString, time::Instant};

use chipgate_apdu::Cancellation;
use pcsc::{Context, Disposition, Protocols, ReaderState, Scope, ShareMode, State};

use crate::{PcscChannel, PcscError};

/// How long to wait before a card that does not answer yet is tried again.
const TRY_AGAIN: Duration = Duration::from_millis(100);
/// How often the list of readers is looked at again while waiting, so that a reader that is plugged in is found.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// The connection to the PC/SC service.
#[derive(Clone)]
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
        self.wait_for_card_unless(reader, timeout, &Cancellation::new())
    }

    /// The same, but ends with [`PcscError::Cancelled`] within half a second once someone wishes to stop.
    pub fn wait_for_card_unless(
        &self,
        reader: Option<&str>,
        timeout: Duration,
        cancellation: &Cancellation,
    ) -> Result<PcscChannel, PcscError> {
        let start = Instant::now();
        let mut unresponsive = None;
        loop {
            if cancellation.is_cancelled() {
                return Err(PcscError::Cancelled);
            }
            let mut states = self.states(reader)?;
            let left = timeout.saturating_sub(start.elapsed());
            if let Some(state) = states.iter().find(|state| holds_card(state)) {
                match self.open(state)? {
                    Opened::Card(card) => return Ok(card),
                    // The service sees a card that left only after a while.
                    Opened::Gone => unresponsive = None,
                    Opened::Unresponsive => unresponsive = Some(state.name().to_string_lossy().into_owned()),
                }
                std::thread::sleep(TRY_AGAIN.min(left));
            }
            if left.is_zero() {
                let none = PcscError::NoCard {
                    seconds: timeout.as_secs(),
                    readers: states
                        .iter()
                        .map(|state| state.name().to_string_lossy().into_owned())
                        .collect(),
                };
                return Err(unresponsive.map_or(none, |reader| PcscError::UnresponsiveCard { reader }));
            }
            for state in &mut states {
                state.sync_current_state();
            }
            if !states.iter().any(holds_card) {
                ignore_timeout(self.context.get_status_change(left.min(LOOK_AGAIN), &mut states))?;
            }
        }
    }

    /// The names of the readers that hold a card.
    pub fn with_card(&self) -> Result<Vec<String>, PcscError> {
        let states = match self.states(None) {
            Err(PcscError::NoReader) => return Ok(Vec::new()),
            states => states?,
        };
        let holding = states.iter().filter(|state| holds_card(state));
        Ok(holding
            .map(|state| state.name().to_string_lossy().into_owned())
            .collect())
    }

    /// Waits until no card lies on `reader`; tells whether none does. The service looks every 0.4 s, and takes a card
    /// that was changed faster for the one before it.
    pub fn wait_until_empty(&self, reader: &str, timeout: Duration) -> Result<bool, PcscError> {
        let start = Instant::now();
        while self.states(Some(reader))?.iter().any(holds_card) {
            if start.elapsed() > timeout {
                return Ok(false);
            }
            std::thread::sleep(TRY_AGAIN);
        }
        Ok(true)
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

    fn open(&self, state: &ReaderState) -> Result<Opened, PcscError> {
        let reader = state.name().to_string_lossy().into_owned();
        let connected = self
            .context
            .connect(state.name(), ShareMode::Exclusive, Protocols::ANY);
        let opened = connected.and_then(|mut card| {
            // Whoever used the card before may have left a security state on it.
            card.reconnect(ShareMode::Exclusive, Protocols::ANY, Disposition::ResetCard)?;
            PcscChannel::new(card, reader.clone(), self.clone())
        });
        match opened {
            Ok(card) => Ok(Opened::Card(card)),
            Err(pcsc::Error::NoSmartcard | pcsc::Error::RemovedCard) => Ok(Opened::Gone),
            Err(pcsc::Error::UnresponsiveCard | pcsc::Error::UnpoweredCard | pcsc::Error::ProtoMismatch) => {
                Ok(Opened::Unresponsive)
            }
            Err(pcsc::Error::SharingViolation) => Err(PcscError::InUse { reader }),
            Err(other) => Err(other.into()),
        }
    }
}

/// What came of opening a card.
enum Opened {
    Card(PcscChannel),
    Gone,
    Unresponsive,
}

/// A card that did not answer before (`State::MUTE`) counts, too: opening it gives it power anew.
fn holds_card(state: &ReaderState) -> bool {
    state.event_state().contains(State::PRESENT)
}

fn ignore_timeout(result: Result<(), pcsc::Error>) -> Result<(), PcscError> {
    match result {
        // UnknownReader: it was unplugged between listing and asking; the next listing tells.
        Ok(()) | Err(pcsc::Error::Timeout | pcsc::Error::UnknownReader) => Ok(()),
        Err(other) => Err(other.into()),
    }
}
