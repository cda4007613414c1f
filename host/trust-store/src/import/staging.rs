//! An import on its way: the store as it will be, and the change of the folder that makes it so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chipgate_apdu::Timestamp;
use chipgate_trust::Certificate;

use super::result::ImportResult;
use super::signers::Signers;
use crate::error::Refusal;
use crate::format::{Action, Item};
use crate::store::{Fingerprint, Store, country_part};
use crate::transaction::Change;

/// What was taken counts from here on, for what comes after it in the same import; on the disk nothing changes yet.
pub(super) struct Staging<'a> {
    pub(super) store: &'a mut Store,
    /// The authorities that the operator named.
    pub(super) fingerprints: &'a [Fingerprint],
    /// The moment at which it is judged which list stands in another one's place.
    pub(super) now: Timestamp,
    pub(super) signers: Signers,
    write: BTreeMap<String, Vec<u8>>,
    remove: BTreeSet<String>,
}

impl<'a> Staging<'a> {
    pub(super) fn new(store: &'a mut Store, fingerprints: &'a [Fingerprint], now: Timestamp) -> Self {
        Self {
            store,
            fingerprints,
            now,
            signers: Signers::default(),
            write: BTreeMap::new(),
            remove: BTreeSet::new(),
        }
    }

    /// What came of it, and of what it was to take the place of.
    pub(super) fn carry_out(
        &mut self,
        what: Result<Action, Refusal>,
        dn: Option<&str>,
    ) -> (ImportResult, Option<ImportResult>) {
        match what {
            Ok(Action::Take(item)) => (self.take(&item), None),
            Ok(Action::TakeInstead(item)) => {
                let result = self.take(&item);
                let others = if result.is_here() {
                    self.remove_others(dn.unwrap_or_default(), &item)
                } else {
                    None
                };
                (result, others)
            }
            Ok(Action::Remove(item)) => (self.remove_item(&item), None),
            Ok(Action::RemoveEntry) => (self.remove_entry(dn.unwrap_or_default()), None),
            Err(why) => (ImportResult::Refused(why), None),
        }
    }

    fn take(&mut self, item: &Item) -> ImportResult {
        match item {
            Item::Certificate(certificate) if certificate.is_authority() => self.take_authority(certificate),
            Item::Certificate(certificate) => self.take_signer(certificate),
            Item::RevocationList(list) => self.take_revocation_list(list),
            Item::MasterList(der) => self.take_master_list(der),
            Item::DefectList(der) => self.take_defect_list(der),
        }
    }

    fn take_signer(&mut self, certificate: &Certificate) -> ImportResult {
        let result = self.signers.take(self.store, certificate);
        let is_named = self.fingerprints.contains(&certificate.fingerprint());
        match result {
            ImportResult::Refused(Refusal::Signer { .. }) if is_named => {
                ImportResult::Refused(Refusal::NamedIsNoAuthority)
            }
            other => other,
        }
    }

    /// The path that a file of the folder has.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.store.folder().join(name)
    }

    pub(super) fn write_file(&mut self, name: String, content: Vec<u8>) {
        self.remove.remove(&name);
        self.write.insert(name, content);
    }

    pub(super) fn remove_file(&mut self, file: &Path) {
        let Some(name) = file.file_name().and_then(|name| name.to_str()) else {
            return;
        };
        self.write.remove(name);
        if self.path(name).exists() {
            self.remove.insert(name.to_owned());
        }
    }

    pub(super) fn into_change(mut self) -> Change {
        for (name, content) in std::mem::take(&mut self.signers).into_files() {
            if content.is_empty() {
                self.remove_file(Path::new(&name));
            } else {
                self.write_file(name, content);
            }
        }
        Change {
            write: self.write.into_iter().collect(),
            remove: self.remove.into_iter().collect(),
        }
    }
}

/// `VN_0123456789abcdef.cer`: the state, and the first half of the fingerprint.
pub(super) fn file_name(country: Option<&str>, fingerprint: &Fingerprint, extension: &str) -> String {
    let digits = hex::encode(fingerprint);
    let half = digits.get(..32).unwrap_or(&digits);
    format!("{}_{half}.{extension}", country_part(country))
}
