//! Certificates of authorities: nothing is trusted on first use.

use chipgate_trust::{Certificate, TrustAnchor, TrustAnchors};

use super::result::ImportResult;
use super::staging::{Staging, file_name};
use crate::error::Refusal;
use crate::listing::Listed;
use crate::store::Store;
use crate::verification::contradicts_itself;

impl Staging<'_> {
    pub(super) fn take_authority(&mut self, certificate: &Certificate) -> ImportResult {
        let is_named = self.fingerprints.contains(&certificate.fingerprint());
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
        let is_vouched = self.store.vouches_for(certificate);
        if !is_vouched && contradicts_itself(certificate) {
            return ImportResult::Refused(Refusal::BrokenSignature);
        }
        if !is_named && !is_vouched {
            return ImportResult::Refused(Refusal::NotVouched {
                fingerprint: hex::encode(certificate.fingerprint()),
            });
        }
        ImportResult::Added(Box::new(self.place(anchor)))
    }

    /// An anchor in a file of its own.
    pub(super) fn place(&mut self, anchor: TrustAnchor) -> Listed {
        let certificate = anchor.certificate().clone();
        let name = file_name(certificate.subject().country(), &certificate.fingerprint(), "cer");
        let file = self.path(&name);
        self.write_file(name, certificate.der().to_vec());
        self.store.place(file.clone(), anchor);
        Listed::certificate(&certificate, file)
    }
}

impl Store {
    /// Whether an anchor that someone placed here issued this certificate: a link, or a new one for its own key.
    pub(crate) fn vouches_for(&self, certificate: &Certificate) -> bool {
        let placed = self.vouching();
        let candidates = placed.candidates(certificate.issuer(), certificate.authority_key_identifier());
        let mut keys = candidates
            .iter()
            .filter(|anchor| anchor.certificate() != certificate)
            .filter_map(|anchor| anchor.certificate().public_key().ok());
        let issued = keys.any(|key| certificate.verify_signature(&key).is_ok());
        let same_country = certificate.subject().country() == certificate.issuer().country();
        issued && same_country
    }
}
