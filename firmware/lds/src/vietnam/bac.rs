use alloc::{format, vec::Vec};

use super::CitizenNumber;
use crate::{Date, MrzKey};

/// The birthdays on which a card expires (Law 26/2023, article 21, and its predecessor).
const EXPIRY_AGES: [u16; 4] = [14, 25, 40, 60];
/// A card issued within so many years before such a birthday runs to the next.
const RENEWAL_YEARS: u16 = 2;

/// A key that may open a card with BAC, and the date of expiry that it assumes. It is a guess: try it, and count the tries.
#[derive(Clone, Debug, PartialEq)]
pub struct BacKeyCandidate {
    /// The date of expiry that was assumed.
    pub expiry_date: Date,
    /// The key.
    pub key: MrzKey,
}

/// The keys that may open a citizen card with BAC, likeliest first, at most `limit`.
///
/// The machine readable zone's three fields are the number, the date of birth and the date of expiry, and a card expires on one of a few
/// birthdays. The date of issue, from the QR code, says on which. Someone born on 29 February has the birthday before or after it in other
/// years. After the 60th birthday a card does not expire: what its zone then says is unknown, and the operator types it. A chip slows
/// down after failed tries, so `limit` is small.
pub fn bac_key_candidates(
    number: &CitizenNumber,
    birth_date: Date,
    issue_date: Option<Date>,
    limit: usize,
) -> Vec<BacKeyCandidate> {
    expiry_dates(birth_date, issue_date)
        .into_iter()
        .filter_map(|expiry_date| {
            let key = MrzKey::new(
                number.document_number(),
                &yymmdd(birth_date),
                &yymmdd(expiry_date),
            )
            .ok()?;
            Some(BacKeyCandidate { expiry_date, key })
        })
        .take(limit)
        .collect()
}

/// Without a date of issue, every birthday can be the one, and they come in their order. With it, the first that the rule allows is, and those after it follow, since
/// offices have not always kept to the rule; then the ones that the rule of two years passes over.
fn expiry_dates(birth_date: Date, issue_date: Option<Date>) -> Vec<Date> {
    let Some(issued) = issue_date else {
        return EXPIRY_AGES
            .into_iter()
            .flat_map(|age| birthdays(birth_date, age))
            .collect();
    };
    let (mut likely, mut passed_over) = (Vec::new(), Vec::new());
    for age in EXPIRY_AGES {
        for birthday in birthdays(birth_date, age) {
            let earliest_issue_to_pass = (birthday.year - RENEWAL_YEARS, birthday.month, birthday.day);
            if birthday <= issued {
                continue;
            }
            if (issued.year, issued.month, issued.day) >= earliest_issue_to_pass {
                passed_over.push(birthday);
            } else {
                likely.push(birthday);
            }
        }
    }
    likely.extend(passed_over);
    likely
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

fn yymmdd(date: Date) -> alloc::string::String {
    format!("{:02}{:02}{:02}", date.year % 100, date.month, date.day)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{bac_key_candidates, expiry_dates};
    use crate::vietnam::CitizenNumber;
    use crate::{Date, MrzKey};

    fn day(year: u16, month: u8, day: u8) -> Date {
        Date::new(year, month, day).unwrap()
    }

    #[test]
    fn the_date_of_issue_says_on_which_birthday_a_card_expires() {
        let birth = day(2002, 4, 15);
        let first = |issued| expiry_dates(birth, Some(issued))[0];
        assert_eq!(first(day(2021, 5, 20)), day(2027, 4, 15));
        assert_eq!(first(day(2025, 4, 14)), day(2027, 4, 15));
        // Within two years before the 25th birthday: to the 40th.
        assert_eq!(first(day(2025, 4, 15)), day(2042, 4, 15));
        assert_eq!(first(day(2010, 1, 1)), day(2016, 4, 15));
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

    #[test]
    fn keys_are_those_of_the_machine_readable_zone_and_limited() {
        let number = CitizenNumber::parse("001302012345").unwrap();
        let keys = bac_key_candidates(&number, day(2002, 4, 15), Some(day(2021, 5, 20)), 2);
        assert_eq!(keys.len(), 2);
        assert!(keys[0].key == MrzKey::new("302012345", "020415", "270415").unwrap());
        let all: Vec<_> = bac_key_candidates(&number, day(2002, 4, 15), None, 10);
        assert_eq!(all.len(), 4);
        assert!(bac_key_candidates(&number, day(2002, 4, 15), None, 0).is_empty());
    }
}
