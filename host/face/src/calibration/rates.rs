//! Error rates as functions of the threshold.

/// The scores of a set, sorted.
#[derive(Debug, Clone, PartialEq)]
pub struct Rates {
    genuine: Vec<f32>,
    impostor: Vec<f32>,
}

/// Thresholds are multiples of this, as scores are.
const STEP: f32 = 1e-4;

impl Rates {
    /// The rates of these scores.
    pub fn new(mut genuine: Vec<f32>, mut impostor: Vec<f32>) -> Self {
        genuine.sort_by(f32::total_cmp);
        impostor.sort_by(f32::total_cmp);
        Self { genuine, impostor }
    }

    /// The rates of pairs.
    pub fn of(pairs: &[super::Pair]) -> Self {
        let scores = |genuine| {
            let of_kind = pairs.iter().filter(move |pair| pair.genuine == genuine);
            of_kind.map(|pair| pair.score).collect()
        };
        Self::new(scores(true), scores(false))
    }

    /// How many genuine pairs there are.
    pub fn genuine(&self) -> usize {
        self.genuine.len()
    }

    /// How many impostor pairs there are.
    pub fn impostor(&self) -> usize {
        self.impostor.len()
    }

    /// How many impostor pairs reach the threshold.
    pub fn false_matches(&self, threshold: f32) -> usize {
        self.impostor.len() - below(&self.impostor, threshold)
    }

    /// How many genuine pairs reach the threshold.
    pub fn true_matches(&self, threshold: f32) -> usize {
        self.genuine.len() - below(&self.genuine, threshold)
    }

    /// The share of impostor pairs that reach the threshold; 0 if there is none.
    pub fn false_match_rate(&self, threshold: f32) -> f64 {
        share(self.false_matches(threshold), self.impostor.len())
    }

    /// The share of genuine pairs that don't reach the threshold; 0 if there is none.
    pub fn false_non_match_rate(&self, threshold: f32) -> f64 {
        share(below(&self.genuine, threshold), self.genuine.len())
    }

    /// The lowest threshold that at most this share of the impostor pairs reach. `None` without impostor pairs.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a count of pairs, not negative"
    )]
    pub fn threshold(&self, false_match_rate: f64) -> Option<f32> {
        let allowed = (self.impostor.len() as f64 * false_match_rate + 1e-9)
            .floor()
            .max(0.0) as usize;
        if allowed >= self.impostor.len() {
            return self.impostor.first().copied();
        }
        let refused = self.impostor[self.impostor.len() - 1 - allowed];
        Some(((refused / STEP).round() + 1.0) * STEP)
    }

    /// A threshold for this rate that also holds on other people, as far as so few can tell: the higher one of
    /// [`Rates::threshold`] and the exponential tail that continues the highest scores (peaks over a threshold, Pickands, 1975).
    ///
    /// Among few people two who look alike decide the empirical tail. The fewer there are, the larger the share of scores
    /// that the tail is fitted to: four in their number, from a fiftieth to a fifth.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "counts of pairs and people"
    )]
    pub fn cautious_threshold(&self, false_match_rate: f64, people: usize) -> Option<f32> {
        let empirical = self.threshold(false_match_rate)?;
        let share = (4.0 / people.max(1) as f64).clamp(0.02, 0.2);
        if false_match_rate >= share {
            return Some(empirical);
        }
        let first = (self.impostor.len() as f64 * (1.0 - share)) as usize;
        let (start, tail) = self.impostor.get(first..)?.split_first()?;
        let excess =
            tail.iter().map(|score| f64::from(score - start)).sum::<f64>() / tail.len().max(1) as f64;
        let fitted = f64::from(*start) + excess * (share / false_match_rate).ln();
        Some(empirical.max((fitted as f32 / STEP).ceil() * STEP))
    }

    /// Whether so low a rate can be told from so many impostor pairs: three in their number, and no less.
    #[expect(clippy::cast_precision_loss, reason = "a count of pairs")]
    pub fn can_tell(&self, false_match_rate: f64) -> bool {
        !self.impostor.is_empty() && false_match_rate >= 3.0 / self.impostor.len() as f64 - 1e-12
    }

    /// Where both rates are equal, and the threshold there; between two scores the mean of both rates. `None` if there are no
    /// pairs of either kind.
    pub fn equal_error_rate(&self) -> Option<(f64, f32)> {
        let both = !self.genuine.is_empty() && !self.impostor.is_empty();
        let first = self.genuine.iter().chain(&self.impostor).copied();
        let mut thresholds: Vec<_> = first.collect();
        thresholds.sort_by(f32::total_cmp);
        let crossed = thresholds.partition_point(|threshold| {
            self.false_non_match_rate(*threshold) < self.false_match_rate(*threshold)
        });
        let threshold = thresholds.get(crossed).or(thresholds.last()).copied()?;
        let mean = f64::midpoint(
            self.false_non_match_rate(threshold),
            self.false_match_rate(threshold),
        );
        both.then_some((mean, threshold))
    }

    /// The detection error trade-off: FMR and FNMR at `count` thresholds, evenly spread over the logarithm of the FMR from
    /// its smallest to 1, each threshold once.
    #[expect(clippy::cast_precision_loss, reason = "counts of pairs and points")]
    pub fn trade_off(&self, count: usize) -> Vec<TradeOff> {
        let least = 1.0 / (self.impostor.len().max(1) as f64);
        let rate = |index: usize| least.powf(1.0 - index as f64 / count.saturating_sub(1).max(1) as f64);
        let mut points: Vec<TradeOff> = (0..count)
            .filter_map(|index| self.threshold(rate(index)))
            .map(|threshold| TradeOff {
                threshold,
                false_match_rate: self.false_match_rate(threshold),
                false_non_match_rate: self.false_non_match_rate(threshold),
            })
            .collect();
        points.dedup_by(|a, b| (a.threshold - b.threshold).abs() < STEP / 2.0);
        points
    }

    /// How many scores fall into each of `count` equal bins from the lowest to the highest: genuine, impostor, and the two ends.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "counts of bins"
    )]
    pub fn histogram(&self, count: usize) -> (Vec<usize>, Vec<usize>, f32, f32) {
        let ends = [&self.genuine, &self.impostor];
        let low = ends
            .iter()
            .filter_map(|list| list.first())
            .copied()
            .fold(f32::INFINITY, f32::min);
        let high = ends
            .iter()
            .filter_map(|list| list.last())
            .copied()
            .fold(f32::NEG_INFINITY, f32::max);
        let bins = |list: &[f32]| {
            let mut bins = vec![0; count];
            for score in list {
                let index = (score - low) / (high - low).max(STEP) * count as f32;
                if let Some(bin) = bins.get_mut((index as usize).min(count.saturating_sub(1))) {
                    *bin += 1;
                }
            }
            bins
        };
        (bins(&self.genuine), bins(&self.impostor), low, high)
    }
}

