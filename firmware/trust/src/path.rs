//! From a signer's certificate to a trust anchor (Doc 9303-12, 7; RFC 5280, 6): one step as a rule, since a CSCA issues
//! the certificates of those that sign documents and lists itself; more where link certificates lead from an anchor to
//! its successors.
//!
//! pathLenConstraint is not enforced (RFC 5280, 6.1.4 (m)). A CSCA has a pathLenConstraint of zero (Doc 9303-12, 7.1.1), and a
//! link certificate below it is meant to be self-issued, so that it does not count (RFC 5280, 4.2.1.9). But where an authority
//! changed its name, the link between the two names is not self-issued, and about half of those that states publish lack
//! the extension nameChange by which it could be told. What bounds a path is [`MOST_LINKS`], and that each link's own profile
//! (cA, keyCertSign) and country are checked.

use alloc::vec::Vec;
use core::cell::Cell;
use core::time::Duration;

use chipgate_apdu::Timestamp;
use chipgate_crypto::HashAlgorithm;

use crate::anchors::{TrustAnchor, TrustAnchors, Wanted};
use crate::certificate::Certificate;
use crate::fault::TrustFault;
use crate::name::CertificateName;
use crate::oid;
use crate::validity::is_valid;

/// How many link certificates a path may hold: a CSCA changes its key every three to five years.
const MOST_LINKS: usize = 5;
/// How many authorities' certificates beside the signer's are looked at, since whoever wrote the object chose them.
const MOST_BESIDE: usize = 8;
/// How many link certificates are tried for one path; each costs a verification.
pub(crate) const MOST_TRIES: usize = 16;

/// At which moment certificates must be valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ValidityTime {
    /// Now, at the inspection.
    #[default]
    Inspection,
    /// When the object was signed, by its signed signing time; without one the step is undetermined.
    Signing,
}

/// How a path is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathOptions {
    /// At which moment certificates must be valid.
    pub validity_at: ValidityTime,
    /// How long a revocation list without a next update counts, from its issue.
    pub crl_lifetime: Duration,
    /// Whether signatures and digests with SHA-1 count. Two contents with one SHA-1 digest can be made.
    pub accept_sha1: bool,
}

impl Default for PathOptions {
    /// Validity at inspection time; a revocation list without a next update counts for 90 days, the longest
    /// interval between lists that Doc 9303-12 allows; no SHA-1.
    fn default() -> Self {
        Self {
            validity_at: ValidityTime::Inspection,
            crl_lifetime: Duration::from_hours(90 * 24),
            accept_sha1: false,
        }
    }
}

impl PathOptions {
    /// Whether a hash may be relied on.
    pub(crate) fn check_hash(&self, hash: HashAlgorithm) -> Result<(), TrustFault> {
        if hash == HashAlgorithm::Sha1 && !self.accept_sha1 {
            Err(TrustFault::WeakHash)
        } else {
            Ok(())
        }
    }
}

/// What a certificate's key is to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Documents,
    MasterLists,
    DefectLists,
    DeviationLists,
    /// Whatever it is for.
    Any,
}

/// What a path is searched with.
pub(crate) struct Search<'a> {
    pub(crate) anchors: &'a dyn TrustAnchors,
    /// Certificates that came along with the signature.
    pub(crate) beside: &'a [Certificate],
    pub(crate) purpose: Purpose,
    pub(crate) at: Timestamp,
    pub(crate) options: &'a PathOptions,
    /// How many link certificates may still be tried.
    pub(crate) tries: Cell<usize>,
}

