//! Writing the store into one signed file, taking such a file in, and removing what is no longer trusted.

use std::path::Path;

use chipgate_apdu::Timestamp;
use chipgate_crypto::{CryptoError, PublicKey, SigningKey};
use chipgate_trust::{BUNDLE_ALGORITHM, Bundle, BundleContent, BundleError};
use rand_core::CryptoRng;

use crate::error::StoreError;
use crate::store::{Highest, Store, signers_in};
use crate::transaction::Change;

const BUNDLE: &str = "trust.bundle";
const BUNDLE_KEY: &str = "trust.bundlekey";
/// The highest version that was ever taken in: it stays when the bundle itself is damaged or gone.
const BUNDLE_VERSION: &str = "trust.bundleversion";

/// Why a bundle was not signed.
#[derive(Debug, thiserror::Error)]
pub enum BundlingError {
    /// It was not put together.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// What is to go into it cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key is not one that signs bundles.
    #[error("the key does not sign bundles ({0}): take one on P-256")]
    Key(#[from] CryptoError),
}

impl Store {
    /// All anchors, document signers and lists as one signed file.
    pub fn to_bundle(
        &self,
        version: u64,
        created: Timestamp,
        key: &SigningKey,
        rng: &mut dyn CryptoRng,
    ) -> Result<Vec<u8>, BundlingError> {
        let mut content = BundleContent::new();
        for anchor in &self.anchors {
            content.add_anchor(&anchor.trusted)?;
        }
        for signer in self.signers(None)? {
            content.add_known(&signer)?;
        }
        for list in self.revocation_lists(created) {
            content.add_revocation(&list)?;
        }
        for (_, _, der) in &self.defect_lists {
            content.add_defect_list(der)?;
        }
        if let Some(bundle) = self.bundle() {
            for anchor in bundle.anchors() {
                if self.anchors.iter().all(|own| own.trusted != anchor) {
                    content.add_anchor(&anchor)?;
                }
            }
            for certificate in bundle.other_certificates() {
                content.add_known(&certificate)?;
            }
            for der in bundle.defect_lists() {
                if self.defect_lists.iter().all(|(_, _, own)| own != der) {
                    content.add_defect_list(der)?;
                }
            }
        }
        content.sign(version, created, |bytes| {
            key.sign(&BUNDLE_ALGORITHM, bytes, rng)
                .map_err(BundlingError::from)
        })
    }

    /// Takes a bundle in the place of the one that is here, at once or not at all. The key that bundles are signed with is
    /// remembered from the first time on; another one has to be named again.
    pub fn update(&mut self, file: &Path, key: Option<PublicKey>) -> Result<u64, StoreError> {
        let bytes = crate::reading::read_file(file).map_err(|source| StoreError::Unreadable {
            path: file.to_path_buf(),
            source,
        })?;
        let named = key.as_ref().map(PublicKey::to_spki_der);
        let key = key
            .or_else(|| self.bundle_key.clone())
            .ok_or(StoreError::NoBundleKey)?;
        let bundle = Bundle::open(bytes, &key)?;
        self.check_version(&bundle)?;
        let mut write = vec![
            (BUNDLE.to_owned(), bundle.bytes().to_vec()),
            (
                BUNDLE_VERSION.to_owned(),
                bundle.version().to_string().into_bytes(),
            ),
        ];
        write.extend(named.map(|der| (BUNDLE_KEY.to_owned(), der)));
        self.change(&Change {
            write,
            ..Change::default()
        })?;
        Ok(bundle.version())
    }

