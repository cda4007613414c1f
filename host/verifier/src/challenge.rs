//! Which challenge the chip should have signed, and what that says about when it did.

use chipgate_apdu::Timestamp;
use chipgate_inspection::{Freshness as Source, Report, offline_challenge};

use crate::receipt::{Flag, Freshness};
use crate::refusal::Refusal;
use crate::store::{Digest, Nonce, Store};
use crate::verifier::{Verifier, after, before};

/// The challenge that this report's chip should have signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    /// The challenge; none if nothing that this verifier issued leads to one.
    pub challenge: Option<Nonce>,
    /// The nonce that the report uses up.
    pub nonce: Option<Nonce>,
    /// Before this moment nobody knew the challenge.
    pub not_before: Option<Timestamp>,
    /// How fresh a right signature over it is.
    pub freshness: Freshness,
    /// What is odd about it.
    pub flags: Vec<Flag>,
}

impl Expected {
    const UNKNOWN: Self = Self {
        challenge: None,
        nonce: None,
        not_before: None,
        freshness: Freshness::NotShown,
        flags: Vec::new(),
    };
}

impl<S: Store> Verifier<S> {
    /// Finds the challenge: online a nonce of ours that no report has used, offline one made from a beacon of ours.
    pub(crate) async fn expected_challenge(
        &self,
        report: &Report,
        received: Timestamp,
    ) -> Result<Expected, Refusal> {
        match report.sender.freshness {
            Source::None => Ok(Expected::UNKNOWN),
            Source::Online { nonce } => self.online(report, nonce, received).await,
            Source::Offline { beacon } => self.offline(report, beacon, received).await,
        }
    }

    async fn online(&self, report: &Report, nonce: Nonce, received: Timestamp) -> Result<Expected, Refusal> {
        let issued = self
            .store
            .nonce(&report.sender.device, &nonce)
            .await?
            .ok_or(Refusal::NonceUnknown)?;
        if issued.used_by.is_some() {
            return Err(Refusal::NonceUsed);
        }
        // A report that waited for a connection is not lost: it is kept, and shown as late.
        let late = received > issued.expires_at;
        Ok(Expected {
            challenge: Some(nonce),
            nonce: Some(nonce),
            not_before: Some(issued.issued_at),
            freshness: Freshness::Online {
                issued: issued.issued_at.0,
            },
            flags: late.then_some(Flag::ChallengeLate).into_iter().collect(),
        })
    }

    async fn offline(
        &self,
        report: &Report,
        beacon: Digest,
        received: Timestamp,
    ) -> Result<Expected, Refusal> {
        let Some(issued) = self.store.beacon(&beacon).await? else {
            return Ok(Expected {
                flags: vec![Flag::BeaconUnknown],
                ..Expected::UNKNOWN
            });
        };
        let known = Expected {
            not_before: Some(issued.issued_at),
            ..Expected::UNKNOWN
        };
        let expires_at = after(issued.issued_at, self.limits.beacon_lifetime);
        if report.sender.time > expires_at {
            return Ok(Expected {
                flags: vec![Flag::BeaconOld],
                ..known
            });
        }
        // Only the gate says that the chip signed in time; the verifier saw the report when it was too late to know.
        let late = received > expires_at;
        Ok(Expected {
            challenge: Some(offline_challenge(
                &beacon,
                &report.sender.device,
                report.sender.sequence,
            )),
            freshness: Freshness::Offline {
                issued: issued.issued_at.0,
            },
            flags: late.then_some(Flag::ChallengeLate).into_iter().collect(),
            ..known
        })
    }

    /// The time at which certificates are judged: the inspection's, as far as this verifier's own times bear it
    /// out, else the time of receipt, and the flag that says so. Without a challenge of this verifier's only the
    /// receipt is known, and a gate could choose any time before it at which a certificate was still valid.
    pub(crate) fn judged_at(
        &self,
        made: Timestamp,
        expected: &Expected,
        received: Timestamp,
    ) -> (Timestamp, Option<Flag>) {
        let tolerance = self.limits.clock_tolerance;
        let earliest = before(expected.not_before.unwrap_or(received), tolerance);
        if (earliest..=after(received, tolerance)).contains(&made) {
            (made, None)
        } else {
            (received, Some(Flag::ClockDiffers))
        }
    }
}
