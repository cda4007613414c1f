//! `chip-access`, `card-access-agreement`, `terminal-authentication`.

use chipgate_chip::AccessProtocol;
use chipgate_lds::{File, SecurityInfos, parse_card_access};

use crate::found::{Found, not_verified};
use crate::observations::{AccessObservation, FileObservation, Files, Observations};
use crate::proofs::{Group, Proofs};
use crate::reason::Reason;

/// The chip was opened: an [`Access`](chipgate_chip::Access) exists only after BAC or PACE succeeded.
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
/// could have weakened PACE, and whoever hid it could have forced BAC.
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
        (Some(unsigned), Group::Verified(Ok(signed))) if signed.contains(&unsigned) => Found::successful(),
        (Some(_), Group::Verified(Ok(_))) => Found::failed(Reason::CardAccessDiffers),
        (None, _) if card_access == CardAccess::NotRead => nothing_to_compare(),
        (None, Group::Verified(Ok(signed))) if offers_pace(&signed) => {
            Found::failed(Reason::CardAccessWithheld)
        }
        (None, Group::Verified(Ok(_)) | Group::NotListed) => Found::not_supported(Reason::NoCardAccess),
        _ => nothing_to_compare(),
    }
}

fn offers_pace(signed: &SecurityInfos) -> bool {
    !signed.pace().is_empty()
}

fn nothing_to_compare() -> Found {
    Found::undetermined(Reason::NothingToCompareWith)
}

/// Fingerprints and irises are not read, so the terminal does not prove itself.
pub(crate) fn terminal_authentication() -> Found {
    Found::undetermined(Reason::TerminalAuthenticationNotTried)
}
