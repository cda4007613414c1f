//! The logical data structure: what is on the chip, file by file, read and written.
//!
//! ```text
//! master file             EF.CardAccess  EF.CardSecurity  EF.DIR  EF.ATR/INFO
//! application A0…1001     EF.COM  EF.SOD  DG1 … DG16  EF.CVCA
//! ```
//!
//! Each file has a type or a function here that reads its bytes as they came from the chip (ICAO Doc 9303-10), and one that writes
//! them for a card. Nothing here checks a signature: what is read is what the chip says, until `chipgate-trust` has proved it.
//! Lengths are compared with what is there before anything is taken, every level of nesting is the standard's own, and no input
//! panics. What is personal does not appear in `Debug`.
//!
//! The machine readable zone of the specimen passport in Doc 9303-4, and the key that it gives for BAC and PACE:
//!
//! ```
//! use chipgate_lds::{Dg1, Mrz, MrzKey};
//!
//! let mrz = Mrz::parse(
//!     "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n\
//!      L898902C36UTO7408122F1204159ZE184226B<<<<<10",
//! )?;
//! assert_eq!(mrz.names.primary, "ERIKSSON");
//! assert_eq!(mrz.document_number, "L898902C3");
//! assert_eq!(MrzKey::from(&mrz).information().as_bytes(), b"L898902C3674081221204159");
//!
//! let file = Dg1 { mrz }.encode();
//! assert_eq!(file[..5], [0x61, 0x5B, 0x5F, 0x1F, 0x58]);
//! assert_eq!(Dg1::parse(&file)?.mrz.birth_date.as_str(), "740812");
//! # Ok::<(), chipgate_lds::LdsError>(())
//! ```
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;

#[macro_use]
mod hidden;

mod asn1;
mod attributes;
mod biometric;
mod com;
mod cv_certificate;
mod cvca;
mod date;
mod details;
mod dg1;
mod dg11;
mod dg12;
mod dg13;
mod dg15;
mod dg16;
mod dg2;
mod dg3;
mod dg4;
mod directory;
mod displayed_images;
mod error;
mod file;
#[cfg(test)]
mod generators;
mod lds_security_object;
mod mrz;
pub mod oid;
mod security_infos;
mod sod;
#[cfg(test)]
mod tests;
mod text;
pub mod vietnam;

pub use attributes::Attributes;
pub use com::Com;
pub use cv_certificate::{
    CertificateExtension, CertificateRole, CvCertificate, CvCertificateBody, CvPublicKey, CvPublicKeyValue,
    EcDomainParameters, HolderAuthorization, PublicKeyReference,
};
pub use cvca::CvcaReferences;
pub use date::Date;
pub use details::{FullDate, WrittenDate};
pub use dg1::Dg1;
pub use dg2::{Dg2, FaceEncoding, FaceImage, ImageFormat};
pub use dg3::{Dg3, FingerImage, FingerImageFormat};
pub use dg4::{Dg4, Eye, IrisImage, IrisImageFormat};
pub use dg11::Dg11;
pub use dg12::Dg12;
pub use dg13::Dg13;
pub use dg15::{encode_dg15, parse_dg15};
pub use dg16::{Dg16, PersonToNotify};
pub use directory::{Application, encode_directory, parse_directory};
pub use displayed_images::{Dg5, Dg7, DisplayedImage};
pub use error::LdsError;
pub use file::{DataGroup, File, LDS_APPLICATION};
pub use lds_security_object::{LdsSecurityObject, LdsVersionInfo};
pub use mrz::{
    Mrz, MrzDate, MrzField, MrzFields, MrzKey, MrzKind, NameAgreement, Names, Sex, Transliteration,
};
pub use security_infos::{
    ActiveAuthenticationInfo, ChipAuthenticationInfo, ChipAuthenticationPublicKeyInfo, CvcaFile,
    PaceDomainParameterInfo, PaceInfo, PaceParameters, SecurityInfo, SecurityInfos,
    TerminalAuthenticationInfo, encode_card_access, encode_dg14, encode_set, parse_card_access, parse_dg14,
    standardised_parameters,
};
pub use sod::{encode_sod, parse_card_security, parse_sod};
pub use text::Text;
pub use vietnam::Dg13Vietnam;
