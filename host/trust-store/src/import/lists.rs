//! Revocation lists, master lists and defect lists: each is taken if an anchor vouches for it.

use chipgate_trust::{
    Certificate, MemoryAnchors, RevocationList, TrustAnchor, TrustAnchors, TrustFault, fingerprint,
};

use super::result::ImportResult;
use super::staging::{Staging, file_name};
use crate::error::Refusal;
use crate::listing::Listed;
use crate::store::{Store, authenticate, authenticate_defects, carried, checked_text, replaces};
use crate::verification::verify_list;

impl Staging<'_> {
    pub(super) fn take_revocation_list(&mut self, list: &RevocationList) -> ImportResult {
        if self.store.revocation.iter().any(|(_, known)| known == list) {
            return ImportResult::AlreadyThere;
        }
        if let Err(fault) = self.store.signed_by_an_anchor(list) {
            return ImportResult::Refused(Refusal::RevocationList { fault });
        }
        let known = self.store.revocation.iter().map(|(_, known)| known);
        let mut newer = known.filter(|known| replaces(known, list, self.now));
        if let Some(newer) = newer.find(|newer| self.store.signed_by_an_anchor(newer).is_ok()) {
            let by = Listed::revocation_list(newer, self.store.folder().to_path_buf());
            return ImportResult::Superseded(Box::new(by));
        }
        let older = self.remove_superseded_by(list);
        let name = file_name(list.issuer().country(), &list.fingerprint(), "crl");
        let file = self.path(&name);
        let added = Box::new(self.store.listed_list(list, file.clone()));
        self.store.revocation.push((file, list.clone()));
        self.write_file(name, list.der().to_vec());
        match older {
            0 => ImportResult::Added(added),
            older => ImportResult::Replaced { list: added, older },
        }
    }

    /// Removes the lists in whose place this one comes. One that someone put here under another name, perhaps with more in it,
    /// stays, and does not count.
    fn remove_superseded_by(&mut self, list: &RevocationList) -> usize {
        let older = self.store.revocation.iter();
        let older = older.filter(|(_, known)| replaces(list, known, self.now));
        let own = older.filter(|(file, known)| {
            let name = file_name(known.issuer().country(), &known.fingerprint(), "crl");
            file.file_name().is_some_and(|of_file| of_file == name.as_str())
        });
        let files: Vec<_> = own.map(|(file, _)| file.clone()).collect();
        for file in &files {
            self.remove_file(file);
        }
        self.store.revocation.retain(|(file, _)| !files.contains(file));
        files.len()
    }

    pub(super) fn take_master_list(&mut self, der: &[u8]) -> ImportResult {
        let carried = match carried(der) {
            Ok(carried) => carried,
            Err(error) => return ImportResult::Refused(error.into()),
        };
        let named: Vec<_> = carried
            .iter()
            .filter(|certificate| self.fingerprints.contains(&certificate.fingerprint()))
            .filter_map(|certificate| TrustAnchor::new(certificate.clone()).ok())
            .collect();
        let mut vouching = self.store.vouching();
        for anchor in &named {
            vouching.add(anchor.clone());
        }
        let (list, signed) = match authenticate(der, &vouching) {
            Ok(verified) => verified,
            Err(fault) => return ImportResult::Refused(refusal(der, &carried, fault)),
        };
        let fingerprint = fingerprint(der);
        let mut known = self.store.master_lists.iter();
        if known.any(|known| known.fingerprint == fingerprint) {
            return self.take_back(named);
        }
        let name = file_name(signed.0.issuer().country(), &fingerprint, "ml");
        let file = self.path(&name);
        let before = (self.store.anchors.len(), self.store.refused.len());
        let verification = verify_list(&list.certificates);
        // The named anchor with it: without that one the list would not count when the store is read again.
        for anchor in named {
            self.place(anchor);
        }
        let wrong = verification.wrong.iter().copied().collect();
        self.write_file(format!("{name}.checked"), checked_text(der, &verification.wrong));
        self.write_file(name, der.to_vec());
        self.store
            .take_master_list(&file, (fingerprint, list), signed, &wrong);
        self.store.index();
        let refused = self.store.refused.get(before.1..).unwrap_or_default();
        ImportResult::AddedMasterList {
            file,
            anchors: self.store.anchors.len() - before.0,
            verification,
            refused: refused.to_vec(),
        }
    }

    /// Of a list that is here: the anchors that an operator distrusted, and now names.
    fn take_back(&mut self, named: Vec<TrustAnchor>) -> ImportResult {
        let mut named = named;
        named.retain(|anchor| self.store.distrust.has(&anchor.certificate().fingerprint()));
        if named.is_empty() {
            return ImportResult::AlreadyThere;
        }
        ImportResult::TakenBack(named.into_iter().map(|anchor| self.place(anchor)).collect())
    }

    pub(super) fn take_defect_list(&mut self, der: &[u8]) -> ImportResult {
        if self.store.defect_lists.iter().any(|(_, _, known)| known == der) {
            return ImportResult::AlreadyThere;
        }
        let list = match authenticate_defects(der, &*self.store) {
            Ok(list) => list,
            Err(fault) => return ImportResult::Refused(Refusal::DefectList { fault }),
        };
        let name = file_name(None, &fingerprint(der), "dfl");
        let file = self.path(&name);
        self.write_file(name, der.to_vec());
        let result = ImportResult::AddedDefectList {
            file: file.clone(),
            defects: list.defects.len(),
            passed_over: list.passed_over,
            unreadable: list.unreadable.clone(),
        };
        self.store.defect_lists.push((file, list, der.to_vec()));
        result
    }
}

