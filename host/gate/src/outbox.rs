use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::GateError;

/// The file that says where the chain of reports stands.
const CHAIN: &str = "chain.json";
/// How a waiting report's file name ends.
const WAITING: &str = "cose";
/// How the file name of a report ends that the verifier has refused for good.
const REFUSED: &str = "refused";
/// What a chain that was begun anew names as the report before its first one: the verifier shows that as a broken chain.
const UNKNOWN: [u8; 32] = [0; 32];
/// How long another program may use the outbox before this one gives up.
const LONGEST_USE: Duration = Duration::from_mins(1);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Signed reports that wait on disk for the verifier, and the chain that they form.
///
/// A report is on the disk before anyone tries to send it, so that nothing is lost when the verifier is away or the
/// power fails. Sequence numbers have no gaps, and each report carries the hash of the one before it.
#[derive(Debug)]
pub struct Outbox {
    folder: PathBuf,
    /// Held while this program uses the folder: two programs would give one sequence number twice.
    _lock: File,
}

/// Where a device's chain of reports stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainPosition {
    /// The next report's sequence number; the first is 1.
    pub sequence: u64,
    /// The SHA-256 hash of the signed report before it, or `None` for the first.
    pub previous: Option<[u8; 32]>,
}

impl ChainPosition {
    /// The position before the first report.
    pub const START: Self = Self {
        sequence: 1,
        previous: None,
    };
}

#[derive(Default, Serialize, Deserialize)]
struct ChainFile {
    /// Which device the chain belongs to.
    device: String,
    /// The last sequence number given out.
    last: u64,
    /// The last report's hash in hexadecimal.
    hash: String,
}

/// What lies in an outbox.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Contents {
    /// How many reports wait for the verifier.
    pub waiting: usize,
    /// How many the verifier has refused for good.
    pub refused: usize,
}

/// A report that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingReport {
    /// Its sequence number.
    pub sequence: u64,
    /// Its COSE_Sign1 bytes.
    pub bytes: Vec<u8>,
    path: PathBuf,
}

impl Outbox {
    /// Opens the outbox in `folder`, which is made if it is not there, readable by its owner alone.
    pub fn open(folder: &Path) -> Result<Self, GateError> {
        let outbox = Self::open_unmended(folder)?;
        outbox.mend()?;
        Ok(outbox)
    }

    fn open_unmended(folder: &Path) -> Result<Self, GateError> {
        let lock = make(folder)?;
        wait_for(&lock).map_err(|_| GateError::OutboxInUse {
            folder: folder.to_owned(),
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            _lock: lock,
        })
    }

    /// Looks, without waiting for another program that uses it, whether the outbox in `folder` can be used by this
    /// device, and what lies in it. It is made if it is not there.
    pub fn look(folder: &Path, device: Option<&str>) -> Result<Contents, GateError> {
        let looking = Self {
            folder: folder.to_owned(),
            _lock: make(folder)?,
        };
        let owner = looking.read_chain()?.device;
        match device.filter(|device| !owner.is_empty() && *device != owner) {
            Some(device) => Err(looking.foreign(owner, device)),
            None => Ok(Contents {
                waiting: looking.numbers()?.len(),
                refused: looking.numbers_of(REFUSED)?.len(),
            }),
        }
    }

    /// Begins the device's chain anew after number `last`, the last one that the verifier has of it: for an outbox that
    /// was lost, or whose chain file is broken or was put back from a backup. The verifier shows the next report as one
    /// whose chain is broken.
    ///
    /// Numbers of reports that still wait are not given out again. What comes back is the number of the next report.
    pub fn restart(folder: &Path, device: &str, last: u64) -> Result<u64, GateError> {
        let outbox = Self::open_unmended(folder)?;
        if let Ok(chain) = outbox.read_chain()
            && !chain.device.is_empty()
            && chain.device != device
        {
            return Err(outbox.foreign(chain.device, device));
        }
        let newest = outbox.numbers()?.into_iter().next_back().unwrap_or(0);
        outbox.write_chain(&ChainFile {
            device: device.to_owned(),
            last: last.max(newest),
            hash: hex::encode(UNKNOWN),
        })?;
        Ok(outbox.position(device)?.sequence)
    }

