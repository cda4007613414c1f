//! The verifier itself, without HTTP: what it holds and the small things it hands out.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chipgate_apdu::{Clock, Timestamp};
use chipgate_crypto::PublicKey;
use chipgate_inspection::{Policy, Signer as _, SoftwareSigner};
use chipgate_trust::TrustAnchors;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::error::VerifierError;
use crate::pseudonym::Pseudonyms;
use crate::refusal::Refusal;
use crate::store::{Device, IssuedNonce, Purged, Store};
use crate::trust::Anchors;
use crate::{device, keys};

/// How long things last and how many there may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// For how long a nonce should be used.
    pub nonce_lifetime: Duration,
    /// How many unused nonces a device may have.
    pub nonces_per_device: u32,
    /// How often the beacon is renewed.
    pub beacon_period: Duration,
    /// How old a beacon may be when a chip signs a challenge made from it.
    pub beacon_lifetime: Duration,
    /// By how much a device's clock may differ.
    pub clock_tolerance: Duration,
    /// How long evidence is kept.
    pub evidence_retention: Duration,
    /// How long nonces and beacons are remembered, so that a report that waited can still be judged.
    pub challenge_retention: Duration,
    /// How many past epochs keep their pseudonym keys. An epoch has 90 days.
    pub pseudonym_epochs: u64,
}

const DAY: Duration = Duration::from_hours(24);

impl Default for Limits {
    fn default() -> Self {
        Self {
            nonce_lifetime: Duration::from_mins(5),
            nonces_per_device: 64,
            beacon_period: Duration::from_mins(1),
            beacon_lifetime: DAY,
            clock_tolerance: Duration::from_mins(5),
            evidence_retention: 30 * DAY,
            challenge_retention: 30 * DAY,
            pseudonym_epochs: 4,
        }
    }
}

/// What a verifier is made of. Clock and randomness are given, so that a test repeats to the byte.
pub struct Parts<S> {
    /// Where it keeps what it knows.
    pub store: S,
    /// The issuing authorities that it trusts.
    pub anchors: Box<dyn TrustAnchors + Send + Sync>,
    /// What it makes of the checks.
    pub policy: Policy,
    /// How long things last.
    pub limits: Limits,
    /// The time.
    pub clock: Box<dyn Clock + Send + Sync>,
    /// Random numbers, for nonces, beacons and keys.
    pub rng: Box<dyn CryptoRng + Send>,
}

/// The verifier.
pub struct Verifier<S> {
    pub(crate) store: S,
    pub(crate) anchors: Anchors,
    pub(crate) policy: Policy,
    pub(crate) limits: Limits,
    pub(crate) key: SoftwareSigner,
    pub(crate) pseudonyms: Pseudonyms,
    clock: Box<dyn Clock + Send + Sync>,
    rng: Mutex<Box<dyn CryptoRng + Send>>,
}

impl<S: Store> Verifier<S> {
    /// Puts a verifier together. Its own signing key is made in the data folder at the first start.
    pub fn new(data: &Path, mut parts: Parts<S>) -> Result<Arc<Self>, VerifierError> {
        let key = signing_key(data, &mut *parts.rng)?;
        keys::write_public(&data.join("verifier.pem"), &device::to_pem(&key.public_key())?)?;
        let pseudonyms = Pseudonyms::new(data, parts.limits.pseudonym_epochs);
        let Parts {
            store,
            anchors,
            policy,
            limits,
            clock,
            rng,
        } = parts;
        Ok(Arc::new(Self {
            store,
            anchors: Anchors::new(anchors),
            policy,
            limits,
            key,
            pseudonyms,
            clock,
            rng: Mutex::new(rng),
        }))
    }

