use alloc::vec::Vec;

use chipgate_apdu::tlv::{self, Tag};

use crate::LdsError;
use crate::asn1::{SEQUENCE, single};

const STRUCTURE: &str = "DG15";
const TEMPLATE: Tag = Tag(0x6F);

/// Reads DG15, `6F { SubjectPublicKeyInfo }`: the public key of active authentication, DER as it stands
/// (Doc 9303-10, 4.7.15).
pub fn parse_dg15(file: &[u8]) -> Result<Vec<u8>, LdsError> {
    let public_key = single(STRUCTURE, file, TEMPLATE)?;
    single(STRUCTURE, public_key, SEQUENCE)?;
    Ok(public_key.to_vec())
}

/// Writes DG15 around a SubjectPublicKeyInfo in DER.
pub fn encode_dg15(public_key: &[u8]) -> Vec<u8> {
    tlv::encode(TEMPLATE, public_key)
}
