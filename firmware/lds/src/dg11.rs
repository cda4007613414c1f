use alloc::vec::Vec;

use chipgate_apdu::tlv::Tag;

use crate::details::{Details, Writer};
use crate::{LdsError, Text, WrittenDate};

const TEMPLATE: Tag = Tag(0x6B);

/// DG11: additional personal details, all of them optional (Doc 9303-10, 4.7.11).
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Dg11 {
    /// The full name in the characters of the issuing state, with `<<` between its parts: 5F0E.
    pub name: Option<Text>,
    /// Other names: 5F0F.
    pub other_names: Vec<Text>,
    /// The personal number: 5F10.
    pub personal_number: Option<Text>,
    /// The full date of birth: 5F2B.
    pub birth_date: Option<WrittenDate>,
    /// The place of birth, with `<` between its parts: 5F11.
    pub birth_place: Option<Text>,
    /// The permanent address, with `<` between its parts: 5F42.
    pub address: Option<Text>,
    /// The telephone number: 5F12.
    pub telephone: Option<Text>,
    /// The profession: 5F13.
    pub profession: Option<Text>,
    /// The title: 5F14.
    pub title: Option<Text>,
    /// The personal summary: 5F15.
    pub summary: Option<Text>,
    /// A picture that proves citizenship: 5F16.
    pub proof_of_citizenship: Option<Vec<u8>>,
    /// Numbers of other valid travel documents: 5F17.
    pub other_documents: Option<Text>,
    /// Who has custody: 5F18.
    pub custody: Option<Text>,
}

impl Dg11 {
    /// Reads the whole file.
    pub fn parse(file: &[u8]) -> Result<Self, LdsError> {
        let details = Details::parse("DG11", file, TEMPLATE)?;
        Ok(Self {
            name: details.text(0x5F0E),
            other_names: details.texts(0x5F0F),
            personal_number: details.text(0x5F10),
            birth_date: details.date(0x5F2B),
            birth_place: details.text(0x5F11),
            address: details.text(0x5F42),
            telephone: details.text(0x5F12),
            profession: details.text(0x5F13),
            title: details.text(0x5F14),
            summary: details.text(0x5F15),
            proof_of_citizenship: details.bytes(0x5F16),
            other_documents: details.text(0x5F17),
            custody: details.text(0x5F18),
        })
    }

    /// Writes the file, with the list of its tags; an empty text counts as absent when it is read again. At most 255 other names fit.
    pub fn encode(&self) -> Result<Vec<u8>, LdsError> {
        if self.other_names.len() > 255 {
            let (structure, field) = ("DG11", "the number of other names");
            return Err(LdsError::DoesNotFit { structure, field });
        }
        let mut fields = Writer::default();
        fields.text(0x5F0E, self.name.as_ref());
        fields.texts(0x5F0F, &self.other_names);
        fields.text(0x5F10, self.personal_number.as_ref());
        fields.date(0x5F2B, self.birth_date.as_ref());
        fields.text(0x5F11, self.birth_place.as_ref());
        fields.text(0x5F42, self.address.as_ref());
        fields.text(0x5F12, self.telephone.as_ref());
        fields.text(0x5F13, self.profession.as_ref());
        fields.text(0x5F14, self.title.as_ref());
        fields.text(0x5F15, self.summary.as_ref());
        fields.bytes(0x5F16, self.proof_of_citizenship.as_deref());
        fields.text(0x5F17, self.other_documents.as_ref());
        fields.text(0x5F18, self.custody.as_ref());
        Ok(fields.file(TEMPLATE))
    }
}

hide_in_debug!(Dg11);

#[cfg(test)]
mod tests {
    use alloc::{format, vec::Vec};

    use chipgate_apdu::tlv::{Tag, encode};

    use proptest::prelude::{ProptestConfig, Strategy, prop, prop_assert, prop_assert_eq, proptest};

    use super::Dg11;
    use crate::generators::{bytes, dates, texts};
    use crate::{Date, LdsError, Text, WrittenDate};

    fn file(parts: &[Vec<u8>]) -> Vec<u8> {
        encode(Tag(0x6B), &parts.concat())
    }

    fn field(tag: u32, value: &[u8]) -> Vec<u8> {
        encode(Tag(tag), value)
    }

    #[test]
    fn reads_the_fields_of_doc_9303_10s_example() {
        // Doc 9303-10, 4.7.11.1: John J. Smith, Anytown MN.
        let file = file(&[
            field(
                0x5C,
                &[0x5F, 0x0E, 0x5F, 0x11, 0x5F, 0x42, 0x5F, 0x12, 0x5F, 0x13],
            ),
            field(0x5F0E, b"SMITH<<JOHN<J"),
            field(0x5F11, b"ANYTOWN<MN"),
            field(0x5F42, b"123 MAPLE RD<ANYTOWN<MN"),
            field(0x5F12, b"16125551212"),
            field(0x5F13, b"TRAVEL<AGENT"),
        ]);
        let details = Dg11::parse(&file).unwrap();
        assert_eq!(details.name, Some(Text::from("SMITH<<JOHN<J")));
        assert_eq!(details.address.unwrap().as_str(), Some("123 MAPLE RD<ANYTOWN<MN"));
        assert_eq!(details.profession, Some(Text::from("TRAVEL<AGENT")));
        assert_eq!(details.title, None);
        for length in 0..file.len() {
            assert!(Dg11::parse(&file[..length]).is_err());
        }
    }

