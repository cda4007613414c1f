//! What can be wrong with a signature, a certificate or a path, and what a step of the check came to.

use thiserror::Error;

/// Why a step of passive authentication did not succeed. Each value is raised for one reason, and its
/// [`code`](TrustFault::code) is stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Error)]
pub enum TrustFault {
    /// The bytes are not the structure that the standard names (truncated, altered, not DER).
    #[error(
        "the signed object cannot be read as a CMS SignedData (RFC 5652) with at most four signers: read the file again, and \
         refuse the document if it stays so"
    )]
    Unreadable,
    /// The signature is sound, but the content it covers is not the structure that its type promises.
    #[error("the signed content does not have the structure that its type promises: refer the document")]
    ContentUnreadable,
    /// `eContentType` is not the one that this kind of object has.
    #[error("the signed content is of another type than this object must have: refuse the document")]
    WrongContentType,
    /// No SignerInfo, or no content.
    #[error("the object carries no signature or no content: refuse the document")]
    NotSigned,
    /// The signer's certificate is not in the object.
    #[error("the signer's certificate is not in the object (Doc 9303-10, 4.6.2): obtain it and try again")]
    NoSignerCertificate,
    /// `signedAttrs` are absent though the content type demands them (RFC 5652, 5.3), or lack one, or repeat one.
    #[error("the signed attributes are absent or incomplete (RFC 5652, 5.3): refuse the document")]
    SignedAttributesMissing,
    /// The signed attribute `contentType` differs from `eContentType` (RFC 5652, 11.1).
    #[error("the signed attribute contentType names another type (RFC 5652, 11.1): refuse the document")]
    ContentTypeMismatch,
    /// The signed attribute `messageDigest` is not the digest of the content (RFC 5652, 11.2).
    #[error(
        "the content was altered: its digest is not the signed one (RFC 5652, 11.2): refuse the document"
    )]
    DigestMismatch,
    /// The signature does not verify under the signer's key.
    #[error("the signature does not verify under the signer's key: refuse the document")]
    SignatureInvalid,
    /// An algorithm, a kind or size of key or a version of the content that this build does not carry.
    #[error("an algorithm, a kind of key or a version is not carried here: refer the document")]
    UnsupportedAlgorithm,
    /// A curve whose name is not carried here, or that is given by parameters which are no known curve's.
    #[error("a key is on a curve whose name or parameters are no known curve's: refer the document")]
    UnknownCurve,
    /// A signature or a digest rests on SHA-1, which the policy does not allow.
    #[error("a signature or a digest rests on SHA-1: refer the document, or allow SHA-1 by the policy")]
    WeakHash,
    /// There is no trust anchor at all.
    #[error("there is no trust anchor at all: import the CSCA certificates or a master list")]
    NoAnchors,
    /// There are anchors, but none of the issuer that the certificate names.
    #[error("no trust anchor is the certificate's issuer: import the issuing state's CSCA certificate")]
    NoIssuerFound,
    /// An anchor of that name and key is there, and the certificate is not signed by it.
    #[error(
        "the certificate names a trust anchor as its issuer, but that one did not sign it: refuse the document"
    )]
    IssuerSignatureInvalid,
    /// A certificate breaks the profile: a malformed or repeated extension, algorithms that disagree, or a key that is none,
    /// such as a point beside its curve.
    #[error("a certificate of the path breaks its profile (Doc 9303-12, 7): refuse the document")]
    CertificateMalformed,
    /// A critical extension that is not known here (RFC 5280, 4.2).
    #[error(
        "a certificate has a critical extension that is not known here (RFC 5280, 4.2): refuse the document"
    )]
    UnknownCriticalExtension,
    /// The signer's certificate is not one that may sign this object (Doc 9303-12, key usage).
    #[error(
        "the signer's certificate may not sign this object (keyUsage, extKeyUsage, cA): refuse the document"
    )]
    WrongKeyUsage,
    /// Issuer and subject name different states, or none (Doc 9303-12, 7.1.1).
    #[error("the certificates of the path name different states or none (Doc 9303-12): refuse the document")]
    CountryMismatch,
    /// The signer's certificate has expired.
    #[error("the signer's certificate has expired: refuse or refer the document, and check the clock")]
    CertificateExpired,
    /// The signer's certificate is not valid yet.
    #[error("the signer's certificate is not valid yet: check the clock")]
    CertificateNotYetValid,
    /// The issuer's certificate has expired.
    #[error("the issuer's certificate has expired: import its successor, and check the clock")]
    IssuerExpired,
    /// The issuer's certificate is not valid yet.
    #[error("the issuer's certificate is not valid yet: check the clock")]
    IssuerNotYetValid,
    /// Validity at signing time was asked for, and there is no signed signing time.
    #[error(
        "no signing time is signed, so validity at signing time cannot be told: judge at inspection time"
    )]
    NoSigningTime,
    /// The signed signing time lies outside the private key usage period of the signer's certificate.
    #[error(
        "the object was signed outside the time in which the signer's key was to be used: refer the document"
    )]
    OutsideKeyUsagePeriod,
    /// The signer's certificate does not say in which time its private key is to be used.
    #[error("the signer's certificate does not say in which time its key is used: nothing to do")]
    NoKeyUsagePeriod,
    /// The signer's certificate is on the revocation list.
    #[error("the signer's certificate has been revoked: refuse the document")]
    Revoked,
    /// The issuer's own certificate is on its revocation list.
    #[error("the issuer's certificate has been revoked: refuse the document")]
    IssuerRevoked,
    /// There is no revocation list of that issuer.
    #[error("there is no revocation list of the issuer: import its CRL")]
    NoCrl,
    /// The revocation lists of that issuer are not signed by it.
    #[error("the revocation list does not verify under the issuer's key: import a genuine one")]
    CrlSignatureInvalid,
    /// The newest revocation list is past its next update.
    #[error("the revocation list is past its next update: import a newer one")]
    CrlExpired,
    /// The revocation list is from the future.
    #[error("the revocation list is dated in the future: check the clock")]
    CrlNotYetValid,
    /// The revocation list has critical extensions that are not known here (RFC 5280, 5.2).
    #[error(
        "the revocation list has critical extensions that are not known here (RFC 5280, 5.2): import a full one"
    )]
    CrlUnsupported,
    /// The revocation list is of another kind of certificates (RFC 5280, 5.2.5).
    #[error("the revocation list covers other certificates (RFC 5280, 5.2.5): import a full one")]
    CrlOutOfScope,
}