    /// Whether a bundle may take the place of the one that is here, and of the newest one that ever was.
    fn check_version(&self, bundle: &Bundle<Vec<u8>>) -> Result<(), StoreError> {
        let found = bundle.version();
        let highest = match self.highest_bundle {
            Highest::None => None,
            Highest::Version(version) => Some(version),
            Highest::Unreadable => {
                return Err(StoreError::UnknownBundleVersion {
                    file: self.folder().join(BUNDLE_VERSION),
                });
            }
        };
        let present = highest.max(self.bundle().map(Bundle::version));
        match present {
            Some(present) if found < present => Err(StoreError::OlderBundle { found, present }),
            Some(version) if found == version => match self.bundle() {
                Some(here) if here.version() == version && here.bytes() != bundle.bytes() => {
                    Err(StoreError::AnotherBundle { version })
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Removes the certificate or the list with this fingerprint, given in whole or by at least its first 8 digits.
    pub fn remove(&mut self, fingerprint: &str) -> Result<usize, StoreError> {
        let wanted = fingerprint.replace([':', ' '], "").to_ascii_lowercase();
        let is_it = |bytes: &[u8; 32]| wanted.len() >= 8 && hex::encode(bytes).starts_with(&wanted);
        let mut change = Change::default();
        let mut part_of = None;
        for anchor in &self.anchors {
            if is_it(&anchor.trusted.certificate().fingerprint()) {
                if anchor.from_master_list {
                    part_of = Some(anchor.file.clone());
                } else {
                    change.remove.extend(file_name(&anchor.file));
                }
            }
        }
        let lists = self.revocation.iter();
        let lists = lists.filter(|(_, list)| is_it(&list.fingerprint()));
        change
            .remove
            .extend(lists.filter_map(|(file, _)| file_name(file)));
        let master = self.master_lists.iter();
        let master = master.map(|list| (list.file.as_path(), list.fingerprint));
        let defects = self.defect_lists.iter();
        let defects = defects.map(|(file, _, der)| (file.as_path(), chipgate_trust::fingerprint(der)));
        let lists = master
            .chain(defects)
            .filter(|(_, fingerprint)| is_it(fingerprint));
        change
            .remove
            .extend(lists.filter_map(|(file, _)| file_name(file)));
        change.remove.sort();
        change.remove.dedup();
        let signers = self.remove_signers(&mut change, is_it)?;
        let count = change.remove.len() + signers;
        // What was found out of a list when it was imported goes with it.
        let checked = change.remove.iter().map(|name| format!("{name}.checked"));
        let checked: Vec<_> = checked.filter(|name| self.folder().join(name).exists()).collect();
        change.remove.extend(checked);
        if count == 0 {
            return Err(match part_of {
                None if self.bundle_has(is_it) => StoreError::PartOfBundle {
                    fingerprint: fingerprint.to_owned(),
                    file: self.folder().join(BUNDLE),
                },
                Some(file) => StoreError::PartOfList {
                    fingerprint: fingerprint.to_owned(),
                    file,
                },
                None => StoreError::NotThere {
                    fingerprint: fingerprint.to_owned(),
                },
            });
        }
        self.change(&change)?;
        Ok(count)
    }

    /// Signers stand together in one file a state, which is written again without them. How many they are.
    fn remove_signers(
        &self,
        change: &mut Change,
        is_it: impl Fn(&[u8; 32]) -> bool,
    ) -> Result<usize, StoreError> {
        let mut removed = 0;
        for (file, at) in &self.signer_files {
            let all = signers_in(at)?;
            let left: Vec<_> = all
                .iter()
                .filter(|signer| !is_it(&signer.fingerprint()))
                .collect();
            let Some(name) = file_name(file).filter(|_| left.len() < all.len()) else {
                continue;
            };
            removed += all.len() - left.len();
            let der: Vec<_> = left.iter().map(|signer| signer.der()).collect();
            // A file without any is written empty: removing it would count as one more item.
            change.write.push((name, der.concat()));
        }
        Ok(removed)
    }

    fn bundle_has(&self, is_it: impl Fn(&[u8; 32]) -> bool) -> bool {
        self.bundle().is_some_and(|bundle| {
            let anchors = bundle.anchors().map(|anchor| anchor.certificate().fingerprint());
            let others = bundle.other_certificates().map(|other| other.fingerprint());
            let lists = bundle.revocation_lists().map(|list| list.fingerprint());
            let defects = bundle.defect_lists().map(chipgate_trust::fingerprint);
            anchors
                .chain(others)
                .chain(lists)
                .chain(defects)
                .any(|one| is_it(&one))
        })
    }
}

fn file_name(path: &Path) -> Option<String> {
    path.file_name().and_then(|name| name.to_str()).map(str::to_owned)
}
