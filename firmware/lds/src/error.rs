use chipgate_apdu::tlv::TlvError;

use crate::mrz::MrzField;

/// Why a file, a field or a machine readable zone is not what the standard says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LdsError {
    /// A data object is cut off, missing, or followed by other bytes: the file is damaged or was not read to its end.
    #[error("{structure}: {error}; read the file again, or take it for damaged")]
    Encoding {
        /// The file or structure that was being read.
        structure: &'static str,
        /// What is wrong, and where in that structure.
        error: TlvError,
    },
    /// A field holds a value that the standard does not allow: the file is damaged or not made to the standard.
    #[error("{structure}: {field} holds a value that its standard does not allow; take the file for damaged")]
    Field {
        /// The file or structure that was being read.
        structure: &'static str,
        /// Its field, in the standard's words.
        field: &'static str,
    },
    /// The file is well formed, but of a kind that is not read here.
    #[error("{structure}: {what} is not read here; the document needs a newer reader")]
    Unsupported {
        /// The file or structure that was being read.
        structure: &'static str,
        /// What would have to be read.
        what: &'static str,
    },
    /// A value is too long or of the wrong form to be written.
    #[error("{structure}: the value given for {field} does not fit; shorten or correct it")]
    DoesNotFit {
        /// The file or structure that was to be written.
        structure: &'static str,
        /// Its field, in the standard's words.
        field: &'static str,
    },
    /// The text has the length of no machine readable zone.
    #[error(
        "{characters} characters are no machine readable zone, which has 3 lines of 30 (TD1), 2 of 36 (TD2) or 2 of 44 (TD3): enter all lines"
    )]
    MrzLength {
        /// How many characters there are, line breaks and blanks not counted.
        characters: usize,
    },
    /// The text holds a character that a machine readable zone cannot hold.
    #[error(
        "character {position} of the machine readable zone is none of A to Z, 0 to 9 and <: enter it again"
    )]
    MrzCharacter {
        /// Which one, counted from 1 over all lines.
        position: usize,
    },
    /// A check digit does not match what it covers: a character was misread or mistyped.
    #[error("the check digit of the machine readable zone's {field} does not match: enter it again")]
    MrzCheckDigit {
        /// The field that the check digit covers.
        field: MrzField,
    },
    /// A field of the machine readable zone is not formed as Doc 9303 says.
    #[error("the {field} of the machine readable zone is not formed as Doc 9303 says: enter it again")]
    MrzField {
        /// Which one.
        field: MrzField,
    },
}

impl LdsError {
    /// For `map_err`: a data object of `structure` is broken.
    pub(crate) const fn encoding(structure: &'static str) -> impl Fn(TlvError) -> Self {
        move |error| Self::Encoding { structure, error }
    }
}