    fn foreign(&self, owner: String, device: &str) -> GateError {
        GateError::ForeignOutbox {
            folder: self.folder.clone(),
            owner,
            device: device.to_owned(),
        }
    }

    /// The power may have failed between writing a report and moving the chain on. It is written down here, or the number
    /// would be given out twice once the report is sent.
    fn mend(&self) -> Result<(), GateError> {
        let chain = self.read_chain()?;
        let Some(newest) = self
            .numbers()?
            .into_iter()
            .next_back()
            .filter(|sequence| *sequence > chain.last)
        else {
            return Ok(());
        };
        let report =
            fs::read(self.path_of(newest)).map_err(|error| GateError::outbox(&self.folder, &error))?;
        self.move_chain(&chain.device, newest, &report)
    }

    /// Where the chain of this device stands. An outbox is one device's, from the first time that this is asked.
    pub fn position(&self, device: &str) -> Result<ChainPosition, GateError> {
        let chain = self.read_chain()?;
        if chain.device.is_empty() {
            let hash = chain.hash.clone();
            self.write_chain(&ChainFile {
                device: device.to_owned(),
                last: chain.last,
                hash,
            })?;
        } else if chain.device != device {
            return Err(self.foreign(chain.device, device));
        }
        if chain.last == 0 {
            return Ok(ChainPosition::START);
        }
        let previous = hex::decode(&chain.hash)
            .ok()
            .and_then(|hash| hash.try_into().ok());
        let sequence = chain
            .last
            .checked_add(1)
            .filter(|sequence| i64::try_from(*sequence).is_ok());
        match (sequence, previous) {
            (Some(sequence), Some(previous)) => Ok(ChainPosition {
                sequence,
                previous: Some(previous),
            }),
            _ => Err(self.broken_chain()),
        }
    }

    /// Puts a signed report on the disk, and moves the chain on.
    pub fn put(&self, device: &str, sequence: u64, report: &[u8]) -> Result<WaitingReport, GateError> {
        let path = self.path_of(sequence);
        self.write(&path, report)?;
        self.move_chain(device, sequence, report)?;
        Ok(WaitingReport {
            sequence,
            bytes: report.to_vec(),
            path,
        })
    }

    /// The reports that wait, oldest first, at most `most` of them.
    pub fn waiting(&self, most: usize) -> Result<Vec<WaitingReport>, GateError> {
        let read = |sequence| {
            let path = self.path_of(sequence);
            let bytes = fs::read(&path).map_err(|error| GateError::outbox(&self.folder, &error))?;
            Ok(WaitingReport {
                sequence,
                bytes,
                path,
            })
        };
        self.numbers()?.into_iter().take(most).map(read).collect()
    }

    /// The report that was put there last, if it waits.
    pub fn newest(&self) -> Result<Option<WaitingReport>, GateError> {
        let Some(sequence) = self.numbers()?.into_iter().next_back() else {
            return Ok(None);
        };
        let path = self.path_of(sequence);
        let bytes = fs::read(&path).map_err(|error| GateError::outbox(&self.folder, &error))?;
        Ok(Some(WaitingReport {
            sequence,
            bytes,
            path,
        }))
    }

    /// The sequence numbers of the reports that wait, in order.
    pub fn numbers(&self) -> Result<Vec<u64>, GateError> {
        self.numbers_of(WAITING)
    }

    /// How many reports lie here that the verifier has refused for good.
    pub fn refused(&self) -> Result<usize, GateError> {
        Ok(self.numbers_of(REFUSED)?.len())
    }

