use alloc::vec::Vec;

use chipgate_apdu::tlv::{self, Tag};

use crate::asn1::{Components, INTEGER, single};
use crate::details::{Details, Writer};
use crate::{LdsError, Text, WrittenDate};

const STRUCTURE: &str = "DG16";
const TEMPLATE: Tag = Tag(0x70);
/// The templates are A1 to AF.
const FIRST: u32 = 0xA1;
const MOST: u8 = 15;

/// Someone to be told in an emergency. It does not appear in `Debug`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PersonToNotify {
    /// When it was recorded: 5F50.
    pub recorded: Option<WrittenDate>,
    /// The name, with `<<` between its parts: 5F51.
    pub name: Option<Text>,
    /// The telephone number: 5F52.
    pub telephone: Option<Text>,
    /// The address, with `<` between its parts: 5F53.
    pub address: Option<Text>,
}

hide_in_debug!(PersonToNotify);

/// DG16: persons to notify (Doc 9303-10, 4.7.16).
///
/// ```text
/// 70 { 02 number of persons   A1 { 5F50 date   5F51 name   5F52 telephone   5F53 address }   A2 … }
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Dg16 {
    /// Up to fifteen persons.
    pub persons: Vec<PersonToNotify>,
}

hide_in_debug!(Dg16);

impl Dg16 {
    /// Reads the whole file.
    pub fn parse(file: &[u8]) -> Result<Self, LdsError> {
        let mut components = Components::new(STRUCTURE, single(STRUCTURE, file, TEMPLATE)?);
        let count = components.small_integer("the number of persons")?;
        if count > MOST {
            return Err(components.invalid("the number of persons"));
        }
        let mut persons = Vec::new();
        for tag in (FIRST..).take(count.into()) {
            let person = Details::parse_value(STRUCTURE, components.expect(Tag(tag))?.value)?;
            persons.push(PersonToNotify {
                recorded: person.date(0x5F50),
                name: person.text(0x5F51),
                telephone: person.text(0x5F52),
                address: person.text(0x5F53),
            });
        }
        components.finish()?;
        Ok(Self { persons })
    }

    /// Writes the file. More than fifteen persons do not fit.
    pub fn encode(&self) -> Result<Vec<u8>, LdsError> {
        let count = u8::try_from(self.persons.len())
            .ok()
            .filter(|&count| count <= MOST);
        let count = count.ok_or(LdsError::DoesNotFit {
            structure: STRUCTURE,
            field: "the number of persons",
        })?;
        let mut value = tlv::encode(INTEGER, &[count]);
        for (tag, person) in (FIRST..).zip(&self.persons) {
            let mut fields = Writer::default();
            fields.date(0x5F50, person.recorded.as_ref());
            fields.text(0x5F51, person.name.as_ref());
            fields.text(0x5F52, person.telephone.as_ref());
            fields.text(0x5F53, person.address.as_ref());
            value.extend(tlv::encode(Tag(tag), fields.fields()));
        }
        Ok(tlv::encode(TEMPLATE, &value))
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec, vec::Vec};

    use proptest::prelude::{ProptestConfig, Strategy, prop, prop_assert, prop_assert_eq, proptest};

    use super::{Dg16, PersonToNotify};
    use crate::generators::{dates, texts};
    use crate::{Date, Text};

    #[test]
    fn reads_the_fields_of_doc_9303_10s_example() {
        // Doc 9303-10, 4.7.16: Charles R. Smith and Mary J. Brown, recorded on 1 January 2002; with lengths as they are.
        let person = |tag: u8, name: &str, telephone: &str, address: &str| {
            let mut value = vec![0x5F, 0x50, 8];
            value.extend(b"20020101");
            for (tag, text) in [(0x51, name), (0x52, telephone), (0x53, address)] {
                value.extend([0x5F, tag, text.len() as u8]);
                value.extend(text.as_bytes());
            }
            [vec![tag, value.len() as u8], value].concat()
        };
        let one = person(
            0xA1,
            "SMITH<<CHARLES<R",
            "19525551212",
            "123 MAPLE RD<ANYTOWN<MN<55100",
        );
        let two = person(
            0xA2,
            "BROWN<<MARY<J",
            "14155551212",
            "49 REDWOOD LN<OCEAN BREEZE<CA<94000",
        );
        let value = [vec![2, 1, 2], one, two].concat();
        let file = [vec![0x70, 0x81, value.len() as u8], value].concat();
        let read = Dg16::parse(&file).unwrap();
        assert_eq!(read.persons[0].name, Some(Text::from("SMITH<<CHARLES<R")));
        assert_eq!(read.persons[1].telephone, Some(Text::from("14155551212")));
        assert_eq!(
            read.persons[1].recorded.as_ref().unwrap().known().unwrap().date(),
            Date::new(2002, 1, 1)
        );
        assert_eq!(read.encode().unwrap(), file);
        assert_eq!(
            format!("{read:?} {:?}", read.persons[0]),
            "Dg16 { .. } PersonToNotify { .. }"
        );
    }

    #[test]
    fn no_one_is_fine_and_sixteen_are_too_many() {
        let none = Dg16::default().encode().unwrap();
        assert_eq!(none, [0x70, 3, 2, 1, 0]);
        assert_eq!(Dg16::parse(&none), Ok(Dg16::default()));
        let persons = vec![PersonToNotify::default(); 16];
        assert!(Dg16 { persons }.encode().is_err());
        assert!(Dg16::parse(&[0x70, 3, 2, 1, 16]).is_err());
        // The second template must be A2.
        assert!(Dg16::parse(&[0x70, 7, 2, 1, 2, 0xA1, 0, 0xA1, 0]).is_err());
    }

    fn persons() -> impl Strategy<Value = PersonToNotify> {
        let text = || prop::option::of(texts());
        let fields = (prop::option::of(dates()), text(), text(), text());
        fields.prop_map(|(recorded, name, telephone, address)| PersonToNotify {
            recorded,
            name,
            telephone,
            address,
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn survives_a_round_trip_and_fails_on_every_truncation(persons in prop::collection::vec(persons(), 0..5)) {
            let group = Dg16 { persons };
            let mut file: Vec<u8> = group.encode().unwrap();
            prop_assert_eq!(Dg16::parse(&file), Ok(group));
            for length in 0..file.len() {
                prop_assert!(Dg16::parse(&file[..length]).is_err());
            }
            for bit in 0..file.len() * 8 {
                file[bit / 8] ^= 1 << (bit % 8);
                let _ = Dg16::parse(&file);
                file[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }
}
