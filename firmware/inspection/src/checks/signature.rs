//! `security-object`, `issuer-certificate`, `certificate-validity`, `revocation`: the steps of passive authentication.

use chipgate_lds::File;
use chipgate_trust::{PassiveAuthentication, StepResult, TrustFault};

use crate::check::CheckResult;
use crate::found::{Found, not_verified};
use crate::observations::Files;
use crate::reason::Reason;

/// EF.SOD is a security object, signed by the certificate in it.
pub(crate) fn security_object(passive: Option<&PassiveAuthentication>, files: &Files) -> Found {
    match (passive, files.get(File::Sod)) {
        (Some(passive), _) => step(passive.security_object()),
        (None, None) => missing(CheckResult::Undetermined),
        (None, Some(_)) => missing(CheckResult::Failed),
    }
}

/// A step that rests on the signature: without a valid one there is nothing to judge.
pub(crate) fn behind_the_signature(
    passive: Option<&PassiveAuthentication>,
    result: impl FnOnce(&PassiveAuthentication) -> StepResult,
) -> Found {
    match passive.filter(|passive| passive.security_object().is_successful()) {
        Some(passive) => step(result(passive)),
        None => not_verified(),
    }
}

/// The certificate comes from an anchor.
pub(crate) fn issuer_certificate(passive: Option<&PassiveAuthentication>) -> Found {
    behind_the_signature(passive, |passive| passive.issuer_certificate())
}

/// The signer's key signed in the time in which it was to be used. A certificate without such a time, or an object without
/// a signed signing time, does not support the check.
pub(crate) fn key_usage_period(passive: Option<&PassiveAuthentication>) -> Found {
    let found = behind_the_signature(passive, |passive| passive.key_usage_period());
    match passive.map(|passive| passive.key_usage_period()) {
        Some(StepResult::Undetermined(TrustFault::NoSigningTime | TrustFault::NoKeyUsagePeriod)) => Found {
            result: CheckResult::NotSupported,
            ..found
        },
        _ => found,
    }
}

fn missing(result: CheckResult) -> Found {
    Found::because(result, Reason::SecurityObjectMissing)
}

fn step(result: StepResult) -> Found {
    match result {
        StepResult::Successful => Found::successful(),
        StepResult::Failed(fault) => because(CheckResult::Failed, fault),
        StepResult::Undetermined(fault) => because(CheckResult::Undetermined, fault),
    }
}

fn because(result: CheckResult, fault: TrustFault) -> Found {
    let reason = reason(fault);
    let found = Found::because(result, reason);
    if fault.code() == reason.name() {
        found
    } else {
        found.about(fault.code())
    }
}

/// What an operator can act on; the fault itself stands in the detail.
const fn reason(fault: TrustFault) -> Reason {
    match fault {
        TrustFault::Unreadable
        | TrustFault::ContentUnreadable
        | TrustFault::WrongContentType
        | TrustFault::NotSigned
        | TrustFault::SignedAttributesMissing
        | TrustFault::ContentTypeMismatch => Reason::SecurityObjectUnreadable,
        TrustFault::NoSignerCertificate => Reason::SignerCertificateMissing,
        TrustFault::DigestMismatch => Reason::SecurityObjectAltered,
        TrustFault::SignatureInvalid => Reason::SignatureInvalid,
        TrustFault::UnsupportedAlgorithm | TrustFault::UnknownCurve => Reason::SignatureUnsupported,
        TrustFault::WeakHash => Reason::WeakHash,
        TrustFault::NoAnchors => Reason::NoAnchors,
        TrustFault::NoIssuerFound => Reason::IssuerUnknown,
        TrustFault::IssuerSignatureInvalid => Reason::CertificateForged,
        TrustFault::CertificateMalformed
        | TrustFault::UnknownCriticalExtension
        | TrustFault::WrongKeyUsage
        | TrustFault::CountryMismatch => Reason::CertificateUnfit,
        TrustFault::CertificateExpired | TrustFault::IssuerExpired => Reason::CertificateExpired,
        TrustFault::CertificateNotYetValid | TrustFault::IssuerNotYetValid => Reason::CertificateNotYetValid,
        TrustFault::NoSigningTime => Reason::NoSigningTime,
        TrustFault::OutsideKeyUsagePeriod => Reason::OutsideKeyUsagePeriod,
        TrustFault::NoKeyUsagePeriod => Reason::NoKeyUsagePeriod,
        TrustFault::Revoked | TrustFault::IssuerRevoked => Reason::CertificateRevoked,
        TrustFault::NoCrl => Reason::NoRevocationList,
        TrustFault::CrlExpired => Reason::RevocationListExpired,
        TrustFault::CrlSignatureInvalid
        | TrustFault::CrlNotYetValid
        | TrustFault::CrlUnsupported
        | TrustFault::CrlOutOfScope => Reason::RevocationListInvalid,
    }
}
