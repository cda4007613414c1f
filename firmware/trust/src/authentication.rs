//! What the check of a signed object came to, step by step: the same steps for a security object and for a list.

use alloc::vec::Vec;
use core::cell::Cell;

use chipgate_apdu::Timestamp;

use crate::anchors::TrustAnchors;
use crate::certificate::Certificate;
use crate::fault::{StepResult, TrustFault};
use crate::path::{MOST_TRIES, PathOptions, Purpose, Search, ValidityTime};
use crate::signed_data::Signed;
use crate::verified::Verified;
use crate::{revocation, validity};

/// What the check of a signed object came to. Only this crate makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentication<T> {
    signature: StepResult,
    issuer_certificate: StepResult,
    validity: StepResult,
    key_usage_period: StepResult,
    revocation: StepResult,
    signer: Option<Certificate>,
    signing_time: Option<Timestamp>,
    issuers: Vec<Certificate>,
    verified: Option<Verified<T>>,
}

impl<T> Authentication<T> {
    /// Whether the object is well-formed and its signature holds under its signer's certificate.
    pub const fn signature(&self) -> StepResult {
        self.signature
    }

    /// Whether a path leads from a trust anchor to that certificate, issued for this use.
    pub const fn issuer_certificate(&self) -> StepResult {
        self.issuer_certificate
    }

    /// Whether every certificate of the path is valid at the time that the options name.
    pub const fn validity(&self) -> StepResult {
        self.validity
    }

    /// Whether the signed signing time lies within the private key usage period of the signer's certificate.
    pub const fn key_usage_period(&self) -> StepResult {
        self.key_usage_period
    }

    /// Whether every certificate of the path is free of revocation by a current list.
    pub const fn revocation(&self) -> StepResult {
        self.revocation
    }

    /// The certificate that the object names as its signer's, to be shown; it is worth what the steps say.
    pub const fn signer(&self) -> Option<&Certificate> {
        self.signer.as_ref()
    }

    /// When the object says that it was signed, if the signature holds.
    pub const fn signing_time(&self) -> Option<Timestamp> {
        self.signing_time
    }

    /// The certificates from the signer's issuer to the trust anchor; empty if there is no path.
    pub fn issuers(&self) -> &[Certificate] {
        &self.issuers
    }

    /// What was signed, if the signature and the path hold.
    pub const fn verified(&self) -> Option<&Verified<T>> {
        self.verified.as_ref()
    }

    /// What was signed, if the signature and the path hold.
    pub fn into_verified(self) -> Option<Verified<T>> {
        self.verified
    }

    /// Nothing is signed, so nothing behind the signature can be judged.
    pub(crate) fn unsigned(fault: TrustFault, signer: Option<Certificate>) -> Self {
        let undetermined = StepResult::Undetermined(fault);
        Self {
            signature: fault.into(),
            issuer_certificate: undetermined,
            validity: undetermined,
            key_usage_period: undetermined,
            revocation: undetermined,
            signer,
            signing_time: None,
            issuers: Vec::new(),
            verified: None,
        }
    }

    /// The signature holds; `content` puts together what is verified if a path is found.
    pub(crate) fn signed(
        signed: Signed,
        chain: Chain,
        content: impl FnOnce(Signed, &[Certificate]) -> T,
    ) -> Self {
        let signing_time = signed.signing_time;
        let certificate = signed.signer.clone();
        let issuer_certificate = match &chain.issuers {
            Ok(_) => StepResult::Successful,
            Err(fault) => (*fault).into(),
        };
        let verified = chain.issuers.as_ref().ok();
        let verified = verified.map(|issuers| Verified::new(content(signed, issuers)));
        Self {
            signature: StepResult::Successful,
            issuer_certificate,
            validity: chain.validity,
            key_usage_period: chain.key_usage_period,
            revocation: chain.revocation,
            signer: Some(certificate),
            signing_time,
            issuers: chain.issuers.unwrap_or_default(),
            verified,
        }
    }
}

/// What lies behind a signature that holds: the path, its validity, its revocation.
pub(crate) struct Chain {
    issuers: Result<Vec<Certificate>, TrustFault>,
    validity: StepResult,
    key_usage_period: StepResult,
    revocation: StepResult,
}

impl Chain {
    /// [`standing`](Self::standing) of a signer that is trusted.
    pub(crate) const TRUSTED: [bool; 3] = [true; 3];

    /// How near a signer comes to being trusted: it has a path, it is not revoked, and it is valid.
    pub(crate) fn standing(&self) -> [bool; 3] {
        let is_revoked = matches!(self.revocation, StepResult::Failed(_));
        [self.issuers.is_ok(), !is_revoked, self.validity.is_successful()]
    }

    pub(crate) fn check(
        signed: &Signed,
        beside: &[Certificate],
        purpose: Purpose,
        anchors: &dyn TrustAnchors,
        now: Timestamp,
        options: &PathOptions,
    ) -> Self {
        let certificate = &signed.signer;
        let at = match options.validity_at {
            ValidityTime::Inspection => Ok(now),
            ValidityTime::Signing => signed.signing_time.ok_or(TrustFault::NoSigningTime),
        };
        let search = Search {
            anchors,
            beside,
            purpose,
            at: at.unwrap_or(now),
            options,
            tries: Cell::new(MOST_TRIES),
        };
        let issuers = search.path(certificate);
        let found = issuers.as_deref().map_err(|fault| *fault);
        Self {
            validity: validity::check(certificate, found, at),
            key_usage_period: validity::check_key_usage_period(certificate, signed.signing_time),
            revocation: match found {
                Ok(issuers) => revocation::check(certificate, issuers, anchors, now, options).into(),
                Err(fault) => StepResult::Undetermined(fault),
            },
            issuers,
        }
    }
}
