use alloc::vec::Vec;

use chipgate_apdu::tlv::{self, Tag};

use crate::asn1::single;
use crate::{LdsError, Mrz};

const STRUCTURE: &str = "DG1";
const TEMPLATE: Tag = Tag(0x61);
const MRZ_DATA: Tag = Tag(0x5F1F);

/// DG1: the machine readable zone (Doc 9303-10, 4.7.1).
///
/// ```text
/// 61 { 5F1F all lines, without line breaks }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dg1 {
    /// What is in it.
    pub mrz: Mrz,
}

impl Dg1 {
    /// Reads the whole file.
    pub fn parse(file: &[u8]) -> Result<Self, LdsError> {
        let template = single(STRUCTURE, file, TEMPLATE)?;
        let text = single(STRUCTURE, template, MRZ_DATA)?;
        if let Some(index) = text
            .iter()
            .position(|byte| !byte.is_ascii() || byte.is_ascii_whitespace())
        {
            return Err(LdsError::MrzCharacter { position: index + 1 });
        }
        // Every byte is ASCII.
        let text = core::str::from_utf8(text).map_err(|_| LdsError::MrzCharacter { position: 1 })?;
        let mrz = Mrz::parse(text)?;
        Ok(Self { mrz })
    }

    /// Writes the file.
    pub fn encode(&self) -> Vec<u8> {
        tlv::encode(TEMPLATE, &tlv::encode(MRZ_DATA, self.mrz.text.as_bytes()))
    }
}
