//! What the verifier keeps, and the seam behind which a database stands.

mod migrate;
mod sqlite;
mod sqlite_devices;
mod sqlite_pages;
mod sqlite_purge;
mod sqlite_refusals;
mod sqlite_reports;

use chipgate_apdu::Timestamp;

use crate::disagreement::Disagreement;
use crate::error::VerifierError;
use crate::receipt::{Receipt, Summary};

pub use sqlite::SqliteStore;

/// Identifier of a report: 16 random bytes, chosen by the gate.
pub type ReportId = [u8; 16];
/// A SHA-256 digest.
pub type Digest = [u8; 32];
/// A challenge for active authentication.
pub type Nonce = [u8; 8];

/// A gate, counter or kiosk that may report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its name, which its reports carry.
    pub name: String,
    /// Its public key, DER of SubjectPublicKeyInfo.
    pub public_key: Vec<u8>,
    /// When it was registered.
    pub added_at: Timestamp,
    /// When it was revoked, if it was: its reports are refused from then on.
    pub revoked_at: Option<Timestamp>,
}

/// A device, and what came from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceActivity {
    /// The device.
    pub device: Device,
    /// How many reports it has sent.
    pub reports: u64,
    /// The highest sequence number that came.
    pub last_sequence: Option<u64>,
    /// When the last report came.
    pub last_received: Option<Timestamp>,
}

/// A nonce that was handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedNonce {
    /// The eight random bytes.
    pub nonce: Nonce,
    /// For which device.
    pub device: String,
    /// When.
    pub issued_at: Timestamp,
    /// Until when it should be used.
    pub expires_at: Timestamp,
    /// Which report used it.
    pub used_by: Option<ReportId>,
}

/// A beacon that was handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedBeacon {
    /// SHA-256 of the signed beacon's bytes.
    pub hash: Digest,
    /// The signed beacon.
    pub signed: Vec<u8>,
    /// When it was made.
    pub issued_at: Timestamp,
}

/// A document signer's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerCertificate {
    /// SHA-256 of the DER.
    pub hash: Digest,
    /// The DER.
    pub certificate: Vec<u8>,
    /// Its subject, for people.
    pub subject: String,
}

/// What is known of the report before a report's in its device's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Predecessor {
    /// Nothing was to come before: the first report of its device.
    First,
    /// It came, and its digest is the one that this report names.
    Linked,
    /// It has not come (yet).
    Missing,
    /// It came, and its digest is another.
    Differs,
}

/// A report that was checked and is to be kept.
#[derive(Debug, Clone)]
pub struct NewReport {
    /// Its identifier.
    pub id: ReportId,
    /// SHA-256 of the signed bytes.
    pub digest: Digest,
    /// The device that signed it.
    pub device: String,
    /// Its place in the device's sequence.
    pub sequence: u64,
    /// The digest that it names for the report before it.
    pub previous: Option<Digest>,
    /// When the gate says it was made.
    pub made_at: Timestamp,
    /// When it came.
    pub received_at: Timestamp,
    /// The issuing state, as the gate read it.
    pub issuing_state: Option<String>,
    /// The online nonce that it uses up.
    pub nonce: Option<Nonce>,
    /// The challenge that the chip signed.
    pub challenge: Option<Nonce>,
    /// The card's pseudonym and the epoch of its key.
    pub pseudonym: Option<(u64, Digest)>,
    /// The document signer, if the evidence shows one.
    pub signer: Option<SignerCertificate>,
    /// The signed report.
    pub signed: Vec<u8>,
    /// When the evidence is to be deleted.
    pub delete_evidence_at: Timestamp,
    /// What the device is answered.
    pub receipt: Receipt,
    /// What the page says about the evidence.
    pub summary: Summary,
}

/// What became of a report that was to be kept.
#[derive(Debug, Clone, PartialEq)]
pub enum Acceptance {
    /// It is kept.
    Stored(Receipt),
    /// The same bytes were kept before; this is what was answered then.
    AlreadyKnown(Receipt),
    /// Another report has its identifier.
    IdConflict,
    /// Another report of the device has its sequence number.
    SequenceRepeated,
    /// Its nonce was used by another report.
    NonceUsed,
}

/// What was refused and so is no report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The refusal's code.
    pub code: String,
    /// The device, as it calls itself: nothing has proven it.
    pub device: String,
    /// How often.
    pub times: u64,
    /// The first time.
    pub first_at: Timestamp,
    /// The last time.
    pub last_at: Timestamp,
}

/// Which reports a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only this verdict of the verifier.
    pub verdict: Option<String>,
    /// Only this device.
    pub device: Option<String>,
    /// Only where the gate's verdict is, or is not, the verifier's.
    pub agrees: Option<bool>,
    /// Only reports before this number.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: u32,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLine {
    /// Running number at this verifier.
    pub number: u64,
    /// Its identifier.
    pub id: ReportId,
    /// The device.
    pub device: String,
    /// When the gate says it was made.
    pub made_at: Timestamp,
    /// When it came.
    pub received_at: Timestamp,
    /// The verifier's verdict.
    pub verdict: String,
    /// The check that has the verdict's effect, if it is not `accept`.
    pub stopped_by: Option<String>,
    /// The gate's verdict.
    pub gate_verdict: String,
    /// Why the two do not agree; `None` if they do.
    pub disagreement: Option<Disagreement>,
    /// The issuing state, as the gate read it.
    pub issuing_state: Option<String>,
    /// Whether the signature leads to an authority of this verifier's, and of that state.
    pub issuer_known: bool,
    /// How many flags it carries.
    pub flags: usize,
}

