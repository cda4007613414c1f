//! Talking to a chip: access protocols, secure messaging, chip and active authentication, reading files.
//!
//! [`open`] finds out what the chip offers (EF.CardAccess), carries out PACE or BAC with the password that the holder
//! showed, and selects the application. The [`Session`] that it returns reads files under secure messaging and has the
//! chip prove that it is no copy. A card that is lost in the middle and comes back is gone on with by [`resume`]. What was proven comes back as a value that nothing else can make: [`Access`],
//! [`ChipAuthentication`], [`ActiveAuthentication`]. Whether the keys are the issuer's is not known here: that is the
//! matter of passive authentication.
//!
//! ```
//! use chipgate_chip::{AccessOptions, ChipError, Password, ReadOutcome, open};
//! use chipgate_crypto::Secret;
//! use chipgate_lds::{DataGroup, File};
//!
//! async fn read_mrz(
//!     channel: impl chipgate_apdu::Channel,
//!     rng: &mut impl rand_core::CryptoRng,
//! ) -> Result<ReadOutcome, ChipError> {
//!     let password = Password::Can(Secret::new(*b"123456"));
//!     let mut session = open(channel, &password, &AccessOptions::default(), rng).await?;
//!     session.read_file(File::DataGroup(DataGroup::DG1), &mut |_| {}).await
//! }
//! ```
#![no_std]
extern crate alloc;

mod access;
mod active_authentication;
#[cfg(test)]
mod active_authentication_examples;
mod bac;
#[cfg(test)]
mod chaining_tests;
mod chip_authentication;
mod chip_authentication_choice;
mod chip_authentication_mapping;
mod connection;
mod cvca_references;
mod error;
mod general_authenticate;
mod open;
#[cfg(test)]
mod open_tests;
mod pace;
mod pace_mapping;
mod pace_variant;
mod password;
mod pin_revival;
mod read;
#[cfg(test)]
mod read_tests;
mod refusal;
mod resume;
mod secure_messaging;
mod session;
mod step;
mod terminal_authentication;
#[cfg(test)]
mod terminal_authentication_tests;
mod terminal_certificates;
mod terminal_key;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod worked_examples;

pub use access::{Access, AccessOptions, AccessProtocol};
pub use active_authentication::{ActiveAuthentication, verify_active_authentication};
pub use chip_authentication::ChipAuthentication;
pub use chip_authentication_mapping::{ChipAuthenticationMapping, VerifiedChipAuthenticationMapping};
pub use error::{CardDifference, ChipError, Malformation, MappingFault, SecureMessagingFault, Unsupported};
pub use open::open;
pub use password::{Password, PasswordKind};
pub use pin_revival::PinRevival;
pub use read::PartialFile;
pub use resume::{Interrupted, resume};
pub use session::{Progress, ReadOutcome, Session};
pub use step::Step;
pub use terminal_authentication::{TerminalAuthentication, TerminalBinding};
pub use terminal_certificates::TerminalCertificates;
pub use terminal_key::{SoftwareTerminalKey, TerminalKey, TerminalKeyError};
