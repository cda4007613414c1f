//! Whether certificates and their keys were to be used at a moment (RFC 5280, 4.1.2.5 and 6.1.3; Doc 9303-12, 7).

use chipgate_apdu::Timestamp;

use crate::certificate::Certificate;
use crate::fault::{StepResult, TrustFault};

/// Where a moment lies with regard to a certificate's validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Period {
    Before,
    Within,
    After,
}

fn period(certificate: &Certificate, at: Timestamp) -> Period {
    if at < certificate.not_before() {
        Period::Before
    } else if at.seconds() > certificate.not_after().seconds() {
        // RFC 5280, 4.1.2.5: notAfter is included, to the second.
        Period::After
    } else {
        Period::Within
    }
}

pub(crate) fn is_valid(certificate: &Certificate, at: Timestamp) -> bool {
    period(certificate, at) == Period::Within
}

/// RFC 5280, 6.1.3 (a)(2), for every certificate of the path; the signer's comes first. Without a path only the
/// signer's can be judged, and the step is undetermined at best.
pub(crate) fn check(
    signer: &Certificate,
    issuers: Result<&[Certificate], TrustFault>,
    at: Result<Timestamp, TrustFault>,
) -> StepResult {
    let at = match at {
        Ok(at) => at,
        Err(fault) => return fault.into(),
    };
    match period(signer, at) {
        Period::Before => return TrustFault::CertificateNotYetValid.into(),
        Period::After => return TrustFault::CertificateExpired.into(),
        Period::Within => {}
    }
    let issuers = match issuers {
        Ok(issuers) => issuers,
        Err(fault) => return StepResult::Undetermined(fault),
    };
    let outside = issuers
        .iter()
        .map(|issuer| period(issuer, at))
        .find(|period| *period != Period::Within);
    match outside {
        Some(Period::Before) => TrustFault::IssuerNotYetValid.into(),
        Some(_) => TrustFault::IssuerExpired.into(),
        None => StepResult::Successful,
    }
}

/// Doc 9303-12, 7.1: a key signs within its private key usage period only. A signing time that lies outside speaks
/// against whoever signed, although both certificates may be valid.
pub(crate) fn check_key_usage_period(signer: &Certificate, signing_time: Option<Timestamp>) -> StepResult {
    match (signing_time, signer.private_key_usage()) {
        (None, _) => TrustFault::NoSigningTime.into(),
        (Some(_), None) => TrustFault::NoKeyUsagePeriod.into(),
        (Some(time), Some(period)) if period.covers(time) => StepResult::Successful,
        (Some(_), Some(_)) => TrustFault::OutsideKeyUsagePeriod.into(),
    }
}