    fn numbers_of(&self, end: &str) -> Result<Vec<u64>, GateError> {
        let failed = |error: std::io::Error| GateError::outbox(&self.folder, &error);
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let number = path
                .file_stem()
                .and_then(|stem| stem.to_str()?.parse::<u64>().ok());
            if path.extension().is_some_and(|extension| extension == end) {
                numbers.extend(number);
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn path_of(&self, sequence: u64) -> PathBuf {
        self.folder.join(format!("{sequence:012}.{WAITING}"))
    }

    /// Removes a report that the verifier has.
    pub fn remove(&self, report: &WaitingReport) -> Result<(), GateError> {
        fs::remove_file(&report.path).map_err(|error| GateError::outbox(&self.folder, &error))
    }

    /// Sets a report aside that the verifier will never take, so that it neither blocks the others nor is lost.
    pub fn set_aside(&self, report: &WaitingReport) -> Result<PathBuf, GateError> {
        let refused = report.path.with_extension(REFUSED);
        fs::rename(&report.path, &refused).map_err(|error| GateError::outbox(&self.folder, &error))?;
        Ok(refused)
    }

    fn read_chain(&self) -> Result<ChainFile, GateError> {
        match fs::read(self.folder.join(CHAIN)) {
            Ok(text) => serde_json::from_slice(&text).map_err(|_| self.broken_chain()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(ChainFile::default()),
            Err(error) => Err(GateError::outbox(&self.folder, &error)),
        }
    }

    fn move_chain(&self, device: &str, last: u64, report: &[u8]) -> Result<(), GateError> {
        self.write_chain(&ChainFile {
            device: device.to_owned(),
            last,
            hash: hex::encode(hash(report)),
        })
    }

    fn write_chain(&self, chain: &ChainFile) -> Result<(), GateError> {
        let text = serde_json::to_vec_pretty(chain).map_err(|_| self.broken_chain())?;
        self.write(&self.folder.join(CHAIN), &text)
    }

    /// Keeps something else of the device's here, such as the verifier's last beacon, so that after a crash there is the old
    /// one or the new one.
    pub fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), GateError> {
        self.write(&self.folder.join(name), bytes)
    }

    fn broken_chain(&self) -> GateError {
        GateError::BrokenChain {
            file: self.folder.join(CHAIN),
        }
    }

    /// Writes a file so that after a crash there is the old one or the new one.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), GateError> {
        let new = path.with_extension("new");
        let write = || {
            let mut file = private_file(&new, true)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&new, path)?;
            File::open(&self.folder)?.sync_all()
        };
        write().map_err(|error| GateError::outbox(&self.folder, &error))
    }
}

/// Another inspection with the same outbox ends soon, or hangs.
fn wait_for(lock: &File) -> Result<(), TryLockError> {
    let begun = Instant::now();
    loop {
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) if begun.elapsed() < LONGEST_USE => thread::sleep(LOOK_AGAIN),
            result => return result,
        }
    }
}

/// Makes the folder for its owner alone, if it is not there, and its lock, which is not taken yet.
fn make(folder: &Path) -> Result<File, GateError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.and_then(|()| private_file(&folder.join("lock"), false))
        .map_err(|error| GateError::outbox(folder, &error))
}

fn hash(report: &[u8]) -> [u8; 32] {
    Sha256::digest(report).into()
}

/// A file that only its owner can read: reports are personal data.
fn private_file(path: &Path, truncate: bool) -> std::io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(truncate)
        .mode(0o600)
        .open(path)
}

#[cfg(test)]
mod tests {
    use super::{ChainPosition, Contents, Outbox};
    use crate::GateError;

