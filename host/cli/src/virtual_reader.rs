//! The virtual reader of the PC/SC service, and the cards that demo and bench lay in it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use chipgate_pcsc::Readers;
use chipgate_virtual_card::{CardError, VPCD_ADDRESS, VirtualCard, VpcdEvent, serve_vpcd};

use crate::cli_error::CliError;

/// The reader that vpcd shows first.
pub(crate) const VIRTUAL_READER: &str = "Virtual PCD 00 00";
/// How long the service may take to see that a card has gone.
const LONGEST_REMOVAL: Duration = Duration::from_secs(5);

/// Whether the service has the virtual reader, with its place free.
///
/// # Errors
/// A card lies in it: it is someone else's, and must not be given another one's password.
pub(crate) fn is_free(readers: &Readers) -> Result<bool, CliError> {
    if !readers.names()?.iter().any(|name| name == VIRTUAL_READER) {
        return Ok(false);
    }
    // Whoever looked whether vpcd listens was a card for a moment.
    if readers.wait_until_empty(VIRTUAL_READER, Duration::from_secs(2))? {
        return Ok(true);
    }
    Err(CliError::Environment(format!(
        "a card already lies on {VIRTUAL_READER}: take it away (Ctrl-C ends `chipgate card serve`), and try again"
    )))
}

/// A card in the virtual reader for as long as this lives.
pub(crate) struct Presented {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<(), CardError>>>,
}

impl Presented {
    /// Puts a card into the virtual reader of pcscd, and waits until the service has spoken to it: what is read then is
    /// this card and no other.
    pub(crate) fn begin(mut chip: VirtualCard) -> Result<Self, CliError> {
        let stop = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stop);
        let (events, happened) = channel();
        let thread = std::thread::spawn(move || {
            // Nobody listens any more once the card was presented.
            let mut tell = |event| {
                let _ = events.send(event);
            };
            serve_vpcd(&mut chip, VPCD_ADDRESS, &flag, &mut tell)
        });
        let mut presented = Self {
            stop,
            thread: Some(thread),
        };
        presented.wait(&happened)?;
        Ok(presented)
    }

    fn wait(&mut self, happened: &Receiver<VpcdEvent>) -> Result<(), CliError> {
        while let Ok(event) = happened.recv() {
            if event == VpcdEvent::Presented {
                return Ok(());
            }
        }
        // The thread has ended before that, and says why.
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(Err(error))) => Err(error.into()),
            _ => Err(CliError::Environment(format!(
                "the card could not be laid in {VIRTUAL_READER}"
            ))),
        }
    }
}

impl Drop for Presented {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let Some(thread) = self.thread.take() else {
            return; // it was never there
        };
        // What went wrong there showed as a card that did not come.
        let _ = thread.join();
        // So that the next card is not taken for this one; a service that is gone sees none.
        let _ =
            Readers::connect().and_then(|readers| readers.wait_until_empty(VIRTUAL_READER, LONGEST_REMOVAL));
    }
}
