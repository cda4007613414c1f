//! The central verifier: checks the evidence again and trusts no gate.

mod beacon;
mod challenge;
mod device;
mod error;
mod http;
mod keys;
mod pages;
mod pseudonym;
mod receipt;
mod receive;
mod recheck;
mod refusal;
mod registry;
mod server;
mod store;
#[cfg(test)]
mod testing;
mod time;
mod verifier;

pub use error::VerifierError;
pub use http::router;
pub use receipt::{Face, Finding, Flag, Freshness, Receipt, Summary};
pub use refusal::Refusal;
pub use registry::Registry;
pub use server::{Config, Server, run, run_blocking};
pub use store::{
    Acceptance, Device, DeviceActivity, Digest, Filter, IssuedBeacon, IssuedNonce, NewReport, Nonce,
    Predecessor, Purged, ReportId, ReportLine, SignerCertificate, SqliteStore, Store, StoredReport, Tally,
};
pub use verifier::{Limits, Parts, Verifier};
