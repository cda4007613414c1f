//! Going on with a card that was lost in the middle and came back.

use alloc::vec::Vec;
use core::fmt;

use chipgate_apdu::Channel;
use chipgate_lds::File;
use rand_core::CryptoRng;

use crate::{
    Access, AccessOptions, CardDifference, ChipError, PartialFile, Password, PinRevival, ReadOutcome,
    Session, open::open_if,
};

/// Where a session ended, and on which card. What it read does not appear in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Interrupted {
    card_access: Option<Vec<u8>>,
    security_object: Option<Vec<u8>>,
    partial: Option<PartialFile>,
}

impl Interrupted {
    /// The card that was opened in this way, with its EF.SOD once that was read, and the file that was on its way
    /// ([`Session::take_partial`]).
    ///
    /// As long as EF.SOD is not known nothing tells one card from another of the same kind, so that what came of a file
    /// until then is not gone on with.
    #[must_use]
    pub fn new(access: &Access, security_object: Option<&[u8]>, partial: Option<PartialFile>) -> Self {
        Self {
            card_access: access.card_access().map(<[u8]>::to_vec),
            security_object: security_object.map(<[u8]>::to_vec),
            partial: partial.filter(|_| security_object.is_some()),
        }
    }

    /// The file that was on its way, and how many of its bytes have come.
    #[must_use]
    pub fn partial(&self) -> Option<(File, usize)> {
        self.partial
            .as_ref()
            .map(|partial| (partial.file(), partial.read()))
    }
}

impl fmt::Debug for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interrupted")
            .field("partial", &self.partial())
            .finish_non_exhaustive()
    }
}

/// Opens a card that came back, and makes sure that it is the one that was lost: its EF.CardAccess and, once it was
/// read, its EF.SOD must be the same to the byte ([`ChipError::AnotherCard`]). The file that was on its way is then
/// read on where it stopped.
///
/// Whatever the chip had proven counts no more: no one knows where the card was meanwhile.
pub async fn resume<C: Channel>(
    channel: C,
    password: &Password,
    options: &AccessOptions,
    interrupted: &Interrupted,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Session<C>, ChipError> {
    let is_the_card = |card_access: Option<&[u8]>| card_access == interrupted.card_access.as_deref();
    let mut options = options.clone();
    options.pin_revival = options.pin_revival.filter(PinRevival::is_repeatable);
    let mut session = open_if(channel, password, &options, is_the_card, rng)
        .await
        .map_err(|error| match error {
            ChipError::NoTravelDocument => another(CardDifference::Kind),
            ChipError::WrongPassword { .. } => another(CardDifference::Password),
            error => error,
        })?;
    if let Some(expected) = &interrupted.security_object {
        match session.read_file(File::Sod, &mut |_| {}).await? {
            ReadOutcome::Read(found) if found == *expected => {}
            _ => return Err(another(CardDifference::SecurityObject)),
        }
    }
    session.go_on_with(interrupted.partial.clone());
    Ok(session)
}

const fn another(by: CardDifference) -> ChipError {
    ChipError::AnotherCard { by }
}
