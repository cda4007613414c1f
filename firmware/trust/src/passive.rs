//! Passive authentication (Doc 9303-11, 5.1).

use alloc::string::{String, ToString};

use chipgate_apdu::Timestamp;
use chipgate_lds::{LdsError, LdsSecurityObject, parse_sod};

use crate::anchors::TrustAnchors;
use crate::certificate::Certificate;
use crate::fault::{StepResult, TrustFault};
use crate::path::{self, PathOptions, Purpose, ValidityTime};
use crate::signed_data::{Signed, SignedData};
use crate::verified::{SecurityObject, SelfConsistent, Verified};
use crate::{oid, revocation};

/// What passive authentication of an EF.SOD came to, step by step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassiveAuthentication {
    /// Whether EF.SOD is well-formed and its signature holds under the certificate in it.
    pub security_object: StepResult,
    /// Whether a trust anchor issued that certificate for this use.
    pub issuer_certificate: StepResult,
    /// Whether both certificates are valid at the time that the options name.
    pub validity: StepResult,
    /// Whether both certificates are free of revocation by a current list.
    pub revocation: StepResult,
    /// `countryName` of the signer's certificate, in upper case, if the path holds.
    pub issuing_state: Option<String>,
    /// The certificate that EF.SOD names as its signer's, to be shown; it is worth what the steps say.
    pub signer: Option<Certificate>,
    /// What can be held against the data even where there is no path.
    pub self_consistent: Option<SelfConsistent>,
    /// The security object, if `security_object` and `issuer_certificate` are successful.
    pub verified: Option<Verified<SecurityObject>>,
}

/// Checks EF.SOD as it was read from the chip: Doc 9303-11, 5.1, steps 1 to 3. Step 4, the digests of the data
/// groups, is [`Verified::data_group`].
pub fn authenticate_security_object(
    sod: &[u8],
    anchors: &dyn TrustAnchors,
    now: Timestamp,
    options: &PathOptions,
) -> PassiveAuthentication {
    let cms = match parse_sod(sod)
        .map_err(|_| TrustFault::Unreadable)
        .and_then(SignedData::from_der)
    {
        Ok(cms) => cms,
        Err(fault) => return PassiveAuthentication::unsigned(fault, None),
    };
    let (content, signed) = match cms.verify(oid::ID_ICAO_LDS_SECURITY_OBJECT) {
        Ok(verified) => verified,
        Err(fault) => return PassiveAuthentication::unsigned(fault, cms.claimed_signer().cloned()),
    };
    let lds = match LdsSecurityObject::parse(content) {
        Ok(lds) => lds,
        Err(error) => return PassiveAuthentication::unsigned(meaning(&error), Some(signed.signer)),
    };
    let chain = Chain::check(&signed, Purpose::Documents, anchors, now, options);
    PassiveAuthentication::signed(lds, signed, chain)
}

fn meaning(error: &LdsError) -> TrustFault {
    match error {
        LdsError::Unsupported { .. } => TrustFault::UnsupportedAlgorithm,
        _ => TrustFault::ContentUnreadable,
    }
}

impl PassiveAuthentication {
    /// Nothing is signed, so nothing behind the signature can be judged.
    fn unsigned(fault: TrustFault, signer: Option<Certificate>) -> Self {
        let undetermined = StepResult::Undetermined(fault);
        Self {
            security_object: fault.into(),
            issuer_certificate: undetermined,
            validity: undetermined,
            revocation: undetermined,
            issuing_state: None,
            signer,
            self_consistent: None,
            verified: None,
        }
    }

    fn signed(lds: LdsSecurityObject, signed: Signed, chain: Chain) -> Self {
        let Signed { signer, signing_time } = signed;
        let self_consistent = Some(SelfConsistent::new(lds.clone()));
        let issuing_state = chain
            .anchor
            .as_ref()
            .ok()
            .and_then(|_| signer.subject().country());
        Self {
            security_object: StepResult::Successful,
            issuer_certificate: chain.anchor.as_ref().map(|_| ()).map_err(|fault| *fault).into(),
            validity: chain.validity,
            revocation: chain.revocation,
            issuing_state: issuing_state.map(ToString::to_string),
            signer: Some(signer.clone()),
            self_consistent,
            verified: chain.anchor.ok().map(|anchor| {
                Verified::new(SecurityObject {
                    lds,
                    signer,
                    anchor,
                    signing_time,
                })
            }),
        }
    }
}

/// What lies behind a signature that holds: the path, its validity, its revocation.
pub(crate) struct Chain {
    pub(crate) anchor: Result<Certificate, TrustFault>,
    pub(crate) validity: StepResult,
    pub(crate) revocation: StepResult,
}

impl Chain {
    pub(crate) fn check(
        signed: &Signed,
        purpose: Purpose,
        anchors: &dyn TrustAnchors,
        now: Timestamp,
        options: &PathOptions,
    ) -> Self {
        let at = match options.validity_at {
            ValidityTime::Inspection => Ok(now),
            ValidityTime::Signing => signed.signing_time.ok_or(TrustFault::NoSigningTime),
        };
        let anchor = path::find_anchor(&signed.signer, anchors, purpose, at.unwrap_or(now));
        let found = anchor.as_ref().map_err(|fault| *fault);
        let validity = path::check_validity(&signed.signer, found, at);
        let revocation = match found {
            Ok(anchor) => revocation::check(&signed.signer, anchor, anchors, now, options).into(),
            Err(fault) => StepResult::Undetermined(fault),
        };
        Self {
            anchor,
            validity,
            revocation,
        }
    }
}
