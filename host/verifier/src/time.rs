//! Times as people read them, in UTC.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use chipgate_apdu::{Clock, Timestamp};

/// The system's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the server's time comes in"
    )]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

/// A time, written `2026-11-24 07:40:15 UTC`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Utc(pub Timestamp);

const SECONDS_PER_DAY: u64 = 24 * 60 * 60;

impl Utc {
    /// Without the zone, where the column says it: `2026-11-24 07:40:15`.
    pub(crate) fn short(self) -> String {
        let seconds = self.0.seconds();
        let (year, month, day) = date(seconds / SECONDS_PER_DAY);
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} UTC", self.short())
    }
}

/// Midnight before `time`.
pub(crate) fn midnight(time: Timestamp) -> Timestamp {
    Timestamp::from_seconds(time.seconds() / SECONDS_PER_DAY * SECONDS_PER_DAY)
}

/// Year, month and day of the day that is so many days after 1970-01-01 (Gregorian calendar).
fn date(days: u64) -> (u64, u64, u64) {
    // Whole blocks of 400 years have the same number of days; what is left is counted year by year.
    const DAYS_PER_400_YEARS: u64 = 146_097;
    let (mut year, mut left) = (1970 + days / DAYS_PER_400_YEARS * 400, days % DAYS_PER_400_YEARS);
    while left >= days_in_year(year) {
        left -= days_in_year(year);
        year += 1;
    }
    let mut month = 1;
    while left >= days_in_month(year, month) {
        left -= days_in_month(year, month);
        month += 1;
    }
    (year, month, left + 1)
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_in_year(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

const fn days_in_month(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_times_as_date_does() {
        // `date -u -d @SECONDS`
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_399, "2000-02-28 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (1_795_506_015, "2026-11-24 07:40:15 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
            (16_725_225_600, "2500-01-01 00:00:00 UTC"),
        ] {
            assert_eq!(Utc(Timestamp::from_seconds(seconds)).to_string(), text);
        }
    }

    #[test]
    fn finds_midnight() {
        let midnight = midnight(Timestamp::from_seconds(1_795_506_015));
        assert_eq!(Utc(midnight).to_string(), "2026-11-24 00:00:00 UTC");
    }
}
