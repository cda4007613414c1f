use alloc::vec::Vec;

use chipgate_apdu::tlv::{self, Element, Tag};
use der::asn1::ObjectIdentifier;

use crate::asn1::{
    Components, INTEGER, PRINTABLE_STRING, SEQUENCE, SET, UTF8_STRING, constructed, object_identifier,
    single, small, unsigned_integer,
};
use crate::{LdsError, Text};

const STRUCTURE: &str = "DG13 of a Vietnamese citizen card";
const TEMPLATE: Tag = Tag(0x6D);
const VERSION: u8 = 1;
/// It names the character set, Unicode of ISO/IEC 10646 in UTF-8.
const CHARACTER_SET: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.0.10646.1.0.8");

/// What a field of DG13 says, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum CitizenField {
    /// The citizen's number.
    Number = 1,
    /// The full name.
    Name = 2,
    /// The date of birth, DD/MM/YYYY.
    BirthDate = 3,
    /// The sex.
    Sex = 4,
    /// The nationality.
    Nationality = 5,
    /// The ethnicity, which is sensitive.
    Ethnicity = 6,
    /// The religion, which is sensitive.
    Religion = 7,
    /// The place of origin.
    Origin = 8,
    /// The residence.
    Residence = 9,
    /// Identifying features.
    Features = 10,
    /// The date of issue, DD/MM/YYYY.
    IssueDate = 11,
    /// The date of expiry, DD/MM/YYYY.
    ExpiryDate = 12,
    /// The names of father and mother, which are sensitive.
    Parents = 13,
    /// The name of husband or wife, which is sensitive.
    Spouse = 14,
    /// The number of an old card.
    OldNumber = 15,
    /// A value on whose meaning readers disagree: 16 hexadecimal digits on some cards, an old number on others.
    Disputed = 16,
}

/// What stands in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CitizenValue {
    /// No value beside the number of the field.
    Empty,
    /// One text.
    Text(Text),
    /// Several texts: father and mother.
    Texts(Vec<Text>),
    /// Something of another form, as it stands. The agency codes some fields by a method of its own.
    Opaque(Text),
}

/// DG13 of a Vietnamese citizen card. Most of it is sensitive: it is read only for a purpose that needs it.
///
/// ```text
/// 6D { SEQUENCE { INTEGER 1, OID 1.0.10646.1.0.8, SET { SEQUENCE { INTEGER n, UTF8String | PrintableString } … } } }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Dg13Vietnam {
    /// Each field's number, which need not be one of [`CitizenField`], and its value, in the order of the file. Any may be absent.
    pub fields: Vec<(u8, CitizenValue)>,
}

hide_in_debug!(Dg13Vietnam);

impl Dg13Vietnam {
    /// Reads the whole file.
    pub fn parse(file: &[u8]) -> Result<Self, LdsError> {
        let list = single(STRUCTURE, single(STRUCTURE, file, TEMPLATE)?, SEQUENCE)?;
        let mut components = Components::new(STRUCTURE, list);
        let version = components.small_integer("the version")?;
        let character_set = components.object_identifier("the character set")?;
        if version != VERSION || character_set != CHARACTER_SET {
            return Err(LdsError::Unsupported {
                structure: STRUCTURE,
                what: "another version or character set",
            });
        }
        let set = components.expect(SET)?.value;
        components.finish()?;
        let mut members = components.within(set);
        let mut fields = Vec::new();
        while let Some(member) = members.optional(SEQUENCE)? {
            fields.push(field(&members, member.value)?);
        }
        members.finish()?;
        Ok(Self { fields })
    }

    /// Writes the file, for the side of the card: texts as UTF8String, opaque values as they stand.
    pub fn encode(&self) -> Vec<u8> {
        let members: Vec<Vec<u8>> = self
            .fields
            .iter()
            .map(|(number, value)| constructed(SEQUENCE, &[unsigned_integer(&[*number]), value.encode()]))
            .collect();
        let list = [
            unsigned_integer(&[VERSION]),
            object_identifier(&CHARACTER_SET),
            constructed(SET, &members),
        ];
        tlv::encode(TEMPLATE, &constructed(SEQUENCE, &list))
    }

