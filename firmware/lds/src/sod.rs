use alloc::vec::Vec;

use chipgate_apdu::tlv::{self, Tag};

use crate::LdsError;
use crate::asn1::{SEQUENCE, single};

const SOD_TEMPLATE: Tag = Tag(0x77);

/// Reads EF.SOD, `77 { ContentInfo }`: the CMS ContentInfo as it stands, whose signature is not checked here
/// (Doc 9303-10, 4.6.2).
pub fn parse_sod(file: &[u8]) -> Result<&[u8], LdsError> {
    let content_info = single("EF.SOD", file, SOD_TEMPLATE)?;
    single("EF.SOD", content_info, SEQUENCE)?;
    Ok(content_info)
}

/// Writes EF.SOD around a CMS ContentInfo in DER.
pub fn encode_sod(content_info: &[u8]) -> Vec<u8> {
    tlv::encode(SOD_TEMPLATE, content_info)
}

/// Reads EF.CardSecurity: the file is a CMS ContentInfo without a template around it, whose signature is not checked here
/// (Doc 9303-10, 3.11.4). Its content, of type [`id_SecurityObject`](crate::oid::id_SecurityObject), is for
/// [`SecurityInfos::parse`](crate::SecurityInfos::parse).
pub fn parse_card_security(file: &[u8]) -> Result<&[u8], LdsError> {
    single("EF.CardSecurity", file, SEQUENCE)?;
    Ok(file)
}
