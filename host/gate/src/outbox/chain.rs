//! The chain that a device's reports form: numbers without gaps, and in each report the hash of the one before it.

use std::{fs, io::ErrorKind, path::Path};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Outbox;
use crate::GateError;

/// The file that says where the chain of reports stands.
const CHAIN: &str = "chain.json";
/// What a chain that was begun anew names as the report before its first one: the verifier shows that as a broken chain.
const UNKNOWN: [u8; 32] = [0; 32];

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
pub(super) struct ChainFile {
    /// Which device the chain belongs to.
    pub(super) device: String,
    /// The last sequence number given out.
    last: u64,
    /// The last report's hash in hexadecimal.
    hash: String,
}

impl Outbox {
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

    /// The power may have failed between writing a report and moving the chain on. It is written down here, or the number
    /// would be given out twice once the report is sent.
    pub(super) fn mend(&self) -> Result<(), GateError> {
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

    pub(super) fn read_chain(&self) -> Result<ChainFile, GateError> {
        match fs::read(self.folder.join(CHAIN)) {
            Ok(text) => serde_json::from_slice(&text).map_err(|_| self.broken_chain()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(ChainFile::default()),
            Err(error) => Err(GateError::outbox(&self.folder, &error)),
        }
    }

    pub(super) fn move_chain(&self, device: &str, last: u64, report: &[u8]) -> Result<(), GateError> {
        self.write_chain(&ChainFile {
            device: device.to_owned(),
            last,
            hash: hex::encode(hash(report)),
        })
    }

    pub(super) fn write_chain(&self, chain: &ChainFile) -> Result<(), GateError> {
        let text = serde_json::to_vec_pretty(chain).map_err(|_| self.broken_chain())?;
        self.write(&self.folder.join(CHAIN), &text)
    }

    pub(super) fn foreign(&self, owner: String, device: &str) -> GateError {
        GateError::ForeignOutbox {
            folder: self.folder.clone(),
            owner,
            device: device.to_owned(),
        }
    }

    pub(super) fn broken_chain(&self) -> GateError {
        GateError::BrokenChain {
            file: self.folder.join(CHAIN),
        }
    }
}

pub(super) fn hash(report: &[u8]) -> [u8; 32] {
    Sha256::digest(report).into()
}
