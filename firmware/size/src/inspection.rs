//! The inspection, in the order in which a gate carries it out, as far as the features have it.

use chipgate_chip::{AccessOptions, Password, open};
use chipgate_crypto::Secret;
use chipgate_lds::MrzKey;
use rand_core::Rng;

use crate::{
    block_on,
    measure::measured,
    recording::{OPENER, Opener},
    replay::{Replay, ReplayChannel, ReplayRng},
};

/// Every step must succeed, and the verdict be the recording's; else the name of the step that did not.
pub(crate) fn inspect(replay: &Replay) -> Result<(), &'static str> {
    let mut rng = ReplayRng(replay);
    let mut challenge = [0; 8];
    rng.fill_bytes(&mut challenge);
    let now = replay.now();
    let password = password().ok_or("password")?;
    let options = AccessOptions::default();
    let session = measured("access", || {
        block_on(open(ReplayChannel(replay), &password, &options, &mut rng))
    });
    let session = session.map_err(|_| "access")?;
    #[cfg(not(feature = "files"))]
    let _ = (session, now);
    #[cfg(feature = "files")]
    crate::document::check(session, &mut rng, challenge, now)?;
    Ok(())
}

fn password() -> Option<Password> {
    match OPENER {
        Opener::Can(digits) => Some(Password::Can(Secret::new(digits.as_bytes()))),
        Opener::Mrz(number, birth, expiry) => MrzKey::new(number, birth, expiry).ok().map(Password::Mrz),
    }
}
