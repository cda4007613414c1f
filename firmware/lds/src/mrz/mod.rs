//! The machine readable zone (Doc 9303-3, 4; Doc 9303-4, -5 and -6 for TD3, TD1 and TD2).

mod build;
mod check_digit;
mod date;
mod key;
mod names;
mod parse;
#[cfg(test)]
mod tests;
mod transliteration;

use alloc::string::String;
use core::fmt;

use chipgate_crypto::Secret;

pub use build::MrzFields;
pub(crate) use check_digit::check_digit;
pub use date::MrzDate;
pub use key::MrzKey;
pub use names::NameAgreement;
pub use transliteration::Transliteration;
pub(crate) use transliteration::is_combining_mark;

/// The three forms of a machine readable zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MrzKind {
    /// 3 lines of 30 characters: cards (Doc 9303-5).
    Td1,
    /// 2 lines of 36 characters (Doc 9303-6).
    Td2,
    /// 2 lines of 44 characters: passports (Doc 9303-4).
    Td3,
}

impl MrzKind {
    /// How many lines there are.
    pub const fn lines(self) -> usize {
        match self {
            Self::Td1 => 3,
            Self::Td2 | Self::Td3 => 2,
        }
    }

    /// How many characters a line has.
    pub const fn line_length(self) -> usize {
        match self {
            Self::Td1 => 30,
            Self::Td2 => 36,
            Self::Td3 => 44,
        }
    }

    /// How many characters all lines have.
    pub const fn length(self) -> usize {
        self.lines() * self.line_length()
    }
}

/// A field of the machine readable zone, to say where something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MrzField {
    /// What kind of document it is.
    DocumentCode,
    /// The issuing state or organisation.
    IssuingState,
    /// The document number.
    DocumentNumber,
    /// The holder's nationality.
    Nationality,
    /// The holder's date of birth.
    BirthDate,
    /// The holder's sex.
    Sex,
    /// The date of expiry.
    ExpiryDate,
    /// The optional data: in a TD3 the personal number.
    OptionalData,
    /// The holder's names.
    Names,
    /// The numbers and dates together, which the last check digit covers.
    Composite,
}

impl fmt::Display for MrzField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DocumentCode => "document code",
            Self::IssuingState => "issuing state",
            Self::DocumentNumber => "document number",
            Self::Nationality => "nationality",
            Self::BirthDate => "date of birth",
            Self::Sex => "sex",
            Self::ExpiryDate => "date of expiry",
            Self::OptionalData => "optional data",
            Self::Names => "names",
            Self::Composite => "numbers and dates together",
        })
    }
}

/// The holder's sex, as the document states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    /// `F`
    Female,
    /// `M`
    Male,
    /// `<`, and `X` on documents that write it so
    Unspecified,
}

/// The holder's names, with blanks for fillers.
#[derive(Clone, PartialEq, Eq)]
pub struct Names {
    /// The primary identifier: as a rule the surname.
    pub primary: String,
    /// The secondary identifier: as a rule the given names; empty if there is none.
    pub secondary: String,
}

hide_in_debug!(Names);

/// A machine readable zone whose check digits are right. Fillers at the end of a field are left out of the field.
///
/// What it says of a person does not appear in `Debug`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mrz {
    /// Its form.
    pub kind: MrzKind,
    /// `P`, `ID`, `I` …
    pub document_code: String,
    /// The issuing state or organisation, by its code: `UTO`, `D`.
    pub issuing_state: String,
    /// The document number, in full even where a TD1 or TD2 continues it in its optional data.
    pub document_number: String,
    /// The holder's nationality, by its code.
    pub nationality: String,
    /// The holder's date of birth.
    pub birth_date: MrzDate,
    /// The holder's sex.
    pub sex: Sex,
    /// The date of expiry.
    pub expiry_date: MrzDate,
    /// The optional data of a TD2 or TD3, and of the first line of a TD1; without what belongs to a long number.
    pub optional_data: String,
    /// The optional data of the second line of a TD1; else empty.
    pub optional_data_2: String,
    /// The holder's names.
    pub names: Names,
    /// All lines, one behind the other, without line breaks.
    pub text: String,
}

impl Mrz {
    /// The lines as they are printed.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        let length = self.kind.line_length();
        (0..self.kind.lines()).filter_map(move |line| self.text.get(line * length..(line + 1) * length))
    }

    /// The MRZ information that BAC and PACE derive their key from: document number, date of birth and date of expiry, each with
    /// its check digit (Doc 9303-11, 4.3.2 and 9.7.2). It opens the chip.
    pub fn key_seed_text(&self) -> Secret {
        key::information(
            &self.document_number,
            self.birth_date.as_str(),
            self.expiry_date.as_str(),
        )
    }
}

impl fmt::Debug for Mrz {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mrz")
            .field("kind", &self.kind)
            .field("document_code", &self.document_code)
            .field("issuing_state", &self.issuing_state)
            .finish_non_exhaustive()
    }
}
