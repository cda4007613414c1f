//! The folder as a whole: what it holds, and changing it.

mod anchors;
mod contents;
mod distrust;
mod lists;
mod signers;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use chipgate_apdu::Timestamp;
use chipgate_crypto::PublicKey;
use chipgate_trust::{
    Bundle, Certificate, CertificateName, DefectList, RevocationList, TrustAnchor, TrustAnchors,
};

use self::contents::Lists;
use self::distrust::Distrust;
use crate::error::{Refusal, StoreError};
use crate::format;
use crate::transaction::{self, Change, Disk, RealDisk, Seen};

pub(crate) use self::anchors::replaces;
pub(crate) use self::distrust::DISTRUSTED;
pub(crate) use self::lists::{authenticate, authenticate_defects, carried, checked_text};
pub(crate) use self::signers::{country_part, readable_signers_in, signers_in, signers_stem};

pub use self::distrust::Distrusted;

/// SHA-256 of a certificate's DER.
pub type Fingerprint = [u8; 32];

/// Trust anchors and revocation lists in a folder.
///
/// Certificates count because someone put them there. A master list counts only if it verifies against one of
/// *those* certificates: what a master list brings in vouches for documents, never for further master lists.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    pub(crate) anchors: Vec<Anchor>,
    pub(crate) revocation: Vec<(PathBuf, RevocationList)>,
    pub(crate) master_lists: Vec<List>,
    pub(crate) defect_lists: Vec<(PathBuf, DefectList, Vec<u8>)>,
    /// Files of signers' certificates, one after another; looked into when one is asked for.
    pub(crate) signer_files: Vec<(PathBuf, PathBuf)>,
    pub(crate) bundle: Option<(PathBuf, Bundle<Vec<u8>>)>,
    pub(crate) bundle_key: Option<PublicKey>,
    pub(crate) highest_bundle: Highest,
    pub(crate) refused: Vec<Refused>,
    pub(crate) distrust: Distrust,
    /// Anchors of files and lists that are distrusted.
    pub(crate) kept_out: Vec<Anchor>,
    by_name: BTreeMap<CertificateName, Vec<usize>>,
}

/// The highest version of a bundle that was ever taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Highest {
    /// None was, as far as is written down.
    None,
    /// This one.
    Version(u64),
    /// The record cannot be read.
    Unreadable,
}

/// A master list that counts.
#[derive(Debug, Clone)]
pub(crate) struct List {
    pub(crate) file: PathBuf,
    /// SHA-256 of its DER.
    pub(crate) fingerprint: Fingerprint,
    pub(crate) signer: Certificate,
    pub(crate) signing_time: Option<Timestamp>,
    pub(crate) entries: BTreeSet<Fingerprint>,
}

/// One anchor and where it comes from.
#[derive(Debug, Clone)]
pub(crate) struct Anchor {
    pub(crate) file: PathBuf,
    pub(crate) from_master_list: bool,
    pub(crate) trusted: TrustAnchor,
}

/// A file of the folder, or a part of it, that does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The file.
    pub file: PathBuf,
    /// Which part of the file, counted from 1, where it holds several.
    pub part: Option<usize>,
    /// SHA-256 of an entry of a list, in hexadecimal digits.
    pub fingerprint: Option<String>,
    /// Whose certificate it is, if it is one.
    pub subject: Option<String>,
    /// Why.
    pub why: Refusal,
}

/// Whether a store can do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreState {
    /// There is no anchor, and nothing was refused: nobody has imported anything yet.
    Empty,
    /// There is no anchor, though there are files: each was refused, or only revokes.
    NothingUsable,
    /// There is at least one anchor.
    Ready,
}

impl Store {
    /// Reads the folder: `*.der`, `*.cer`, `*.crt`, `*.pem`, `*.crl` and `*.ml`, by content rather than by name.
    /// Files with other endings are not looked at. An empty folder is no error but [`StoreState::Empty`].
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, StoreError> {
        let folder = folder.as_ref();
        let mut store = Self::nothing(folder);
        let _guard = transaction::reading(folder);
        let mut lists = Lists::default();
        for seen in files(folder)? {
            match extension(&seen.name).as_str() {
                "dsc" => store.take_signer_file(seen),
                "bundle" => lists.bundle = Some(seen),
                "checked" => lists.take_checked(&seen.at),
                "bundlekey" => store.read_bundle_key(&seen),
                "bundleversion" => store.read_bundle_version(&seen),
                "distrusted" => store.read_distrusted(&seen)?,
                _ => store.read(&seen, &mut lists),
            }
        }
        store.add_lists(lists);
        Ok(store)
    }

