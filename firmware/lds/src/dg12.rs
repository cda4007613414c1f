use alloc::{string::String, vec::Vec};

use chipgate_apdu::tlv::Tag;

use crate::details::{Details, Writer, unpacked};
use crate::{LdsError, Text, WrittenDate};

const TEMPLATE: Tag = Tag(0x6C);

/// DG12: additional details of the document, all of them optional (Doc 9303-10, 4.7.12).
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Dg12 {
    /// The issuing authority: 5F19.
    pub issuing_authority: Option<Text>,
    /// The date of issue: 5F26.
    pub issue_date: Option<WrittenDate>,
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
            issue_date: details.date(0x5F26),
            other_persons: details.texts(0x5F1A),
            endorsements: details.text(0x5F1B),
            tax_or_exit_requirements: details.text(0x5F1C),
            front: details.bytes(0x5F1D),
            rear: details.bytes(0x5F1E),
            personalisation_time: details.bytes(0x5F55),
            personalisation_system: details.text(0x5F56),
        })
    }

    /// Writes the file, with the list of its tags; an empty text counts as absent when it is read again. At most 255 other persons fit.
    pub fn encode(&self) -> Result<Vec<u8>, LdsError> {
        if self.other_persons.len() > 255 {
            let (structure, field) = ("DG12", "the number of other persons");
            return Err(LdsError::DoesNotFit { structure, field });
        }
        let mut fields = Writer::default();
        fields.text(0x5F19, self.issuing_authority.as_ref());
        fields.date(0x5F26, self.issue_date.as_ref());
        fields.texts(0x5F1A, &self.other_persons);
        fields.text(0x5F1B, self.endorsements.as_ref());
        fields.text(0x5F1C, self.tax_or_exit_requirements.as_ref());
        fields.bytes(0x5F1D, self.front.as_deref());
        fields.bytes(0x5F1E, self.rear.as_deref());
        fields.bytes(0x5F55, self.personalisation_time.as_deref());
        fields.text(0x5F56, self.personalisation_system.as_ref());
        Ok(fields.file(TEMPLATE))
    }

    /// The fourteen digits YYYYMMDDhhmmss of the time of personalisation, however they are written; `None` if they are no digits.
    pub fn personalisation_digits(&self) -> Option<String> {
        let digits = match self.personalisation_time.as_deref()? {
            packed if packed.len() == 7 => unpacked(packed)?,
            text => text.iter().map(|byte| byte.wrapping_sub(b'0')).collect(),
        };
        let valid = digits.len() == 14 && digits.iter().all(|&digit| digit <= 9);
        valid.then(|| digits.iter().map(|&digit| char::from(b'0' + digit)).collect())
    }
}

hide_in_debug!(Dg12);

#[cfg(test)]
mod tests {
    use chipgate_apdu::tlv::{Tag, encode};

    use proptest::prelude::{ProptestConfig, Strategy, prop, prop_assert, prop_assert_eq, proptest};

    use super::Dg12;
    use crate::generators::{bytes, dates, texts};
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
        assert_eq!(
            details.issue_date.unwrap().known().unwrap().date(),
            Date::new(2002, 5, 31)
        );
        assert_eq!(details.front.as_deref(), Some(&[0xFF, 0xD8][..]));
        assert_eq!(details.rear, None);
        for length in 0..file.len() {
            assert!(Dg12::parse(&file[..length]).is_err());
        }
    }

    #[test]
    fn a_date_in_another_form_hides_nothing_beside_it() {
        let fields = [encode(Tag(0x5F19), b"UTOPIA"), encode(Tag(0x5F26), b"2020-01-01")];
        let details = Dg12::parse(&encode(Tag(0x6C), &fields.concat())).unwrap();
        assert_eq!(details.issuing_authority, Some(Text::from("UTOPIA")));
        let date = details.issue_date.unwrap();
        assert_eq!(date, crate::WrittenDate::Opaque(b"2020-01-01".to_vec()));
        assert_eq!(date.known(), None);
    }

    #[test]
    fn the_time_of_personalisation_is_read_in_both_forms() {
        let time = |value: &[u8]| Dg12 {
            personalisation_time: Some(value.to_vec()),
            ..Dg12::default()
        };
        let packed = hex::decode("20241105130607").unwrap();
        for value in [&packed[..], b"20241105130607"] {
            assert_eq!(
                time(value).personalisation_digits().as_deref(),
                Some("20241105130607")
            );
        }
        for value in [&b"2024110513060"[..], b"2024-1105130607", b"", &[0xFF; 7]] {
            assert_eq!(time(value).personalisation_digits(), None);
        }
    }

    fn groups() -> impl Strategy<Value = Dg12> {
        let text = || prop::option::of(texts());
        let picture = || prop::option::of(bytes());
        let first = (
            text(),
            prop::option::of(dates()),
            prop::collection::vec(texts(), 0..4),
        );
        let second = (text(), text(), picture(), picture(), picture(), text());
        (first, second).prop_map(|(first, second)| {
            let (issuing_authority, issue_date, other_persons) = first;
            let (endorsements, tax_or_exit_requirements, front, rear, personalisation_time, system) = second;
            Dg12 {
                issuing_authority,
                issue_date,
                other_persons,
                endorsements,
                tax_or_exit_requirements,
                front,
                rear,
                personalisation_time,
                personalisation_system: system,
            }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn survives_a_round_trip_and_fails_on_every_truncation(group in groups()) {
            let mut file = group.encode().unwrap();
            prop_assert_eq!(Dg12::parse(&file), Ok(group));
            for length in 0..file.len() {
                prop_assert!(Dg12::parse(&file[..length]).is_err());
            }
            for bit in 0..file.len() * 8 {
                file[bit / 8] ^= 1 << (bit % 8);
                let _ = Dg12::parse(&file);
                file[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }
}
