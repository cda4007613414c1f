//! What a change of the directory removes: a value, or all that an entry had.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chipgate_trust::{CertificateName, fingerprint};

use super::result::ImportResult;
use super::staging::Staging;
use crate::directory::{self, ListEntry};
use crate::error::Refusal;
use crate::format::Item;

/// A list's file, and the names that an entry of the directory may have for it.
type Named = (PathBuf, Vec<CertificateName>);

impl Staging<'_> {
    /// Removes this very object.
    pub(super) fn remove_item(&mut self, item: &Item) -> ImportResult {
        let store = &*self.store;
        let file = match item {
            Item::Certificate(certificate) => {
                let anchor = store
                    .anchors
                    .iter()
                    .find(|anchor| anchor.trusted.certificate() == &**certificate);
                if anchor.is_some() {
                    let fingerprint = hex::encode(certificate.fingerprint());
                    return ImportResult::Refused(Refusal::AuthorityStays { fingerprint });
                }
                return self.signers.remove(store, certificate);
            }
            Item::RevocationList(list) => {
                let found = store.revocation.iter().find(|(_, known)| known == &**list);
                found.map(|(file, _)| file.clone())
            }
            Item::MasterList(der) => {
                let wanted = fingerprint(der);
                let found = store
                    .master_lists
                    .iter()
                    .find(|known| known.fingerprint == wanted);
                found.map(|list| list.file.clone())
            }
            Item::DefectList(der) => {
                let found = store.defect_lists.iter().find(|(_, _, known)| known == der);
                found.map(|(file, ..)| file.clone())
            }
        };
        match file {
            Some(file) => self.remove_list(&file),
            None => ImportResult::Refused(Refusal::NotHere),
        }
    }

    /// Removes what an entry of the directory had: a signer, or a list whose issuer it names, or the only one that the state
    /// has.
    pub(super) fn remove_entry(&mut self, dn: &str) -> ImportResult {
        if let Some(entry) = directory::signer_of(dn) {
            return self.signers.remove_entry(self.store, &entry);
        }
        let Some(entry) = directory::list_of(dn) else {
            return ImportResult::Refused(Refusal::NotHere);
        };
        let lists = self.lists_of_state(&entry);
        let named = named(&lists, &entry);
        let only = match (named.len(), lists.as_slice()) {
            (1, _) => named.first().map(|file| file.to_path_buf()),
            (0, [(only, _)]) => Some(only.clone()),
            _ => None,
        };
        match only {
            Some(file) => self.remove_list(&file),
            None => ImportResult::Refused(Refusal::NotHere),
        }
    }

    /// Removes what an entry of the directory had beside the object that takes its place.
    pub(super) fn remove_others(&mut self, dn: &str, new: &Item) {
        let new_file = match new {
            Item::Certificate(certificate) => {
                if let Some(entry) = directory::signer_of(dn) {
                    self.signers.remove_others(self.store, &entry, certificate);
                }
                return;
            }
            Item::RevocationList(list) => {
                let mut known = self.store.revocation.iter();
                known
                    .find(|(_, known)| known == &**list)
                    .map(|(file, _)| file.clone())
            }
            Item::MasterList(der) => {
                let wanted = fingerprint(der);
                let mut known = self.store.master_lists.iter();
                known
                    .find(|known| known.fingerprint == wanted)
                    .map(|list| list.file.clone())
            }
            Item::DefectList(_) => return,
        };
        let Some(entry) = directory::list_of(dn) else {
            return;
        };
        let lists = self.lists_of_state(&entry);
        let others = named(&lists, &entry).into_iter();
        let others: Vec<_> = others.filter(|file| Some(*file) != new_file.as_deref()).collect();
        for file in others {
            self.remove_list(file);
        }
    }

    fn lists_of_state(&self, entry: &ListEntry) -> Vec<Named> {
        let mut lists: Vec<Named> = if entry.is_master_list {
            let lists = self.store.master_lists.iter();
            lists
                .map(|list| {
                    let names = vec![list.signer.issuer().clone(), list.signer.subject().clone()];
                    (list.file.clone(), names)
                })
                .collect()
        } else {
            let lists = self.store.revocation.iter();
            lists
                .map(|(file, list)| (file.clone(), vec![list.issuer().clone()]))
                .collect()
        };
        let of_state = |name: &CertificateName| name.country() == Some(entry.country.as_str());
        lists.retain(|(_, names)| names.iter().any(of_state));
        lists
    }

    fn remove_list(&mut self, file: &Path) -> ImportResult {
        self.store.revocation.retain(|(known, _)| known != file);
        self.store.defect_lists.retain(|(known, ..)| known != file);
        self.store.forget_master_list(file);
        self.remove_file(file);
        let mut checked = file.as_os_str().to_owned();
        checked.push(".checked");
        self.remove_file(Path::new(&checked));
        ImportResult::Removed
    }
}

/// The files of those lists whose issuer the entry names.
fn named<'a>(lists: &'a [Named], entry: &ListEntry) -> BTreeSet<&'a Path> {
    let named = lists
        .iter()
        .filter(|(_, names)| names.iter().any(|name| entry.names(&name.to_string())));
    named.map(|(file, _)| file.as_path()).collect()
}