impl TrustFault {
    /// Every fault, in the order in which the steps can raise them.
    pub const ALL: [Self; 34] = [
        Self::Unreadable,
        Self::ContentUnreadable,
        Self::WrongContentType,
        Self::NotSigned,
        Self::NoSignerCertificate,
        Self::SignedAttributesMissing,
        Self::ContentTypeMismatch,
        Self::DigestMismatch,
        Self::SignatureInvalid,
        Self::UnsupportedAlgorithm,
        Self::UnknownCurve,
        Self::WeakHash,
        Self::NoAnchors,
        Self::NoIssuerFound,
        Self::IssuerSignatureInvalid,
        Self::CertificateMalformed,
        Self::UnknownCriticalExtension,
        Self::WrongKeyUsage,
        Self::CountryMismatch,
        Self::CertificateExpired,
        Self::CertificateNotYetValid,
        Self::IssuerExpired,
        Self::IssuerNotYetValid,
        Self::NoSigningTime,
        Self::OutsideKeyUsagePeriod,
        Self::NoKeyUsagePeriod,
        Self::Revoked,
        Self::IssuerRevoked,
        Self::NoCrl,
        Self::CrlSignatureInvalid,
        Self::CrlExpired,
        Self::CrlNotYetValid,
        Self::CrlUnsupported,
        Self::CrlOutOfScope,
    ];

    /// The fault's stable name, as outcomes and reports carry it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::ContentUnreadable => "content-unreadable",
            Self::WrongContentType => "wrong-content-type",
            Self::NotSigned => "not-signed",
            Self::NoSignerCertificate => "no-signer-certificate",
            Self::SignedAttributesMissing => "signed-attributes-missing",
            Self::ContentTypeMismatch => "content-type-mismatch",
            Self::DigestMismatch => "digest-mismatch",
            Self::SignatureInvalid => "signature-invalid",
            Self::UnsupportedAlgorithm => "unsupported-algorithm",
            Self::UnknownCurve => "unknown-curve",
            Self::WeakHash => "weak-hash",
            Self::NoAnchors => "no-anchors",
            Self::NoIssuerFound => "no-issuer-found",
            Self::IssuerSignatureInvalid => "issuer-signature-invalid",
            Self::CertificateMalformed => "certificate-malformed",
            Self::UnknownCriticalExtension => "unknown-critical-extension",
            Self::WrongKeyUsage => "wrong-key-usage",
            Self::CountryMismatch => "country-mismatch",
            Self::CertificateExpired => "certificate-expired",
            Self::CertificateNotYetValid => "certificate-not-yet-valid",
            Self::IssuerExpired => "issuer-expired",
            Self::IssuerNotYetValid => "issuer-not-yet-valid",
            Self::NoSigningTime => "no-signing-time",
            Self::OutsideKeyUsagePeriod => "outside-key-usage-period",
            Self::NoKeyUsagePeriod => "no-key-usage-period",
            Self::Revoked => "revoked",
            Self::IssuerRevoked => "issuer-revoked",
            Self::NoCrl => "no-crl",
            Self::CrlSignatureInvalid => "crl-signature-invalid",
            Self::CrlExpired => "crl-expired",
            Self::CrlNotYetValid => "crl-not-yet-valid",
            Self::CrlUnsupported => "crl-unsupported",
            Self::CrlOutOfScope => "crl-out-of-scope",
        }
    }

    /// Whether the fault only says that something needed for the judgement is missing, so that the step is
    /// undetermined. Every other fault speaks against the document.
    pub const fn is_inconclusive(self) -> bool {
        matches!(
            self,
            Self::NoSignerCertificate
                | Self::UnsupportedAlgorithm
                | Self::UnknownCurve
                | Self::WeakHash
                | Self::NoAnchors
                | Self::NoIssuerFound
                | Self::NoSigningTime
                | Self::NoKeyUsagePeriod
                | Self::NoCrl
                | Self::CrlSignatureInvalid
                | Self::CrlExpired
                | Self::CrlNotYetValid
                | Self::CrlUnsupported
                | Self::CrlOutOfScope
        )
    }
}

