//! The virtual card: an electronic identity document in software, with everything around it that a reader needs.
//!
//! - [`Pki`] is a test PKI of two countries: authorities, document signers in force and out of it, revocation lists,
//!   a master list. It bears "TEST" in every name, and its anchors are no one's default.
//! - [`issue`] personalises a card after a [`Profile`], and puts in the [`Fault`]s that one asks for. [`faults`] says
//!   what an inspection must make of each.
//! - [`CardFile`] is such a card on disk, its keys and passwords included (docs/schemas/card.schema.json).
//! - [`VirtualCard`] is its chip: command in, response out, after ISO/IEC 7816-4, Doc 9303-10 and Doc 9303-11. It is
//!   written apart from the reader's side and shares only the primitives with it, so that a mistake would have to
//!   be made twice to hide.
//! - [`InProcess`] makes it a `Channel`; [`serve_vpcd`] lays it in the virtual reader of pcscd.
//!
//! ```
//! use chipgate_apdu::Timestamp;
//! use chipgate_virtual_card::{Fault, IssueOptions, Pki, Profile, VirtualCard, issue};
//! use rand::{SeedableRng, rngs::StdRng};
//!
//! let mut rng = StdRng::seed_from_u64(1); // the same numbers give the same card
//! let now = Timestamp::from_seconds(1_795_478_400);
//! let pki = Pki::generate(&mut rng, now)?;
//! let options = IssueOptions { faults: vec![Fault::CopiedChip], ..IssueOptions::default() };
//! let file = issue(Profile::VnCccd, &pki, &options, &mut rng, now)?;
//!
//! let mut card = VirtualCard::new(&file, rng)?;
//! card.power_on();
//! // SELECT EF.CardAccess, then READ BINARY: what every reader of a citizen card begins with.
//! assert_eq!(card.respond(&[0x00, 0xA4, 0x02, 0x0C, 0x02, 0x01, 0x1C]), [0x90, 0x00]);
//! assert_eq!(card.respond(&[0x00, 0xB0, 0x00, 0x00, 0x02]), [0x31, 0x34, 0x90, 0x00]);
//! # Ok::<(), chipgate_virtual_card::CardError>(())
//! ```

mod agreement;
mod calendar;
mod card_file;
mod chip;
mod encoding;
mod error;
mod fault;
mod in_process;
mod issue;
mod modelled_link;
mod on_disk;
mod pki;
mod profile;
mod quirk;
mod vpcd;

pub use agreement::{DhGroup, KeyGroup};
pub use card_file::{
    AgreementKey, AnsweringKey, BeyondEnd, CARD_FILE_VERSION, CardFile, ChipKeys, ChipSettings, Disturbance,
    Effect, HashName, LongestRead, MasterFile, MutualAuthenticationLe, PaceSettings, Passwords, Personality,
    TerminalAuthenticationSettings, TooLong, Trailer,
};
pub use chip::VirtualCard;
pub use encoding::{HexBytes, HexNumber, HexSecret, SecretText};
pub use error::CardError;
pub use fault::{Expectation, Fault, faults};
pub use in_process::InProcess;
pub use issue::{IssueOptions, SILHOUETTE, issue};
pub use modelled_link::ModelledLink;
pub use pki::{Pki, PkiOptions, SignerAlgorithm};
pub use profile::{Profile, profiles};
pub use quirk::Quirk;
pub use vpcd::{VPCD_ADDRESS, VpcdEvent, serve_vpcd};
