use alloc::{format, vec::Vec};

use super::CitizenNumber;
use super::expiry::expiry_dates;
use crate::{Date, MrzKey};

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

fn yymmdd(date: Date) -> alloc::string::String {
    format!("{:02}{:02}{:02}", date.year % 100, date.month, date.day)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::bac_key_candidates;
    use crate::vietnam::CitizenNumber;
    use crate::{Date, MrzKey};

    fn day(year: u16, month: u8, day: u8) -> Date {
        Date::new(year, month, day).unwrap()
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
