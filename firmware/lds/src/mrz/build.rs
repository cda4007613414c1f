use alloc::{
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use core::fmt;
use core::ops::Range;

use super::check_digit::{FILLER, check_digit};
use super::names::joined;
use super::parse::{DOCUMENT_CODE, ISSUING_STATE, Layout};
use super::{Mrz, MrzKind, Sex};
use crate::LdsError;

/// What a machine readable zone is made from; check digits and fillers are added.
#[derive(Clone)]
pub struct MrzFields<'a> {
    /// Its form.
    pub kind: MrzKind,
    /// `P`, `ID`, `I` …
    pub document_code: &'a str,
    /// The issuing state or organisation, by its code.
    pub issuing_state: &'a str,
    /// The document number; a TD1 or TD2 continues one of more than nine characters in its optional data.
    pub document_number: &'a str,
    /// The holder's nationality, by its code.
    pub nationality: &'a str,
    /// YYMMDD, with `<<` for each unknown part.
    pub birth_date: &'a str,
    /// The holder's sex.
    pub sex: Sex,
    /// YYMMDD, with `<<` for each unknown part.
    pub expiry_date: &'a str,
    /// Up to 15 (TD1), 7 (TD2) or 14 (TD3) characters.
    pub optional_data: &'a str,
    /// Up to 11 characters of the second line of a TD1.
    pub optional_data_2: &'a str,
    /// The surname, in the letters A to Z (see [`Transliteration`](crate::Transliteration)); blanks and hyphens become fillers, apostrophes
    /// vanish.
    pub primary: &'a str,
    /// The given names, likewise. What does not fit is cut off (Doc 9303-4, 4.2.3).
    pub secondary: &'a str,
}

impl fmt::Debug for MrzFields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MrzFields")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl Mrz {
    /// Makes a machine readable zone, for the side of the card. What cannot be read back as it was given is an error, but for names that
    /// are cut.
    pub fn build(fields: &MrzFields<'_>) -> Result<Self, LdsError> {
        let layout = fields.kind.layout();
        let mut zone = Blank::new(layout);
        zone.put("document code", DOCUMENT_CODE, fields.document_code)?;
        zone.put("issuing state", ISSUING_STATE, fields.issuing_state)?;
        zone.put("nationality", layout.nationality.clone(), fields.nationality)?;
        zone.put_dated("date of birth", layout.birth_date.clone(), fields.birth_date)?;
        zone.put_dated("date of expiry", layout.expiry_date.clone(), fields.expiry_date)?;
        let sex = match fields.sex {
            Sex::Female => "F",
            Sex::Male => "M",
            Sex::Unspecified => "<",
        };
        zone.put("sex", layout.sex..layout.sex + 1, sex)?;
        zone.put_numbers(fields)?;
        let names = joined(fields.primary, fields.secondary, layout.names.len());
        zone.put("names", layout.names.clone(), &names)?;
        zone.put_composite_digit()?;
        let mrz = Self::parse(&zone.text())?;
        if mrz.document_number == fields.document_number.trim_end_matches(FILLER) {
            Ok(mrz)
        } else {
            Err(does_not_fit("document number"))
        }
    }
}

const fn does_not_fit(field: &'static str) -> LdsError {
    LdsError::DoesNotFit {
        structure: "machine readable zone",
        field,
    }
}

/// Fillers, into which the fields are put.
struct Blank<'a> {
    characters: Vec<char>,
    layout: &'a Layout,
}

impl<'a> Blank<'a> {
    fn new(layout: &'a Layout) -> Self {
        Self {
            characters: vec![FILLER; layout.kind.length()],
            layout,
        }
    }

    fn text(&self) -> String {
        self.characters.iter().collect()
    }

    fn put(&mut self, field: &'static str, range: Range<usize>, text: &str) -> Result<(), LdsError> {
        let place = self.characters.get_mut(range).ok_or(does_not_fit(field))?;
        if text.chars().count() > place.len() {
            return Err(does_not_fit(field));
        }
        for (to, from) in place.iter_mut().zip(text.chars()) {
            *to = from;
        }
        Ok(())
    }

    /// A field with its check digit behind it.
    fn put_dated(&mut self, field: &'static str, range: Range<usize>, text: &str) -> Result<(), LdsError> {
        if text.len() != range.len() {
            return Err(does_not_fit(field));
        }
        let with_digit = range.start..range.end + 1;
        self.put(
            field,
            with_digit,
            &(text.to_string() + &check_digit(text).to_string()),
        )
    }

    /// The document number and the optional data, which share their place when the number is long.
    fn put_numbers(&mut self, fields: &MrzFields<'_>) -> Result<(), LdsError> {
        let layout = self.layout;
        let number = layout.document_number.clone();
        let mut optional = fields.optional_data.to_string();
        match fields.document_number.split_at_checked(number.len()) {
            Some((start, rest)) if !rest.is_empty() => {
                if fields.kind == MrzKind::Td3 {
                    return Err(does_not_fit("document number"));
                }
                let digit = check_digit(fields.document_number);
                self.put("document number", number, start)?;
                optional = format!("{rest}{digit}<{optional}");
                optional.truncate(optional.trim_end_matches(FILLER).len());
            }
            _ => {
                let padded = format!("{:<<9}", fields.document_number);
                self.put_dated("document number", number, &padded)?;
            }
        }
        self.put("optional data", layout.optional_data.clone(), &optional)?;
        if let Some(place) = layout.optional_data_digit {
            let digit = check_digit(&format!("{optional:<<14}")).to_string();
            self.put("optional data", place..place + 1, &digit)?;
        }
        self.put(
            "second optional data",
            layout.optional_data_2.clone(),
            fields.optional_data_2,
        )
    }

    fn put_composite_digit(&mut self) -> Result<(), LdsError> {
        let covered: String = self
            .layout
            .composite
            .iter()
            .flat_map(|range| self.characters.get(range.clone()).unwrap_or_default())
            .collect();
        let place = self.layout.composite_digit;
        self.put(
            "check digit",
            place..place + 1,
            &check_digit(&covered).to_string(),
        )
    }
}
