//! From a signer's certificate to a trust anchor (Doc 9303-12, 7; RFC 5280, 6): one step, since a CSCA issues
//! the certificates of those that sign documents and lists itself.

use alloc::vec::Vec;
use core::time::Duration;

use chipgate_apdu::Timestamp;

use crate::anchors::{TrustAnchor, TrustAnchors};
use crate::certificate::Certificate;
use crate::fault::{StepResult, TrustFault};
use crate::oid;

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
}

impl Default for PathOptions {
    /// Validity at inspection time; a revocation list without a next update counts for 90 days, the longest
    /// interval between lists that Doc 9303-12 allows.
    fn default() -> Self {
        Self {
            validity_at: ValidityTime::Inspection,
            crl_lifetime: Duration::from_hours(90 * 24),
        }
    }
}

/// What a certificate's key is to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Documents,
    MasterLists,
}

/// Finds the anchor that issued `signer`, and holds both against their profiles.
pub(crate) fn find_anchor(
    signer: &Certificate,
    anchors: &dyn TrustAnchors,
    purpose: Purpose,
    at: Timestamp,
) -> Result<Certificate, TrustFault> {
    if anchors.is_empty() {
        return Err(TrustFault::NoAnchors);
    }
    let anchor = issuer_of(signer, anchors, at)?;
    anchor.extensions().check()?;
    signer.extensions().check()?;
    check_signer_profile(signer, purpose)?;
    check_country(signer, &anchor)?;
    Ok(anchor)
}

/// RFC 5280, 6.1.3 (a)(1) and (a)(4): the candidate whose subject is the issuer and under whose key the signature
/// verifies. Where several do (a key that was certified again), the one that is valid at that time is taken.
fn issuer_of(
    signer: &Certificate,
    anchors: &dyn TrustAnchors,
    at: Timestamp,
) -> Result<Certificate, TrustFault> {
    let identifier = signer.authority_key_identifier();
    let mut candidates = anchors.candidates(signer.issuer(), identifier);
    candidates.sort_by_key(|anchor| check_period(anchor.certificate(), at) != Period::Within);
    let mut fault = TrustFault::NoIssuerFound;
    for candidate in candidates.iter().map(TrustAnchor::certificate) {
        match candidate
            .public_key()
            .and_then(|key| signer.verify_signature(&key))
        {
            Ok(()) => return Ok(candidate.clone()),
            Err(found) => fault = worse(fault, meaning(found, identifier, candidate)),
        }
    }
    Err(fault)
}

/// What it means that a candidate did not verify: if it is the very key that the certificate names, the
/// certificate is forged; if its key is another one, the right anchor may just be missing.
fn meaning(found: TrustFault, identifier: Option<&[u8]>, candidate: &Certificate) -> TrustFault {
    let key = candidate.subject_key_identifier();
    match found {
        TrustFault::SignatureInvalid if identifier.is_some() && key.is_some() && identifier != key => {
            TrustFault::NoIssuerFound
        }
        TrustFault::SignatureInvalid => TrustFault::IssuerSignatureInvalid,
        other => other,
    }
}

/// The fault that says more: a forged certificate before a key that could not be tried before no issuer.
fn worse(one: TrustFault, other: TrustFault) -> TrustFault {
    let rank = |fault: TrustFault| match fault {
        TrustFault::NoIssuerFound => 0,
        TrustFault::UnsupportedAlgorithm => 1,
        _ => 2,
    };
    if rank(other) > rank(one) { other } else { one }
}

/// Doc 9303-12, table 6 (document signer) and the master list signer's profile: digitalSignature and no
/// authority; an extended key usage must name the purpose (RFC 5280, 4.2.1.12).
fn check_signer_profile(signer: &Certificate, purpose: Purpose) -> Result<(), TrustFault> {
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
    };
    if fits {
        Ok(())
    } else {
        Err(TrustFault::WrongKeyUsage)
    }
}

/// Doc 9303-12, 7.1.1: countryName is present in issuer and subject and the same in the whole path.
fn check_country(signer: &Certificate, anchor: &Certificate) -> Result<(), TrustFault> {
    let country = anchor.subject().country();
    if country.is_some() && signer.subject().country() == country && signer.issuer().country() == country {
        Ok(())
    } else {
        Err(TrustFault::CountryMismatch)
    }
}

/// RFC 5280, 6.1.3 (a)(2), for both certificates of the path; the signer's comes first. Without an anchor only the
/// signer's can be judged, and the step is undetermined at best.
pub(crate) fn check_validity(
    signer: &Certificate,
    anchor: Result<&Certificate, TrustFault>,
    at: Result<Timestamp, TrustFault>,
) -> StepResult {
    let at = match at {
        Ok(at) => at,
        Err(fault) => return fault.into(),
    };
    match check_period(signer, at) {
        Period::Before => return TrustFault::CertificateNotYetValid.into(),
        Period::After => return TrustFault::CertificateExpired.into(),
        Period::Within => {}
    }
    match anchor.map(|anchor| check_period(anchor, at)) {
        Err(fault) => StepResult::Undetermined(fault),
        Ok(Period::Before) => TrustFault::IssuerNotYetValid.into(),
        Ok(Period::After) => TrustFault::IssuerExpired.into(),
        Ok(Period::Within) => StepResult::Successful,
    }
}

/// Where a moment lies with regard to a certificate's validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Period {
    Before,
    Within,
    After,
}

fn check_period(certificate: &Certificate, at: Timestamp) -> Period {
    if at < certificate.not_before() {
        Period::Before
    } else if at.seconds() > certificate.not_after().seconds() {
        // RFC 5280, 4.1.2.5: notAfter is included, to the second.
        Period::After
    } else {
        Period::Within
    }
}

/// The keys under which a revocation list of this issuer may be signed: all its anchors, since a CSCA signs one
/// list for all its keys with the newest of them (Doc 9303-12).
pub(crate) fn revocation_signers(issuer: &Certificate, anchors: &dyn TrustAnchors) -> Vec<Certificate> {
    let candidates = anchors.candidates(issuer.subject(), issuer.subject_key_identifier());
    let certificates = candidates.into_iter().map(|anchor| anchor.certificate().clone());
    certificates
        .filter(|certificate| certificate.extensions().may_sign_revocation_lists())
        .collect()
}
