//! A PIN that was tried too often, made usable again before it opens the chip.
//!
//! Before the last try a PIN is suspended, and the CAN resumes it within its session: PACE with the PIN follows inside the
//! secure messaging of PACE with the CAN. After that try it is blocked, and the PUK unblocks it for good: PACE with the PIN
//! then follows a reset, as a session of its own (TR-03110-2, 3.3).

use chipgate_apdu::{Channel, Command, StatusWord};
use chipgate_crypto::Secret;
use rand_core::CryptoRng;

use crate::{
    ChipError, Password, Step,
    connection::Connection,
    pace::{self, PaceOutcome},
    pace_variant::Variant,
};

/// What makes a PIN usable again.
#[derive(Debug, Clone)]
pub enum PinRevival {
    /// The CAN resumes a suspended PIN: its last try may be used.
    Can(Secret),
    /// The PUK gives a PIN all its tries back. A chip takes it a few times only, and counts right ones, too.
    Puk(Secret),
}

impl PinRevival {
    fn password(&self) -> Password {
        match self {
            Self::Can(characters) => Password::Can(characters.clone()),
            Self::Puk(characters) => Password::Puk(characters.clone()),
        }
    }

    /// Whether it may be given again after the card was lost: each use of a PUK counts, and its effect lasts.
    pub(crate) const fn is_repeatable(&self) -> bool {
        matches!(self, Self::Can(_))
    }
}

/// PACE with the password; where it is a PIN and something revives it, after PACE with that.
pub(crate) async fn authenticate<C: Channel>(
    connection: &mut Connection<C>,
    variant: &Variant,
    password: &Password,
    revival: Option<&PinRevival>,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<PaceOutcome, ChipError> {
    if let (Password::Pin(_), Some(revival)) = (password, revival) {
        pace::authenticate(connection, variant, &revival.password(), rng).await?;
        if matches!(revival, PinRevival::Puk(_)) {
            unblock(connection).await?;
        }
    }
    pace::authenticate(connection, variant, password, rng).await
}

/// RESET RETRY COUNTER without data unblocks the PIN (TR-03110-3, B.7.1); what follows is a new session.
async fn unblock<C: Channel>(connection: &mut Connection<C>) -> Result<(), ChipError> {
    let step = Step::ResetRetryCounter;
    let status = connection
        .send(step, &Command::new(0x00, 0x2C, 0x03, 0x03))
        .await?
        .status;
    match status {
        StatusWord::SUCCESS => connection.restart(step).await,
        status => Err(ChipError::Protocol { step, status }),
    }
}
