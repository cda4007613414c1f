use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
};
use core::ops::Range;

use super::check_digit::{FILLER, matches};
use super::{Mrz, MrzDate, MrzField, MrzKind, Names, Sex};
use crate::LdsError;

/// Where the fields of one form stand in the text of all lines, and what its check digits cover.
pub(super) struct Layout {
    pub kind: MrzKind,
    pub document_number: Range<usize>,
    pub nationality: Range<usize>,
    pub birth_date: Range<usize>,
    pub sex: usize,
    pub expiry_date: Range<usize>,
    pub optional_data: Range<usize>,
    pub optional_data_2: Range<usize>,
    pub names: Range<usize>,
    /// The optional data of a TD3 have a check digit of their own behind them.
    pub optional_data_digit: Option<usize>,
    pub composite: [Range<usize>; 4],
    pub composite_digit: usize,
}

/// What all forms have in common.
pub(super) const DOCUMENT_CODE: Range<usize> = 0..2;
pub(super) const ISSUING_STATE: Range<usize> = 2..5;

/// Doc 9303-5, 4.2.2.
const TD1: Layout = Layout {
    kind: MrzKind::Td1,
    document_number: 5..14,
    optional_data: 15..30,
    birth_date: 30..36,
    sex: 37,
    expiry_date: 38..44,
    nationality: 45..48,
    optional_data_2: 48..59,
    names: 60..90,
    optional_data_digit: None,
    composite: [5..30, 30..37, 38..45, 48..59],
    composite_digit: 59,
};

/// Doc 9303-6, 4.2.2.
const TD2: Layout = Layout {
    kind: MrzKind::Td2,
    names: 5..36,
    document_number: 36..45,
    nationality: 46..49,
    birth_date: 49..55,
    sex: 56,
    expiry_date: 57..63,
    optional_data: 64..71,
    optional_data_2: 0..0,
    optional_data_digit: None,
    composite: [36..46, 49..56, 57..71, 0..0],
    composite_digit: 71,
};

/// Doc 9303-4, 4.2.2.
const TD3: Layout = Layout {
    kind: MrzKind::Td3,
    names: 5..44,
    document_number: 44..53,
    nationality: 54..57,
    birth_date: 57..63,
    sex: 64,
    expiry_date: 65..71,
    optional_data: 72..86,
    optional_data_2: 0..0,
    optional_data_digit: Some(86),
    composite: [44..54, 57..64, 65..87, 0..0],
    composite_digit: 87,
};

impl MrzKind {
    pub(super) const fn layout(self) -> &'static Layout {
        match self {
            Self::Td1 => &TD1,
            Self::Td2 => &TD2,
            Self::Td3 => &TD3,
        }
    }
}

impl Mrz {
    /// Reads all lines, with or without line breaks between them, and checks every check digit.
    pub fn parse(text: &str) -> Result<Self, LdsError> {
        let text: String = text
            .chars()
            .filter(|character| !character.is_ascii_whitespace())
            .collect();
        let kind = kind_of(&text)?;
        let layout = kind.layout();
        let zone = Zone { text: &text, layout };
        let (document_number, number_end) = zone.document_number()?;
        let birth_date = zone.date(&layout.birth_date, MrzField::BirthDate)?;
        let expiry_date = zone.date(&layout.expiry_date, MrzField::ExpiryDate)?;
        zone.check_optional_data_digit()?;
        zone.check_composite_digit()?;
        Ok(Self {
            kind,
            document_code: zone.document_code()?,
            issuing_state: zone.state(&ISSUING_STATE, MrzField::IssuingState)?,
            document_number,
            nationality: zone.state(&layout.nationality, MrzField::Nationality)?,
            birth_date,
            sex: zone.sex()?,
            expiry_date,
            optional_data: zone.trimmed(&(number_end..layout.optional_data.end)),
            optional_data_2: zone.trimmed(&layout.optional_data_2),
            names: zone.names()?,
            text,
        })
    }
}

fn kind_of(text: &str) -> Result<MrzKind, LdsError> {
    let allowed = |character: char| matches!(character, 'A'..='Z' | '0'..='9' | FILLER);
    if let Some(index) = text.chars().position(|character| !allowed(character)) {
        return Err(LdsError::MrzCharacter { position: index + 1 });
    }
    [MrzKind::Td1, MrzKind::Td2, MrzKind::Td3]
        .into_iter()
        .find(|kind| kind.length() == text.len())
        .ok_or(LdsError::MrzLength {
            characters: text.len(),
        })
}

/// A text that has the length of its layout and holds ASCII only.
struct Zone<'a> {
    text: &'a str,
    layout: &'a Layout,
}

