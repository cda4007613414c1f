//! The figures of a calibration, as JSON, as text and as part of a manifest.

use std::fmt::Write;

use chipgate_face::{Interval, Pair, Rates, SplitCheck, by_person, split_check, wilson};
use serde_json::{Value, json};

use super::Set;

/// The false accept rates that are reported.
const RATES: [f64; 4] = [1e-2, 1e-3, 1e-4, 1e-5];
/// The shares of pairs that are left out for their quality, lowest first.
const DISCARDED: [f64; 6] = [0.0, 0.05, 0.1, 0.2, 0.3, 0.5];
/// How often the people are split.
const SPLITS: usize = 10;

/// All figures of one calibration.
pub(super) struct Report {
    pub(super) model: String,
    pub(super) rates: Rates,
    pub(super) people: usize,
    pub(super) pictures: usize,
    pub(super) failures: Vec<(String, String)>,
    pub(super) accepted: Vec<Accepted>,
    pub(super) wanted: Accepted,
    pub(super) eer: Option<(f64, f32)>,
    pub(super) discard: Vec<(f64, f64)>,
    pub(super) groups: Vec<Group>,
    pub(super) splits: SplitCheck,
}

/// What is accepted at one false accept rate.
pub(super) struct Accepted {
    pub(super) rate: f64,
    /// Whether there are enough impostor pairs to tell so low a rate.
    pub(super) can_be_told: bool,
    pub(super) threshold: f32,
    pub(super) share: f64,
    pub(super) interval: Interval,
    /// The interval of the false match rate at that threshold.
    pub(super) false_matches: Interval,
}

/// The rates of one group at the wanted threshold.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) people: usize,
    pub(super) genuine: usize,
    pub(super) impostor: usize,
    pub(super) false_match_rate: f64,
    pub(super) false_non_match_rate: f64,
}

impl Report {
    pub(super) fn new(set: &Set, pairs: &[Pair], model: String, wanted: f64) -> Self {
        let rates = Rates::of(pairs);
        let accepted = |rate| Accepted::at(rate, &rates, pairs, set);
        let wanted = Accepted::with(
            wanted,
            rates.cautious_threshold(wanted, set.people.len()).unwrap_or(1.0),
            &rates,
            pairs,
            set,
        );
        Self {
            accepted: RATES.map(accepted).into(),
            discard: discard(pairs, wanted.threshold),
            groups: groups(set, pairs, wanted.threshold),
            splits: split_check(
                pairs,
                set.people.len(),
                |sample| set.person(sample),
                wanted.rate,
                SPLITS,
            ),
            eer: rates.equal_error_rate(),
            people: set.people.len(),
            pictures: set.samples.len() + set.failures.len(),
            failures: set.failures.clone(),
            model,
            wanted,
            rates,
        }
    }

    pub(super) fn failure_to_acquire(&self) -> f64 {
        self.failures.len() as f64 / self.pictures.max(1) as f64
    }

    pub(super) fn to_json(&self) -> Value {
        let by_rate = |value: &dyn Fn(&Accepted) -> Value| -> Value {
            let entries = self
                .accepted
                .iter()
                .map(|accepted| (name(accepted.rate), value(accepted)));
            Value::Object(entries.collect())
        };
        let failures = wilson(self.failures.len(), self.pictures);
        json!({
            "model": self.model,
            "people": self.people,
            "pictures": self.pictures,
            "genuine": self.rates.genuine(),
            "impostor": self.rates.impostor(),
            "tar_at_far": by_rate(&|accepted| self.of_genuine(json!(significant(accepted.share)))),
            "tar_interval_at_far": by_rate(&|accepted| self.of_genuine(interval(accepted.interval))),
            "threshold_at_far": by_rate(&|accepted| json!(super::super::rounded(accepted.threshold))),
            "far_can_be_told": by_rate(&|accepted| json!(accepted.can_be_told)),
            "least_far": significant(3.0 / self.rates.impostor().max(1) as f64),
            "eer": self.eer.map(|(rate, _)| significant(rate)),
            "eer_threshold": self.eer.map(|(_, threshold)| super::super::rounded(threshold)),
            "failure_to_acquire": significant(self.failure_to_acquire()),
            "failure_to_acquire_interval": interval(failures),
            "failures": self.failures.iter().map(|(file, reason)| json!({ "file": file, "reason": reason })).collect::<Vec<_>>(),
            "wanted": {
                "false_match_rate": self.wanted.rate,
                "can_be_told": self.wanted.can_be_told,
                "measured_rate": self.of_impostors(json!(significant(self.rates.false_match_rate(self.wanted.threshold)))),
                "empirical_threshold": self.rates.threshold(self.wanted.rate).map(super::super::rounded),
                "threshold": super::super::rounded(self.wanted.threshold),
                "false_match_interval": self.of_impostors(interval(self.wanted.false_matches)),
                "false_non_match_rate": self.of_genuine(json!(significant(1.0 - self.wanted.share))),
            },
            "error_against_discard": self.discard.iter().map(|(share, rate)| json!({
                "discarded": share, "false_non_match_rate": significant(*rate) })).collect::<Vec<_>>(),
            "groups": self.groups.iter().map(Group::to_json).collect::<Vec<_>>(),
            "split_check": {
                "times": self.splits.found.len(),
                "false_match_rates": self.splits.found.iter().map(|rate| significant(*rate)).collect::<Vec<_>>(),
                "worst": significant(self.splits.worst()),
                "mean": significant(self.splits.mean()),
            },
            "det": self.rates.trade_off(60).iter().map(|point| json!([
                super::super::rounded(point.threshold), significant(point.false_match_rate), significant(point.false_non_match_rate)
            ])).collect::<Vec<_>>(),
        })
    }

