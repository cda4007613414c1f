//! Taking files into the store: looked at, checked, and copied under names that say what they are.

use std::path::{Path, PathBuf};

use chipgate_trust::{Certificate, RevocationList, TrustAnchor, TrustAnchors, TrustFault};

use crate::atomic;
use crate::error::{Refusal, StoreError};
use crate::format::{self, Item};
use crate::listing::Listed;
use crate::store::{Fingerprint, Store, authenticate, carried};

/// What came of one object of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The file that it came from.
    pub from: PathBuf,
    /// Which part of the file, counted from 1, where it holds several.
    pub part: Option<usize>,
    /// What came of it.
    pub result: ImportResult,
}

/// What came of an object that was to be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportResult {
    /// It is in the store now, in this file.
    Added(Box<Listed>),
    /// A master list is in the store now, in this file, and brought in so many anchors.
    AddedMasterList {
        /// The file that it is in.
        file: PathBuf,
        /// How many anchors are new by it.
        anchors: usize,
    },
    /// It was in the store before.
    AlreadyThere,
    /// It was not taken.
    Refused(Refusal),
}

impl Store {
    /// Imports certificates, revocation lists and master lists; every one of them is reported.
    ///
    /// Naming a certificate as a file is the decision to trust it. A master list is taken if it verifies against an
    /// anchor that is in the folder as a certificate; if it brings along a CSCA certificate with one of the
    /// `fingerprints`, that one is taken as an anchor first. A revocation list is taken if one of the anchors signed it.
    /// Certificates are taken before lists, whatever the order of the files.
    pub fn import<P: AsRef<Path>>(
        &mut self,
        files: &[P],
        fingerprints: &[Fingerprint],
    ) -> Result<Vec<Imported>, StoreError> {
        let mut objects = Vec::new();
        for file in files.iter().map(AsRef::as_ref) {
            objects.extend(read(file));
        }
        objects.sort_by_key(|(_, _, item)| rank(item));
        let mut imported = Vec::with_capacity(objects.len());
        for (from, part, item) in objects {
            let result = match item {
                Ok(item) => self.import_item(item, fingerprints)?,
                Err(why) => ImportResult::Refused(why),
            };
            imported.push(Imported { from, part, result });
        }
        Ok(imported)
    }

    fn import_item(&mut self, item: Item, fingerprints: &[Fingerprint]) -> Result<ImportResult, StoreError> {
        match item {
            Item::Certificate(certificate) => self.import_certificate(*certificate),
            Item::RevocationList(list) => self.import_revocation_list(&list),
            Item::MasterList(der) => self.import_master_list(&der, fingerprints),
        }
    }

    fn import_certificate(&mut self, certificate: Certificate) -> Result<ImportResult, StoreError> {
        let placed = self
            .anchors
            .iter()
            .any(|a| !a.from_master_list && *a.trusted.certificate() == certificate);
        if placed {
            return Ok(ImportResult::AlreadyThere);
        }
        let anchor = match TrustAnchor::new(certificate) {
            Ok(anchor) => anchor,
            Err(error) => return Ok(ImportResult::Refused(error.into())),
        };
        let certificate = anchor.certificate();
        let file = self.path(certificate.subject().country(), &certificate.fingerprint(), "cer");
        atomic::write(&file, certificate.der())?;
        self.reopen()?;
        Ok(ImportResult::Added(Box::new(Listed::certificate(
            certificate,
            file,
        ))))
    }

    fn import_revocation_list(&mut self, list: &RevocationList) -> Result<ImportResult, StoreError> {
        if self.revocation.iter().any(|(_, known)| known == list) {
            return Ok(ImportResult::AlreadyThere);
        }
        if let Err(fault) = self.signed_by_an_anchor(list) {
            return Ok(ImportResult::Refused(Refusal::RevocationList { fault }));
        }
        let file = self.path(list.issuer().country(), &list.fingerprint(), "crl");
        atomic::write(&file, list.der())?;
        self.reopen()?;
        Ok(ImportResult::Added(Box::new(Listed::revocation_list(list, file))))
    }