/// What one step of passive authentication came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepResult {
    /// The step was carried out, and all of it holds.
    Successful,
    /// The step was carried out, and it speaks against the document.
    Failed(TrustFault),
    /// The step could not be carried out or decided: something that it needs is missing.
    Undetermined(TrustFault),
}

impl StepResult {
    /// Whether the step succeeded.
    pub const fn is_successful(self) -> bool {
        matches!(self, Self::Successful)
    }

    /// Why the step did not succeed.
    pub const fn fault(self) -> Option<TrustFault> {
        match self {
            Self::Successful => None,
            Self::Failed(fault) | Self::Undetermined(fault) => Some(fault),
        }
    }
}

impl From<TrustFault> for StepResult {
    fn from(fault: TrustFault) -> Self {
        if fault.is_inconclusive() {
            Self::Undetermined(fault)
        } else {
            Self::Failed(fault)
        }
    }
}

impl From<Result<(), TrustFault>> for StepResult {
    fn from(result: Result<(), TrustFault>) -> Self {
        result.map_or_else(Self::from, |()| Self::Successful)
    }
}

/// Why the bytes of a data group are not the ones that the security object lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum HashFault {
    /// The security object has no digest for this data group.
    #[error("the security object lists no digest for this data group: it is not the issuer's")]
    NotListed,
    /// The digest of the bytes differs from the listed one.
    #[error("the data group was altered: its digest is not the one in the security object")]
    Mismatch,
}

/// Why a file is not what it was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum TrustError {
    /// Not a DER certificate.
    #[error("not an X.509 certificate in DER (RFC 5280, 4.1): check the file's format")]
    NotACertificate,
    /// An extension that decides about trust is malformed or repeated.
    #[error("an extension of the certificate is malformed or repeated (RFC 5280, 4.2): obtain a sound one")]
    MalformedExtension,
    /// A certificate, but not one of a certification authority.
    #[error(
        "the certificate is no certification authority's, so it is no trust anchor: import its CSCA instead"
    )]
    NotAnAuthority,
    /// Not a DER revocation list.
    #[error("not an X.509 revocation list in DER (RFC 5280, 5.1): check the file's format")]
    NotARevocationList,
    /// Not a CMS SignedData that holds a CSCA master list.
    #[error("not a CSCA master list (Doc 9303-12, 9): check the file's format")]
    NotAMasterList,
    /// Not a CMS SignedData that holds a defect list or a deviation list.
    #[error(
        "not a defect list (TR-03129-2, 7) or a deviation list (Doc 9303-12, 7.3): check the file's format"
    )]
    NotADefectList,
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    #[test]
    fn every_fault_has_a_code_of_its_own() {
        let codes: BTreeSet<_> = TrustFault::ALL.iter().map(|fault| fault.code()).collect();
        assert_eq!(codes.len(), TrustFault::ALL.len());
    }

    #[test]
    fn what_is_missing_is_undetermined_and_never_failed() {
        assert_eq!(
            StepResult::from(TrustFault::NoAnchors),
            StepResult::Undetermined(TrustFault::NoAnchors)
        );
        assert_eq!(
            StepResult::from(TrustFault::NoCrl),
            StepResult::Undetermined(TrustFault::NoCrl)
        );
        assert_eq!(
            StepResult::from(TrustFault::Revoked),
            StepResult::Failed(TrustFault::Revoked)
        );
    }
}