    #[test]
    fn reads_other_names_and_counts_them() {
        let names = [field(0x5F0F, b"SMITH<<J"), field(0x5F0F, "NGUYỄN<<A".as_bytes())].concat();
        let with_number = |number: u8| field(0xA0, &[&[2, 1, number], &names[..]].concat());
        let details = Dg11::parse(&file(&[with_number(2)])).unwrap();
        assert_eq!(details.other_names[1].as_str(), Some("NGUYỄN<<A"));
        assert!(matches!(
            Dg11::parse(&file(&[with_number(3)])),
            Err(LdsError::Field { .. })
        ));
    }

    #[test]
    fn reads_a_birth_date_in_digits_and_in_packed_digits() {
        for value in [&b"19740812"[..], &[0x19, 0x74, 0x08, 0x12]] {
            let details = Dg11::parse(&file(&[field(0x5F2B, value)])).unwrap();
            assert_eq!(
                details.birth_date.unwrap().known().unwrap().date(),
                Date::new(1974, 8, 12)
            );
        }
        let unknown_day = Dg11::parse(&file(&[field(0x5F2B, b"19740800")])).unwrap();
        let birth = unknown_day.birth_date.unwrap().known().unwrap();
        assert_eq!((birth.year, birth.month, birth.day), (1974, Some(8), None));
        assert_eq!(birth.date(), None);
        let unknown = Dg11::parse(&file(&[field(0x5F2B, b"1974<<<<")])).unwrap();
        let birth = unknown.birth_date.unwrap().known().unwrap();
        assert_eq!((birth.year, birth.month, birth.day), (1974, None, None));
        for value in [
            &b"19740<12"[..],
            b"<<<<0812",
            b"19741301",
            b"1974081",
            b"197408121",
            &[0x19, 0x7A, 0x08, 0x12],
            b"19",
            b"1974-8-1",
        ] {
            let name = field(0x5F0E, b"SMITH<<JOHN");
            let details = Dg11::parse(&file(&[name, field(0x5F2B, value)])).unwrap();
            assert_eq!(
                details.birth_date,
                Some(WrittenDate::Opaque(value.to_vec())),
                "{value:?}"
            );
            assert_eq!(details.name, Some(Text::from("SMITH<<JOHN")));
        }
    }

    #[test]
    fn a_name_in_another_character_set_is_opaque_and_nothing_is_shown() {
        let details = Dg11::parse(&file(&[field(0x5F0E, b"M\xDCLLER<<EVA")])).unwrap();
        assert_eq!(details.name, Some(Text::Opaque(b"M\xDCLLER<<EVA".to_vec())));
        assert!(!format!("{details:?}").contains("EVA"));
    }

    fn groups() -> impl Strategy<Value = Dg11> {
        let text = || prop::option::of(texts());
        let first = (
            text(),
            prop::collection::vec(texts(), 0..4),
            text(),
            prop::option::of(dates()),
        );
        let second = (text(), text(), text(), text(), text(), text());
        let third = (prop::option::of(bytes()), text(), text());
        (first, second, third).prop_map(|(first, second, third)| {
            let (name, other_names, personal_number, birth_date) = first;
            let (birth_place, address, telephone, profession, title, summary) = second;
            let (proof_of_citizenship, other_documents, custody) = third;
            Dg11 {
                name,
                other_names,
                personal_number,
                birth_date,
                birth_place,
                address,
                telephone,
                profession,
                title,
                summary,
                proof_of_citizenship,
                other_documents,
                custody,
            }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn survives_a_round_trip_and_fails_on_every_truncation(group in groups()) {
            let mut file = group.encode().unwrap();
            prop_assert_eq!(Dg11::parse(&file), Ok(group));
            for length in 0..file.len() {
                prop_assert!(Dg11::parse(&file[..length]).is_err());
            }
            for bit in 0..file.len() * 8 {
                file[bit / 8] ^= 1 << (bit % 8);
                let _ = Dg11::parse(&file);
                file[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }

    #[test]
    fn the_list_of_tags_names_every_field() {
        let details = Dg11 {
            name: Some(Text::from("SMITH<<JOHN<J")),
            other_names: [Text::from("SMITH<<J")].to_vec(),
            ..Dg11::default()
        };
        let list = "5c045f0e5f0f";
        let fields = "5f0e0d534d4954483c3c4a4f484e3c4aa00e0201015f0f08534d4954483c3c4a";
        assert_eq!(
            hex::encode(details.encode().unwrap()),
            format!("6b26{list}{fields}")
        );
    }
}