/// Why a master list is not taken. Where only its authority is missing, and the list brings that one along, people are told
/// whose fingerprint they have to compare.
fn refusal(der: &[u8], carried: &[Certificate], fault: TrustFault) -> Refusal {
    let is_missing = matches!(fault, TrustFault::NoAnchors | TrustFault::NoIssuerFound);
    match own_authority(der, carried).filter(|_| is_missing) {
        Some(authority) => Refusal::MasterListAuthority {
            subject: authority.subject().to_string(),
            fingerprint: hex::encode(authority.fingerprint()),
        },
        None => Refusal::MasterList { fault },
    }
}

/// The authority in a master list that the list itself leads to, which proves nothing.
fn own_authority(der: &[u8], carried: &[Certificate]) -> Option<Certificate> {
    let anchors = carried.iter().cloned().map(TrustAnchor::new);
    let anchors: MemoryAnchors = anchors.filter_map(Result::ok).collect();
    let (_, (signer, _)) = authenticate(der, &anchors).ok()?;
    let candidates = anchors.candidates(signer.issuer(), signer.authority_key_identifier());
    let signed_by = |certificate: &Certificate, issuer: &Certificate| {
        let key = issuer.public_key();
        key.is_ok_and(|key| certificate.verify_signature(&key).is_ok())
    };
    let mut issuers: Vec<_> = candidates
        .iter()
        .map(|anchor| anchor.certificate().clone())
        .filter(|issuer| signed_by(&signer, issuer))
        .collect();
    // One that signs itself before a link for the same key, which may have the same name.
    issuers.sort_by_key(|issuer| !signed_by(issuer, issuer));
    issuers.into_iter().next()
}

impl Store {
    pub(crate) fn signed_by_an_anchor(&self, list: &RevocationList) -> Result<(), TrustFault> {
        let candidates = self.candidates(list.issuer(), None);
        if candidates.is_empty() {
            return Err(TrustFault::NoIssuerFound);
        }
        // Where none verifies and a key could not be tried, that one may have signed.
        let mut fault = TrustFault::CrlSignatureInvalid;
        for anchor in &candidates {
            let key = anchor.certificate().public_key();
            match key.and_then(|key| list.verify_signature(&key)) {
                Ok(()) => return Ok(()),
                Err(found @ (TrustFault::UnsupportedAlgorithm | TrustFault::UnknownCurve)) => fault = found,
                Err(_) => {}
            }
        }
        Err(fault)
    }
}