    /// What stands in a field, if it is there.
    pub fn value(&self, field: CitizenField) -> Option<&CitizenValue> {
        let known = self.fields.iter().find(|(number, _)| *number == field as u8);
        known.map(|(_, value)| value)
    }

    /// The text of a field, if it is there and can be read.
    pub fn text(&self, field: CitizenField) -> Option<&str> {
        match self.value(field)? {
            CitizenValue::Text(text) => text.as_str(),
            _ => None,
        }
    }
}

impl CitizenValue {
    fn encode(&self) -> Vec<u8> {
        match self {
            Self::Empty => Vec::new(),
            Self::Text(text) => string(text),
            Self::Texts(texts) => {
                let parts: Vec<Vec<u8>> = texts
                    .iter()
                    .map(|text| constructed(SEQUENCE, &[string(text)]))
                    .collect();
                parts.concat()
            }
            Self::Opaque(bytes) => bytes.as_bytes().to_vec(),
        }
    }
}

fn string(text: &Text) -> Vec<u8> {
    tlv::encode(UTF8_STRING, text.as_bytes())
}

fn field(list: &Components<'_>, member: &[u8]) -> Result<(u8, CitizenValue), LdsError> {
    let mut components = list.within(member);
    let number = components.expect(INTEGER)?;
    let rest = member.get(number.raw.len()..).unwrap_or_default();
    let number = small(number.value).ok_or_else(|| list.invalid("a field's number"))?;
    Ok((number, value(&components, rest)?))
}

/// What has the form of no value known here is opaque, as long as it is made of whole data objects.
fn value(components: &Components<'_>, rest: &[u8]) -> Result<CitizenValue, LdsError> {
    let mut reader = components.within(rest);
    let mut elements = Vec::new();
    while let Some(element) = reader.next()? {
        elements.push(element);
    }
    let opaque = || CitizenValue::Opaque(Text::Opaque(rest.to_vec()));
    Ok(match elements.as_slice() {
        [] => CitizenValue::Empty,
        [element] if is_string(element) => CitizenValue::Text(Text::new(element.value)),
        several => {
            let texts: Option<Vec<Text>> = several.iter().map(text_in_sequence).collect();
            texts.map_or_else(opaque, CitizenValue::Texts)
        }
    })
}

fn is_string(element: &Element<'_>) -> bool {
    matches!(element.tag, UTF8_STRING | PRINTABLE_STRING)
}