    pub(super) fn to_text(&self) -> String {
        let mut text = format!(
            "{}\n{} people, {} pictures, {} without a template (failure to acquire {:.2} %)\n{} genuine pairs, {} impostor pairs\n\n",
            self.model,
            self.people,
            self.pictures,
            self.failures.len(),
            100.0 * self.failure_to_acquire(),
            self.rates.genuine(),
            self.rates.impostor()
        );
        for accepted in &self.accepted {
            let told = if accepted.can_be_told {
                ""
            } else {
                "  (too few impostor pairs to tell)"
            };
            if self.rates.genuine() == 0 || self.rates.impostor() == 0 {
                let _ = writeln!(text, "FAR {}: nothing to tell it by", name(accepted.rate));
                continue;
            }
            let _ = writeln!(
                text,
                "FAR {}: score from {:.4} up, TAR {:.2} % ({:.2} to {:.2}){told}",
                name(accepted.rate),
                accepted.threshold,
                100.0 * accepted.share,
                100.0 * accepted.interval.low,
                100.0 * accepted.interval.high
            );
        }
        if let Some((rate, threshold)) = self.eer {
            let _ = writeln!(text, "EER {:.2} % at {threshold:.4}", 100.0 * rate);
        }
        if self.rates.impostor() == 0 {
            text.push_str("No two people, so that no threshold follows\n");
        } else {
            let _ = writeln!(
                text,
                "Threshold for FMR {}, cautiously, since few people were measured: {:.4} (in this set {:.1e} to {:.1e}, FNMR {:.2} %)",
                name(self.wanted.rate),
                self.wanted.threshold,
                self.wanted.false_matches.low,
                self.wanted.false_matches.high,
                100.0 * (1.0 - self.wanted.share)
            );
        }
        if self.splits.found.len() < SPLITS {
            text.push_str(
                "Too few people to split them, and to try the threshold on those who had no part in it\n",
            );
        } else {
            let _ = writeln!(
                text,
                "On people who had no part in the threshold ({SPLITS} splits): {:.2} × that rate on average, {:.2} × at worst",
                self.splits.mean(),
                self.splits.worst()
            );
        }
        for (share, rate) in &self.discard {
            let _ = writeln!(
                text,
                "Without the poorest {:.0} % of pairs: FNMR {:.2} %",
                100.0 * share,
                100.0 * rate
            );
        }
        for group in &self.groups {
            let _ = writeln!(
                text,
                "Group {} ({} people): FMR {:.1e} of {} pairs, FNMR {:.2} % of {}",
                group.name,
                group.people,
                group.false_match_rate,
                group.impostor,
                100.0 * group.false_non_match_rate,
                group.genuine
            );
        }
        for (file, reason) in &self.failures {
            let _ = writeln!(text, "{file}: {reason}");
        }
        text
    }

    /// Whether the set carries the wanted rate, so that a manifest may claim it; if not, what to do.
    pub(super) fn check_claim(&self) -> Result<(), String> {
        if self.rates.genuine() == 0 {
            return Err(
                "the set has no two pictures of one person, so that it can't tell how often a person is taken for another one: add some, \
                 or leave --manifest out"
                    .to_owned(),
            );
        }
        if self.wanted.can_be_told {
            return Ok(());
        }
        Err(format!(
            "the set has {} impostor pairs, and a false match rate of {} takes {:.0} at the least (three in their number): add people, ask \
             for a higher rate by --fmr, or leave --manifest out",
            self.rates.impostor(),
            name(self.wanted.rate),
            (3.0 / self.wanted.rate).ceil()
        ))
    }

    /// The value, if there are pairs of one person that it was measured on.
    fn of_genuine(&self, value: Value) -> Value {
        if self.rates.genuine() == 0 {
            Value::Null
        } else {
            value
        }
    }

    /// The value, if there are pairs of two people that it was measured on.
    fn of_impostors(&self, value: Value) -> Value {
        if self.rates.impostor() == 0 {
            Value::Null
        } else {
            value
        }
    }

