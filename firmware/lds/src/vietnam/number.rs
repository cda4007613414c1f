use alloc::{borrow::ToOwned, format, string::String};

use chipgate_crypto::Secret;

use crate::mrz::check_digit;
use crate::{LdsError, Mrz, MrzKind, Sex};

/// The personal number of a Vietnamese citizen: 3 digits for where the birth was registered, 1 for sex and century,
/// 2 for the year, 6 at random. Its last six digits open the chip, so it does not appear in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct CitizenNumber {
    digits: String,
}

hide_in_debug!(CitizenNumber);

impl CitizenNumber {
    /// Takes the twelve digits.
    pub fn parse(digits: &str) -> Result<Self, LdsError> {
        if digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            let digits = digits.to_owned();
            return Ok(Self { digits });
        }
        Err(LdsError::Field {
            structure: "Vietnamese citizen card",
            field: "the citizen's number, twelve digits,",
        })
    }

    /// The number in a citizen card's machine readable zone; `None` for any other document.
    pub fn from_mrz(mrz: &Mrz) -> Option<Self> {
        if mrz.kind != MrzKind::Td1 || mrz.issuing_state != "VNM" {
            return None;
        }
        let number = Self::parse(mrz.optional_data.get(..12)?).ok()?;
        (number.optional_data() == mrz.optional_data).then_some(number)
    }

    /// All twelve digits.
    pub fn as_str(&self) -> &str {
        &self.digits
    }

    /// Where the birth was registered: a province's code, of the 63 old provinces too, or a country's.
    pub fn birth_place_code(&self) -> &str {
        self.part(0, 3)
    }

    /// The holder's sex: the fourth digit is even for men and odd for women.
    pub fn sex(&self) -> Sex {
        if self.century_digit().is_multiple_of(2) {
            Sex::Male
        } else {
            Sex::Female
        }
    }

    /// The year of birth: the fourth digit is 0 or 1 for the 1900s, 2 or 3 for the 2000s, and so on.
    pub fn birth_year(&self) -> u16 {
        let year: u16 = self
            .part(4, 6)
            .bytes()
            .fold(0, |year, digit| year * 10 + u16::from(digit - b'0'));
        1900 + 100 * u16::from(self.century_digit() / 2) + year
    }

    /// The card access number, which is not printed as such: the last six digits.
    pub fn can(&self) -> Secret {
        Secret::new(self.part(6, 12))
    }

    /// The document number in the machine readable zone: the last nine digits.
    pub fn document_number(&self) -> &str {
        self.part(3, 12)
    }

    /// The optional data in the first line of the machine readable zone: the number, two fillers, and a check digit over these.
    pub fn optional_data(&self) -> String {
        let covered = format!("{}<<", self.digits);
        let digit = check_digit(&covered);
        format!("{covered}{digit}")
    }

    fn century_digit(&self) -> u8 {
        self.digits.as_bytes().get(3).map_or(0, |digit| digit - b'0')
    }

    /// The twelve digits are ASCII, so every part is there.
    fn part(&self, start: usize, end: usize) -> &str {
        self.digits.get(start..end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::CitizenNumber;
    use crate::{Mrz, MrzFields, MrzKind, Sex};

    #[test]
    fn takes_a_number_apart() {
        let number = CitizenNumber::parse("001302012345").unwrap();
        assert_eq!(number.birth_place_code(), "001");
        assert_eq!((number.sex(), number.birth_year()), (Sex::Female, 2002));
        assert_eq!(number.can().as_bytes(), b"012345");
        assert_eq!(number.document_number(), "302012345");
        assert_eq!(CitizenNumber::parse("001090012345").unwrap().birth_year(), 1990);
        assert_eq!(format!("{number:?}"), "CitizenNumber { .. }");
    }

    #[test]
    fn rejects_what_is_no_number() {
        for digits in [
            "00130201234",
            "0013020123456",
            "00130201234A",
            "",
            "０01302012345",
        ] {
            assert!(CitizenNumber::parse(digits).is_err(), "{digits}");
        }
    }

    fn card(issuing_state: &str, optional_data: &str) -> Mrz {
        Mrz::build(&MrzFields {
            kind: MrzKind::Td1,
            document_code: "ID",
            issuing_state,
            document_number: "302012345",
            nationality: "VNM",
            birth_date: "020415",
            sex: Sex::Female,
            expiry_date: "270415",
            optional_data,
            optional_data_2: "",
            primary: "NGUYEN",
            secondary: "THI HOA",
        })
        .unwrap()
    }

    #[test]
    fn is_found_in_a_citizen_cards_machine_readable_zone_only() {
        let number = CitizenNumber::parse("001302012345").unwrap();
        let optional_data = number.optional_data();
        assert_eq!(optional_data.len(), 15);
        let mrz = card("VNM", &optional_data);
        assert!(
            mrz.text.starts_with("IDVNM3020123456001302012345<<"),
            "{}",
            mrz.text
        );
        assert_eq!(CitizenNumber::from_mrz(&mrz), Some(number));
        assert_eq!(CitizenNumber::from_mrz(&card("UTO", &optional_data)), None);
        assert_eq!(CitizenNumber::from_mrz(&card("VNM", "001302012345<<X")), None);
        assert_eq!(CitizenNumber::from_mrz(&card("VNM", "0013020")), None);
    }
}
