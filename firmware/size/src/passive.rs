//! Passive authentication (Doc 9303-11, 5.1), with the anchors of the recordings.

use chipgate_apdu::Timestamp;
use chipgate_lds::File;
use chipgate_trust::{
    CardSecurityAuthentication, Certificate, MemoryAnchors, PassiveAuthentication, PathOptions,
    RevocationList, TrustAnchor, authenticate_card_security, authenticate_security_object,
};

use crate::{
    document::Document,
    measure::measured,
    recording::{CERTIFICATES, REVOCATION_LISTS},
};

/// What the issuer signed.
pub(crate) struct Signed {
    pub(crate) object: PassiveAuthentication,
    /// Where the chip was asked for EF.CardSecurity.
    pub(crate) card_security: Option<CardSecurityAuthentication>,
}

/// EF.SOD and EF.CardSecurity must be the issuer's, and the data groups those that EF.SOD lists.
pub(crate) fn authenticate(document: &Document<'_>, now: Timestamp) -> Result<Signed, &'static str> {
    let anchors = measured("anchors", anchors).ok_or("anchors")?;
    measured("passive-authentication", || {
        signed(document, &anchors, now).ok_or("passive-authentication")
    })
}

fn signed(document: &Document<'_>, anchors: &MemoryAnchors, now: Timestamp) -> Option<Signed> {
    let options = PathOptions::default();
    let found = authenticate_security_object(document.bytes(File::Sod)?, anchors, now, &options);
    let object = found.verified()?;
    for (file, bytes) in &document.files {
        if let File::DataGroup(group) = file {
            object.data_group(*group, bytes).ok()?;
        }
    }
    let card_security = document.bytes(File::CardSecurity);
    let card_security = card_security.map(|file| authenticate_card_security(file, anchors, now, &options));
    if card_security
        .as_ref()
        .is_some_and(|found| found.verified().is_none())
    {
        return None;
    }
    Some(Signed {
        object: found,
        card_security,
    })
}

/// A certificate that names itself as its issuer is an anchor, each other one is only known.
fn anchors() -> Option<MemoryAnchors> {
    let mut anchors = MemoryAnchors::new();
    for der in CERTIFICATES {
        let certificate = Certificate::from_der(der).ok()?;
        if certificate.is_self_issued() {
            anchors.add(TrustAnchor::new(certificate).ok()?);
        } else {
            anchors.add_known(certificate);
        }
    }
    for der in REVOCATION_LISTS {
        anchors.add_revocation(RevocationList::from_der(der).ok()?);
    }
    Some(anchors)
}