    /// Reads the folder; one that is not there yet is an empty store, and stays away until something is imported.
    pub fn open_or_empty(folder: impl AsRef<Path>) -> Result<Self, StoreError> {
        match Self::open(folder.as_ref()) {
            Err(StoreError::NotFound { folder }) => Ok(Self::nothing(&folder)),
            opened => opened,
        }
    }

    fn nothing(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
            anchors: Vec::new(),
            revocation: Vec::new(),
            master_lists: Vec::new(),
            defect_lists: Vec::new(),
            signer_files: Vec::new(),
            bundle: None,
            bundle_key: None,
            highest_bundle: Highest::None,
            refused: Vec::new(),
            distrust: Distrust::default(),
            kept_out: Vec::new(),
            by_name: BTreeMap::new(),
        }
    }

    /// Opens the folder, and makes it first if it is not there.
    pub fn create(folder: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = folder.as_ref();
        fs::create_dir_all(path).map_err(|source| StoreError::NotWritable {
            path: path.to_path_buf(),
            source,
        })?;
        Self::open(path)
    }

    /// Writes and removes files at once, and reads the folder again.
    pub(crate) fn change(&mut self, change: &Change) -> Result<(), StoreError> {
        self.change_on(&RealDisk, change)
    }

    /// Whatever came of the change, the folder says what counts from now on; if it can't be read, nothing does.
    pub(crate) fn change_on(&mut self, disk: &dyn Disk, change: &Change) -> Result<(), StoreError> {
        if change.is_empty() {
            return Ok(());
        }
        let committed = transaction::commit_on(disk, self.folder(), change);
        let opened = Self::open(self.folder());
        let failed = match opened {
            Ok(store) => {
                *self = store;
                None
            }
            Err(error) => {
                *self = Self::nothing(&self.folder.clone());
                Some(error)
            }
        };
        committed.and(failed.map_or(Ok(()), Err))
    }

    /// The files of the folder that are looked at.
    pub(crate) fn files(&self) -> Result<Vec<Seen>, StoreError> {
        files(&self.folder)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the store can do its work.
    pub fn state(&self) -> StoreState {
        match (
            TrustAnchors::is_empty(self),
            self.refused.is_empty() && self.revocation.is_empty(),
        ) {
            (false, _) => StoreState::Ready,
            (true, true) => StoreState::Empty,
            (true, false) => StoreState::NothingUsable,
        }
    }

    /// What of the folder does not count, and why.
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// The bundle that is here.
    pub fn bundle(&self) -> Option<&Bundle<Vec<u8>>> {
        self.bundle.as_ref().map(|(_, bundle)| bundle)
    }
}

/// Whether a moment has come, by this machine's clock.
pub(crate) fn is_past(moment: Timestamp) -> bool {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    moment.seconds() <= since.as_secs()
}

/// The files to look at, in the order of their names, so that a store is the same on every machine.
fn files(folder: &Path) -> Result<Vec<Seen>, StoreError> {
    let unreadable = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => StoreError::NotFound {
            folder: folder.to_path_buf(),
        },
        std::io::ErrorKind::NotADirectory => StoreError::NotAFolder {
            folder: folder.to_path_buf(),
        },
        _ => StoreError::Unreadable {
            path: folder.to_path_buf(),
            source,
        },
    };
    let mut files = transaction::files(folder).map_err(unreadable)?;
    files.retain(|seen| {
        let own = [
            "dsc",
            "bundle",
            "bundlekey",
            "bundleversion",
            "checked",
            "distrusted",
        ]
        .contains(&extension(&seen.name).as_str());
        own || format::has_known_extension(&seen.name)
    });
    Ok(files)
}

fn extension(path: &Path) -> String {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.unwrap_or_default().to_ascii_lowercase()
}
