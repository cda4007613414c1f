//! Days and moments of the proleptic Gregorian calendar, in UTC.

use chipgate_apdu::Timestamp;

const SECONDS_A_DAY: i64 = 86_400;

/// A moment in UTC, to the second; it may lie before 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    seconds: i64,
}

impl Moment {
    /// The start of a day.
    pub(crate) fn at_midnight(year: i32, month: u8, day: u8) -> Self {
        Self {
            seconds: days_from_civil(year, month, day) * SECONDS_A_DAY,
        }
    }

    /// So many days later, or earlier.
    pub(crate) const fn plus_days(self, days: i32) -> Self {
        Self {
            seconds: self.seconds + days as i64 * SECONDS_A_DAY,
        }
    }

    /// The same day so many years later, or earlier; 29 February becomes 1 March where it must.
    pub(crate) fn plus_years(self, years: i32) -> Self {
        let (year, month, day) = self.date();
        let within = self.seconds.rem_euclid(SECONDS_A_DAY);
        Self {
            seconds: Self::at_midnight(year + years, month, day).seconds + within,
        }
    }

    /// Year, month and day.
    pub(crate) fn date(self) -> (i32, u8, u8) {
        civil_from_days(self.seconds.div_euclid(SECONDS_A_DAY))
    }

    /// The year.
    pub(crate) fn year(self) -> i32 {
        self.date().0
    }

    /// `YYYYMMDDhhmmssZ`.
    pub(crate) fn generalized(self) -> String {
        let (year, month, day) = self.date();
        let second = self.seconds.rem_euclid(SECONDS_A_DAY);
        let (hour, minute) = (second / 3600, second / 60 % 60);
        format!(
            "{year:04}{month:02}{day:02}{hour:02}{minute:02}{:02}Z",
            second % 60
        )
    }

    /// `YYMMDD`, as a machine readable zone has it.
    pub(crate) fn mrz(self) -> String {
        let (year, month, day) = self.date();
        format!("{:02}{month:02}{day:02}", year.rem_euclid(100))
    }

    /// `DD/MM/YYYY`, as the Vietnamese citizen card has it.
    pub(crate) fn vietnamese(self) -> String {
        let (year, month, day) = self.date();
        format!("{day:02}/{month:02}/{year:04}")
    }
}

impl From<Timestamp> for Moment {
    fn from(time: Timestamp) -> Self {
        Self {
            seconds: i64::try_from(time.seconds()).unwrap_or(i64::MAX / 2),
        }
    }
}

/// Days since 1970-01-01. Years are counted from 1 March, so that the leap day is a year's last.
fn days_from_civil(year: i32, month: u8, day: u8) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month_from_march = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day from days since 1970-01-01.
fn civil_from_days(days: i64) -> (i32, u8, u8) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year as i32, month.unsigned_abs() as u8, day.unsigned_abs() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_days_that_others_published() {
        assert_eq!(Moment::from(Timestamp(0)).generalized(), "19700101000000Z");
        assert_eq!(
            Moment::from(Timestamp::from_seconds(1_000_000_000)).generalized(),
            "20010909014640Z"
        );
        assert_eq!(
            Moment::from(Timestamp::from_seconds(4_107_542_400)).generalized(),
            "21000301000000Z"
        );
        assert_eq!(Moment::at_midnight(1969, 12, 31).seconds, -86_400);
    }

    #[test]
    fn every_day_of_four_centuries_survives_a_round_trip() {
        for days in -200_000..300_000 {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }

    #[test]
    fn a_leap_day_moves_to_the_first_of_march() {
        let moment = Moment::at_midnight(2028, 2, 29).plus_years(1);
        assert_eq!(moment.date(), (2029, 3, 1));
        assert_eq!(moment.vietnamese(), "01/03/2029");
    }
}
