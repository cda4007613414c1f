use core::fmt;

use chipgate_apdu::Timestamp;

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// All digits of the year.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl Date {
    /// A day that exists, in the years 1 to 9999; else `None`.
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let exists = year >= 1 && year <= 9999 && day >= 1 && day <= days_in_month(year, month);
        if exists {
            Some(Self { year, month, day })
        } else {
            None
        }
    }

    /// The day of this moment in UTC; `None` after the year 9999.
    pub fn from_timestamp(moment: Timestamp) -> Option<Self> {
        // Days are counted in cycles of 400 years from 1 March 0000, so that a leap day ends its year.
        const DAYS_TO_1970: u64 = 719_468;
        let days = moment.seconds() / 86_400 + DAYS_TO_1970;
        let (cycle, day_of_cycle) = (days / 146_097, days % 146_097);
        let year_of_cycle =
            (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524 - day_of_cycle / 146_096) / 365;
        let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = (month_from_march + 2) % 12 + 1;
        let year = cycle * 400 + year_of_cycle + u64::from(month <= 2);
        Self::new(u16::try_from(year).ok()?, month as u8, day as u8)
    }

    /// Whether the year has a 29 February.
    pub const fn is_leap_year(year: u16) -> bool {
        year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

const fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if Date::is_leap_year(year) => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use chipgate_apdu::Timestamp;

    use super::Date;

    fn day_of(seconds: u64) -> alloc::string::String {
        Date::from_timestamp(Timestamp(seconds * 1000))
            .unwrap()
            .to_string()
    }

    #[test]
    fn knows_the_day_of_a_moment() {
        assert_eq!(day_of(0), "1970-01-01");
        assert_eq!(day_of(951_782_399), "2000-02-28");
        assert_eq!(day_of(951_782_400), "2000-02-29");
        assert_eq!(day_of(951_868_800), "2000-03-01");
        assert_eq!(day_of(1_767_225_599), "2025-12-31");
        assert_eq!(day_of(4_107_542_400), "2100-03-01");
        assert_eq!(Date::from_timestamp(Timestamp(u64::MAX)), None);
    }

    #[test]
    fn rejects_days_that_do_not_exist() {
        assert!(Date::new(2024, 2, 29).is_some());
        assert!(Date::new(2023, 2, 29).is_none());
        assert!(Date::new(1900, 2, 29).is_none());
        assert!(Date::new(2000, 13, 1).is_none());
        assert!(Date::new(2000, 0, 1).is_none());
        assert!(Date::new(2000, 4, 31).is_none());
        assert!(Date::new(0, 1, 1).is_none());
    }
}
