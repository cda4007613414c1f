//! A recording in place of a chip.

use std::path::Path;

use chipgate_chip::Password;
use chipgate_crypto::{ObjectIdentifier, Secret};
use chipgate_gate::ChainPosition;
use chipgate_inspection::Freshness;
use chipgate_lds::oid;
use chipgate_recording::{Replay, ReplayChannel, ReplayClock, ReplayRng};

use super::context::{COMMAND, FALL_BACK, PACE, Purpose, RecordedContext, TERMINAL, YES};
use crate::{
    cli_error::CliError,
    source::{Opening, PasswordArguments, Print, parse_mrz, parse_qr},
};

/// A recording that is being replayed.
pub(crate) struct Replaying {
    replay: Replay,
    pub(crate) channel: ReplayChannel,
    pub(crate) rng: ReplayRng,
    pub(crate) clock: ReplayClock,
}

impl Replaying {
    /// Opens a recording that this command made. Another one's would go another way, for no fault of anyone.
    pub(crate) fn open(file: &Path, purpose: Purpose) -> Result<Self, CliError> {
        let recording = chipgate_recording::Recording::read(file)?;
        match recording.header.get(COMMAND) {
            Some(made_by) if made_by != purpose.name() => return Err(made_for_another(file, made_by)),
            _ => {} // older ones don't say
        }
        let replay = Replay::new(recording);
        let (channel, rng, clock) = (replay.channel(), replay.rng(), replay.clock());
        Ok(Self {
            replay,
            channel,
            rng,
            clock,
        })
    }

    /// The replay itself, which tells at the end whether it went the way of the recording.
    pub(crate) fn replay(&self) -> Replay {
        self.replay.clone()
    }

    /// The password that was given now, else the recorded one.
    pub(crate) fn opening(&self, given: &PasswordArguments) -> Result<Opening, CliError> {
        if let Some(opening) = given.given()? {
            return Ok(opening);
        }
        let header = self.replay.header();
        let unusable = |what| move |error| CliError::Mrz { what, error };
        let zone = header.get("mrz").map(parse_mrz).transpose();
        let printed = if let Some(zone) = zone.map_err(unusable("the recording's mrz"))? {
            Some(Print::Zone(zone))
        } else {
            let code = header.get("qr").map(parse_qr).transpose();
            code.map_err(unusable("the recording's qr"))?
        };
        let secret = |name: &str| header.get(name).map(|text| Secret::new(text.as_bytes()));
        let password = if let Some(can) = secret("can") {
            Password::Can(can)
        } else if let Some(pin) = secret("pin") {
            Password::Pin(pin)
        } else if let Some(puk) = secret("puk") {
            Password::Puk(puk)
        } else if let Some(key) = header.get("mrz-key") {
            Password::Mrz(key_of(key)?)
        } else {
            return Err(CliError::Usage(
                "the recording keeps no password: give --can, --mrz or --qr".to_owned(),
            ));
        };
        Ok(Opening {
            password,
            pin_revival: None,
            printed,
        })
    }

    /// The PACE protocol that was asked for.
    pub(crate) fn pace(&self) -> Option<ObjectIdentifier> {
        oid::pace_protocol(self.replay.header().get(PACE)?)
    }

    /// Whether BAC was allowed after a failed PACE.
    pub(crate) fn fall_back_to_bac(&self) -> bool {
        self.replay.header().get(FALL_BACK) == Some(YES)
    }

    /// A terminal that was proven must be there again: its signature is no part of the recording's secrets.
    pub(crate) fn check_terminal(&self, given: bool) -> Result<(), CliError> {
        if given || self.replay.header().get(TERMINAL).is_none() {
            return Ok(());
        }
        Err(CliError::Usage(
            "the recording proves a terminal to the chip: name its folder with --terminal".to_owned(),
        ))
    }

    /// What it keeps of a report; `None` if the inspection was not reported.
    pub(crate) fn context(&self) -> Option<RecordedContext> {
        let header = self.replay.header();
        let bytes = |name: &str| header.get(name).and_then(|text| hex::decode(text).ok());
        let freshness = match header.get("freshness")? {
            "online" => Freshness::Online {
                nonce: bytes("nonce")?.try_into().ok()?,
            },
            "offline" => Freshness::Offline {
                beacon: bytes("beacon")?.try_into().ok()?,
            },
            _ => Freshness::None,
        };
        let position = ChainPosition {
            sequence: header.get("sequence")?.parse().ok()?,
            previous: bytes("previous").and_then(|hash| hash.try_into().ok()),
        };
        Some(RecordedContext {
            position,
            freshness,
            challenge: bytes("challenge").and_then(|c| c.try_into().ok()),
        })
    }
}

fn made_for_another(file: &Path, made_by: &str) -> CliError {
    let file = file.display();
    let advice = match made_by {
        "read" => format!(
            "write its files with `chipgate read --replay {file} --out DIR`, then `chipgate inspect --files DIR`"
        ),
        "inspect" => {
            format!("`chipgate inspect --replay {file}` replays it, `chipgate record show` lists its files")
        }
        _ => "a newer version of this program replays it".to_owned(),
    };
    CliError::Usage(format!(
        "{file} was recorded by `chipgate {made_by}`, which asks other things of the chip: {advice}"
    ))
}

/// Document number, date of birth and date of expiry out of the MRZ information, whose last 14 characters are the
/// dates with their check digits.
fn key_of(information: &str) -> Result<chipgate_lds::MrzKey, CliError> {
    let broken = || CliError::Usage("the recording's mrz-key is none".to_owned());
    let split = information
        .len()
        .checked_sub(14)
        .filter(|_| information.is_ascii())
        .ok_or_else(broken)?;
    let (number, dates) = information.split_at(split);
    let number = number.get(..number.len().saturating_sub(1)).ok_or_else(broken)?;
    let (birth, expiry) = (
        dates.get(..6).ok_or_else(broken)?,
        dates.get(7..13).ok_or_else(broken)?,
    );
    let key = chipgate_lds::MrzKey::new(number.trim_end_matches('<'), birth, expiry);
    key.map_err(|error| CliError::Mrz {
        what: "the recording's mrz-key",
        error,
    })
}