/// One report as it is kept, without its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredReport {
    /// Its line in the list.
    pub line: ReportLine,
    /// SHA-256 of the signed bytes.
    pub digest: Digest,
    /// Its place in the device's sequence.
    pub sequence: u64,
    /// What is known, now, of the report before it.
    pub predecessor: Predecessor,
    /// When the gate says it was made.
    pub made_at: Timestamp,
    /// Until when its evidence is kept; `None` once it is deleted.
    pub evidence_until: Option<Timestamp>,
    /// What the device was answered.
    pub receipt: Receipt,
    /// What the page says about the evidence.
    pub summary: Summary,
}

/// How many reports came to which verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Accepted.
    pub accept: u64,
    /// Referred.
    pub refer: u64,
    /// Refused.
    pub refuse: u64,
    /// Where something contradicts the gate, whatever the verdict.
    pub disagree: u64,
}

impl Tally {
    /// All reports.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.accept + self.refer + self.refuse
    }
}

/// What a clean-up deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    /// Evidence past its retention.
    pub evidence: u64,
    /// Nonces long past their expiry.
    pub nonces: u64,
    /// Beacons that no report may use any more.
    pub beacons: u64,
    /// Refusals that did not come again for that long.
    pub refusals: u64,
}

/// Where the verifier keeps what it knows. SQLite here; another database is another implementation.
pub trait Store: Send + Sync + 'static {
    /// Registers a device.
    fn add_device(&self, device: &Device) -> impl Future<Output = Result<(), VerifierError>> + Send;
    /// Gives a registered device another key, and lifts a revocation.
    fn replace_device(
        &self,
        name: &str,
        public_key: &[u8],
        at: Timestamp,
    ) -> impl Future<Output = Result<(), VerifierError>> + Send;
    /// The device of that name.
    fn device(&self, name: &str) -> impl Future<Output = Result<Option<Device>, VerifierError>> + Send;
    /// All devices, by name, and what came from them.
    fn devices(&self) -> impl Future<Output = Result<Vec<DeviceActivity>, VerifierError>> + Send;
    /// Revokes a device from `at` on.
    fn revoke_device(
        &self,
        name: &str,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), VerifierError>> + Send;

    /// Keeps a nonce, unless its device has `limit` unused and unexpired ones.
    fn issue_nonce(
        &self,
        nonce: &IssuedNonce,
        limit: u32,
    ) -> impl Future<Output = Result<(), VerifierError>> + Send;
    /// The nonce, if it was issued to that device.
    fn nonce(
        &self,
        device: &str,
        nonce: &Nonce,
    ) -> impl Future<Output = Result<Option<IssuedNonce>, VerifierError>> + Send;

    /// Keeps a beacon.
    fn add_beacon(&self, beacon: &IssuedBeacon) -> impl Future<Output = Result<(), VerifierError>> + Send;
    /// The beacon that was made last.
    fn newest_beacon(&self) -> impl Future<Output = Result<Option<IssuedBeacon>, VerifierError>> + Send;
    /// The beacon with that hash.
    fn beacon(
        &self,
        hash: &Digest,
    ) -> impl Future<Output = Result<Option<IssuedBeacon>, VerifierError>> + Send;

    /// The digest of the report with that identifier, and what its device was answered.
    fn receipt(
        &self,
        id: &ReportId,
    ) -> impl Future<Output = Result<Option<(Digest, Receipt)>, VerifierError>> + Send;
    /// Keeps a report with its evidence, uses up its nonce, and flags what its history shows: all in one
    /// transaction, or nothing.
    fn accept(&self, report: NewReport) -> impl Future<Output = Result<Acceptance, VerifierError>> + Send;

    /// Notes that something of a device was refused; how often that has been so.
    fn note_refusal(
        &self,
        code: &str,
        device: &str,
        at: Timestamp,
    ) -> impl Future<Output = Result<u64, VerifierError>> + Send;
    /// What was refused, the newest first.
    fn refusals(&self) -> impl Future<Output = Result<Vec<Refused>, VerifierError>> + Send;

    /// The reports that the filter lets through, the newest first.
    fn reports(&self, filter: &Filter)
    -> impl Future<Output = Result<Vec<ReportLine>, VerifierError>> + Send;
    /// How many reports came since, by the verifier's verdict.
    fn tally(&self, since: Timestamp) -> impl Future<Output = Result<Tally, VerifierError>> + Send;
    /// One report.
    fn report(
        &self,
        id: &ReportId,
    ) -> impl Future<Output = Result<Option<StoredReport>, VerifierError>> + Send;
    /// The signed report, as it came, while it is kept.
    fn evidence(&self, id: &ReportId) -> impl Future<Output = Result<Option<Vec<u8>>, VerifierError>> + Send;
    /// Deletes evidence past its retention, and nonces and beacons that were made before `issued_before`.
    fn purge(
        &self,
        now: Timestamp,
        issued_before: Timestamp,
    ) -> impl Future<Output = Result<Purged, VerifierError>> + Send;
}
