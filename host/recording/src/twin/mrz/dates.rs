//! Other dates of birth and expiry that decide the same.

use rand_core::CryptoRng;

use crate::twin::text;

fn number(digits: &[u8]) -> Option<u8> {
    core::str::from_utf8(digits).ok()?.parse().ok()
}

/// Another date of birth, of the same class of age; unknown parts stay unknown.
pub(super) fn other_birth(original: &[u8], today: (u8, u8, u8), rng: &mut impl CryptoRng) -> Vec<u8> {
    other_date(original, rng, |year, month, day| {
        // A year after this one lies in the century before.
        let age = |year: u8, month: u8, day: u8| {
            let (year, this) = (i32::from(year), i32::from(today.0));
            let whole = if year > this || (year == this && (month, day) > (today.1, today.2)) {
                this + 100 - year
            } else {
                this - year
            };
            whole - i32::from((month, day) > (today.1, today.2))
        };
        let class = |age: i32| [6, 14, 18, 60].iter().filter(|&&limit| age >= limit).count();
        move |(y, m, d): (u8, u8, u8)| class(age(y, m, d)) == class(age(year, month, day))
    })
}

/// Another date of expiry, on the same side of today.
pub(super) fn other_expiry(original: &[u8], today: (u8, u8, u8), rng: &mut impl CryptoRng) -> Vec<u8> {
    other_date(original, rng, |year, month, day| {
        let expired = (year, month, day) < today;
        move |date: (u8, u8, u8)| (date < today) == expired
    })
}

/// A date with another year, month and day that `fits`; one of the same year where none does.
fn other_date<F: Fn((u8, u8, u8)) -> bool>(
    original: &[u8],
    rng: &mut impl CryptoRng,
    fitting: impl Fn(u8, u8, u8) -> F,
) -> Vec<u8> {
    let parts = [0..2, 2..4, 4..6].map(|range| original.get(range).and_then(number));
    let [Some(year), month, day] = parts else {
        return text::invent_characters(original, rng);
    };
    let fits = fitting(year, month.unwrap_or(1), day.unwrap_or(1));
    for attempt in 0..400 {
        // One to three years away, then the same year.
        let distance = 1 + (rng.next_u32() % 3).cast_signed();
        let other = match attempt {
            0..200 if rng.next_u32() & 1 == 0 => i32::from(year) - distance,
            0..200 => i32::from(year) + distance,
            _ => i32::from(year),
        };
        let date = (
            u8::try_from(other).unwrap_or(100),
            (1 + rng.next_u32() % 12) as u8,
            (1 + rng.next_u32() % 28) as u8,
        );
        if date.0 < 100 && Some(date.1) != month && Some(date.2) != day && fits(date) {
            let written = format!("{:02}{:02}{:02}", date.0, date.1, date.2);
            let known = written.bytes().zip(original);
            return known
                .map(|(digit, &original)| if original == b'<' { b'<' } else { digit })
                .collect();
        }
    }
    original.to_vec()
}