    /// What a manifest takes of it.
    pub(super) fn manifest(&self) -> String {
        let mut text = format!(
            "[calibration]\nthreshold = {:.4}\nfalse_match_rate = {:e}\nfalse_non_match_rate = {:.4}\n\
             origin = \"all pairs of {} people, {} genuine, {} impostor\"\nset = \"{} people\"\nimpostor_pairs = {}\ncurve = [\n",
            self.wanted.threshold,
            self.wanted.rate,
            1.0 - self.wanted.share,
            self.people,
            self.rates.genuine(),
            self.rates.impostor(),
            self.people,
            self.rates.impostor()
        );
        // Half a decade a step, down to what can be told.
        let mut rate = 1.0;
        while self.rates.can_tell(rate) {
            if let Some(threshold) = self.rates.threshold(rate) {
                let _ = writeln!(text, "    [{threshold:.4}, {rate:.1e}],");
            }
            rate /= 10f64.sqrt();
        }
        text.push_str("]\n");
        text
    }
}

impl Accepted {
    fn at(rate: f64, rates: &Rates, pairs: &[Pair], set: &Set) -> Self {
        Self::with(rate, rates.threshold(rate).unwrap_or(1.0), rates, pairs, set)
    }

    fn with(rate: f64, threshold: f32, rates: &Rates, pairs: &[Pair], set: &Set) -> Self {
        Self {
            rate,
            can_be_told: rates.can_tell(rate),
            threshold,
            share: 1.0 - rates.false_non_match_rate(threshold),
            interval: by_person(pairs, threshold, |sample| set.person(sample)),
            false_matches: wilson(rates.false_matches(threshold), rates.impostor()),
        }
    }
}

impl Group {
    fn to_json(&self) -> Value {
        json!({
            "group": self.name,
            "people": self.people,
            "genuine": self.genuine,
            "impostor": self.impostor,
            "false_match_rate": significant(self.false_match_rate),
            "false_non_match_rate": significant(self.false_non_match_rate),
        })
    }
}

/// The false non-match rate at the threshold when the pairs of the lowest quality are left out.
fn discard(pairs: &[Pair], threshold: f32) -> Vec<(f64, f64)> {
    let mut genuine: Vec<_> = pairs.iter().filter(|pair| pair.genuine).collect();
    genuine.sort_by(|a, b| a.quality.total_cmp(&b.quality));
    let rate = |share: f64| {
        let left = &genuine[(genuine.len() as f64 * share) as usize..];
        Rates::new(left.iter().map(|pair| pair.score).collect(), Vec::new()).false_non_match_rate(threshold)
    };
    DISCARDED.map(|share| (share, rate(share))).into()
}

/// The rates within each group.
fn groups(set: &Set, pairs: &[Pair], threshold: f32) -> Vec<Group> {
    let mut names: Vec<_> = set.groups.iter().flatten().cloned().collect();
    names.sort();
    names.dedup();
    let group_of = |sample| set.groups.get(set.person(sample)).and_then(Option::as_deref);
    names
        .into_iter()
        .map(|name| {
            let within = |pair: &&Pair| group_of(pair.a) == Some(&name) && group_of(pair.b) == Some(&name);
            let rates = Rates::of(&pairs.iter().filter(within).copied().collect::<Vec<_>>());
            Group {
                people: set
                    .groups
                    .iter()
                    .filter(|group| group.as_deref() == Some(&name))
                    .count(),
                genuine: rates.genuine(),
                impostor: rates.impostor(),
                false_match_rate: rates.false_match_rate(threshold),
                false_non_match_rate: rates.false_non_match_rate(threshold),
                name,
            }
        })
        .collect()
}

/// 1e-3 and the like.
pub(super) fn name(rate: f64) -> String {
    format!("{rate:e}")
}

/// Six significant digits.
pub(in crate::face) fn significant(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let digits = 10f64.powf(5.0 - value.abs().log10().floor());
    (value * digits).round() / digits
}

fn interval(interval: Interval) -> Value {
    json!([significant(interval.low), significant(interval.high)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_named_as_programs_read_them() {
        assert_eq!(RATES.map(name), ["1e-2", "1e-3", "1e-4", "1e-5"]);
        assert!((significant(0.994_736_842) - 0.994_737).abs() < 1e-12);
        assert!((significant(1.234_567_89e-5) - 1.234_57e-5).abs() < 1e-12);
    }

    #[test]
    fn leaving_out_the_poorest_pairs_can_only_help_if_they_are_the_ones_that_fail() {
        let pair = |score, quality| Pair {
            a: 0,
            b: 1,
            genuine: true,
            score,
            quality,
        };
        let pairs: Vec<_> = (0..20_u8)
            .map(|i| pair(if i == 0 { 0.1 } else { 0.9 }, f32::from(i)))
            .collect();
        let discard = discard(&pairs, 0.5);
        assert!(
            (discard[0].1 - 0.05).abs() < 1e-9 && discard[1].1 == 0.0,
            "{discard:?}"
        );
    }
}