/// The text of a SEQUENCE that holds one string and nothing else.
fn text_in_sequence(element: &Element<'_>) -> Option<Text> {
    let mut components = Components::new(STRUCTURE, element.value);
    let string = components.next().ok()??;
    components.finish().ok()?;
    (element.tag == SEQUENCE && is_string(&string)).then(|| Text::new(string.value))
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::String, vec, vec::Vec};

    use chipgate_apdu::tlv::encode;
    use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};

    use super::{CitizenField, CitizenValue, Dg13Vietnam, PRINTABLE_STRING, SEQUENCE};
    use crate::{LdsError, Text};

    fn text(value: &str) -> CitizenValue {
        CitizenValue::Text(Text::from(value))
    }

    fn card() -> Dg13Vietnam {
        let opaque = encode(chipgate_apdu::tlv::Tag(0x04), &[0xDE, 0xAD, 0xBE, 0xEF]);
        Dg13Vietnam {
            fields: vec![
                (1, text("001302012345")),
                (2, text("Nguyễn Thị Hoa")),
                (3, text("15/04/2002")),
                (9, CitizenValue::Opaque(Text::Opaque(opaque))),
                (
                    13,
                    CitizenValue::Texts(vec![Text::from("Nguyễn Văn A"), Text::from("Trần Thị B")]),
                ),
                (14, CitizenValue::Empty),
                (16, text("0123456789ABCDEF")),
                (17, text("later")),
            ],
        }
    }

    #[test]
    fn reads_fields_of_every_form() {
        let read = Dg13Vietnam::parse(&card().encode()).unwrap();
        assert!(read == card());
        assert_eq!(read.text(CitizenField::Name), Some("Nguyễn Thị Hoa"));
        assert_eq!(read.text(CitizenField::Religion), None);
        assert_eq!(read.value(CitizenField::Spouse), Some(&CitizenValue::Empty));
        assert!(matches!(
            read.value(CitizenField::Residence),
            Some(CitizenValue::Opaque(_))
        ));
        assert_eq!(read.text(CitizenField::Residence), None);
        assert_eq!(format!("{read:?}"), "Dg13Vietnam { .. }");
    }

    #[test]
    fn writes_the_layout_to_the_byte() {
        let fields = vec![(4, text("Nam"))];
        let file = hex::encode(Dg13Vietnam { fields }.encode());
        assert_eq!(file, "6d193017020101060628d316010008310a30080201040c034e616d");
    }

    #[test]
    fn takes_both_types_of_string() {
        let mut file = card().encode();
        let position = file.windows(4).position(|bytes| bytes == b"\x0C\x0C00").unwrap();
        file[position] = PRINTABLE_STRING.0 as u8;
        let read = Dg13Vietnam::parse(&file).unwrap();
        assert_eq!(read.text(CitizenField::Number), Some("001302012345"));
    }

    #[test]
    fn a_string_in_another_code_is_opaque_and_no_error() {
        let fields = vec![(7, CitizenValue::Text(Text::Opaque(vec![0xFF, 0xFE, 0x80])))];
        let read = Dg13Vietnam::parse(&Dg13Vietnam { fields }.encode()).unwrap();
        assert_eq!(read.text(CitizenField::Religion), None);
        assert_eq!(read.fields.len(), 1);
    }

    #[test]
    fn refuses_the_data_group_of_another_issuer() {
        assert!(Dg13Vietnam::parse(&[0x6D, 3, 0x30, 1, 0]).is_err());
        let mut other = card().encode();
        let version = other.windows(3).position(|bytes| bytes == [2, 1, 1]).unwrap();
        other[version + 2] = 2;
        assert!(matches!(
            Dg13Vietnam::parse(&other),
            Err(LdsError::Unsupported { .. })
        ));
    }

    fn values() -> impl Strategy<Value = CitizenValue> {
        let texts = || ".{0,20}".prop_map(|value: String| Text::from(value.as_str()));
        prop_oneof![
            Just(CitizenValue::Empty),
            texts().prop_map(CitizenValue::Text),
            prop::collection::vec(texts(), 1..3).prop_map(CitizenValue::Texts),
            prop::collection::vec(any::<u8>(), 0..20).prop_map(|bytes| {
                let sequence = encode(SEQUENCE, &encode(chipgate_apdu::tlv::Tag(0x04), &bytes));
                CitizenValue::Opaque(Text::Opaque(sequence))
            }),
        ]
    }

    proptest! {
        #[test]
        fn survives_a_round_trip(fields in prop::collection::vec((any::<u8>(), values()), 0..8)) {
            let group = Dg13Vietnam { fields };
            prop_assert_eq!(Dg13Vietnam::parse(&group.encode()), Ok(group));
        }

        #[test]
        fn fails_on_every_truncation(fields in prop::collection::vec((any::<u8>(), values()), 0..4)) {
            let file = Dg13Vietnam { fields }.encode();
            for length in 0..file.len() {
                prop_assert!(Dg13Vietnam::parse(&file[..length]).is_err());
            }
        }

        #[test]
        fn never_panics_when_a_byte_is_altered(position: prop::sample::Index, byte: u8) {
            let mut file: Vec<u8> = card().encode();
            let index = position.index(file.len());
            file[index] = byte;
            let _ = Dg13Vietnam::parse(&file);
        }
    }
}
