//! EF.CardSecurity (Doc 9303-11, 9.2.11; TR-03110-3, A.1.2.5): the chip's SecurityInfos, signed as EF.SOD is.

use alloc::vec::Vec;

use chipgate_apdu::Timestamp;
use chipgate_lds::{ChipAuthenticationPublicKeyInfo, SecurityInfos, parse_card_security};

use crate::anchors::TrustAnchors;
use crate::authentication::Authentication;
use crate::certificate::Certificate;
use crate::fault::TrustFault;
use crate::path::{PathOptions, Purpose};
use crate::signed_data::SignedData;
use crate::signed_object::{Asked, authenticate};
use crate::verified::Verified;
use crate::{ber, oid};

/// What EF.CardSecurity says, and who says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardSecurity {
    /// The chip's protocols and keys; EF.CardAccess must be among them.
    pub security_infos: SecurityInfos,
    /// The document signer's certificate.
    pub signer: Certificate,
    /// The CSCA certificate that the path starts from.
    pub anchor: Certificate,
    /// When it was signed, if that is among the signed attributes.
    pub signing_time: Option<Timestamp>,
}

/// What the check of an EF.CardSecurity came to, step by step.
pub type CardSecurityAuthentication = Authentication<CardSecurity>;

impl Verified<CardSecurity> {
    /// The static public keys of the chip, as the issuer signed them: those that PACE with chip authentication mapping and
    /// chip authentication must prove.
    pub fn chip_authentication_keys(&self) -> Vec<ChipAuthenticationPublicKeyInfo> {
        self.get().security_infos.chip_authentication_keys()
    }
}

/// Checks EF.CardSecurity as it was read from the chip.
pub fn authenticate_card_security(
    file: &[u8],
    anchors: &dyn TrustAnchors,
    now: Timestamp,
    options: &PathOptions,
) -> CardSecurityAuthentication {
    let Some(der) = parse_card_security(file).ok().and_then(ber::to_der) else {
        return Authentication::unsigned(TrustFault::Unreadable, None);
    };
    let cms = match SignedData::from_der(&der) {
        Ok(cms) => cms,
        Err(fault) => return Authentication::unsigned(fault, None),
    };
    let asked = Asked {
        content_types: &[oid::ID_SECURITY_OBJECT],
        purpose: Purpose::Documents,
        anchors,
        now,
        options,
    };
    authenticate(
        &cms,
        &asked,
        |content| SecurityInfos::parse(content).map_err(|_| TrustFault::ContentUnreadable),
        |security_infos, signed, issuers| CardSecurity {
            security_infos,
            anchor: issuers.last().unwrap_or(&signed.signer).clone(),
            signer: signed.signer,
            signing_time: signed.signing_time,
        },
    )
}
