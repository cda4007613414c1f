//! Document signers' certificates of an import, which go to one file a state.

use std::collections::BTreeMap;

use chipgate_apdu::Timestamp;
use chipgate_trust::{Certificate, PathOptions, TrustFault, authenticate_certificate};

use super::result::ImportResult;
use crate::directory::SignerEntry;
use crate::error::Refusal;
use crate::listing::Listed;
use crate::store::{Store, signers_stem};

/// The signers of one state, and whether they changed.
struct OfState {
    signers: Vec<Certificate>,
    is_changed: bool,
}

/// Every state's signers that were looked into; where its file can't be read, why nothing of that state is taken or removed.
#[derive(Default)]
pub(super) struct Signers {
    files: BTreeMap<String, Result<OfState, Refusal>>,
}

impl Signers {
    fn of(&mut self, store: &Store, country: Option<&str>) -> Result<&mut OfState, Refusal> {
        let state = self.files.entry(signers_stem(country)).or_insert_with(|| {
            let read = store.signers(Some(country.unwrap_or("XX")));
            match read {
                Ok(signers) => Ok(OfState {
                    signers,
                    is_changed: false,
                }),
                Err(error) => Err(Refusal::StoredSigners {
                    why: error.to_string(),
                }),
            }
        });
        state.as_mut().map_err(|why| why.clone())
    }

    pub(super) fn take(&mut self, store: &Store, certificate: &Certificate) -> ImportResult {
        let country = certificate.issuer().country();
        let state = match self.of(store, country) {
            Ok(state) => state,
            Err(why) => return ImportResult::Refused(why),
        };
        if state.signers.contains(certificate) {
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
        state.signers.push(certificate.clone());
        state.is_changed = true;
        let file = store.folder().join(format!("{}.dsc", signers_stem(country)));
        ImportResult::AddedSigner(Box::new(Listed::certificate(certificate, file)))
    }

    /// Removes this very certificate.
    pub(super) fn remove(&mut self, store: &Store, certificate: &Certificate) -> ImportResult {
        self.remove_where(store, certificate.issuer().country(), |signer| {
            signer == certificate
        })
    }

    /// Removes the one that an entry of the directory means: by its serial number and its issuer's name.
    pub(super) fn remove_entry(&mut self, store: &Store, entry: &SignerEntry) -> ImportResult {
        self.remove_where(store, Some(&entry.country), |signer| is_of(signer, entry))
    }

    /// Removes what an entry of the directory had beside this certificate.
    pub(super) fn remove_others(&mut self, store: &Store, entry: &SignerEntry, new: &Certificate) {
        self.remove_where(store, Some(&entry.country), |signer| {
            signer != new && is_of(signer, entry)
        });
    }

    fn remove_where(
        &mut self,
        store: &Store,
        country: Option<&str>,
        goes: impl Fn(&Certificate) -> bool,
    ) -> ImportResult {
        let state = match self.of(store, country) {
            Ok(state) => state,
            Err(why) => return ImportResult::Refused(why),
        };
        let before = state.signers.len();
        state.signers.retain(|signer| !goes(signer));
        if state.signers.len() == before {
            return ImportResult::Refused(Refusal::NotHere);
        }
        state.is_changed = true;
        ImportResult::Removed
    }

    /// What the files that changed hold; one that holds nothing goes.
    pub(super) fn into_files(self) -> impl Iterator<Item = (String, Vec<u8>)> {
        let read = self
            .files
            .into_iter()
            .filter_map(|(stem, state)| Some((stem, state.ok()?)));
        let changed = read.filter(|(_, state)| state.is_changed);
        changed.map(|(stem, state)| {
            let der: Vec<_> = state.signers.iter().map(Certificate::der).collect();
            (format!("{stem}.dsc"), der.concat())
        })
    }
}

fn is_of(signer: &Certificate, entry: &SignerEntry) -> bool {
    has_number(signer, entry) && entry.names_issuer(&signer.issuer().to_string())
}

/// Leading zeros do not count: the directory writes them as it likes.
fn has_number(signer: &Certificate, entry: &SignerEntry) -> bool {
    let significant =
        |octets: &[u8]| -> Vec<u8> { octets.iter().copied().skip_while(|octet| *octet == 0).collect() };
    significant(signer.serial_number()) == significant(&entry.serial_number)
}