impl<'a> Zone<'a> {
    fn field(&self, range: &Range<usize>) -> &'a str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    fn character(&self, index: usize) -> char {
        self.text
            .as_bytes()
            .get(index)
            .map_or(FILLER, |&byte| byte.into())
    }

    fn trimmed(&self, range: &Range<usize>) -> String {
        self.field(range).trim_end_matches(FILLER).to_owned()
    }

    fn document_code(&self) -> Result<String, LdsError> {
        let code = self.trimmed(&DOCUMENT_CODE);
        let field = MrzField::DocumentCode;
        let valid = code.starts_with(|first: char| first.is_ascii_uppercase());
        if valid {
            Ok(code)
        } else {
            Err(LdsError::MrzField { field })
        }
    }

    /// A code of letters, with fillers behind it: `D<<`.
    fn state(&self, range: &Range<usize>, field: MrzField) -> Result<String, LdsError> {
        let code = self.trimmed(range);
        let letters = code.bytes().all(|byte| byte.is_ascii_uppercase());
        if letters {
            Ok(code)
        } else {
            Err(LdsError::MrzField { field })
        }
    }

    fn sex(&self) -> Result<Sex, LdsError> {
        match self.character(self.layout.sex) {
            'F' => Ok(Sex::Female),
            'M' => Ok(Sex::Male),
            FILLER | 'X' => Ok(Sex::Unspecified),
            _ => Err(LdsError::MrzField { field: MrzField::Sex }),
        }
    }

    fn date(&self, range: &Range<usize>, field: MrzField) -> Result<MrzDate, LdsError> {
        let text = self.field(range);
        if !matches(text, self.character(range.end)) {
            return Err(LdsError::MrzCheckDigit { field });
        }
        MrzDate::parse(text).ok_or(LdsError::MrzField { field })
    }

    /// The number, and where the optional data behind it begin.
    ///
    /// A number of more than nine characters continues in the optional data of a TD1 or TD2, its check digit behind it and then a
    /// filler; a filler in place of the check digit says so (Doc 9303-5, 4.2.2).
    fn document_number(&self) -> Result<(String, usize), LdsError> {
        let field = MrzField::DocumentNumber;
        let optional = &self.layout.optional_data;
        let (start, digit) = (
            self.field(&self.layout.document_number),
            self.character(self.layout.document_number.end),
        );
        let rest = self.field(optional);
        let rest = rest.split(FILLER).next().unwrap_or_default();
        if digit == FILLER && self.layout.kind != MrzKind::Td3 && !rest.is_empty() && !start.ends_with(FILLER)
        {
            let (continued, digit) = rest.split_at(rest.len() - 1);
            let number = start.to_string() + continued;
            return if digit.chars().all(|digit| matches(&number, digit)) {
                Ok((number, optional.start + rest.len()))
            } else {
                Err(LdsError::MrzCheckDigit { field })
            };
        }
        if !matches(start, digit) {
            return Err(LdsError::MrzCheckDigit { field });
        }
        match start.trim_end_matches(FILLER) {
            "" => Err(LdsError::MrzField { field }),
            number => Ok((number.to_owned(), optional.start)),
        }
    }

    fn check_optional_data_digit(&self) -> Result<(), LdsError> {
        let field = MrzField::OptionalData;
        match self.layout.optional_data_digit {
            Some(digit) if !matches(self.field(&self.layout.optional_data), self.character(digit)) => {
                Err(LdsError::MrzCheckDigit { field })
            }
            _ => Ok(()),
        }
    }

    fn check_composite_digit(&self) -> Result<(), LdsError> {
        let covered: String = self
            .layout
            .composite
            .iter()
            .map(|range| self.field(range))
            .collect();
        if matches(&covered, self.character(self.layout.composite_digit)) {
            Ok(())
        } else {
            let field = MrzField::Composite;
            Err(LdsError::MrzCheckDigit { field })
        }
    }

    /// Two fillers stand between primary and secondary identifier, one between the parts of each (Doc 9303-3, 4.6).
    fn names(&self) -> Result<Names, LdsError> {
        let field = self.field(&self.layout.names).trim_end_matches(FILLER);
        let (primary, secondary) = field.split_once("<<").unwrap_or((field, ""));
        let words = |text: &str| text.trim_matches(FILLER).replace(FILLER, " ");
        let names = Names {
            primary: words(primary),
            secondary: words(secondary),
        };
        if names.primary.is_empty() && names.secondary.is_empty() {
            let field = MrzField::Names;
            return Err(LdsError::MrzField { field });
        }
        Ok(names)
    }
}
