//! What a change of the directory removes: a value, or all that an entry had.
//!
//! Nobody signs LDIF, so that it never takes away what protects: a revocation list or a master list goes only where a newer
//! one that is signed comes in its place.

use std::path::{Path, PathBuf};

use chipgate_trust::CertificateName;

use super::result::ImportResult;
use super::staging::Staging;
use crate::directory::{self, ListEntry};
use crate::error::Refusal;
use crate::format::Item;
use crate::store::{Fingerprint, List, is_past};

impl Staging<'_> {
    /// Removes this very object, if it is a signer's certificate.
    pub(super) fn remove_item(&mut self, item: &Item) -> ImportResult {
        let store = &*self.store;
        let wanted = item.fingerprint();
        let is_here = match item {
            Item::Certificate(certificate) => {
                let mut anchors = store.anchors.iter();
                if anchors.any(|anchor| anchor.trusted.certificate() == &**certificate) {
                    let fingerprint = hex::encode(wanted);
                    return ImportResult::Refused(Refusal::AuthorityStays { fingerprint });
                }
                return self.signers.remove(store, certificate);
            }
            Item::RevocationList(list) => store.revocation.iter().any(|(_, known)| known == &**list),
            Item::MasterList(_) => store.master_lists.iter().any(|known| known.fingerprint == wanted),
            Item::DefectList(der) => store.defect_lists.iter().any(|(_, _, known)| known == der),
        };
        kept(is_here.then_some(wanted))
    }

    /// Removes the signer that an entry of the directory means. Lists of the issuer that it names stay.
    pub(super) fn remove_entry(&mut self, dn: &str) -> ImportResult {
        if let Some(entry) = directory::signer_of(dn) {
            return self.signers.remove_entry(self.store, &entry);
        }
        let entry = directory::list_of(dn);
        kept(entry.map(|entry| self.named(&entry)).unwrap_or_default())
    }

    /// Removes what an entry of the directory had beside the object that takes its place; tells which lists stay.
    pub(super) fn remove_others(&mut self, dn: &str, new: &Item) -> Option<ImportResult> {
        if let Item::Certificate(certificate) = new {
            let entry = directory::signer_of(dn)?;
            self.signers.remove_others(self.store, &entry, certificate);
            return None;
        }
        let entry = directory::list_of(dn)?;
        let new = new.fingerprint();
        if entry.is_master_list {
            let lists = self.store.master_lists.iter();
            let older = lists.clone().find(|list| list.fingerprint == new).map(|new| {
                let older = lists.filter(|old| old.is_of(&entry) && replaces(new, old));
                older.map(|old| old.file.clone()).collect::<Vec<_>>()
            });
            for file in older.into_iter().flatten() {
                self.remove_master_list(&file);
            }
        }
        let mut others = self.named(&entry);
        others.retain(|other| *other != new);
        (!others.is_empty()).then(|| kept(others))
    }

    /// The lists whose issuer the entry names.
    fn named(&self, entry: &ListEntry) -> Vec<Fingerprint> {
        if entry.is_master_list {
            let lists = self.store.master_lists.iter().filter(|list| list.is_of(entry));
            lists.map(|list| list.fingerprint).collect()
        } else {
            let lists = self.store.revocation.iter();
            let named = lists.filter(|(_, list)| is_of(entry, list.issuer()));
            named.map(|(_, list)| list.fingerprint()).collect()
        }
    }

    fn remove_master_list(&mut self, file: &Path) {
        self.store.forget_master_list(file);
        self.remove_file(file);
        let mut checked = file.as_os_str().to_owned();
        checked.push(".checked");
        self.remove_file(&PathBuf::from(checked));
    }
}

impl List {
    fn is_of(&self, entry: &ListEntry) -> bool {
        is_of(entry, self.signer.issuer()) || is_of(entry, self.signer.subject())
    }
}

fn is_of(entry: &ListEntry, name: &CertificateName) -> bool {
    name.country() == Some(entry.country.as_str()) && entry.names(&name.to_string())
}

/// Whether a master list is a later one of the same authority.
fn replaces(new: &List, old: &List) -> bool {
    let is_later = new.signing_time > old.signing_time;
    is_later && new.signing_time.is_some_and(is_past) && new.signer.issuer() == old.signer.issuer()
}

/// What comes of a deletion of these lists.
fn kept(lists: impl IntoIterator<Item = Fingerprint>) -> ImportResult {
    let lists: Vec<_> = lists.into_iter().map(hex::encode).collect();
    if lists.is_empty() {
        ImportResult::Refused(Refusal::NotHere)
    } else {
        ImportResult::Kept(lists)
    }
}
