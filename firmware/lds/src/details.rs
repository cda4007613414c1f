//! What DG11, DG12 and DG16 have in common: fields with tags of their own, some of which repeat in a template, after a list of the tags.

use alloc::{format, vec::Vec};

use chipgate_apdu::tlv::{self, Tag};

use crate::asn1::{Components, INTEGER, single, small};
use crate::{Date, LdsError, Text};

const TAG_LIST: Tag = Tag(0x5C);
const REPEATED: Tag = Tag(0xA0);
/// The most fields of a file: no structure knows twenty, and a template's number counts at most 255 more.
const MOST_FIELDS: usize = 1024;

/// The fields of a data group with the tags that they have, in the order of the file; the members of a template stand one by one.
pub struct Details<'a> {
    fields: Vec<(Tag, &'a [u8])>,
}

impl<'a> Details<'a> {
    /// Reads the whole file. The tag list is not relied on: the fields say themselves what they are. Unknown fields are passed over.
    pub fn parse(structure: &'static str, file: &'a [u8], template: Tag) -> Result<Self, LdsError> {
        Self::parse_value(structure, single(structure, file, template)?)
    }

    /// Reads fields without a template around them.
    pub fn parse_value(structure: &'static str, value: &'a [u8]) -> Result<Self, LdsError> {
        let mut components = Components::new(structure, value);
        let mut fields = Vec::new();
        while let Some(element) = components.next()? {
            match element.tag {
                TAG_LIST => {}
                REPEATED => repeated(&components, element.value, &mut fields)?,
                tag => fields.push((tag, element.value)),
            }
            if fields.len() > MOST_FIELDS {
                return Err(components.invalid("the number of fields"));
            }
        }
        Ok(Self { fields })
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

    /// A date, as eight digits or in four bytes of two digits each; anything else hides no other field.
    pub fn date(&self, tag: u32) -> Option<WrittenDate> {
        let value = self.value(tag).filter(|value| !value.is_empty())?;
        Some(match FullDate::parse(value) {
            Some(date) => WrittenDate::Clear(date),
            None => WrittenDate::Opaque(value.to_vec()),
        })
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
    while let Some(member) = members.next()?
        && count <= MOST_FIELDS
    {
        fields.push((member.tag, member.value));
        count += 1;
    }
    match small(number) {
        Some(number) if usize::from(number) == count => Ok(()),
        _ => Err(parent.invalid("the number of repeated fields")),
    }
}

/// Writes fields, and which there are.
#[derive(Default)]
pub struct Writer {
    tags: Vec<u8>,
    fields: Vec<u8>,
}

impl Writer {
    fn tag(&mut self, tag: u32) {
        // Every tag here has two bytes.
        self.tags.extend((tag as u16).to_be_bytes());
    }

    fn field(&mut self, tag: u32, value: &[u8]) {
        self.tag(tag);
        self.fields.extend(tlv::encode(Tag(tag), value));
    }

    pub fn text(&mut self, tag: u32, text: Option<&Text>) {
        if let Some(text) = text {
            self.field(tag, text.as_bytes());
        }
    }

    pub fn bytes(&mut self, tag: u32, bytes: Option<&[u8]>) {
        if let Some(bytes) = bytes {
            self.field(tag, bytes);
        }
    }

    /// Eight digits, zeros for what is not known.
    pub fn date(&mut self, tag: u32, date: Option<&WrittenDate>) {
        match date {
            Some(WrittenDate::Clear(FullDate { year, month, day })) => {
                let (month, day) = (month.unwrap_or_default(), day.unwrap_or_default());
                self.field(tag, format!("{year:04}{month:02}{day:02}").as_bytes());
            }
            Some(WrittenDate::Opaque(bytes)) => self.field(tag, bytes),
            None => {}
        }
    }

    /// Several fields with one tag, in a template with their number, which has one byte.
    pub fn texts(&mut self, tag: u32, texts: &[Text]) {
        if texts.is_empty() {
            return;
        }
        self.tag(tag);
        let mut value = crate::asn1::unsigned_integer(&(texts.len() as u64).to_be_bytes());
        for text in texts {
            value.extend(tlv::encode(Tag(tag), text.as_bytes()));
        }
        self.fields.extend(tlv::encode(REPEATED, &value));
    }

    /// The fields alone.
    pub fn fields(&self) -> &[u8] {
        &self.fields
    }

    /// The file: the list of the tags, then the fields.
    pub fn file(&self, template: Tag) -> Vec<u8> {
        let list = tlv::encode(TAG_LIST, &self.tags);
        tlv::encode(template, &[list.as_slice(), &self.fields].concat())
    }
}

/// A date, which some issuers write in a form of their own.
#[derive(Clone, PartialEq, Eq)]
pub enum WrittenDate {
    /// As the standard wants it.
    Clear(FullDate),
    /// Anything else: there is something, but it is no date that can be read here.
    Opaque(Vec<u8>),
}

impl WrittenDate {
    /// The date, if it can be read.
    pub const fn known(&self) -> Option<FullDate> {
        match self {
            Self::Clear(date) => Some(*date),
            Self::Opaque(_) => None,
        }
    }
}

/// A date of which month and day may be unknown, which issuers write as zeros.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FullDate {
    /// All four digits of the year.
    pub year: u16,
    /// The month, if known.
    pub month: Option<u8>,
    /// The day of the month, if known.
    pub day: Option<u8>,
}

impl FullDate {
    /// Reads YYYYMMDD, as digits or packed in four bytes; zeros or, in digits, fillers stand for an unknown month and day.
    fn parse(value: &[u8]) -> Option<Self> {
        let digits = match *value {
            [a, b, c, d] => unpacked(&[a, b, c, d])?,
            ref text => digits(text)?,
        };
        let number = |digits: &[u8]| {
            let digits = digits.iter();
            digits.fold(0_u16, |number, &digit| number * 10 + u16::from(digit))
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

/// Eight digits of text, of which the last two pairs may be fillers.
fn digits(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |(index, byte): (usize, &u8)| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'<' if index >= 4 => Some(0),
        _ => None,
    };
    let pairs_agree = text
        .chunks(2)
        .all(|pair| matches!(pair, [b'<', b'<']) || !pair.contains(&b'<'));
    let digits: Option<Vec<u8>> = text.iter().enumerate().map(digit).collect();
    digits.filter(|digits| digits.len() == 8 && pairs_agree)
}

/// Two digits a byte.
pub fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let digits: Vec<u8> = packed.iter().flat_map(|byte| [byte >> 4, byte & 0xF]).collect();
    digits.iter().all(|&digit| digit <= 9).then_some(digits)
}

hide_in_debug!(FullDate);
hide_in_debug!(WrittenDate);
