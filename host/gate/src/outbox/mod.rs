//! Signed reports on disk until the verifier has them.

mod chain;
#[cfg(test)]
mod tests;

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use crate::GateError;
pub use chain::ChainPosition;

/// How a waiting report's file name ends.
const WAITING: &str = "cose";
/// How the file name of a report ends that the verifier has refused for good.
const REFUSED: &str = "refused";
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

    /// Keeps something else of the device's here, such as the verifier's last beacon, so that after a crash there is the old
    /// one or the new one.
    pub fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), GateError> {
        self.write(&self.folder.join(name), bytes)
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

/// A file that only its owner can read: reports are personal data.
fn private_file(path: &Path, truncate: bool) -> std::io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(truncate)
        .mode(0o600)
        .open(path)
}
