use alloc::vec::Vec;

use chipgate_apdu::tlv::{self, Tag};

use crate::LdsError;
use crate::asn1::{SEQUENCE, single};

/// A SEQUENCE of indefinite length, as BER allows for CMS: whoever reads it finds its end.
const INDEFINITE: &[u8] = &[0x30, 0x80];
const SOD_TEMPLATE: Tag = Tag(0x77);
/// The template of indefinite length, and the end-of-contents octets that close it (X.690, 8.1.5).
const INDEFINITE_TEMPLATE: &[u8] = &[0x77, 0x80];
const END_OF_CONTENTS: &[u8] = &[0, 0];

/// Reads EF.SOD, `77 { ContentInfo }`: the CMS ContentInfo as it stands, whose signature is not checked here
/// (Doc 9303-10, 4.6.2). A file from elsewhere may have a template of indefinite length; on a chip only a definite one says
/// how much there is to read.
pub fn parse_sod(file: &[u8]) -> Result<&[u8], LdsError> {
    let indefinite = file
        .strip_prefix(INDEFINITE_TEMPLATE)
        .and_then(|rest| rest.strip_suffix(END_OF_CONTENTS));
    let content_info = match indefinite {
        Some(content_info) => content_info,
        None => single("EF.SOD", file, SOD_TEMPLATE)?,
    };
    if !content_info.starts_with(INDEFINITE) {
        single("EF.SOD", content_info, SEQUENCE)?;
    }
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
    if !file.starts_with(INDEFINITE) {
        single("EF.CardSecurity", file, SEQUENCE)?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::{encode_sod, parse_card_security, parse_sod};
    use crate::{encode_dg15, parse_dg15};

    #[test]
    fn wrappers_hand_out_what_they_hold_and_fail_on_every_truncation() {
        let content = [0x30, 3, 2, 1, 7];
        let sod = encode_sod(&content);
        assert_eq!(parse_sod(&sod), Ok(&content[..]));
        let dg15 = encode_dg15(&content);
        assert_eq!(parse_dg15(&dg15), Ok(content.to_vec()));
        assert_eq!(parse_card_security(&content), Ok(&content[..]));
        for length in 0..sod.len() {
            assert!(parse_sod(&sod[..length]).is_err());
            assert!(parse_dg15(&dg15[..length]).is_err());
        }
        for length in 0..content.len() {
            assert!(parse_card_security(&content[..length]).is_err());
        }
    }

    #[test]
    fn a_template_of_indefinite_length_holds_what_stands_before_its_end() {
        let definite = [0x77, 0x80, 0x30, 3, 2, 1, 7, 0, 0];
        assert_eq!(parse_sod(&definite), Ok(&[0x30, 3, 2, 1, 7][..]));
        let indefinite = [0x77, 0x80, 0x30, 0x80, 2, 1, 7, 0, 0, 0, 0];
        assert_eq!(parse_sod(&indefinite), Ok(&[0x30, 0x80, 2, 1, 7, 0, 0][..]));
        for length in 0..definite.len() {
            assert!(parse_sod(&definite[..length]).is_err(), "{length}");
        }
        assert!(parse_sod(&[&definite[..], &[0, 0]].concat()).is_err());
    }

    #[test]
    fn refuses_bytes_behind_the_file_and_other_files() {
        assert!(parse_sod(&[0x77, 2, 0x30, 0, 0]).is_err());
        assert!(parse_sod(&[0x6F, 2, 0x30, 0]).is_err());
        assert!(parse_sod(&[0x77, 4, 0x30, 0, 0x30, 0]).is_err());
        assert!(parse_dg15(&[0x6F, 2, 0x31, 0]).is_err());
    }
}
