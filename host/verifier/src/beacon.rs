//! The beacon: the verifier's signed time and randomness, renewed each minute when someone asks.

use chipgate_inspection::{Beacon, beacon_hash};

use crate::error::VerifierError;
use crate::store::{IssuedBeacon, Store};
use crate::verifier::{Verifier, after};

impl<S: Store> Verifier<S> {
    /// The beacon of this minute. Each is kept, so that challenges made from it can be recomputed.
    pub(crate) async fn current_beacon(&self) -> Result<IssuedBeacon, VerifierError> {
        let now = self.now();
        if let Some(newest) = self.store.newest_beacon().await? {
            let fresh = newest.issued_at <= now && now < after(newest.issued_at, self.limits.beacon_period);
            if fresh {
                return Ok(newest);
            }
        }
        let beacon = Beacon {
            time: now,
            random: self.random(),
            checkpoint: None,
        };
        let signed = beacon
            .sign(&self.key)
            .map_err(|_| VerifierError::Signing { what: "a beacon" })?;
        let issued = IssuedBeacon {
            hash: beacon_hash(&signed),
            signed,
            issued_at: now,
        };
        self.store.add_beacon(&issued).await?;
        Ok(issued)
    }
}