    #[test]
    fn numbers_reports_without_gaps_and_chains_them_by_hash() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(folder.path()).unwrap();
        assert_eq!(outbox.position("gate").unwrap(), ChainPosition::START);
        outbox.put("gate", 1, b"first").unwrap();
        let next = ChainPosition {
            sequence: 2,
            previous: Some(super::hash(b"first")),
        };
        assert_eq!(outbox.position("gate").unwrap(), next);
    }

    #[test]
    fn goes_on_with_the_chain_after_everything_was_sent() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(folder.path()).unwrap();
        let report = outbox.put("gate", 1, b"first").unwrap();
        outbox.remove(&report).unwrap();
        drop(outbox);
        let outbox = Outbox::open(folder.path()).unwrap();
        assert!(outbox.waiting(10).unwrap().is_empty());
        assert_eq!(outbox.position("gate").unwrap().sequence, 2);
    }

    #[test]
    fn a_number_is_never_given_out_twice_even_if_the_power_failed_before_the_chain_moved_on() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(folder.path()).unwrap();
        outbox.position("gate").unwrap();
        let before = std::fs::read(folder.path().join("chain.json")).unwrap();
        let report = outbox.put("gate", 1, b"first").unwrap();
        drop(outbox);
        std::fs::write(folder.path().join("chain.json"), before).unwrap();
        // Another program opens it, and delivers the report.
        let outbox = Outbox::open(folder.path()).unwrap();
        outbox.remove(&report).unwrap();
        let next = ChainPosition {
            sequence: 2,
            previous: Some(super::hash(b"first")),
        };
        assert_eq!(outbox.position("gate").unwrap(), next);
        assert!(matches!(
            outbox.position("other"),
            Err(GateError::ForeignOutbox { .. })
        ));
    }

    #[test]
    fn a_sequence_number_that_no_verifier_takes_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("18446744073709551615.cose"), "").unwrap();
        let outbox = Outbox::open(folder.path()).unwrap();
        assert!(matches!(
            outbox.position("gate"),
            Err(GateError::BrokenChain { .. })
        ));
    }

    #[test]
    fn hands_out_waiting_reports_oldest_first() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(folder.path()).unwrap();
        for sequence in [1, 2, 10] {
            outbox.put("gate", sequence, &[sequence as u8]).unwrap();
        }
        let waiting: Vec<_> = outbox
            .waiting(10)
            .unwrap()
            .iter()
            .map(|report| report.bytes[0])
            .collect();
        assert_eq!(waiting, [1, 2, 10]);
    }

    #[test]
    fn refuses_another_devices_outbox() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(folder.path()).unwrap();
        outbox.put("gate", 1, b"first").unwrap();
        assert!(matches!(
            outbox.position("other"),
            Err(GateError::ForeignOutbox { .. })
        ));
    }

    #[test]
    fn a_report_that_is_refused_is_kept_aside() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(folder.path()).unwrap();
        let report = outbox.put("gate", 1, b"first").unwrap();
        let path = outbox.set_aside(&report).unwrap();
        assert!(outbox.waiting(10).unwrap().is_empty());
        assert_eq!(std::fs::read(path).unwrap(), b"first");
    }

    #[test]
    fn a_chain_that_was_lost_or_broken_begins_anew_after_what_the_verifier_has() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("chain.json"), "{").unwrap();
        assert_eq!(Outbox::restart(folder.path(), "gate", 41).unwrap(), 42);
        let outbox = Outbox::open(folder.path()).unwrap();
        let position = outbox.position("gate").unwrap();
        assert_eq!((position.sequence, position.previous), (42, Some([0; 32])));
        outbox.put("gate", 42, b"next").unwrap();
        drop(outbox);
        assert_eq!(
            Outbox::restart(folder.path(), "gate", 7).unwrap(),
            43,
            "a number is never given out twice"
        );
        assert!(matches!(
            Outbox::restart(folder.path(), "other", 41),
            Err(GateError::ForeignOutbox { .. })
        ));
        assert_eq!(Outbox::restart(&folder.path().join("new"), "gate", 0).unwrap(), 1);
    }

    #[test]
    fn looking_waits_for_nobody_and_tells_what_lies_there() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(folder.path()).unwrap();
        let report = outbox.put("gate", 1, b"first").unwrap();
        outbox.put("gate", 2, b"second").unwrap();
        outbox.set_aside(&report).unwrap();
        let contents = Contents {
            waiting: 1,
            refused: 1,
        };
        assert_eq!(Outbox::look(folder.path(), Some("gate")).unwrap(), contents);
        assert!(matches!(
            Outbox::look(folder.path(), Some("other")),
            Err(GateError::ForeignOutbox { .. })
        ));
        std::fs::write(folder.path().join("chain.json"), "{").unwrap();
        assert!(matches!(
            Outbox::look(folder.path(), None),
            Err(GateError::BrokenChain { .. })
        ));
    }

    #[test]
    fn a_chain_file_that_cannot_be_read_is_an_error_and_not_a_new_chain() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("chain.json"), "{").unwrap();
        assert!(matches!(
            Outbox::open(folder.path()),
            Err(GateError::BrokenChain { .. })
        ));
    }
}
