//! Document signers' certificates of an import, which go to one file a state.

use std::collections::BTreeMap;

use chipgate_apdu::Timestamp;
use chipgate_trust::{Certificate, PathOptions, TrustFault, authenticate_certificate};

use super::result::ImportResult;
use crate::directory::SignerEntry;
use crate::error::Refusal;
use crate::listing::Listed;
use crate::store::{Store, signers_stem};

/// Every state's signers that were looked into, and whether they changed.
#[derive(Default)]
pub(super) struct Signers {
    files: BTreeMap<String, (Vec<Certificate>, bool)>,
}

impl Signers {
    fn of(&mut self, store: &Store, country: Option<&str>) -> &mut (Vec<Certificate>, bool) {
        self.files
            .entry(signers_stem(country))
            .or_insert_with(|| (store.signers(Some(country.unwrap_or("XX"))), false))
    }

    pub(super) fn take(&mut self, store: &Store, certificate: &Certificate) -> ImportResult {
        let country = certificate.issuer().country();
        let (signers, changed) = self.of(store, country);
        if signers.contains(certificate) {
            return ImportResult::AlreadyThere;
        }
        let refused = |fault| ImportResult::Refused(Refusal::Signer { fault });
        if !certificate.may_sign_objects() {
            return refused(TrustFault::WrongKeyUsage);
        }
        let found = authenticate_certificate(certificate, store, Timestamp(0), &PathOptions::default());
        if let Some(fault) = found.issuer_certificate().fault() {
            return refused(fault);
        }
        signers.push(certificate.clone());
        *changed = true;
        let file = store.folder().join(format!("{}.dsc", signers_stem(country)));
        ImportResult::AddedSigner(Box::new(Listed::certificate(certificate, file)))
    }

    /// Removes this very certificate.
    pub(super) fn remove(&mut self, store: &Store, certificate: &Certificate) -> ImportResult {
        self.remove_where(store, certificate.issuer().country(), |signer| {
            signer == certificate
        })
    }

    /// Removes the one that an entry of the directory means: by its serial number and its issuer, or by the serial number if
    /// that is one signer's alone.
    pub(super) fn remove_entry(&mut self, store: &Store, entry: &SignerEntry) -> ImportResult {
        let (signers, _) = self.of(store, Some(&entry.country));
        let numbered: Vec<_> = signers
            .iter()
            .filter(|signer| has_number(signer, entry))
            .collect();
        let is_only = numbered.len() == 1;
        self.remove_where(store, Some(&entry.country), |signer| {
            has_number(signer, entry) && (is_only || entry.names_issuer(&signer.issuer().to_string()))
        })
    }

    /// Removes what an entry of the directory had beside this certificate.
    pub(super) fn remove_others(&mut self, store: &Store, entry: &SignerEntry, new: &Certificate) {
        self.remove_where(store, Some(&entry.country), |signer| {
            signer != new && has_number(signer, entry) && entry.names_issuer(&signer.issuer().to_string())
        });
    }

    fn remove_where(
        &mut self,
        store: &Store,
        country: Option<&str>,
        goes: impl Fn(&Certificate) -> bool,
    ) -> ImportResult {
        let (signers, changed) = self.of(store, country);
        let before = signers.len();
        signers.retain(|signer| !goes(signer));
        if signers.len() == before {
            return ImportResult::Refused(Refusal::NotHere);
        }
        *changed = true;
        ImportResult::Removed
    }

    /// What the files that changed hold; one that holds nothing goes.
    pub(super) fn into_files(self) -> impl Iterator<Item = (String, Vec<u8>)> {
        let changed = self.files.into_iter().filter(|(_, (_, changed))| *changed);
        changed.map(|(stem, (signers, _))| {
            let der: Vec<_> = signers.iter().map(Certificate::der).collect();
            (format!("{stem}.dsc"), der.concat())
        })
    }
}

/// Leading zeros do not count: the directory writes them as it likes.
fn has_number(signer: &Certificate, entry: &SignerEntry) -> bool {
    let significant =
        |octets: &[u8]| -> Vec<u8> { octets.iter().copied().skip_while(|octet| *octet == 0).collect() };
    significant(signer.serial_number()) == significant(&entry.serial_number)
}
