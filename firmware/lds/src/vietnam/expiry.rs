use alloc::vec::Vec;

use crate::Date;

/// The birthdays on which a card expires (Law 26/2023, article 21, and its predecessor).
const EXPIRY_AGES: [u16; 4] = [14, 25, 40, 60];
/// A card issued within so many years before such a birthday runs to the next.
const RENEWAL_YEARS: u16 = 2;

/// When a citizen card expires by law.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardExpiry {
    /// On this birthday. For someone born on 29 February it is the day before or after in a year without one: the earlier stands here.
    On(Date),
    /// Not at all: it was issued after the last birthday, or within two years before it. What its machine readable zone says for a date of
    /// expiry is not published, and no date in it counts.
    Never,
}

/// When a card expires by law that was issued on this day to someone born on that.
///
/// ```
/// use chipgate_lds::{Date, vietnam::{CardExpiry, card_expiry}};
///
/// let day = |year| Date::new(year, 4, 15).ok_or("no day");
/// assert_eq!(card_expiry(day(2002)?, day(2021)?), CardExpiry::On(day(2027)?));
/// assert_eq!(card_expiry(day(1960)?, day(2021)?), CardExpiry::Never);
/// # Ok::<(), &str>(())
/// ```
pub fn card_expiry(birth_date: Date, issue_date: Date) -> CardExpiry {
    match by_rule(birth_date, issue_date).0.first() {
        Some(&date) => CardExpiry::On(date),
        None => CardExpiry::Never,
    }
}

/// The dates on which a card may expire, likeliest first.
///
/// Without a date of issue, every birthday can be the one, and they come in their order. With it, the first that the rule allows is, and
/// those after it follow, since offices have not always kept to the rule; then the ones that the rule of two years passes over.
pub(super) fn expiry_dates(birth_date: Date, issue_date: Option<Date>) -> Vec<Date> {
    match issue_date {
        None => {
            let ages = EXPIRY_AGES.into_iter();
            ages.flat_map(|age| birthdays(birth_date, age)).collect()
        }
        Some(issued) => {
            let (mut likely, passed_over) = by_rule(birth_date, issued);
            likely.extend(passed_over);
            likely
        }
    }
}

/// The birthdays that the rule allows, and those that it passes over.
fn by_rule(birth_date: Date, issued: Date) -> (Vec<Date>, Vec<Date>) {
    let (mut allowed, mut passed_over) = (Vec::new(), Vec::new());
    for birthday in EXPIRY_AGES.into_iter().flat_map(|age| birthdays(birth_date, age)) {
        let earliest_issue_to_pass = (birthday.year - RENEWAL_YEARS, birthday.month, birthday.day);
        if birthday <= issued {
            continue;
        }
        if (issued.year, issued.month, issued.day) >= earliest_issue_to_pass {
            passed_over.push(birthday);
        } else {
            allowed.push(birthday);
        }
    }
    (allowed, passed_over)
}

/// The birthday at this age; two for someone born on 29 February, in a year that has none.
fn birthdays(birth_date: Date, age: u16) -> impl Iterator<Item = Date> {
    let year = birth_date.year.saturating_add(age);
    let same_day = Date::new(year, birth_date.month, birth_date.day);
    let beside = match same_day {
        Some(_) => [None, None],
        None => [Date::new(year, 2, 28), Date::new(year, 3, 1)],
    };
    same_day.into_iter().chain(beside.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::{CardExpiry, card_expiry, expiry_dates};
    use crate::Date;

    fn day(year: u16, month: u8, day: u8) -> Date {
        Date::new(year, month, day).unwrap()
    }

    #[test]
    fn the_date_of_issue_says_on_which_birthday_a_card_expires() {
        let birth = day(2002, 4, 15);
        let first = |issued| card_expiry(birth, issued);
        assert_eq!(first(day(2021, 5, 20)), CardExpiry::On(day(2027, 4, 15)));
        assert_eq!(first(day(2025, 4, 14)), CardExpiry::On(day(2027, 4, 15)));
        // Within two years before the 25th birthday: to the 40th.
        assert_eq!(first(day(2025, 4, 15)), CardExpiry::On(day(2042, 4, 15)));
        assert_eq!(first(day(2010, 1, 1)), CardExpiry::On(day(2016, 4, 15)));
        // After the 60th birthday, and within two years before it.
        assert_eq!(first(day(2062, 4, 15)), CardExpiry::Never);
        assert_eq!(first(day(2060, 4, 15)), CardExpiry::Never);
        assert_eq!(first(day(2060, 4, 14)), CardExpiry::On(day(2062, 4, 15)));
        assert_eq!(expiry_dates(birth, Some(day(2062, 4, 15))), []);
    }

    #[test]
    fn a_birthday_that_the_rule_passes_over_comes_last() {
        let dates = expiry_dates(day(2002, 4, 15), Some(day(2026, 1, 1)));
        assert_eq!(dates, [day(2042, 4, 15), day(2062, 4, 15), day(2027, 4, 15)]);
    }

    #[test]
    fn a_leap_day_has_two_birthdays_in_other_years() {
        let dates = expiry_dates(day(2000, 2, 29), Some(day(2021, 1, 1)));
        assert_eq!(dates[..3], [day(2025, 2, 28), day(2025, 3, 1), day(2040, 2, 29)]);
    }
}
