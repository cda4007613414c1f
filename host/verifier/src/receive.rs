//! Receiving a report, step by step.

use std::sync::Arc;

use chipgate_crypto::PublicKey;
use chipgate_inspection::{SignedReport, VerifiedReport};
use serde::Serialize;

use crate::error::VerifierError;
use crate::receipt::Receipt;
use crate::refusal::Refusal;
use crate::store::{Acceptance, Device, Store};
use crate::verifier::Verifier;

/// Whether a report is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Status {
    /// It is, and is kept.
    Accepted,
    /// The same bytes came before.
    AlreadyKnown,
}

impl<S: Store> Verifier<S> {
    /// Checks a report and keeps it. What comes back is what the device is answered.
    pub(crate) async fn receive(self: &Arc<Self>, bytes: Vec<u8>) -> Result<(Status, Receipt), Refusal> {
        // 1. Whose report is it, and is it theirs? Nothing in it counts before that.
        let signed = SignedReport::decode(&bytes)?;
        let device = self.active_device(signed.claimed_device()).await?;
        let report = signed.verify(&device_key(&device)?)?;

        // 2. Did it come before?
        if let Some(known) = self.known(&report).await? {
            return Ok(known);
        }

        // 3. Which challenge should the chip have signed?
        let received = self.now();
        let expected = self.expected_challenge(report.report(), received).await?;

        // 4. Check the evidence again. That is computing, not waiting: it has threads of its own.
        let this = Arc::clone(self);
        let checking = tokio::task::spawn_blocking(move || this.check_again(&report, &expected, received));
        let new = checking.await.map_err(|_| VerifierError::Interrupted)??;

        // 5. Keep it, or find that another report was faster.
        match self.store.accept(new).await? {
            Acceptance::Stored(receipt) => Ok((Status::Accepted, receipt)),
            Acceptance::AlreadyKnown(receipt) => Ok((Status::AlreadyKnown, receipt)),
            Acceptance::IdConflict => Err(Refusal::IdConflict),
            Acceptance::SequenceRepeated => Err(Refusal::SequenceRepeated),
            Acceptance::NonceUsed => Err(Refusal::NonceUsed),
        }
    }

    async fn known(&self, report: &VerifiedReport) -> Result<Option<(Status, Receipt)>, Refusal> {
        match self.store.receipt(&report.report().sender.id).await? {
            None => Ok(None),
            Some((digest, receipt)) if digest == report.hash() => Ok(Some((Status::AlreadyKnown, receipt))),
            Some(_) => Err(Refusal::IdConflict),
        }
    }
}

fn device_key(device: &Device) -> Result<PublicKey, VerifierError> {
    PublicKey::from_spki_der(&device.public_key).map_err(|_| VerifierError::Corrupt {
        what: "public key of a device",
    })
}
