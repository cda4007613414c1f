//! The folder as trust anchors.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use chipgate_apdu::Timestamp;
use chipgate_trust::{
    Certificate, CertificateName, MasterList, MemoryAnchors, PathOptions, RevocationList, StepResult,
    TrustAnchor, TrustAnchors, TrustError, TrustFault, UnverifiedMasterList, ValidityTime,
    authenticate_master_list,
};

use crate::error::{Refusal, StoreError};
use crate::format::{self, Item};

/// SHA-256 of a certificate's DER.
pub type Fingerprint = [u8; 32];

/// Trust anchors and revocation lists in a folder.
///
/// Certificates count because someone put them there. A master list counts only if it verifies against one of
/// *those* certificates: what a master list brings in vouches for documents, never for further master lists.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    pub(crate) anchors: Vec<Anchor>,
    pub(crate) revocation: Vec<(PathBuf, RevocationList)>,
    pub(crate) master_lists: Vec<(PathBuf, Fingerprint)>,
    refused: Vec<Refused>,
    by_name: BTreeMap<CertificateName, Vec<usize>>,
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
        let mut store = Self {
            folder: folder.to_path_buf(),
            anchors: Vec::new(),
            revocation: Vec::new(),
            master_lists: Vec::new(),
            refused: Vec::new(),
            by_name: BTreeMap::new(),
        };
        let mut master_lists = Vec::new();
        for file in files(folder)? {
            store.read(&file, &mut master_lists);
        }
        store.add_master_lists(master_lists);
        store.index();
        Ok(store)
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

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the store can do its work.
    pub fn state(&self) -> StoreState {
        match (
            self.anchors.is_empty(),
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

    fn read(&mut self, file: &Path, master_lists: &mut Vec<(PathBuf, Vec<u8>)>) {
        let items = match format::read(file) {
            Ok(items) => items,
            Err(why) => return self.refuse(file, None, why),
        };
        let several = items.len() > 1;
        for (index, item) in items.into_iter().enumerate() {
            let part = several.then_some(index + 1);
            match item {
                Ok(Item::Certificate(certificate)) => match TrustAnchor::new(*certificate) {
                    Ok(anchor) => self.add(file, anchor, false),
                    Err(error) => self.refuse(file, part, error.into()),
                },
                Ok(Item::RevocationList(list)) => self.revocation.push((file.to_path_buf(), *list)),
                Ok(Item::MasterList(der)) => master_lists.push((file.to_path_buf(), der)),
                Err(why) => self.refuse(file, part, why),
            }
        }
    }

    fn add(&mut self, file: &Path, anchor: TrustAnchor, from_master_list: bool) {
        if !self.anchors.iter().any(|known| known.trusted == anchor) {
            self.anchors.push(Anchor {
                file: file.to_path_buf(),
                from_master_list,
                trusted: anchor,
            });
        }
    }

    fn refuse(&mut self, file: &Path, part: Option<usize>, why: Refusal) {
        self.refused.push(Refused {
            file: file.to_path_buf(),
            part,
            why,
        });
    }

    fn add_master_lists(&mut self, master_lists: Vec<(PathBuf, Vec<u8>)>) {
        let vouching = self.vouching();
        for (file, der) in master_lists {
            match authenticate(&der, &vouching) {
                Ok((list, signer)) => {
                    self.master_lists.push((file.clone(), signer));
                    self.add_all(&file, list);
                }
                Err(fault) => self.refuse(&file, None, Refusal::MasterList { fault }),
            }
        }
    }

    /// Takes the entries of a list that verified. An entry that is no authority's is refused by itself.
    fn add_all(&mut self, file: &Path, list: MasterList) {
        let known: BTreeSet<Fingerprint> = self
            .anchors
            .iter()
            .map(|a| a.trusted.certificate().fingerprint())
            .collect();
        for (index, certificate) in list.certificates.into_iter().enumerate() {
            if known.contains(&certificate.fingerprint()) {
                continue;
            }
            match TrustAnchor::new(certificate) {
                Ok(anchor) => self.anchors.push(Anchor {
                    file: file.to_path_buf(),
                    from_master_list: true,
                    trusted: anchor,
                }),
                Err(error) => self.refuse(file, Some(index + 1), error.into()),
            }
        }
        for (_, error) in list.unreadable {
            self.refuse(file, None, error.into());
        }
    }

    fn index(&mut self) {
        for (index, anchor) in self.anchors.iter().enumerate() {
            self.by_name
                .entry(anchor.trusted.certificate().subject().clone())
                .or_default()
                .push(index);
        }
    }

    /// The anchors that may vouch for a master list: those that someone put there as certificates, and the
    /// revocation lists.
    pub(crate) fn vouching(&self) -> MemoryAnchors {
        let placed = self.anchors.iter().filter(|anchor| !anchor.from_master_list);
        let mut anchors: MemoryAnchors = placed.map(|anchor| anchor.trusted.clone()).collect();
        self.revocation
            .iter()
            .for_each(|(_, list)| anchors.add_revocation(list.clone()));
        anchors
    }
}

impl TrustAnchors for Store {
    fn candidates(&self, issuer: &CertificateName, key_identifier: Option<&[u8]>) -> Vec<TrustAnchor> {
        let named = self.by_name.get(issuer).into_iter().flatten();
        let mut found: Vec<_> = named
            .filter_map(|index| self.anchors.get(*index))
            .map(|a| a.trusted.clone())
            .collect();
        if key_identifier.is_some() {
            found.sort_by_key(|anchor| anchor.certificate().subject_key_identifier() != key_identifier);
        }
        found
    }

    fn revocation(&self, issuer: &CertificateName) -> Vec<RevocationList> {
        self.revocation
            .iter()
            .filter(|(_, list)| list.issuer() == issuer)
            .map(|(_, list)| list.clone())
            .collect()
    }

    fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }
}

/// Checks a master list; its signer must have been valid when it signed, and must not be revoked. What a list says
/// does not end with its signer's certificate, so that no clock is needed here.
pub(crate) fn authenticate(
    der: &[u8],
    anchors: &dyn TrustAnchors,
) -> Result<(MasterList, Fingerprint), TrustFault> {
    let options = PathOptions {
        validity_at: ValidityTime::Signing,
        ..PathOptions::default()
    };
    let found = authenticate_master_list(der, anchors, Timestamp(0), &options);
    // A list that does not say when it was signed, or whose signer was not valid then, does not count. Revocation may
    // stay open: not every state publishes a list.
    let demanded = [found.signature(), found.issuer_certificate(), found.validity()];
    if let Some(fault) = demanded.into_iter().find_map(StepResult::fault) {
        return Err(fault);
    }
    if let StepResult::Failed(fault) = found.revocation() {
        return Err(fault);
    }
    let signer = found.signer().map(Certificate::fingerprint);
    found
        .into_verified()
        .map(chipgate_trust::Verified::into_inner)
        .zip(signer)
        .ok_or(TrustFault::NoIssuerFound)
}

/// Every certificate that a master list brings along, in it or beside its signature.
pub(crate) fn carried(der: &[u8]) -> Result<Vec<Certificate>, TrustError> {
    let read = UnverifiedMasterList::from_der(der)?;
    Ok(read.beside.into_iter().chain(read.list.certificates).collect())
}

/// The files to look at, in the order of their names, so that a store is the same on every machine.
fn files(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
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
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_file() && format::has_known_extension(&path) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
