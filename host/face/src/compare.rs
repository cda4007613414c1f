//! Two templates to a score.

use chipgate_models::Calibration;

use crate::Template;

/// The outcome of a comparison.
///
/// The score is a similarity in the model's own way (1 − Euclidean distance, or the cosine), rounded to 10⁻⁴ so that a
/// replay on the same kind of machine gives the same report.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The similarity: 1 for the same picture, lower for less alike. It can fall below 0.
    pub score: f32,
    /// From this score up, the two count as one person.
    pub threshold: f32,
    /// 1 − score; infinite for templates of two models.
    pub distance: f32,
    /// Whether the score reaches the threshold.
    pub matched: bool,
    /// The model that made the templates, with its version: the first 16 hexadecimal digits of its file's SHA-256, behind
    /// an `@`.
    pub model: String,
    /// On what the threshold was measured, and how far that carries.
    pub threshold_origin: String,
    /// How rarely two people reach this score, as far as that was measured.
    pub false_match_rate: Option<FalseMatchRate>,
}

/// The share of pairs of two people that reach a score, in a set of pictures that is named.
#[derive(Debug, Clone, PartialEq)]
pub struct FalseMatchRate {
    /// At most this share. Never below three in the number of pairs: so many of them bound it from below with 95 %
    /// confidence when none reaches the score (the rule of three, ISO/IEC 19795-1).
    pub at_most: f32,
    /// The set that it was measured on.
    pub set: String,
    /// How many pairs of two people that set has.
    pub impostor_pairs: u64,
}

/// A model's name with its version behind an `@`.
pub(crate) fn versioned(model: &str, version: &str) -> String {
    if version.is_empty() {
        model.to_owned()
    } else {
        format!("{model}@{version}")
    }
}

/// Rounds to 10⁻⁴.
fn round(value: f32) -> f32 {
    (value * 1e4).round() / 1e4
}

/// Compares two templates. Templates of two different models are infinitely far apart and never match.
pub(crate) fn compare(
    a: &Template,
    b: &Template,
    model: &str,
    version: &str,
    calibration: &Calibration,
) -> Comparison {
    let of_this_model = a.model() == model && b.model() == model;
    let distance = a
        .similarity(b)
        .filter(|_| of_this_model)
        .map_or(f32::INFINITY, |similarity| round(1.0 - similarity));
    let score = round(1.0 - distance);
    Comparison {
        score,
        threshold: calibration.threshold,
        distance,
        matched: score >= calibration.threshold,
        model: versioned(model, version),
        threshold_origin: calibration.origin.clone(),
        false_match_rate: false_match_rate(score, calibration),
    }
}

/// The rate at the highest measured score that is not above this one. Below the lowest nothing is known but that it is at
/// most 1.
fn false_match_rate(score: f32, calibration: &Calibration) -> Option<FalseMatchRate> {
    if calibration.curve.is_empty() || calibration.impostor_pairs == 0 {
        return None;
    }
    let reached = calibration.curve.iter().filter(|[at, _]| *at <= score);
    let rate = reached.map(|[_, rate]| *rate).fold(1.0, f32::min);
    #[expect(clippy::cast_precision_loss, reason = "a count of pairs")]
    let least = 3.0 / calibration.impostor_pairs as f32;
    Some(FalseMatchRate {
        at_most: rate.max(least),
        set: calibration.set.clone(),
        impostor_pairs: calibration.impostor_pairs,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(a: &Template, b: &Template) -> Comparison {
        let calibration = Calibration {
            threshold: 0.5,
            false_match_rate: 0.001,
            false_non_match_rate: 0.01,
            origin: "a test".into(),
            set: "a set".into(),
            impostor_pairs: 1000,
            curve: vec![[0.2, 0.1], [0.5, 0.01], [0.8, 0.001]],
        };
        compare(a, b, "m", "1", &calibration)
    }

    #[test]
    fn the_score_is_one_less_the_distance_rounded_to_four_digits() {
        let comparison = compared(
            &Template::new("m", vec![0.0]),
            &Template::new("m", vec![0.123_456]),
        );
        assert_eq!((comparison.distance, comparison.score), (0.1235, 0.8765));
        assert!(comparison.matched);
    }

    #[test]
    fn the_threshold_itself_matches_and_below_it_nothing_does() {
        let zero = Template::new("m", vec![0.0]);
        assert!(compared(&zero, &Template::new("m", vec![0.5])).matched);
        assert!(!compared(&zero, &Template::new("m", vec![0.5002])).matched);
    }

    #[test]
    fn no_rate_below_three_in_the_number_of_pairs_is_claimed() {
        let zero = Template::new("m", vec![0.0]);
        let rate = |value| {
            let rate = compared(&zero, &Template::new("m", vec![value]))
                .false_match_rate
                .unwrap();
            assert_eq!(rate.set, "a set");
            rate.at_most
        };
        for (distance, expected) in [(0.9, 1.0), (0.6, 0.1), (0.5, 0.01), (0.1, 0.003)] {
            assert!((rate(distance) - expected).abs() < 1e-6, "{distance}");
        }
    }

    #[test]
    fn templates_of_another_model_never_match() {
        let other = Template::new("n", vec![0.0]);
        let comparison = compared(&other, &other);
        assert!(!comparison.matched && comparison.distance.is_infinite());
    }
}
