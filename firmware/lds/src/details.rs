//! What DG11 and DG12 have in common: a tag list, then fields, some of which repeat in a template.

use alloc::vec::Vec;

use chipgate_apdu::tlv::Tag;

use crate::asn1::{Components, INTEGER, single, small};
use crate::{Date, LdsError, Text};

const TAG_LIST: Tag = Tag(0x5C);
const REPEATED: Tag = Tag(0xA0);

/// The fields of a data group with the tags that they have, in the order of the file; the members of a template stand one by one.
pub struct Details<'a> {
    structure: &'static str,
    fields: Vec<(Tag, &'a [u8])>,
}

impl<'a> Details<'a> {
    /// Reads the whole file. The tag list is not relied on: the fields say themselves what they are.
    pub fn parse(structure: &'static str, file: &'a [u8], template: Tag) -> Result<Self, LdsError> {
        let mut components = Components::new(structure, single(structure, file, template)?);
        let mut fields = Vec::new();
        while let Some(element) = components.next()? {
            match element.tag {
                TAG_LIST => {}
                REPEATED => repeated(&components, element.value, &mut fields)?,
                tag => fields.push((tag, element.value)),
            }
        }
        Ok(Self { structure, fields })
    }

    fn value(&self, tag: u32) -> Option<&'a [u8]> {
        let field = self.fields.iter().find(|(known, _)| known.0 == tag);
        field.map(|&(_, value)| value)
    }

    /// A text; an empty one counts as absent.
    pub fn text(&self, tag: u32) -> Option<Text> {
        self.value(tag).filter(|value| !value.is_empty()).map(Text::new)
    }

    /// All texts with this tag.
    pub fn texts(&self, tag: u32) -> Vec<Text> {
        let fields = self.fields.iter().filter(|(known, _)| known.0 == tag);
        fields.map(|&(_, value)| Text::new(value)).collect()
    }

    /// A picture or something else that is no text.
    pub fn bytes(&self, tag: u32) -> Option<Vec<u8>> {
        self.value(tag).map(<[u8]>::to_vec)
    }

    /// A date, as eight digits or in four bytes of two digits each.
    pub fn date(&self, tag: u32, field: &'static str) -> Result<Option<FullDate>, LdsError> {
        let structure = self.structure;
        match self.value(tag) {
            None | Some([]) => Ok(None),
            Some(value) => match FullDate::parse(value) {
                Some(date) => Ok(Some(date)),
                None => Err(LdsError::Field { structure, field }),
            },
        }
    }
}

/// The template's number must be that of the fields in it.
fn repeated<'a>(
    parent: &Components<'_>,
    value: &'a [u8],
    fields: &mut Vec<(Tag, &'a [u8])>,
) -> Result<(), LdsError> {
    let mut members = parent.within(value);
    let number = members.expect(INTEGER)?.value;
    let mut count = 0_usize;
    while let Some(member) = members.next()? {
        fields.push((member.tag, member.value));
        count += 1;
    }
    match small(number) {
        Some(number) if usize::from(number) == count => Ok(()),
        _ => Err(parent.invalid("the number of repeated fields")),
    }
}

/// A date of which month and day may be unknown, which issuers write as zeros.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FullDate {
    /// All digits of the year.
    pub year: u16,
    /// The month, if known.
    pub month: Option<u8>,
    /// The day of the month, if known.
    pub day: Option<u8>,
}

impl FullDate {
    fn parse(value: &[u8]) -> Option<Self> {
        let digits: Vec<u8> = match *value {
            [a, b, c, d] => [a, b, c, d]
                .into_iter()
                .flat_map(|byte| [byte >> 4, byte & 0xF])
                .collect(),
            ref text => text.iter().map(|byte| byte.wrapping_sub(b'0')).collect(),
        };
        if digits.len() != 8 || digits.iter().any(|&digit| digit > 9) {
            return None;
        }
        let number = |digits: &[u8]| {
            digits
                .iter()
                .fold(0, |number, &digit| number * 10 + u16::from(digit))
        };
        let known = |number: u16, highest: u16| match number {
            0 => Some(None),
            number if number <= highest => Some(Some(number as u8)),
            _ => None,
        };
        Some(Self {
            year: number(digits.get(..4)?),
            month: known(number(digits.get(4..6)?), 12)?,
            day: known(number(digits.get(6..)?), 31)?,
        })
    }

    /// The day, if all of it is known and there is such a day.
    pub fn date(self) -> Option<Date> {
        Date::new(self.year, self.month?, self.day?)
    }
}

hide_in_debug!(FullDate);