    fn signed_by_an_anchor(&self, list: &RevocationList) -> Result<(), TrustFault> {
        let candidates = self.candidates(list.issuer(), None);
        if candidates.is_empty() {
            return Err(TrustFault::NoIssuerFound);
        }
        let keys = candidates
            .iter()
            .filter_map(|anchor| anchor.certificate().public_key().ok());
        let signed = keys
            .map(|key| list.verify_signature(&key))
            .any(|result| result.is_ok());
        if signed {
            Ok(())
        } else {
            Err(TrustFault::CrlSignatureInvalid)
        }
    }

    fn import_master_list(
        &mut self,
        der: &[u8],
        fingerprints: &[Fingerprint],
    ) -> Result<ImportResult, StoreError> {
        let mut vouching = self.vouching();
        let named: Vec<_> = match carried(der) {
            Ok(carried) => carried
                .into_iter()
                .filter(|c| fingerprints.contains(&c.fingerprint()))
                .collect(),
            Err(error) => return Ok(ImportResult::Refused(error.into())),
        };
        named
            .iter()
            .filter_map(|c| TrustAnchor::new(c.clone()).ok())
            .for_each(|anchor| vouching.add(anchor));
        let (list, signer) = match authenticate(der, &vouching) {
            Ok(verified) => verified,
            Err(fault) => return Ok(ImportResult::Refused(Refusal::MasterList { fault })),
        };
        let country = list_country(der, &signer);
        let file = self.path(country.as_deref(), &chipgate_trust::fingerprint(der), "ml");
        if self.master_lists.iter().any(|(known, _)| *known == file) {
            return Ok(ImportResult::AlreadyThere);
        }
        let before = self.anchors.len();
        // The named anchor first: without it the list would not count when the store is read again.
        for certificate in named {
            self.import_certificate(certificate)?;
        }
        drop(list);
        atomic::write(&file, der)?;
        self.reopen()?;
        Ok(ImportResult::AddedMasterList {
            file,
            anchors: self.anchors.len() - before,
        })
    }

    /// `VN_0123456789abcdef.cer`: the state, and the first half of the fingerprint.
    fn path(&self, country: Option<&str>, fingerprint: &Fingerprint, extension: &str) -> PathBuf {
        let country: String = country
            .unwrap_or("XX")
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(3)
            .collect();
        let digits = hex::encode(fingerprint);
        let half = digits.get(..32).unwrap_or(&digits);
        self.folder().join(format!("{country}_{half}.{extension}"))
    }

    fn reopen(&mut self) -> Result<(), StoreError> {
        *self = Self::open(self.folder())?;
        Ok(())
    }
}

/// The state whose authority signed the list.
fn list_country(der: &[u8], signer: &Fingerprint) -> Option<String> {
    let carried = carried(der).ok()?;
    let signer = carried
        .iter()
        .find(|certificate| certificate.fingerprint() == *signer)?;
    signer.issuer().country().map(str::to_owned)
}

type Object = (PathBuf, Option<usize>, Result<Item, Refusal>);

fn read(file: &Path) -> Vec<Object> {
    match format::read(file) {
        Err(why) => vec![(file.to_path_buf(), None, Err(why))],
        Ok(items) => {
            let several = items.len() > 1;
            let part = |index: usize| several.then_some(index + 1);
            items
                .into_iter()
                .enumerate()
                .map(|(index, item)| (file.to_path_buf(), part(index), item))
                .collect()
        }
    }
}

/// Certificates before master lists before revocation lists: each needs the ones before it.
fn rank(item: &Result<Item, Refusal>) -> u8 {
    match item {
        Ok(Item::Certificate(_)) => 0,
        Ok(Item::MasterList(_)) => 1,
        Ok(Item::RevocationList(_)) | Err(_) => 2,
    }
}
