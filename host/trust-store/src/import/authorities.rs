//! Certificates of authorities: nothing is trusted on first use.

use std::path::Path;

use chipgate_apdu::Timestamp;
use chipgate_crypto::HashAlgorithm;
use chipgate_trust::{Certificate, TrustAnchor, TrustAnchors};

use super::result::{ImportResult, Imported};
use super::staging::{Staging, file_name};
use crate::error::Refusal;
use crate::listing::Listed;
use crate::store::{DISTRUSTED, Fingerprint, Store};
use crate::verification::contradicts_itself;

impl Staging<'_> {
    pub(super) fn take_authority(&mut self, certificate: &Certificate) -> ImportResult {
        let is_named = self.fingerprints.contains(&certificate.fingerprint());
        let is_distrusted = self.store.distrust.has(&certificate.fingerprint());
        if is_distrusted && !is_named {
            let fingerprint = hex::encode(certificate.fingerprint());
            return ImportResult::Refused(Refusal::Distrusted { fingerprint });
        }
        let mut there = self
            .store
            .anchors
            .iter()
            .filter(|anchor| anchor.trusted.certificate() == certificate);
        if there.any(|anchor| !anchor.from_master_list || !is_named) {
            return ImportResult::AlreadyThere;
        }
        let anchor = match TrustAnchor::new(certificate.clone()) {
            Ok(anchor) => anchor,
            Err(error) => return ImportResult::Refused(error.into()),
        };
        if !self.store.has_issued(certificate) && contradicts_itself(certificate) {
            return ImportResult::Refused(Refusal::BrokenSignature);
        }
        if let Some(why) = self.why_not_vouched(certificate) {
            return ImportResult::Refused(why);
        }
        let listed = self.place(anchor);
        if is_distrusted {
            ImportResult::TakenBack(vec![listed])
        } else {
            ImportResult::Added(Box::new(listed))
        }
    }

    /// Whoever names a fingerprint takes back that it was distrusted.
    fn trust_again(&mut self, fingerprint: &Fingerprint) {
        if !self.store.distrust.remove(fingerprint) {
            return;
        }
        let kept_out = &mut self.store.kept_out;
        kept_out.retain(|anchor| anchor.trusted.certificate().fingerprint() != *fingerprint);
        if self.store.distrust.is_empty() {
            self.remove_file(Path::new(DISTRUSTED));
        } else {
            let text = self.store.distrust.to_text();
            self.write_file(DISTRUSTED.to_owned(), text.into_bytes());
        }
    }

    /// Why it does not count, unless an operator named it or an anchor that counts issued it.
    fn why_not_vouched(&self, certificate: &Certificate) -> Option<Refusal> {
        if self.fingerprints.contains(&certificate.fingerprint()) {
            return None;
        }
        let fingerprint = hex::encode(certificate.fingerprint());
        if !self.store.has_issued(certificate) {
            Some(Refusal::NotVouched { fingerprint })
        } else if self.store.is_revoked(certificate) {
            Some(Refusal::RevokedAuthority { fingerprint })
        } else if certificate.signature_hash() == Some(HashAlgorithm::Sha1) {
            Some(Refusal::WeakLink { fingerprint })
        } else {
            None
        }
    }

    /// Revocation lists come after the certificates that sign them: an authority that one of them revokes does not stay, and
    /// none that it vouched for.
    pub(super) fn withdraw_revoked(&mut self, imported: &mut [Imported]) {
        loop {
            let mut is_done = true;
            for item in &mut *imported {
                let ImportResult::Added(listed) = &item.result else {
                    continue;
                };
                let mut anchors = self.store.anchors.iter();
                let placed = anchors.find(|anchor| anchor.file == listed.file && !anchor.from_master_list);
                let why = placed.and_then(|anchor| self.why_not_vouched(anchor.trusted.certificate()));
                let Some(why) = why else { continue };
                let file = listed.file.clone();
                self.store.anchors.retain(|anchor| anchor.file != file);
                self.store.index();
                self.remove_file(&file);
                item.result = ImportResult::Refused(why);
                is_done = false;
            }
            if is_done {
                return;
            }
        }
    }

    /// An anchor in a file of its own.
    pub(super) fn place(&mut self, anchor: TrustAnchor) -> Listed {
        let certificate = anchor.certificate().clone();
        let name = file_name(certificate.subject().country(), &certificate.fingerprint(), "cer");
        let file = self.path(&name);
        self.write_file(name, certificate.der().to_vec());
        self.trust_again(&certificate.fingerprint());
        self.store.place(file.clone(), anchor);
        Listed::certificate(&certificate, file)
    }
}

impl Store {
    /// Whether an anchor that someone placed here, and that is not revoked, issued this certificate: a link, or a new one for its
    /// own key.
    pub(crate) fn has_issued(&self, certificate: &Certificate) -> bool {
        let placed = self.vouching();
        let candidates = placed.candidates(certificate.issuer(), certificate.authority_key_identifier());
        let issuers = candidates.iter().map(TrustAnchor::certificate);
        let mut issuers = issuers.filter(|issuer| *issuer != certificate && !self.is_revoked(issuer));
        let same_country = certificate.subject().country() == certificate.issuer().country();
        same_country && issuers.any(|issuer| has_signed(issuer, certificate))
    }

    /// Whether a revocation list of its issuer names it, however old that is, and whatever stands in its place by now.
    pub(crate) fn is_revoked(&self, certificate: &Certificate) -> bool {
        let lists = self.revocation_lists(Timestamp(0));
        let mut lists = lists.iter().filter(|list| list.issuer() == certificate.issuer());
        lists.any(|list| list.lists(certificate.serial_number()) && self.signed_by_an_anchor(list).is_ok())
    }
}

fn has_signed(issuer: &Certificate, certificate: &Certificate) -> bool {
    let key = issuer.public_key();
    key.is_ok_and(|key| certificate.verify_signature(&key).is_ok())
}
