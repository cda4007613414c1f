//! Trust anchors: the certificates of the country signing authorities that someone decided to trust.

use alloc::vec::Vec;

use chipgate_apdu::Timestamp;

use crate::certificate::Certificate;
use crate::defect_list::{DefectList, KnownDefect};
use crate::fault::TrustError;
use crate::name::CertificateName;
use crate::revocation_list::RevocationList;
use crate::signer_info::SignerIdentifier;

/// A CSCA certificate that is trusted because someone put it among the anchors, not because of its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustAnchor {
    certificate: Certificate,
}

impl TrustAnchor {
    /// Reads a DER certificate, which must be a certification authority's.
    pub fn from_der(der: &[u8]) -> Result<Self, TrustError> {
        Self::new(Certificate::from_der(der)?)
    }

    /// Takes a certificate, which must be a certification authority's (Doc 9303-12, CSCA profile: cA, keyCertSign).
    pub fn new(certificate: Certificate) -> Result<Self, TrustError> {
        if certificate.extensions().is_malformed() {
            Err(TrustError::MalformedExtension)
        } else if certificate.is_authority() {
            Ok(Self { certificate })
        } else {
            Err(TrustError::NotAnAuthority)
        }
    }

    /// The anchor's certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}

/// Which of the certificates that are known without being anchors.
#[derive(Debug, Clone, Copy)]
pub enum Wanted<'a> {
    /// Authorities with this subject: link certificates, by which an authority that is an anchor vouches for its successor.
    Authority(&'a CertificateName),
    /// The signer that an object names without carrying its certificate.
    Signer(&'a SignerIdentifier),
}

impl Wanted<'_> {
    /// Whether it is this certificate.
    pub fn is(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Authority(subject) => certificate.subject() == *subject && certificate.is_authority(),
            Self::Signer(identifier) => identifier.is(certificate),
        }
    }
}

/// Where anchors and revocation lists come from: a folder, a bundle in flash, a list in memory.
pub trait TrustAnchors {
    /// Every anchor whose subject is `issuer` (RFC 5280, 7.1). With a key identifier, those that have it come
    /// first; the others follow, since issuers are known that name it wrongly. Each candidate is tried.
    fn candidates(&self, issuer: &CertificateName, key_identifier: Option<&[u8]>) -> Vec<TrustAnchor>;

    /// Certificates that are at hand without being trusted by themselves: each counts as far as a path leads from an
    /// anchor to it.
    fn known(&self, wanted: Wanted<'_>) -> Vec<Certificate> {
        let _ = wanted;
        Vec::new()
    }

    /// Every revocation list that names this issuer, but for those in whose place another one stands at this moment.
    fn revocation(&self, issuer: &CertificateName, now: Timestamp) -> Vec<RevocationList>;

    /// What is known to be wrong with the documents of this signer.
    fn defects(&self, signer: &Certificate) -> Vec<KnownDefect> {
        let _ = signer;
        Vec::new()
    }

    /// Whether there is no anchor at all.
    fn is_empty(&self) -> bool;
}

/// Anchors in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryAnchors {
    anchors: Vec<TrustAnchor>,
    known: Vec<Certificate>,
    revocation: Vec<RevocationList>,
    defect_lists: Vec<DefectList>,
}

impl MemoryAnchors {
    /// No anchors.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an anchor, unless it is already there.
    pub fn add(&mut self, anchor: TrustAnchor) {
        if !self.anchors.contains(&anchor) {
            self.anchors.push(anchor);
        }
    }

    /// Adds a certificate that is no anchor: a link certificate or a signer's.
    pub fn add_known(&mut self, certificate: Certificate) {
        self.known.push(certificate);
    }

    /// Adds a revocation list.
    pub fn add_revocation(&mut self, list: RevocationList) {
        self.revocation.push(list);
    }

    /// Adds a defect list, which someone verified.
    pub fn add_defect_list(&mut self, list: DefectList) {
        self.defect_lists.push(list);
    }

    /// The anchors, in the order in which they were added.
    pub fn anchors(&self) -> &[TrustAnchor] {
        &self.anchors
    }
}

impl FromIterator<TrustAnchor> for MemoryAnchors {
    fn from_iter<I: IntoIterator<Item = TrustAnchor>>(anchors: I) -> Self {
        let mut memory = Self::new();
        anchors.into_iter().for_each(|anchor| memory.add(anchor));
        memory
    }
}

impl TrustAnchors for MemoryAnchors {
    fn candidates(&self, issuer: &CertificateName, key_identifier: Option<&[u8]>) -> Vec<TrustAnchor> {
        let named = self
            .anchors
            .iter()
            .filter(|anchor| anchor.certificate().subject() == issuer);
        let mut candidates: Vec<_> = named.cloned().collect();
        if key_identifier.is_some() {
            candidates.sort_by_key(|anchor| anchor.certificate().subject_key_identifier() != key_identifier);
        }
        candidates
    }

    fn known(&self, wanted: Wanted<'_>) -> Vec<Certificate> {
        self.known
            .iter()
            .filter(|certificate| wanted.is(certificate))
            .cloned()
            .collect()
    }

    fn revocation(&self, issuer: &CertificateName, _now: Timestamp) -> Vec<RevocationList> {
        self.revocation
            .iter()
            .filter(|list| list.issuer() == issuer)
            .cloned()
            .collect()
    }

    fn defects(&self, signer: &Certificate) -> Vec<KnownDefect> {
        self.defect_lists
            .iter()
            .flat_map(|list| list.of(signer))
            .collect()
    }

    fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }
}
