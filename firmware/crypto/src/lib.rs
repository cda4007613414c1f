//! The cryptographic primitives of travel documents under their standards' names.
//!
//! The algorithms themselves come from the RustCrypto crates; here they get the shapes that ICAO Doc 9303-11,
//! BSI TR-03110 and TR-03111 give them, behind one door, so that a crate can be exchanged in one place. Randomness
//! is always an argument; every key and point is checked when it is made; secrets are wiped and never shown.
//!
//! The access keys of the worked example in Doc 9303-11, appendix D.2:
//!
//! ```
//! use chipgate_crypto::{Cipher, HashAlgorithm, SessionKeys};
//!
//! let mrz_information = b"L898902C<369080619406236";
//! let seed = &HashAlgorithm::Sha1.digest(mrz_information)[..16];
//! let keys = SessionKeys::derive(Cipher::TripleDes, seed);
//! assert_eq!(keys.encryption.as_bytes()[..4], [0xAB, 0x94, 0xFD, 0xEC]);
//! assert_eq!(format!("{:?}", keys.mac), "Secret(16 bytes)");
//! ```
#![no_std]
extern crate alloc;

mod agreement;
mod agreement_key_info;
mod cipher;
mod curve;
mod der_writer;
mod derivation;
mod dh_group;
mod dh_key;
mod domain_parameters;
mod ecdsa;
mod error;
mod generic_mapping;
mod group;
mod hash;
mod integrated_mapping;
mod message_recovery;
mod modular;
mod more_curves;
mod padding;
mod parameters;
mod point;
mod private_key_info;
mod pss;
mod public_key;
mod rsa_key;
mod secret;
mod signature_algorithm;
mod signing_key;

pub use agreement::{AgreementGroup, AgreementPrivateKey, AgreementPublicKey};
pub use agreement_key_info::AgreementKeyFormat;
pub use cipher::Cipher;
pub use curve::Curve;
pub use der::asn1::ObjectIdentifier;
pub use derivation::{SessionKeys, derive_password_key, kdf};
pub use dh_group::DhGroup;
pub use dh_key::{DhPrivateKey, DhPublicKey};
pub use error::CryptoError;
pub use generic_mapping::GenericMapping;
pub use hash::HashAlgorithm;
pub use padding::{pad, unpad};
pub use point::{PrivateScalar, PublicPoint, generic_mapping};
pub use public_key::PublicKey;
pub use rsa_key::RsaPublicKey;
pub use secret::{Secret, constant_time_equal};
pub use signature_algorithm::{SignatureAlgorithm, ecdsa_hash, ecdsa_plain_hash, ecdsa_plain_oid};
pub use signing_key::{EcSigningKey, RsaSigningKey, SigningKey};
