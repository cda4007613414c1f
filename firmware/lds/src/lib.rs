//! The logical data structure: what is on the chip.
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod asn1;
mod com;
mod date;
mod dg1;
mod dg15;
mod dg2;
mod error;
mod file;
mod lds_security_object;
mod mrz;
pub mod oid;
mod security_infos;
mod sod;

pub use com::Com;
pub use date::Date;
pub use dg1::Dg1;
pub use dg2::{Dg2, FaceEncoding, FaceImage, ImageFormat};
pub use dg15::{encode_dg15, parse_dg15};
pub use error::LdsError;
pub use file::{DataGroup, File, LDS_APPLICATION};
pub use lds_security_object::{LdsSecurityObject, LdsVersionInfo};
pub use mrz::{Mrz, MrzDate, MrzField, MrzFields, MrzKey, MrzKind, Names, Sex};
pub use security_infos::{
    ActiveAuthenticationInfo, ChipAuthenticationInfo, ChipAuthenticationPublicKeyInfo, CvcaFile,
    PaceDomainParameterInfo, PaceInfo, SecurityInfo, SecurityInfos, TerminalAuthenticationInfo,
    encode_card_access, encode_dg14, encode_set, parse_card_access, parse_dg14,
};
pub use sod::{encode_sod, parse_card_security, parse_sod};
