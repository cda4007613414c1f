use alloc::vec::Vec;

use chipgate_apdu::tlv::Tag;

use crate::details::Details;
use crate::{FullDate, LdsError, Text};

const TEMPLATE: Tag = Tag(0x6C);

/// DG12: additional details of the document, all of them optional (Doc 9303-10, 4.7.12).
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Dg12 {
    /// The issuing authority: 5F19.
    pub issuing_authority: Option<Text>,
    /// The date of issue: 5F26.
    pub issue_date: Option<FullDate>,
    /// Other persons in the document: 5F1A.
    pub other_persons: Vec<Text>,
    /// Endorsements and observations: 5F1B.
    pub endorsements: Option<Text>,
    /// Tax and exit requirements: 5F1C.
    pub tax_or_exit_requirements: Option<Text>,
    /// A picture of the document's front: 5F1D.
    pub front: Option<Vec<u8>>,
    /// A picture of the document's rear: 5F1E.
    pub rear: Option<Vec<u8>>,
    /// When it was personalised, YYYYMMDDhhmmss in digits or packed: 5F55.
    pub personalisation_time: Option<Vec<u8>>,
    /// The serial number of the system that personalised it: 5F56.
    pub personalisation_system: Option<Text>,
}

impl Dg12 {
    /// Reads the whole file.
    pub fn parse(file: &[u8]) -> Result<Self, LdsError> {
        let details = Details::parse("DG12", file, TEMPLATE)?;
        Ok(Self {
            issuing_authority: details.text(0x5F19),
            issue_date: details.date(0x5F26, "the date of issue")?,
            other_persons: details.texts(0x5F1A),
            endorsements: details.text(0x5F1B),
            tax_or_exit_requirements: details.text(0x5F1C),
            front: details.bytes(0x5F1D),
            rear: details.bytes(0x5F1E),
            personalisation_time: details.bytes(0x5F55),
            personalisation_system: details.text(0x5F56),
        })
    }
}

hide_in_debug!(Dg12);

#[cfg(test)]
mod tests {
    use chipgate_apdu::tlv::{Tag, encode};

    use super::Dg12;
    use crate::{Date, Text};

    #[test]
    fn reads_the_fields_of_doc_9303_10s_example() {
        // Doc 9303-10, 4.7.12.1: the United States, 31 May 2002, front and rear in pictures.
        let fields = [
            encode(Tag(0x5C), &[0x5F, 0x19, 0x5F, 0x26, 0x5F, 0x1B]),
            encode(Tag(0x5F19), b"UNITED STATES OF AMERICA"),
            encode(Tag(0x5F26), b"20020531"),
            encode(Tag(0x5F1B), b"NONE"),
            encode(Tag(0x5F1D), &[0xFF, 0xD8]),
        ];
        let file = encode(Tag(0x6C), &fields.concat());
        let details = Dg12::parse(&file).unwrap();
        assert_eq!(
            details.issuing_authority,
            Some(Text::from("UNITED STATES OF AMERICA"))
        );
        assert_eq!(details.issue_date.unwrap().date(), Date::new(2002, 5, 31));
        assert_eq!(details.front.as_deref(), Some(&[0xFF, 0xD8][..]));
        assert_eq!(details.rear, None);
        for length in 0..file.len() {
            assert!(Dg12::parse(&file[..length]).is_err());
        }
    }
}
