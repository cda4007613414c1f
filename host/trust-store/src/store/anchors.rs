//! The folder as the trust anchors of passive authentication.

use std::path::{Path, PathBuf};

use chipgate_apdu::Timestamp;
use chipgate_trust::{
    Bundle, Certificate, CertificateName, KnownDefect, MemoryAnchors, RevocationList, SignerIdentifier,
    TrustAnchor, TrustAnchors, Wanted,
};

use super::{Anchor, Store};

impl TrustAnchors for Store {
    fn candidates(&self, issuer: &CertificateName, key_identifier: Option<&[u8]>) -> Vec<TrustAnchor> {
        let named = self.by_name.get(issuer).into_iter().flatten();
        let mut found: Vec<_> = named
            .filter_map(|index| self.anchors.get(*index))
            .map(|a| a.trusted.clone())
            .collect();
        if let Some((_, bundle)) = &self.bundle {
            let more = bundle.candidates(issuer, key_identifier);
            let more = more
                .into_iter()
                .filter(|anchor| !self.distrust.keeps_out(&anchor.certificate().fingerprint()));
            found.extend(more.filter(|anchor| self.anchors.iter().all(|known| known.trusted != *anchor)));
        }
        if key_identifier.is_some() {
            found.sort_by_key(|anchor| anchor.certificate().subject_key_identifier() != key_identifier);
        }
        found
    }

    fn known(&self, wanted: Wanted<'_>) -> Vec<Certificate> {
        let mut known = match wanted {
            // An authority that is here is an anchor.
            Wanted::Authority(_) => Vec::new(),
            Wanted::Signer(SignerIdentifier::IssuerAndSerialNumber(issuer, _)) => {
                self.readable_signers(issuer.country())
            }
            Wanted::Signer(SignerIdentifier::SubjectKeyIdentifier(_)) => self.readable_signers(None),
        };
        known.retain(|certificate| wanted.is(certificate));
        if let Some((_, bundle)) = &self.bundle {
            known.extend(bundle.known(wanted));
        }
        known.retain(|certificate| !self.distrust.has(&certificate.fingerprint()));
        known
    }

    fn revocation(&self, issuer: &CertificateName, now: Timestamp) -> Vec<RevocationList> {
        let own = self.revocation.iter().map(|(_, list)| list);
        let mut found: Vec<_> = own.filter(|list| list.issuer() == issuer).cloned().collect();
        if let Some((_, bundle)) = &self.bundle {
            found.extend(bundle.revocation(issuer, now));
        }
        self.without_superseded(found, now)
    }

    fn defects(&self, signer: &Certificate) -> Vec<KnownDefect> {
        let own = self.defect_lists.iter().flat_map(|(_, list, _)| list.of(signer));
        let of_bundle = self.bundle.iter().flat_map(|(_, bundle)| bundle.defects(signer));
        own.chain(of_bundle).collect()
    }

    fn is_empty(&self) -> bool {
        self.anchors.is_empty() && self.anchors_of_bundle().next().is_none()
    }
}

impl Store {
    /// The anchors that the bundle brings in, those of files and lists among them.
    pub(crate) fn anchors_of_bundle(&self) -> impl Iterator<Item = TrustAnchor> + '_ {
        let anchors = self.bundle().into_iter().flat_map(Bundle::anchors);
        anchors.filter(|anchor| !self.distrust.keeps_out(&anchor.certificate().fingerprint()))
    }

    /// An anchor that someone named, in a file of its own. It may be here already by a master list.
    pub(crate) fn place(&mut self, file: PathBuf, anchor: TrustAnchor) {
        let known = self.anchors.iter_mut().find(|known| known.trusted == anchor);
        if let Some(known) = known {
            known.file = file;
            known.from_master_list = false;
            return;
        }
        let name = anchor.certificate().subject().clone();
        self.by_name.entry(name).or_default().push(self.anchors.len());
        self.anchors.push(Anchor {
            file,
            from_master_list: false,
            trusted: anchor,
        });
    }

    /// A master list goes, and with it each anchor that no other list has.
    pub(crate) fn forget_master_list(&mut self, file: &Path) {
        self.master_lists.retain(|list| list.file != file);
        let lists = &self.master_lists;
        self.anchors.retain_mut(|anchor| {
            if !anchor.from_master_list || anchor.file != file {
                return true;
            }
            let fingerprint = anchor.trusted.certificate().fingerprint();
            let other = lists.iter().find(|list| list.entries.contains(&fingerprint));
            if let Some(other) = other {
                anchor.file.clone_from(&other.file);
            }
            other.is_some()
        });
        self.index();
    }

    /// Finds the anchors by their names again, after any came or went.
    pub(crate) fn index(&mut self) {
        self.by_name.clear();
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

    /// Leaves out each list in whose place another one stands, provided that an anchor signed that one: a list of which nobody
    /// knows whose it is takes no genuine one's place.
    pub(crate) fn without_superseded(
        &self,
        lists: Vec<RevocationList>,
        now: Timestamp,
    ) -> Vec<RevocationList> {
        if lists.len() < 2 {
            return lists;
        }
        let mut newer: Vec<RevocationList> = Vec::new();
        for (index, list) in lists.iter().enumerate() {
            let mut others = lists.iter().enumerate().filter(|(other, _)| *other != index);
            let is_superseded = others
                .any(|(_, other)| replaces(other, list, now) && self.signed_by_an_anchor(other).is_ok());
            if !is_superseded && !newer.contains(list) {
                newer.push(list.clone());
            }
        }
        newer
    }
}

/// Whether one list stands in another one's place by now: one that is dated in the future does not yet.
pub(crate) fn replaces(newer: &RevocationList, older: &RevocationList, now: Timestamp) -> bool {
    newer.this_update() <= now && newer.supersedes(older)
}
