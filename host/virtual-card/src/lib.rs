//! The virtual card: personalisation, test PKI, faults, and how it is presented to readers.

mod calendar;
mod card_file;
mod chip;
mod encoding;
mod error;
mod fault;
mod in_process;
mod issue;
mod pki;
mod profile;
mod vpcd;

pub use card_file::{
    AgreementKey, AnsweringKey, CARD_FILE_VERSION, CardFile, ChipKeys, ChipSettings, HashName, MasterFile,
    PaceSettings, Passwords, Personality,
};
pub use chip::VirtualCard;
pub use encoding::{HexBytes, HexSecret, SecretText};
pub use error::CardError;
pub use fault::{Expectation, Fault, faults};
pub use in_process::InProcess;
pub use issue::{IssueOptions, issue};
pub use pki::Pki;
pub use profile::{Profile, profiles};
pub use vpcd::{VPCD_ADDRESS, serve_vpcd};