    /// The key with which beacons are signed: devices hold it.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.key.public_key()
    }

    /// Trusts these authorities from the next report on. What was answered before stays as it was.
    pub fn replace_anchors(&self, anchors: Box<dyn TrustAnchors + Send + Sync>) {
        self.anchors.replace(anchors);
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Random numbers. A thread that panicked leaves the generator usable.
    pub(crate) fn rng(&self) -> MutexGuard<'_, Box<dyn CryptoRng + Send>> {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng().fill_bytes(&mut bytes);
        bytes
    }

    /// A nonce for one active authentication by this device.
    pub(crate) async fn issue_nonce(&self, device: &str) -> Result<IssuedNonce, Refusal> {
        let device = self.active_device(device).await?;
        let now = self.now();
        let nonce = IssuedNonce {
            nonce: self.random(),
            device: device.name,
            issued_at: now,
            expires_at: after(now, self.limits.nonce_lifetime),
            used_by: None,
        };
        match self
            .store
            .issue_nonce(&nonce, self.limits.nonces_per_device)
            .await
        {
            Ok(()) => Ok(nonce),
            Err(VerifierError::TooManyNonces { .. }) => Err(Refusal::TooManyNonces),
            Err(error) => Err(error.into()),
        }
    }

    /// The device of that name, if it may report.
    pub(crate) async fn active_device(&self, name: &str) -> Result<Device, Refusal> {
        if !device::is_name(name) {
            return Err(Refusal::UnknownDevice);
        }
        let device = self.store.device(name).await?.ok_or(Refusal::UnknownDevice)?;
        if device.revoked_at.is_some() {
            Err(Refusal::DeviceRevoked)
        } else {
            Ok(device)
        }
    }

    /// Notes for the operator what is refused, in the log and for the pages: it may be the sign of a cloned device, or of
    /// a gate that is set up wrong. The log tells the first, second, fourth, eighth … time.
    pub(crate) async fn noted(&self, device: &str, refusal: Refusal) -> Refusal {
        if matches!(refusal, Refusal::Unavailable(_)) {
            return refusal;
        }
        let device = if device::is_name(device) { device } else { "" };
        let code = refusal.code();
        match self.store.note_refusal(code, device, self.now()).await {
            Ok(times) if times.is_power_of_two() => {
                let from = if device.is_empty() {
                    "an unnamed device"
                } else {
                    device
                };
                eprintln!(
                    "chipgate verifier: refused {from}: {refusal} ({code}, {})",
                    times_by_now(times)
                );
            }
            Ok(_) => {}
            Err(error) => eprintln!("chipgate verifier: {error}"),
        }
        refusal
    }

    /// Deletes what is past its retention: evidence, nonces, beacons, pseudonym keys.
    pub async fn clean_up(&self) -> Result<Purged, VerifierError> {
        let now = self.now();
        self.pseudonyms.destroy_old(now)?;
        self.store
            .purge(now, before(now, self.limits.challenge_retention))
            .await
    }
}

fn times_by_now(times: u64) -> String {
    if times == 1 {
        "for the first time".to_owned()
    } else {
        format!("{times} times by now")
    }
}

/// `time` and then `duration`.
pub(crate) fn after(time: Timestamp, duration: Duration) -> Timestamp {
    Timestamp(time.0.saturating_add(milliseconds(duration)))
}

/// `duration` before `time`.
pub(crate) fn before(time: Timestamp, duration: Duration) -> Timestamp {
    Timestamp(time.0.saturating_sub(milliseconds(duration)))
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The verifier's own key on P-256, in `verifier.key` (PKCS#8, DER).
fn signing_key(data: &Path, rng: &mut dyn CryptoRng) -> Result<SoftwareSigner, VerifierError> {
    let path = data.join("verifier.key");
    let der = keys::read_or_make(&path, || {
        let made = SoftwareSigner::generate(rng).and_then(|key| key.to_pkcs8_der());
        let der = made.map_err(|_| VerifierError::Signing {
            what: "anything, since no key could be made",
        })?;
        Ok(Zeroizing::new(der.as_bytes().to_vec()))
    })?;
    SoftwareSigner::from_pkcs8_der(&der).map_err(|_| VerifierError::KeyFile { path })
}
