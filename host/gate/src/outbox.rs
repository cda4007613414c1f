use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::GateError;

/// The file that says where the chain of reports stands.
const CHAIN: &str = "chain.json";
/// How a waiting report's file name ends.
const WAITING: &str = "cose";

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
        let failed = |error: std::io::Error| GateError::outbox(folder, &error);
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(failed)?;
        let lock = private_file(&folder.join("lock"), false).map_err(failed)?;
        lock.lock().map_err(failed)?;
        Ok(Self {
            folder: folder.to_owned(),
            _lock: lock,
        })
    }

    /// Where the chain of this device stands.
    pub fn position(&self, device: &str) -> Result<ChainPosition, GateError> {
        let chain = self.read_chain()?;
        if let Some(report) = self
            .waiting()?
            .into_iter()
            .next_back()
            .filter(|report| report.sequence > chain.last)
        {
            // The power failed between writing the report and moving the chain on.
            return Ok(ChainPosition {
                sequence: report.sequence + 1,
                previous: Some(hash(&report.bytes)),
            });
        }
        if chain.last == 0 {
            return Ok(ChainPosition::START);
        }
        if chain.device != device {
            return Err(GateError::ForeignOutbox {
                folder: self.folder.clone(),
                owner: chain.device,
                device: device.to_owned(),
            });
        }
        let previous = hex::decode(&chain.hash)
            .ok()
            .and_then(|hash| hash.try_into().ok());
        let previous = previous.ok_or_else(|| self.broken_chain())?;
        Ok(ChainPosition {
            sequence: chain.last + 1,
            previous: Some(previous),
        })
    }

    /// Puts a signed report on the disk, and moves the chain on.
    pub fn put(&self, device: &str, sequence: u64, report: &[u8]) -> Result<WaitingReport, GateError> {
        let path = self.folder.join(format!("{sequence:012}.{WAITING}"));
        self.write(&path, report)?;
        let chain = ChainFile {
            device: device.to_owned(),
            last: sequence,
            hash: hex::encode(hash(report)),
        };
        let text = serde_json::to_vec_pretty(&chain).map_err(|_| self.broken_chain())?;
        self.write(&self.folder.join(CHAIN), &text)?;
        Ok(WaitingReport {
            sequence,
            bytes: report.to_vec(),
            path,
        })
    }

    /// The reports that wait, oldest first.
    pub fn waiting(&self) -> Result<Vec<WaitingReport>, GateError> {
        let failed = |error: std::io::Error| GateError::outbox(&self.folder, &error);
        let mut waiting = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let number = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
            if let (Some(sequence), Some(WAITING)) = (number, path.extension().and_then(|end| end.to_str())) {
                waiting.push(WaitingReport {
                    sequence,
                    bytes: fs::read(&path).map_err(failed)?,
                    path,
                });
            }
        }
        waiting.sort_by_key(|report| report.sequence);
        Ok(waiting)
    }

    /// Removes a report that the verifier has.
    pub fn remove(&self, report: &WaitingReport) -> Result<(), GateError> {
        fs::remove_file(&report.path).map_err(|error| GateError::outbox(&self.folder, &error))
    }

    /// Sets a report aside that the verifier will never take, so that it neither blocks the others nor is lost.
    pub fn set_aside(&self, report: &WaitingReport) -> Result<PathBuf, GateError> {
        let refused = report.path.with_extension("refused");
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
    use super::{ChainPosition, Outbox};
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
        assert!(outbox.waiting().unwrap().is_empty());
        assert_eq!(outbox.position("gate").unwrap().sequence, 2);
    }

    #[test]
    fn a_report_on_the_disk_counts_even_if_the_power_failed_before_the_chain_moved_on() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(folder.path()).unwrap();
        outbox.put("gate", 1, b"first").unwrap();
        std::fs::remove_file(folder.path().join("chain.json")).unwrap();
        let next = ChainPosition {
            sequence: 2,
            previous: Some(super::hash(b"first")),
        };
        assert_eq!(outbox.position("gate").unwrap(), next);
    }

    #[test]
    fn hands_out_waiting_reports_oldest_first() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(folder.path()).unwrap();
        for sequence in [1, 2, 10] {
            outbox.put("gate", sequence, &[sequence as u8]).unwrap();
        }
        let waiting: Vec<_> = outbox
            .waiting()
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
        assert!(outbox.waiting().unwrap().is_empty());
        assert_eq!(std::fs::read(path).unwrap(), b"first");
    }

    #[test]
    fn a_chain_file_that_cannot_be_read_is_an_error_and_not_a_new_chain() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("chain.json"), "{").unwrap();
        let outbox = Outbox::open(folder.path()).unwrap();
        assert!(matches!(
            outbox.position("gate"),
            Err(GateError::BrokenChain { .. })
        ));
    }
}