/// A point of the detection error trade-off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TradeOff {
    /// The threshold.
    pub threshold: f32,
    /// The false match rate there.
    pub false_match_rate: f64,
    /// The false non-match rate there.
    pub false_non_match_rate: f64,
}

/// How many of the sorted scores are below the threshold. Scores have four digits, so half a digit of room is exact.
fn below(sorted: &[f32], threshold: f32) -> usize {
    sorted.partition_point(|score| *score < threshold - STEP / 2.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts of pairs")]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "ranks of scores")]
mod tests {
    use super::*;

    fn rates() -> Rates {
        Rates::new(vec![0.9, 0.5, 0.8, 0.7], vec![0.1, 0.6, 0.2, 0.3, 0.4])
    }

    #[test]
    fn at_the_threshold_itself_a_pair_matches() {
        assert!((rates().false_match_rate(0.6) - 0.2).abs() < 1e-9);
        assert!(rates().false_match_rate(0.6001).abs() < 1e-9);
        assert!((rates().false_non_match_rate(0.8) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn the_threshold_for_a_rate_is_the_lowest_that_keeps_it() {
        assert!((rates().threshold(0.2).unwrap() - 0.4001).abs() < 1e-6);
        assert!((rates().threshold(0.19).unwrap() - 0.6001).abs() < 1e-6);
        assert!((rates().threshold(1.0).unwrap() - 0.1).abs() < 1e-6);
        assert_eq!(Rates::new(vec![0.5], vec![]).threshold(0.1), None);
    }

    #[test]
    fn the_cautious_threshold_continues_an_exponential_tail() {
        // Scores whose tail is exponential with mean 0.05: the rate r is reached at 0.05 · ln(1 / r).
        let impostor: Vec<f32> = (1..=100_000)
            .map(|rank| -0.05 * (rank as f32 / 100_001.0).ln())
            .collect();
        let rates = Rates::new(vec![], impostor);
        let cautious = rates.cautious_threshold(1e-3, 20).unwrap();
        assert!((cautious - 0.3454).abs() < 0.003, "{cautious}");
        assert!(cautious >= rates.threshold(1e-3).unwrap());
        assert_eq!(Rates::new(vec![], vec![]).cautious_threshold(1e-3, 20), None);
    }

    #[test]
    fn the_equal_error_rate_lies_where_both_rates_cross() {
        let (rate, threshold) = rates().equal_error_rate().unwrap();
        // At 0.6 one of five matches falsely and one of four does not match: 20 % and 25 %.
        assert!(
            (rate - 0.225).abs() < 1e-9 && (threshold - 0.6).abs() < 1e-6,
            "{rate} {threshold}"
        );
        assert_eq!(Rates::new(vec![], vec![0.1]).equal_error_rate(), None);
    }

    #[test]
    fn separated_scores_have_an_equal_error_rate_of_zero() {
        let (rate, _) = Rates::new(vec![0.8, 0.9], vec![0.1, 0.2])
            .equal_error_rate()
            .unwrap();
        assert!(rate.abs() < 1e-9, "{rate}");
    }

    #[test]
    fn nothing_below_three_in_the_number_of_pairs_can_be_told() {
        let rates = Rates::new(vec![], vec![0.0; 3000]);
        assert!(rates.can_tell(1e-3) && !rates.can_tell(0.9e-3));
    }

    #[test]
    fn the_trade_off_falls_from_one_rate_to_the_other() {
        let points = rates().trade_off(20);
        assert!(points.len() >= 4);
        for pair in points.windows(2) {
            assert!(pair[0].false_match_rate <= pair[1].false_match_rate);
            assert!(pair[0].false_non_match_rate >= pair[1].false_non_match_rate);
        }
    }

    #[test]
    fn every_score_is_in_a_bin() {
        let (genuine, impostor, low, high) = rates().histogram(4);
        assert_eq!(
            (genuine.iter().sum::<usize>(), impostor.iter().sum::<usize>()),
            (4, 5)
        );
        assert_eq!((low, high), (0.1, 0.9));
    }
}
