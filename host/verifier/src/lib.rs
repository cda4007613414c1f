//! The central verifier: checks the evidence again and trusts no gate.

mod error;
mod receipt;
mod store;

pub use error::VerifierError;
pub use receipt::{Face, Finding, Flag, Freshness, Receipt, Summary};
pub use store::{
    Acceptance, Device, DeviceActivity, Digest, Filter, IssuedBeacon, IssuedNonce, NewReport, Nonce,
    Predecessor, Purged, ReportId, ReportLine, SignerCertificate, SqliteStore, Store, StoredReport,
};
