use alloc::vec::Vec;

use chipgate_apdu::tlv;

use super::{SecurityInfo, TerminalAuthenticationInfo};
use crate::asn1::{OCTET_STRING, SEQUENCE, SET, constructed, object_identifier, unsigned_integer};

/// A SET OF SecurityInfo in DER, which sorts it (ISO/IEC 8825-1, 11.6).
pub fn encode_set(infos: &[SecurityInfo]) -> Vec<u8> {
    let mut encoded: Vec<Vec<u8>> = infos.iter().map(SecurityInfo::encode).collect();
    encoded.sort();
    constructed(SET, &encoded)
}

impl SecurityInfo {
    /// This SecurityInfo in DER.
    pub fn encode(&self) -> Vec<u8> {
        let rest = match self {
            Self::Unknown { raw, .. } => return raw.clone(),
            Self::Pace(info) => [
                unsigned_integer(&[info.version]),
                optional_small(info.parameter_id),
            ],
            Self::PaceDomainParameters(info) => [
                info.domain_parameters_der.clone(),
                optional_small(info.parameter_id),
            ],
            Self::ChipAuthentication(info) => [
                unsigned_integer(&[info.version]),
                optional(info.key_id.as_deref()),
            ],
            Self::ChipAuthenticationPublicKey(info) => {
                [info.public_key_der.clone(), optional(info.key_id.as_deref())]
            }
            Self::TerminalAuthentication(info) => [unsigned_integer(&[info.version]), cvca_file(info)],
            Self::ActiveAuthentication(info) => [
                unsigned_integer(&[info.version]),
                object_identifier(&info.signature_algorithm),
            ],
        };
        let [required, optional] = rest;
        constructed(
            SEQUENCE,
            &[object_identifier(&self.protocol()), required, optional],
        )
    }
}

fn optional_small(number: Option<u8>) -> Vec<u8> {
    number.map_or_else(Vec::new, |number| unsigned_integer(&[number]))
}

fn optional(number: Option<&[u8]>) -> Vec<u8> {
    number.map_or_else(Vec::new, unsigned_integer)
}

fn cvca_file(info: &TerminalAuthenticationInfo) -> Vec<u8> {
    let Some(file) = &info.cvca_file else {
        return Vec::new();
    };
    let short = file.short_identifier.as_ref().map_or_else(Vec::new, |short| {
        tlv::encode(OCTET_STRING, core::slice::from_ref(short))
    });
    let identifier = tlv::encode(OCTET_STRING, &file.identifier.to_be_bytes());
    constructed(SEQUENCE, &[identifier, short])
}
