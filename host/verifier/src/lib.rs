//! The central verifier: checks the evidence again and trusts no gate.
//!
//! A gate sends a signed report of each inspection. The verifier takes it only from a registered device, finds the
//! challenge that the chip should have signed, and makes every check again that the evidence allows, with anchors of
//! its own: the security object's signature, its path, validity and revocation, active authentication. What it could
//! not see stays the gate's claim, and is called so on every page. Then it keeps the report, in one transaction, and
//! shows it to officials: where gate and verifier disagree, one of them is wrong, and that is worth knowing.
//!
//! ```
//! use chipgate_verifier::{Config, Server, VerifierError};
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let (data, trust) = (folder.path().join("data"), folder.path());
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let mut config = Config::new(data, trust);
//! config.listen.set_port(0);
//! let server = Server::bind(&config).await?;
//! assert!(server.address().ip().is_loopback());
//! server.run(async { /* until told to stop */ }).await
//! # }).unwrap();
//! # Ok::<(), VerifierError>(())
//! ```
//!
//! `receive.rs` reads from top to bottom as a report is received; docs/verifier.md says how to run one, and what is
//! proven and what is not.

mod beacon;
mod challenge;
mod device;
mod disagreement;
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
mod trust;
mod verifier;

pub use disagreement::Disagreement;
pub use error::VerifierError;
pub use http::router;
pub use receipt::{Face, Finding, Flag, Freshness, Receipt, Summary};
pub use refusal::Refusal;
pub use registry::Registry;
pub use server::{Config, Server, run, run_blocking};
pub use store::{
    Acceptance, Device, DeviceActivity, Digest, Filter, IssuedBeacon, IssuedNonce, NewReport, Nonce,
    Predecessor, Purged, Refused, ReportId, ReportLine, SignerCertificate, SqliteStore, Store, StoredReport,
    Tally,
};
pub use verifier::{Limits, Parts, Verifier};
