use alloc::vec::Vec;

use chipgate_apdu::Cancellation;
use chipgate_crypto::{ObjectIdentifier, Secret};
use chipgate_lds::MrzKey;

use crate::{
    ChipAuthenticationMapping, PasswordKind, PinRevival, TerminalBinding, pace::PaceOutcome,
    terminal_authentication::Identifiers,
};

/// How a chip was opened: only [`open`](crate::open) makes it, after the protocol has succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_field_names,
    reason = "CardAccess is the standard's name of the file"
)]
pub struct Access {
    pub(crate) protocol: AccessProtocol,
    pub(crate) password: PasswordKind,
    pub(crate) card_access: Option<Vec<u8>>,
    pub(crate) fell_back: bool,
    /// What the password says about the document, to which some chips bind terminal authentication: the document number with its
    /// check digit, or the CAN.
    pub(crate) static_identifier: Option<Secret>,
    /// What PACE left behind, if that opened it.
    pub(crate) pace: Option<PaceOutcome>,
}

impl Access {
    /// The protocol that opened the chip.
    #[must_use]
    pub const fn protocol(&self) -> &AccessProtocol {
        &self.protocol
    }

    /// The kind of password that opened it; without access control, of the one that would have.
    #[must_use]
    pub const fn password(&self) -> PasswordKind {
        self.password
    }

    /// The bytes of EF.CardAccess, if the chip has that file. They are unsigned: DG14 must agree.
    #[must_use]
    pub fn card_access(&self) -> Option<&[u8]> {
        self.card_access.as_deref()
    }

    /// Whether PACE was offered and failed, and BAC followed.
    #[must_use]
    pub const fn fell_back(&self) -> bool {
        self.fell_back
    }

    /// What the chip sent to authenticate itself, if it was opened by PACE with chip authentication mapping.
    #[must_use]
    pub fn chip_authentication_mapping(&self) -> Option<&ChipAuthenticationMapping> {
        self.pace.as_ref()?.chip_authentication.as_ref()
    }

    /// What terminal authentication binds to, given the reader's key of chip authentication: without one, that of PACE with
    /// chip authentication mapping. `None` if there is nothing.
    pub(crate) fn identifiers<'a>(
        &'a self,
        chip_authentication_key: Option<&'a [u8]>,
    ) -> Option<Identifiers<'a>> {
        let mapping_key = || {
            let pace = self.pace.as_ref()?;
            pace.chip_authentication
                .is_some()
                .then_some(&pace.terminal_key[..])
        };
        let terminal_key = chip_authentication_key.or_else(mapping_key)?;
        let dynamic = self
            .pace
            .iter()
            .map(|pace| (TerminalBinding::Dynamic, &pace.chip_identifier[..]));
        let fixed = self.static_identifier.iter();
        let fixed = fixed.map(|identifier| (TerminalBinding::Static, identifier.as_bytes()));
        Some(Identifiers {
            chip: dynamic.chain(fixed).collect(),
            terminal_key,
        })
    }
}

/// An access protocol, as it was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessProtocol {
    /// None: the chip gives its files to everyone (Doc 9303-11, 4.1, note 1), in plain.
    None,
    /// Basic access control (Doc 9303-11, 4.3).
    Bac,
    /// PACE (Doc 9303-11, 4.4).
    Pace {
        /// The variant, such as id-PACE-ECDH-GM-AES-CBC-CMAC-128.
        protocol: ObjectIdentifier,
        /// The standardised domain parameters (Doc 9303-11, 9.5.1).
        parameter_id: u8,
    },
}

/// How a chip is opened and read.
#[derive(Debug, Clone)]
pub struct AccessOptions {
    /// Whether BAC follows a PACE that failed. Off by default: whoever stands between reader and card could make PACE
    /// fail.
    pub fall_back_to_bac: bool,
    /// The only PACE protocol to take, such as id-PACE-ECDH-IM-AES-CBC-CMAC-128; by default the strongest that the chip
    /// offers: by cipher, then by group, then chip authentication mapping before the generic and the integrated one.
    pub pace_protocol: Option<ObjectIdentifier>,
    /// What opens a chip that offers no PACE where the password is one for PACE alone, such as a CAN. It is never used
    /// on a chip that offers PACE.
    pub bac_key: Option<MrzKey>,
    /// What makes a PIN usable again before it opens the chip; it counts for a PIN alone.
    pub pin_revival: Option<PinRevival>,
    /// Whether extended length fields are tried, where the reader carries them. On by default.
    pub extended_length: bool,
    /// Whether files are read by their short identifiers, which saves a SELECT each. On by default.
    pub short_identifiers: bool,
    /// The longest file that is read, in bytes; 1 MiB by default. Files without pictures are never longer than 32 KiB.
    pub longest_file: usize,
    /// Ends what runs before its next command ([`ChipError::Cancelled`](crate::ChipError::Cancelled)).
    pub cancellation: Cancellation,
}

impl Default for AccessOptions {
    fn default() -> Self {
        Self {
            fall_back_to_bac: false,
            pace_protocol: None,
            bac_key: None,
            pin_revival: None,
            extended_length: true,
            short_identifiers: true,
            longest_file: 1 << 20,
            cancellation: Cancellation::new(),
        }
    }
}
