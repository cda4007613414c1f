//! Cards in the virtual reader of the real PC/SC service.

use std::{
    ffi::CString,
    fs::File,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use chipgate_pcsc::Readers;
use chipgate_virtual_card::{CardFile, VPCD_ADDRESS, VirtualCard, serve_vpcd};
use pcsc::{Card, Context, Protocols, ReaderState, Scope, ShareMode, State};
use rand::{SeedableRng, rngs::StdRng};

const READER: &str = "Virtual PCD 00 00";
/// What `cargo xtask test` sets: it has started the service, so that nothing may be skipped for its absence.
const REQUIRED: &str = "CHIPGATE_REQUIRE_PCSC";
/// The longest that a card may take to be seen, or to be seen no more: the service looks every 0.4 s.
const PATIENCE: Duration = Duration::from_secs(10);

/// The one place in the virtual reader, for one test at a time, of this crate and of others.
pub struct VirtualReader {
    _place: File,
}

impl VirtualReader {
    /// `None`, and a line that says so, where the service does not run.
    pub fn free() -> Option<Self> {
        let readers = Readers::connect().and_then(|readers| readers.names());
        let there = readers
            .as_ref()
            .is_ok_and(|names| names.iter().any(|name| name == READER));
        if !there {
            assert!(std::env::var_os(REQUIRED).is_none(), "{readers:?}");
            println!(
                "skipped: the real PC/SC service, since it does not run with vpcd (`cargo xtask test` starts it)"
            );
            return None;
        }
        let place = File::create(std::env::temp_dir().join("chipgate-virtual-reader.lock")).unwrap();
        place.lock().unwrap();
        Some(Self { _place: place })
    }
}

/// A card that lies in the virtual reader until this is dropped.
pub struct Laid {
    stop: Arc<AtomicBool>,
    serving: Option<JoinHandle<()>>,
}

impl Laid {
    pub fn in_reader(_: &VirtualReader, file: &CardFile) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let serving = thread::spawn({
            let (file, stop) = (file.clone(), stop.clone());
            move || {
                let mut card = VirtualCard::new(&file, StdRng::seed_from_u64(13)).unwrap();
                serve_vpcd(&mut card, VPCD_ADDRESS, &stop, &mut |_| {}).unwrap();
            }
        });
        Self {
            stop,
            serving: Some(serving),
        }
    }
}

/// Connects to the card that lies there, as any program does.
fn connect() -> Card {
    let context = Context::establish(Scope::User).unwrap();
    let name = CString::new(READER).unwrap();
    let mut states = [ReaderState::new(name.clone(), State::UNAWARE)];
    while !states[0].event_state().contains(State::PRESENT) {
        states[0].sync_current_state();
        context
            .get_status_change(PATIENCE, &mut states)
            .expect("the service sees the card");
    }
    context
        .connect(&name, ShareMode::Exclusive, Protocols::ANY)
        .unwrap()
}

impl Drop for Laid {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let served = self.serving.take().map(JoinHandle::join);
        let empty = Readers::connect().and_then(|readers| readers.wait_until_empty(READER, PATIENCE));
        if !thread::panicking() {
            assert!(matches!(served, Some(Ok(()))), "the card was presented");
            assert!(matches!(empty, Ok(true)), "{empty:?}");
        }
    }
}

/// A card in the virtual reader, and the connection to it, which ends first.
pub struct Connected {
    connection: Card,
    _laid: Laid,
}

impl Connected {
    pub fn to(laid: Laid) -> Self {
        Self {
            connection: connect(),
            _laid: laid,
        }
    }

    pub fn transmit(&self, command: &[u8]) -> Result<Vec<u8>, pcsc::Error> {
        let mut response = vec![0; 0x1_0000 + 2];
        Ok(self.connection.transmit(command, &mut response)?.to_vec())
    }
}
