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

    /// Whether the value of a DG13 starts as a citizen card's does: with its version and its character set.
    pub(crate) fn starts(value: &[u8]) -> bool {
        let start = || {
            let list = single(STRUCTURE, value, SEQUENCE).ok()?;
            let mut components = Components::new(STRUCTURE, list);
            let version = components.small_integer("the version").ok()?;
            let character_set = components.object_identifier("the character set").ok()?;
            Some(version == VERSION && character_set == CHARACTER_SET)
        };
        start().unwrap_or(false)
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
mod tests;
