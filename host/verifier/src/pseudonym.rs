//! Pseudonyms: the same card has the same one within an epoch, and none once the epoch's key is destroyed.
//!
//! The pseudonym is HMAC-SHA-256 under the epoch's key over DG1's hash *from the verified security object*, so that
//! it is bound to the evidence. Who has the key and an MRZ can find the reports of that card; who has only the
//! database cannot.

use std::path::{Path, PathBuf};

use chipgate_apdu::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::VerifierError;
use crate::keys;
use crate::store::Digest;

/// Length of an epoch: 90 days, in milliseconds.
const EPOCH: u64 = 90 * 24 * 60 * 60 * 1000;
/// Length of an epoch's key, in bytes.
const KEY_LENGTH: usize = 32;

/// The keys of the epochs, each in a file of its own.
#[derive(Debug)]
pub(crate) struct Pseudonyms {
    folder: PathBuf,
    /// How many epochs before the running one keep their keys.
    kept: u64,
}

impl Pseudonyms {
    pub(crate) fn new(data: &Path, kept: u64) -> Self {
        Self {
            folder: data.to_owned(),
            kept,
        }
    }

    /// The epoch that `now` lies in, and the pseudonym of the card whose DG1 has this hash.
    pub(crate) fn pseudonym(
        &self,
        dg1_hash: &[u8],
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<(u64, Digest), VerifierError> {
        let epoch = now.0 / EPOCH;
        let path = self.path(epoch);
        let key = keys::read_or_make(&path, || {
            let mut key = Zeroizing::new(vec![0; KEY_LENGTH]);
            rng.fill_bytes(&mut key);
            Ok(key)
        })?;
        if key.len() != KEY_LENGTH {
            return Err(VerifierError::KeyFile { path });
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| VerifierError::KeyFile { path })?;
        mac.update(dg1_hash);
        Ok((epoch, mac.finalize().into_bytes().into()))
    }

    /// Destroys the keys of epochs that ended too long ago. Returns how many.
    pub(crate) fn destroy_old(&self, now: Timestamp) -> Result<u64, VerifierError> {
        let oldest = (now.0 / EPOCH).saturating_sub(self.kept);
        let entries = std::fs::read_dir(&self.folder).map_err(VerifierError::file(&self.folder, "listed"))?;
        let mut destroyed = 0;
        for entry in entries {
            let entry = entry.map_err(VerifierError::file(&self.folder, "listed"))?;
            let name = entry.file_name();
            if name
                .to_str()
                .and_then(epoch_of)
                .is_some_and(|epoch| epoch < oldest)
            {
                keys::destroy(&entry.path())?;
                destroyed += 1;
            }
        }
        Ok(destroyed)
    }

    fn path(&self, epoch: u64) -> PathBuf {
        self.folder.join(format!("pseudonyms-{epoch}.key"))
    }
}

/// The epoch whose key a file of that name holds.
fn epoch_of(name: &str) -> Option<u64> {
    name.strip_prefix("pseudonyms-")?
        .strip_suffix(".key")?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Counter;

    #[test]
    fn one_card_has_one_pseudonym_in_an_epoch_and_another_in_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let pseudonyms = Pseudonyms::new(folder.path(), 4);
        let of = |hash: &[u8], time: u64| {
            pseudonyms
                .pseudonym(hash, Timestamp(time), &mut Counter::default())
                .unwrap()
        };
        let first = of(b"card", 0);
        assert_eq!(first, of(b"card", EPOCH - 1));
        assert_ne!(first.1, of(b"another", 0).1);
        let mut later = Counter::starting_at(99);
        let next = pseudonyms
            .pseudonym(b"card", Timestamp(EPOCH), &mut later)
            .unwrap();
        assert_eq!(next.0, 1);
        assert_ne!(first.1, next.1);
    }

    #[test]
    fn destroys_the_keys_of_old_epochs_only() {
        let folder = tempfile::tempdir().unwrap();
        let pseudonyms = Pseudonyms::new(folder.path(), 2);
        for epoch in 0..6 {
            let now = Timestamp(epoch * EPOCH);
            pseudonyms
                .pseudonym(b"card", now, &mut Counter::default())
                .unwrap();
        }
        assert_eq!(pseudonyms.destroy_old(Timestamp(5 * EPOCH)).unwrap(), 3);
        assert!(!pseudonyms.path(2).exists());
        assert!(pseudonyms.path(3).exists());
    }
}
