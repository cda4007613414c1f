//! `chip-access`, `card-access-agreement`, `terminal-authentication`.

use chipgate_chip::{AccessProtocol, ChipError, TerminalAuthentication};
use chipgate_lds::{File, SecurityInfos, parse_card_access};

use crate::checks::chip_authenticity::refused;
use crate::found::{Found, not_verified};
use crate::observations::{AccessObservation, FileObservation, Files, Observations};
use crate::proofs::{Group, Proofs};
use crate::reason::Reason;

/// The chip was opened: an [`Access`](chipgate_chip::Access) exists only after BAC or PACE succeeded, or where
/// the chip gives its files to everyone (Doc 9303-11, 4.1, note 1).
pub(crate) fn chip_access(observation: AccessObservation<'_>) -> Found {
    let AccessObservation::Opened(access) = observation else {
        return Found::undetermined(Reason::NoChipPresent);
    };
    let found = if access.fell_back() {
        Found::successful_although(Reason::FellBackToBac)
    } else {
        Found::successful()
    };
    let protocol = match access.protocol() {
        AccessProtocol::None => return Found::successful_although(Reason::NoAccessControl),
        AccessProtocol::Bac => "BAC",
        AccessProtocol::Pace { .. } => "PACE",
    };
    found.about(format_args!("{protocol} with {}", access.password().name()))
}

/// EF.CardAccess as the check takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CardAccess<'a> {
    /// The file.
    Read(&'a [u8]),
    /// The chip has none.
    Absent,
    /// Nobody looked.
    NotRead,
}

impl<'a> CardAccess<'a> {
    /// What opened the chip counts; without a chip, what lies among the files.
    pub(crate) fn of(observations: &Observations<'a>) -> Self {
        match observations.access {
            AccessObservation::Opened(access) => access.card_access().map_or(Self::Absent, Self::Read),
            AccessObservation::FilesOnly => Self::among(observations.files),
        }
    }

    fn among(files: &'a Files) -> Self {
        match files.get(File::CardAccess) {
            Some(FileObservation::Read(bytes)) => Self::Read(bytes),
            Some(FileObservation::NotFound) => Self::Absent,
            Some(FileObservation::Denied | FileObservation::Unreadable) | None => Self::NotRead,
        }
    }
}

/// DG14 repeats what EF.CardAccess says, since that one is unsigned (Doc 9303-11, 4.4.4 and 9.2): whoever changed it
/// could have weakened PACE, and whoever hid it, or what it offers, could have forced BAC. So nothing may stand in one
/// alone that PACE goes by.
pub(crate) fn card_access_agreement(card_access: CardAccess<'_>, proofs: &Proofs<'_>) -> Found {
    let unsigned = match card_access {
        CardAccess::Read(bytes) => match parse_card_access(bytes) {
            Ok(infos) => Some(infos),
            Err(error) => return Found::failed(Reason::CardAccessUnreadable).about(error),
        },
        CardAccess::Absent | CardAccess::NotRead => None,
    };
    match (unsigned, proofs.dg14()) {
        (_, Group::Unproven) => not_verified(),
        (Some(unsigned), Group::Verified(Ok(signed))) => compare(&unsigned, &signed),
        (None, _) if card_access == CardAccess::NotRead => nothing_to_compare(),
        (None, Group::Verified(Ok(signed))) if offers_pace(&signed) => withheld(),
        (None, Group::Verified(Ok(_)) | Group::NotListed) => Found::not_supported(Reason::NoCardAccess),
        _ => nothing_to_compare(),
    }
}

/// Everything in EF.CardAccess is signed, and every offer of PACE that is signed is in EF.CardAccess.
fn compare(unsigned: &SecurityInfos, signed: &SecurityInfos) -> Found {
    if offers_pace(signed) && !offers_pace(unsigned) {
        return withheld();
    }
    let mut offers = signed.all().iter().filter(|info| info.is_about_pace());
    if signed.contains(unsigned) && offers.all(|offer| unsigned.all().contains(offer)) {
        Found::successful()
    } else {
        Found::failed(Reason::CardAccessDiffers)
    }
}

/// The signed data offer PACE, and the chip does not.
fn withheld() -> Found {
    Found::failed(Reason::CardAccessWithheld)
}

fn offers_pace(signed: &SecurityInfos) -> bool {
    !signed.pace().is_empty()
}

fn nothing_to_compare() -> Found {
    Found::undetermined(Reason::NothingToCompareWith)
}

/// The terminal proved itself to the chip, so that it gives fingerprints and irises (Doc 9303-11, 7.1). What a chip refuses
/// speaks of the terminal's certificates as well as of the chip.
pub(crate) fn terminal_authentication(run: Option<Result<&TerminalAuthentication, &ChipError>>) -> Found {
    match run {
        None => Found::undetermined(Reason::TerminalAuthenticationNotTried),
        Some(Ok(proof)) => {
            Found::successful().about(format_args!("{} under {}", proof.holder(), proof.authority()))
        }
        Some(Err(error @ ChipError::NoCertificateChain { .. })) => {
            Found::undetermined(Reason::NoTerminalCertificates).about(error)
        }
        Some(Err(error @ ChipError::TerminalCertificateRefused { .. })) => {
            Found::failed(Reason::TerminalCertificateRefused).about(error)
        }
        Some(Err(error)) => refused(error, Found::failed(Reason::TerminalAuthenticationFailed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use chipgate_lds::{PaceInfo, SecurityInfo, encode_card_access, oid};

    const WEAK: PaceInfo = PaceInfo {
        protocol: oid::id_PACE_ECDH_GM_3DES_CBC_CBC,
        version: 2,
        parameter_id: Some(12),
    };
    const STRONG: PaceInfo = PaceInfo {
        protocol: oid::id_PACE_ECDH_GM_AES_CBC_CMAC_256,
        version: 2,
        parameter_id: Some(16),
    };

    fn offering(offers: &[PaceInfo]) -> SecurityInfos {
        let infos: Vec<_> = offers.iter().cloned().map(SecurityInfo::Pace).collect();
        parse_card_access(&encode_card_access(&infos)).unwrap()
    }

    #[test]
    fn a_card_access_that_drops_the_stronger_offer_differs() {
        let signed = offering(&[WEAK, STRONG]);
        assert_eq!(compare(&offering(&[STRONG, WEAK]), &signed), Found::successful());
        for fewer in [[WEAK], [STRONG]] {
            let found = compare(&offering(&fewer), &signed);
            assert_eq!(found, Found::failed(Reason::CardAccessDiffers));
        }
    }

    #[test]
    fn a_card_access_without_any_of_the_signed_offers_withholds_them() {
        let found = compare(&offering(&[]), &offering(&[STRONG]));
        assert_eq!(found, Found::failed(Reason::CardAccessWithheld));
        assert_eq!(compare(&offering(&[]), &offering(&[])), Found::successful());
        let found = compare(&offering(&[WEAK]), &offering(&[]));
        assert_eq!(found, Found::failed(Reason::CardAccessDiffers));
    }
}
