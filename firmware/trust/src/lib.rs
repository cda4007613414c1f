//! Passive authentication: is what the chip says what its issuer signed?
//!
//! EF.SOD is a CMS SignedData (RFC 5652) over the digests of the data groups. [`authenticate_security_object`]
//! checks its signature, finds the [`TrustAnchor`] that issued the signer's certificate, and judges validity and
//! revocation, each as a [`StepResult`] of its own. What holds comes back as a [`Verified`] value, which no one
//! else can make, and which turns the raw bytes of a data group into [`Verified`] ones.
//!
//! What is missing (anchors, revocation lists) makes a step undetermined: never failed, never successful.
//!
//! ```
//! use chipgate_apdu::Timestamp;
//! use chipgate_trust::{MemoryAnchors, PathOptions, StepResult, TrustFault, authenticate_security_object};
//!
//! let anchors = MemoryAnchors::new();
//! let now = Timestamp::from_seconds(1_790_000_000);
//! let found = authenticate_security_object(b"no EF.SOD", &anchors, now, &PathOptions::default());
//! assert_eq!(found.security_object(), StepResult::Failed(TrustFault::Unreadable));
//! assert!(found.verified().is_none());
//! ```
//!
//! Standards: Doc 9303-10, 4.6.2 (EF.SOD), Doc 9303-11, 5.1 (the steps), Doc 9303-12 (certificates, lists), RFC
//! 5280 (paths), RFC 5652 (CMS). There is no clock here and no file: both are the caller's.
#![no_std]
extern crate alloc;

mod anchors;
mod authentication;
mod ber;
mod bundle;
mod card_security;
mod certificate;
mod check_certificate;
mod claimed;
mod defect_list;
mod elements;
mod extensions;
mod fault;
mod master_list;
mod name;
mod oid;
mod passive;
mod path;
mod revocation;
mod revocation_list;
mod signature;
mod signed_attributes;
mod signed_data;
mod signed_object;
mod signer_info;
mod tolerance;
mod validity;
mod verified;

pub use anchors::{MemoryAnchors, TrustAnchor, TrustAnchors, Wanted};
pub use authentication::Authentication;
pub use bundle::{BUNDLE_ALGORITHM, Bundle, BundleContent, BundleError};
pub use card_security::{CardSecurity, CardSecurityAuthentication, authenticate_card_security};
pub use certificate::{Certificate, fingerprint};
pub use check_certificate::authenticate_certificate;
pub use claimed::claimed_data_groups;
pub use defect_list::{
    Defect, DefectFault, DefectList, DefectListAuthentication, KnownDefect, UnreadableDefect,
    authenticate_defect_list, read_unverified_defect_list,
};
pub use extensions::PrivateKeyUsage;
pub use fault::{HashFault, StepResult, TrustError, TrustFault};
pub use master_list::{
    MasterList, MasterListAuthentication, UnreadableEntry, UnverifiedMasterList, authenticate_master_list,
};
pub use name::CertificateName;
pub use passive::{PassiveAuthentication, authenticate_security_object};
pub use path::{PathOptions, ValidityTime};
pub use revocation_list::RevocationList;
pub use signer_info::SignerIdentifier;
pub use verified::{DataGroupContent, SecurityObject, SelfConsistent, Verified};
