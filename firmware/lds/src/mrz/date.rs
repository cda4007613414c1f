use alloc::{borrow::ToOwned, string::String};

use crate::Date;

/// A date of the machine readable zone, YYMMDD, of which parts may be unknown (Doc 9303-3, 4.8).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MrzDate {
    text: String,
    year: Option<u8>,
    month: Option<u8>,
    day: Option<u8>,
}

impl MrzDate {
    /// Reads YYMMDD; `<<` marks an unknown part, and so does the `00` that some issuers write for month and day.
    /// `None` if it is neither a date nor one with unknown parts.
    pub fn parse(text: &str) -> Option<Self> {
        let part = |at: usize| text.get(at..at + 2);
        if text.len() != 6 {
            return None;
        }
        let year = unknown_or_number(part(0)?).ok()?;
        let month = unknown_or_number(part(2)?).ok()?.filter(|&month| month != 0);
        let day = unknown_or_number(part(4)?).ok()?.filter(|&day| day != 0);
        if month.is_some_and(|month| month > 12) || day.is_some_and(|day| day > 31) {
            return None;
        }
        Some(Self {
            text: text.to_owned(),
            year,
            month,
            day,
        })
    }

    /// The six characters as they stand.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The last two digits of the year, if known.
    pub const fn year(&self) -> Option<u8> {
        self.year
    }

    /// The month, if known.
    pub const fn month(&self) -> Option<u8> {
        self.month
    }

    /// The day of the month, if known.
    pub const fn day(&self) -> Option<u8> {
        self.day
    }

    /// The date of birth that this is on the day `reference`: the latest that is not after it. `None` if a part is unknown or there
    /// is no such day.
    pub fn as_birth_date(&self, reference: Date) -> Option<Date> {
        self.in_centuries(reference)
            .filter(|&date| date <= reference)
            .max()
    }

    /// The date of expiry that this is on the day `reference`: the nearest, from 50 years before to 49 years after its year. `None` if
    /// a part is unknown or there is no such day.
    pub fn as_expiry_date(&self, reference: Date) -> Option<Date> {
        let years = reference.year.saturating_sub(50)..reference.year.saturating_add(50);
        self.in_centuries(reference)
            .find(|date| years.contains(&date.year))
    }

    /// The days that this can be, in the centuries around `reference`.
    fn in_centuries(&self, reference: Date) -> impl Iterator<Item = Date> {
        let parts = self.year.zip(self.month).zip(self.day);
        let century = reference.year / 100;
        (century.saturating_sub(1)..=century + 1).filter_map(move |century| {
            let ((year, month), day) = parts?;
            Date::new(century * 100 + u16::from(year), month, day)
        })
    }
}

hide_in_debug!(MrzDate);

/// Two characters that are neither fillers nor digits.
struct NoPart;

/// `<<` is an unknown part.
fn unknown_or_number(text: &str) -> Result<Option<u8>, NoPart> {
    match text.as_bytes() {
        b"<<" => Ok(None),
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Ok(Some((tens - b'0') * 10 + (ones - b'0'))),
        _ => Err(NoPart),
    }
}

#[cfg(test)]
mod tests {
    use super::MrzDate;
    use crate::Date;

    fn day(year: u16, month: u8, day: u8) -> Date {
        Date::new(year, month, day).unwrap()
    }

    fn date(text: &str) -> MrzDate {
        MrzDate::parse(text).unwrap()
    }

    #[test]
    fn a_birth_date_is_the_latest_that_is_not_in_the_future() {
        let today = day(2026, 11, 24);
        assert_eq!(date("261124").as_birth_date(today), Some(day(2026, 11, 24)));
        assert_eq!(date("261125").as_birth_date(today), Some(day(1926, 11, 25)));
        assert_eq!(date("990101").as_birth_date(today), Some(day(1999, 1, 1)));
        // 1900 had no 29 February, 2000 had one.
        assert_eq!(date("000229").as_birth_date(today), Some(day(2000, 2, 29)));
    }

    #[test]
    fn an_expiry_date_is_the_nearest() {
        let today = day(2026, 11, 24);
        assert_eq!(date("270101").as_expiry_date(today), Some(day(2027, 1, 1)));
        assert_eq!(date("751231").as_expiry_date(today), Some(day(2075, 12, 31)));
        assert_eq!(date("760101").as_expiry_date(today), Some(day(1976, 1, 1)));
        assert_eq!(
            date("991231").as_expiry_date(day(2100, 1, 1)),
            Some(day(2099, 12, 31))
        );
    }

    #[test]
    fn unknown_parts_are_kept_apart_from_known_ones() {
        let birth = date("75<<<<");
        assert_eq!((birth.year(), birth.month(), birth.day()), (Some(75), None, None));
        assert_eq!(birth.as_birth_date(day(2026, 1, 1)), None);
        assert_eq!(date("750000").month(), None);
        assert_eq!(date("<<<<<<").year(), None);
        assert_eq!(birth.as_str(), "75<<<<");
    }

    #[test]
    fn rejects_what_is_no_date() {
        for text in ["751301", "750132", "7501<1", "75010", "75010A", "+50101", "é0101"] {
            assert_eq!(MrzDate::parse(text), None, "{text}");
        }
    }
}
