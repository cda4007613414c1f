//! How far a measured share can be trusted.

use super::Pair;

/// An interval that holds the true share with 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// The standard normal's 97.5 % point.
const Z: f64 = 1.959_964;
/// How often the people are drawn again.
const DRAWS: usize = 1000;

/// Wilson's interval (1927) for `part` of `whole`, as if all trials were independent.
#[expect(clippy::cast_precision_loss, reason = "counts of pairs")]
pub fn wilson(part: usize, whole: usize) -> Interval {
    if whole == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let (part, whole) = (part as f64, whole as f64);
    let share = part / whole;
    let square = Z * Z / whole;
    let centre = (share + square / 2.0) / (1.0 + square);
    let half = Z / (1.0 + square) * (share * (1.0 - share) / whole + square / (4.0 * whole)).sqrt();
    Interval {
        low: (centre - half).max(0.0),
        high: (centre + half).min(1.0),
    }
}

/// The interval of the share of genuine pairs that reach `threshold`. Pairs of one person aren't independent: people are
/// drawn again a thousand times (the bootstrap over subjects of ISO/IEC 19795-1), and the wider of this and Wilson's interval counts.
/// `person` says whose a picture is. The draws are always the same ones.
#[expect(clippy::cast_precision_loss, reason = "counts of pairs")]
pub fn by_person(pairs: &[Pair], threshold: f32, person: impl Fn(usize) -> usize) -> Interval {
    let mut people: Vec<(usize, usize)> = Vec::new();
    for pair in pairs.iter().filter(|pair| pair.genuine) {
        let person = person(pair.a);
        if people.len() <= person {
            people.resize(person + 1, (0, 0));
        }
        people[person].0 += usize::from(pair.score >= threshold - 5e-5);
        people[person].1 += 1;
    }
    people.retain(|(_, whole)| *whole > 0);
    let sum = people
        .iter()
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let plain = wilson(sum.0, sum.1);
    if people.is_empty() {
        return plain;
    }
    let mut random = Draws(0x9E37_79B9_7F4A_7C15);
    let mut shares: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let drawn = (0..people.len()).map(|_| people[random.below(people.len())]);
            let (part, whole) = drawn.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            part as f64 / whole as f64
        })
        .collect();
    shares.sort_by(f64::total_cmp);
    Interval {
        low: plain.low.min(shares[DRAWS / 40]),
        high: plain.high.max(shares[DRAWS - 1 - DRAWS / 40]),
    }
}

/// Pseudo-random numbers (xorshift, Marsaglia, 2003): the same ones each time, for drawing people, not for secrets.
pub(super) struct Draws(pub(super) u64);

impl Draws {
    /// A number below `end`, which is not 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % end as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_a_worked_example_of_wilsons_interval() {
        // 8 of 10, 95 %: 0.4902 to 0.9433 (Brown, Cai and DasGupta, 2001, give the formula; worked out by hand).
        let Interval { low, high } = wilson(8, 10);
        assert!(
            (low - 0.4902).abs() < 1e-4 && (high - 0.9433).abs() < 1e-4,
            "{low} {high}"
        );
    }

    #[test]
    fn one_person_who_always_fails_widens_the_interval() {
        let pair = |person: usize, score| Pair {
            a: person,
            b: 0,
            genuine: true,
            score,
            quality: 0.0,
        };
        let pairs: Vec<_> = (0..1000)
            .map(|i| pair(i % 10, if i % 10 == 0 { 0.1 } else { 0.9 }))
            .collect();
        let (plain, honest) = (wilson(900, 1000), by_person(&pairs, 0.5, |picture| picture));
        assert!(honest.low < plain.low - 0.05, "{honest:?} {plain:?}");
    }

    #[test]
    fn nothing_measured_is_anything_possible() {
        assert_eq!(
            by_person(&[], 0.5, |picture| picture),
            Interval { low: 0.0, high: 1.0 }
        );
    }
}
