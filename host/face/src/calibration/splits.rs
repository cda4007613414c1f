//! Whether a threshold holds on people who had no part in it.

use super::{Pair, Rates, intervals::Draws};

/// What came of splitting the people several times: the threshold from one half, the rate from the other.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitCheck {
    /// The rate that each threshold was chosen for.
    pub wanted: f64,
    /// The false match rates of the other halves.
    pub found: Vec<f64>,
}

impl SplitCheck {
    /// The highest rate as a multiple of the wanted one.
    pub fn worst(&self) -> f64 {
        self.found.iter().copied().fold(0.0, f64::max) / self.wanted
    }

    /// The mean rate as a multiple of the wanted one.
    #[expect(clippy::cast_precision_loss, reason = "a handful of splits")]
    pub fn mean(&self) -> f64 {
        self.found.iter().sum::<f64>() / self.found.len().max(1) as f64 / self.wanted
    }
}

/// Splits `people` people `times` times into halves at random (the same way each time), takes the cautious threshold for `wanted` from
/// the pairs within one half, and the false match rate from those within the other.
pub fn split_check(
    pairs: &[Pair],
    people: usize,
    person: impl Fn(usize) -> usize,
    wanted: f64,
    times: usize,
) -> SplitCheck {
    let mut random = Draws(0x2545_F491_4F6C_DD1D);
    let mut found = Vec::new();
    for _ in 0..times {
        let mut order: Vec<usize> = (0..people).collect();
        for index in (1..people).rev() {
            order.swap(index, random.below(index + 1));
        }
        let mut first = vec![false; people];
        for person in &order[..people / 2] {
            first[*person] = true;
        }
        let half = |which: bool| {
            let within = |picture| first.get(person(picture)) == Some(&which);
            let pairs = pairs.iter().filter(|pair| within(pair.a) && within(pair.b));
            Rates::of(&pairs.copied().collect::<Vec<_>>())
        };
        if let Some(threshold) = half(true).cautious_threshold(wanted, people / 2) {
            found.push(half(false).false_match_rate(threshold));
        }
    }
    SplitCheck { wanted, found }
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "scores of four digits")]
mod tests {
    use super::*;

    #[test]
    fn scores_alike_for_all_people_keep_their_rate_on_others() {
        // 40 people with five pictures each; high scores are rarer the higher they are, for all alike.
        let mut random = Draws(7);
        let mut pairs = Vec::new();
        for a in 0..200 {
            for b in 0..a {
                let score = -0.05 * ((random.below(10_000) + 1) as f32 / 10_001.0).ln();
                pairs.push(Pair {
                    a,
                    b,
                    genuine: a / 5 == b / 5,
                    score,
                    quality: 0.0,
                });
            }
        }
        let check = split_check(&pairs, 40, |picture| picture / 5, 0.01, 10);
        assert_eq!(check.found.len(), 10);
        assert!(
            check.worst() < 2.0 && (0.7..1.3).contains(&check.mean()),
            "{check:?}"
        );
    }

    #[test]
    fn a_few_people_who_resemble_everyone_show_themselves() {
        let mut pairs = Vec::new();
        for a in 0..200_usize {
            for b in 0..a {
                let score = if a / 5 < 2 || b / 5 < 2 { 0.9 } else { 0.1 };
                pairs.push(Pair {
                    a,
                    b,
                    genuine: a / 5 == b / 5,
                    score,
                    quality: 0.0,
                });
            }
        }
        assert!(split_check(&pairs, 40, |picture| picture / 5, 0.001, 10).worst() > 3.0);
    }
}