impl Search<'_> {
    /// The issuers of `signer`, from the nearest to the anchor, each held against its profile.
    pub(crate) fn path(&self, signer: &Certificate) -> Result<Vec<Certificate>, TrustFault> {
        if self.anchors.is_empty() {
            return Err(TrustFault::NoAnchors);
        }
        let issuers = self.issuers(signer, MOST_LINKS)?;
        for certificate in issuers.iter().rev().chain([signer]) {
            certificate.extensions().check()?;
        }
        check_signer_profile(signer, self.purpose)?;
        check_country(signer, &issuers)?;
        self.check_hashes(signer, &issuers)?;
        Ok(issuers)
    }

    /// RFC 5280, 6.1.3 (a)(1) and (a)(4): an anchor whose subject is the issuer and under whose key the signature
    /// verifies. Where there is none, a link certificate may stand between.
    fn issuers(&self, certificate: &Certificate, links: usize) -> Result<Vec<Certificate>, TrustFault> {
        let mut fault = match self.anchor_of(certificate) {
            Ok(anchor) => return Ok([anchor].to_vec()),
            Err(fault) => fault,
        };
        if links == 0 {
            return Err(fault);
        }
        for link in self.links(certificate.issuer()) {
            let Some(left) = self.tries.get().checked_sub(1) else {
                break;
            };
            self.tries.set(left);
            if link == *certificate {
                continue;
            }
            let further = link
                .public_key()
                .and_then(|key| certificate.verify_signature(&key))
                .and_then(|()| self.issuers(&link, links - 1));
            match further {
                Ok(further) => return Ok([&[link][..], &further].concat()),
                // No one vouches for a link by itself, so that it cannot speak against the certificate; but an issuer that
                // could not be tried is not one that is missing.
                Err(found) if is_not_carried(found) && fault == TrustFault::NoIssuerFound => fault = found,
                Err(_) => {}
            }
        }
        Err(fault)
    }

    /// Certificates of an authority with this name that are no anchors: those that are known, and those that came along.
    fn links(&self, subject: &CertificateName) -> Vec<Certificate> {
        let wanted = Wanted::Authority(subject);
        let authorities = self
            .beside
            .iter()
            .filter(|certificate| certificate.is_authority());
        let mut links = self.anchors.known(wanted);
        links.extend(
            authorities
                .take(MOST_BESIDE)
                .filter(|certificate| wanted.is(certificate))
                .cloned(),
        );
        links
    }

    /// Where several anchors verify (a key that was certified again), the one that is valid at that time is taken.
    fn anchor_of(&self, certificate: &Certificate) -> Result<Certificate, TrustFault> {
        let identifier = certificate.authority_key_identifier();
        let mut candidates = self.anchors.candidates(certificate.issuer(), identifier);
        candidates.sort_by_key(|anchor| !is_valid(anchor.certificate(), self.at));
        let mut refusals = Vec::new();
        for candidate in candidates.iter().map(TrustAnchor::certificate) {
            match refusal(certificate, candidate) {
                None => return Ok(candidate.clone()),
                Some(refusal) => refusals.push(refusal),
            }
        }
        // Of several the first of those that say most.
        refusals.sort_by_key(|(meaning, _)| core::cmp::Reverse(*meaning));
        Err(refusals
            .first()
            .map_or(TrustFault::NoIssuerFound, |(_, fault)| *fault))
    }

    /// The hash of each signature on the path; an anchor's own signature counts for nothing.
    fn check_hashes(&self, signer: &Certificate, issuers: &[Certificate]) -> Result<(), TrustFault> {
        let links = issuers.split_last().map_or(&[][..], |(_, links)| links);
        for certificate in [signer].into_iter().chain(links) {
            if let Some(hash) = certificate.signature_hash() {
                self.options.check_hash(hash)?;
            }
        }
        Ok(())
    }
}

/// What it means that a candidate is not the issuer, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Meaning {
    /// Its key is another one than the certificate names: the right anchor may just be missing.
    OtherKey,
    /// It has the name, and nothing tells whether it is the key.
    OtherSignature,
    /// It could not be tried: it may be the issuer.
    NotCarried,
    /// It has the very key that the certificate names, or the certificate contradicts itself: forged.
    Contradiction,
}

