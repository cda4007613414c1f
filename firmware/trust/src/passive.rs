//! Passive authentication (Doc 9303-11, 5.1).

use alloc::vec::Vec;
use core::ops::Deref;

use chipgate_apdu::Timestamp;
use chipgate_lds::{LdsError, LdsSecurityObject, parse_sod};
use der::asn1::ObjectIdentifier;

use crate::anchors::TrustAnchors;
use crate::authentication::Authentication;
use crate::defect_list::KnownDefect;
use crate::fault::{StepResult, TrustFault};
use crate::path::{PathOptions, Purpose};
use crate::signed_data::SignedData;
use crate::signed_object::Asked;
use crate::verified::{SecurityObject, SelfConsistent};
use crate::{ber, oid, signed_object};

/// What passive authentication of an EF.SOD came to, step by step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassiveAuthentication {
    authentication: Authentication<SecurityObject>,
    self_consistent: Option<SelfConsistent>,
    defects: Vec<KnownDefect>,
}

impl PassiveAuthentication {
    /// Whether EF.SOD is well-formed and its signature holds under its signer's certificate.
    pub const fn security_object(&self) -> StepResult {
        self.authentication.signature()
    }

    /// `countryName` of the signer's certificate, in upper case, if the path holds.
    pub fn issuing_state(&self) -> Option<&str> {
        self.verified()
            .and_then(|object| object.get().signer.subject().country())
    }

    /// What can be held against the data even where there is no path.
    pub const fn self_consistent(&self) -> Option<&SelfConsistent> {
        self.self_consistent.as_ref()
    }

    /// What is known to be wrong with the documents of the signer that EF.SOD names.
    pub fn defects(&self) -> &[KnownDefect] {
        &self.defects
    }

    fn unsigned(fault: TrustFault, signer: Option<crate::Certificate>) -> Self {
        Self {
            authentication: Authentication::unsigned(fault, signer),
            self_consistent: None,
            defects: Vec::new(),
        }
    }
}

impl Deref for PassiveAuthentication {
    type Target = Authentication<SecurityObject>;

    fn deref(&self) -> &Self::Target {
        &self.authentication
    }
}

/// What EF.SOD's content says of itself: id-icao-ldsSecurityObject (Doc 9303-10, 4.6.2.3), one of its two older identifiers,
/// or, in Chinese passports, plain data. The content must parse as an LDSSecurityObject whichever it is, and the signed
/// attributes must name the same type.
const SECURITY_OBJECT_TYPES: [ObjectIdentifier; 4] = [
    oid::ID_ICAO_LDS_SECURITY_OBJECT,
    oid::ID_ICAO_LDS_SECURITY_OBJECT_FORMER,
    oid::ID_SDU_LDS_SECURITY_OBJECT,
    oid::ID_DATA,
];

/// Checks EF.SOD as it was read from the chip: Doc 9303-11, 5.1, steps 1 to 3. Step 4, the digests of the data
/// groups, is [`Verified::data_group`](crate::Verified::data_group).
pub fn authenticate_security_object(
    sod: &[u8],
    anchors: &dyn TrustAnchors,
    now: Timestamp,
    options: &PathOptions,
) -> PassiveAuthentication {
    let found = authenticate(sod, anchors, now, options);
    let defects = found.signer().map(|signer| anchors.defects(signer));
    PassiveAuthentication {
        defects: defects.unwrap_or_default(),
        ..found
    }
}

fn authenticate(
    sod: &[u8],
    anchors: &dyn TrustAnchors,
    now: Timestamp,
    options: &PathOptions,
) -> PassiveAuthentication {
    let Some(der) = parse_sod(sod).ok().and_then(ber::to_der) else {
        return PassiveAuthentication::unsigned(TrustFault::Unreadable, None);
    };
    let cms = match SignedData::from_der(&der) {
        Ok(cms) => cms,
        Err(fault) => return PassiveAuthentication::unsigned(fault, None),
    };
    let asked = Asked {
        content_types: &SECURITY_OBJECT_TYPES,
        purpose: Purpose::Documents,
        anchors,
        now,
        options,
    };
    let mut listed = None;
    let read = |content: &[u8]| {
        let lds = LdsSecurityObject::parse(content).map_err(|error| meaning(&error))?;
        options.check_hash(lds.hash)?;
        listed = Some(lds.clone());
        Ok(lds)
    };
    let authentication =
        signed_object::authenticate(&cms, &asked, read, |lds, signed, issuers| SecurityObject {
            lds,
            anchor: issuers.last().unwrap_or(&signed.signer).clone(),
            signer: signed.signer,
            signing_time: signed.signing_time,
        });
    PassiveAuthentication {
        authentication,
        self_consistent: listed.map(SelfConsistent::new),
        defects: Vec::new(),
    }
}

fn meaning(error: &LdsError) -> TrustFault {
    match error {
        LdsError::Unsupported { .. } => TrustFault::UnsupportedAlgorithm,
        _ => TrustFault::ContentUnreadable,
    }
}
