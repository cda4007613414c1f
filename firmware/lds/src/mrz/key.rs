use alloc::vec::Vec;

use chipgate_crypto::Secret;

use super::check_digit::{FILLER, check_digit};
use super::{Mrz, MrzDate, MrzField};
use crate::LdsError;

/// How long the document number is at least, with fillers.
const SHORTEST_NUMBER: usize = 9;

/// What of the machine readable zone opens a chip with BAC or PACE. It never appears in `Debug`.
#[derive(PartialEq)]
pub struct MrzKey {
    information: Secret,
}

impl MrzKey {
    /// From the three fields as they are printed: the document number without its check digit, and both dates as YYMMDD.
    pub fn new(document_number: &str, birth_date: &str, expiry_date: &str) -> Result<Self, LdsError> {
        let number = document_number.trim_end_matches(FILLER);
        let field = |field| LdsError::MrzField { field };
        let character = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'<';
        if number.is_empty() || number.len() > 22 || !number.bytes().all(character) {
            return Err(field(MrzField::DocumentNumber));
        }
        MrzDate::parse(birth_date).ok_or(field(MrzField::BirthDate))?;
        MrzDate::parse(expiry_date).ok_or(field(MrzField::ExpiryDate))?;
        Ok(Self {
            information: information(number, birth_date, expiry_date),
        })
    }

    /// The MRZ information, whose SHA-1 is the seed of the keys (Doc 9303-11, 9.7.2).
    pub fn information(&self) -> Secret {
        Secret::new(self.information.as_bytes())
    }
}

impl Clone for MrzKey {
    fn clone(&self) -> Self {
        Self {
            information: self.information(),
        }
    }
}

impl From<&Mrz> for MrzKey {
    fn from(mrz: &Mrz) -> Self {
        Self {
            information: mrz.key_seed_text(),
        }
    }
}

hide_in_debug!(MrzKey);

/// The number is filled up to nine characters; a longer one stands in full (Doc 9303-11, appendix D.2). Fillers count
/// nothing, so that the check digit is the same without them.
pub(super) fn information(document_number: &str, birth_date: &str, expiry_date: &str) -> Secret {
    let number_length = document_number.len().max(SHORTEST_NUMBER);
    // As long as it gets, so that no shorter copy is left behind.
    let mut text = Vec::with_capacity(number_length + birth_date.len() + expiry_date.len() + 3);
    text.extend_from_slice(document_number.as_bytes());
    text.resize(number_length, FILLER as u8);
    text.push(check_digit(document_number) as u8);
    for date in [birth_date, expiry_date] {
        text.extend_from_slice(date.as_bytes());
        text.push(check_digit(date) as u8);
    }
    Secret::new(text)
}
