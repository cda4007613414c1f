//! Writing the store into one signed file, and taking such a file in.

use std::path::Path;

use chipgate_apdu::Timestamp;
use chipgate_crypto::{CryptoError, PublicKey, SigningKey};
use chipgate_trust::{BUNDLE_ALGORITHM, Bundle, BundleContent, BundleError};
use rand_core::CryptoRng;

use crate::error::StoreError;
use crate::store::{Highest, Store};
use crate::transaction::Change;

pub(crate) const BUNDLE: &str = "trust.bundle";
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
            for anchor in self.anchors_of_bundle() {
                if self.anchors.iter().all(|own| own.trusted != anchor) {
                    content.add_anchor(&anchor)?;
                }
            }
            for certificate in bundle.other_certificates() {
                if !self.distrust.has(&certificate.fingerprint()) {
                    content.add_known(&certificate)?;
                }
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
        let bytes = crate::reading::read_file(file).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => StoreError::NoSuchFile {
                file: file.to_path_buf(),
            },
            _ => StoreError::Unreadable {
                path: file.to_path_buf(),
                source,
            },
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
}
