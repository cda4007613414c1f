use alloc::{borrow::ToOwned, string::String, vec::Vec};

use super::CitizenNumber;
use crate::{Date, LdsError, Sex};

/// What the QR code of a citizen card says. Nobody signs it: it serves to open the chip and for nothing else.
///
/// Cards up to June 2024 carry `number|old number|name|DDMMYYYY|sex|address|DDMMYYYY`; later ones carry more, in an order on which
/// readers disagree. So fields are told by their shape, and what has no certain shape is kept as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct CitizenQr {
    /// The citizen's number.
    pub number: CitizenNumber,
    /// The date of birth, whose year is the number's.
    pub birth_date: Date,
    /// The sex as written; the number says it too.
    pub sex: Option<Sex>,
    /// The date of issue: the earliest date after birth.
    pub issue_date: Option<Date>,
    /// All other fields that are not empty, in their order: old numbers, names, addresses.
    pub other: Vec<String>,
}

hide_in_debug!(CitizenQr);

/// No card's code is longer; a longer text is something else.
const LONGEST: usize = 2048;

impl CitizenQr {
    /// Reads the text of the code.
    pub fn parse(text: &str) -> Result<Self, LdsError> {
        let fields: Vec<&str> = text.trim().split('|').map(str::trim).collect();
        if text.len() > LONGEST || fields.len() < 4 {
            return Err(invalid("its fields"));
        }
        let number = fields.first().copied().unwrap_or_default();
        let number = CitizenNumber::parse(number).map_err(|_| invalid("the number at its start"))?;
        let dates: Vec<Date> = fields.iter().filter_map(|field| date(field)).collect();
        let birth_date = dates
            .iter()
            .copied()
            .find(|date| date.year == number.birth_year());
        let birth_date = birth_date.ok_or(invalid("the date of birth"))?;
        let sex = fields.iter().find_map(|field| sex(field));
        let told = |field: &str| field.is_empty() || date(field).is_some() || sex_of_field(field);
        let others = fields.iter().skip(1).filter(|field| !told(field));
        Ok(Self {
            birth_date,
            sex,
            issue_date: dates.iter().copied().filter(|&date| date > birth_date).min(),
            other: others.map(|&field| field.to_owned()).collect(),
            number,
        })
    }
}

const fn invalid(field: &'static str) -> LdsError {
    LdsError::Field {
        structure: "QR code of a citizen card",
        field,
    }
}

/// DDMMYYYY, or DD/MM/YYYY.
pub(super) fn date(field: &str) -> Option<Date> {
    let digits: String = match field.len() {
        8 => field.to_owned(),
        10 => field.split('/').collect(),
        _ => return None,
    };
    if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Date::new(
        digits.get(4..)?.parse().ok()?,
        digits.get(2..4)?.parse().ok()?,
        digits.get(..2)?.parse().ok()?,
    )
}

/// `Nam` or `Nữ`, the latter composed or decomposed.
pub(super) fn sex(field: &str) -> Option<Sex> {
    match field {
        "Nam" | "NAM" => Some(Sex::Male),
        "Nữ" | "NỮ" | "Nu\u{31B}\u{303}" | "NU\u{31B}\u{303}" => Some(Sex::Female),
        _ => None,
    }
}

fn sex_of_field(field: &str) -> bool {
    sex(field).is_some()
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use proptest::prelude::proptest;

    use super::CitizenQr;
    use crate::{Date, Sex};

    #[test]
    fn reads_a_code_of_seven_fields() {
        let text = "001302012345|123456789|Nguyễn Thị Hoa|15042002|Nữ|Số 1, Hà Nội|20052021";
        let code = CitizenQr::parse(text).unwrap();
        assert_eq!(code.number.as_str(), "001302012345");
        assert_eq!(Some(code.birth_date), Date::new(2002, 4, 15));
        assert_eq!(code.issue_date, Date::new(2021, 5, 20));
        assert_eq!(code.sex, Some(Sex::Female));
        assert_eq!(code.other, ["123456789", "Nguyễn Thị Hoa", "Số 1, Hà Nội"]);
        assert!(!format!("{code:?}").contains("Hoa"));
    }

    #[test]
    fn reads_newer_codes_whatever_the_order_of_their_fields() {
        for text in [
            "001302012345||Nguyễn Thị Hoa|15042002|Nữ|Số 1|01082024||Nguyễn Văn A|Trần Thị B",
            "001302012345|Nguyễn Thị Hoa|Nữ|15042002|Số 1|01082024|123456789|",
            "001302012345|Nguyễn Thị Hoa|Nữ|01082024|Số 1|15042002",
        ] {
            let code = CitizenQr::parse(text).unwrap();
            assert_eq!(Some(code.birth_date), Date::new(2002, 4, 15), "{text}");
            assert_eq!(code.issue_date, Date::new(2024, 8, 1), "{text}");
            assert_eq!(code.other[0], "Nguyễn Thị Hoa", "{text}");
        }
    }

    #[test]
    fn rejects_other_codes() {
        for text in [
            "",
            "https://example.org/|a|b|c",
            "001302012345",
            "001302012345||Hoa|31022002|Nữ",
            "001302012345||Hoa|15041990|Nữ",
        ] {
            assert!(CitizenQr::parse(text).is_err(), "{text}");
        }
        assert!(CitizenQr::parse(&format!("001302012345||{}|15042002", "a".repeat(3000))).is_err());
    }

    proptest! {
        #[test]
        fn never_panics_on_any_text(text: String, tail in "[0-9|/éNữ]{0,60}") {
            let _ = CitizenQr::parse(&text);
            let _ = CitizenQr::parse(&format!("001302012345|{tail}"));
        }
    }

    use std::string::String;
}