/// Why `candidate` is not the issuer of `certificate`, by its signature; `None` if it is.
fn refusal(certificate: &Certificate, candidate: &Certificate) -> Option<(Meaning, TrustFault)> {
    let named = certificate.authority_key_identifier();
    let by_name = match (named, candidate.subject_key_identifier()) {
        (Some(named), Some(key)) if named == key => Meaning::Contradiction,
        (Some(_), Some(_)) => Meaning::OtherKey,
        _ => Meaning::OtherSignature,
    };
    let of_key = |fault| match by_name {
        Meaning::OtherKey => (by_name, TrustFault::NoIssuerFound),
        _ => (by_name, fault),
    };
    let key = match candidate.public_key() {
        Ok(key) => key,
        Err(fault) if is_not_carried(fault) => return Some((Meaning::NotCarried, fault)),
        Err(fault) => return Some(of_key(fault)),
    };
    match certificate.verify_signature(&key) {
        Ok(()) => None,
        Err(TrustFault::SignatureInvalid) => Some(of_key(TrustFault::IssuerSignatureInvalid)),
        Err(fault) if is_not_carried(fault) => Some((Meaning::NotCarried, fault)),
        Err(fault) => Some((Meaning::Contradiction, fault)),
    }
}

/// A signature that could not be tried.
const fn is_not_carried(fault: TrustFault) -> bool {
    matches!(fault, TrustFault::UnsupportedAlgorithm | TrustFault::UnknownCurve)
}

/// Doc 9303-12, table 6 (document signer) and the profiles of those that sign lists: digitalSignature and no
/// authority; an extended key usage must name the purpose (RFC 5280, 4.2.1.12).
fn check_signer_profile(signer: &Certificate, purpose: Purpose) -> Result<(), TrustFault> {
    if purpose == Purpose::Any {
        return Ok(());
    }
    let extensions = signer.extensions();
    let may_sign = extensions
        .key_usage
        .as_ref()
        .is_some_and(x509_cert::ext::pkix::KeyUsage::digital_signature);
    if !may_sign || extensions.is_authority() {
        return Err(TrustFault::WrongKeyUsage);
    }
    let usages = extensions.extended_key_usage.as_deref();
    let names = |purpose| usages.is_some_and(|usages| usages.contains(&purpose));
    let fits = match purpose {
        Purpose::Documents => {
            usages.is_none() || names(oid::ANY_EXTENDED_KEY_USAGE) || names(oid::ID_ICAO_LDS_SECURITY_OBJECT)
        }
        Purpose::MasterLists => names(oid::ID_ICAO_MASTER_LIST_SIGNING_KEY),
        Purpose::DefectLists => names(oid::ID_DEFECT_LIST_SIGNING_KEY),
        Purpose::DeviationLists => names(oid::ID_ICAO_DEVIATION_LIST_SIGNING_KEY),
        Purpose::Any => true,
    };
    if fits {
        Ok(())
    } else {
        Err(TrustFault::WrongKeyUsage)
    }
}

/// Doc 9303-12, 7.1.1: countryName is present in issuer and subject and the same in the whole path.
fn check_country(signer: &Certificate, issuers: &[Certificate]) -> Result<(), TrustFault> {
    let country = signer.issuer().country();
    let names = issuers
        .split_last()
        .into_iter()
        .flat_map(|(anchor, links)| {
            let of_links = links.iter().flat_map(|link| [link.subject(), link.issuer()]);
            of_links.chain([anchor.subject()])
        })
        .chain([signer.subject()]);
    if country.is_some() && names.map(CertificateName::country).all(|c| c == country) {
        Ok(())
    } else {
        Err(TrustFault::CountryMismatch)
    }
}

/// The keys under which a revocation list of this issuer may be signed: all its anchors and links, since a CSCA signs one
/// list for all its keys with the newest of them (Doc 9303-12).
pub(crate) fn revocation_signers(
    issuer: &CertificateName,
    path: &[Certificate],
    anchors: &dyn TrustAnchors,
) -> Vec<Certificate> {
    let candidates = anchors.candidates(issuer, None);
    let mut signers: Vec<_> = candidates
        .into_iter()
        .map(|anchor| anchor.certificate().clone())
        .collect();
    let links = path.iter().filter(|certificate| certificate.subject() == issuer);
    for link in links {
        if !signers.contains(link) {
            signers.push(link.clone());
        }
    }
    signers.retain(|certificate| certificate.extensions().may_sign_revocation_lists());
    signers
}
