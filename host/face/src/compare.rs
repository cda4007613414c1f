//! Two templates to a score.

use chipgate_models::Calibration;

use crate::Template;

/// The outcome of a comparison.
///
/// The score is a similarity, 1 − Euclidean distance, rounded to 10⁻⁴ so that a replay on the same kind of machine
/// gives the same report.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The similarity: 1 for the same picture, lower for less alike. It can fall below 0.
    pub score: f32,
    /// From this score up, the two count as one person.
    pub threshold: f32,
    /// The Euclidean distance of the templates, rounded like the score; infinite for templates of two models.
    pub distance: f32,
    /// Whether the score reaches the threshold.
    pub matched: bool,
    /// The model that made the templates.
    pub model: String,
    /// On what the threshold was measured, and how far that carries.
    pub threshold_origin: String,
}

/// Rounds to 10⁻⁴.
fn round(value: f32) -> f32 {
    (value * 1e4).round() / 1e4
}

/// Compares two templates. Templates of two different models are infinitely far apart and never match.
pub(crate) fn compare(a: &Template, b: &Template, model: &str, calibration: &Calibration) -> Comparison {
    let of_this_model = a.model() == model && b.model() == model;
    let distance = a
        .distance(b)
        .filter(|_| of_this_model)
        .map_or(f32::INFINITY, round);
    let score = round(1.0 - distance);
    Comparison {
        score,
        threshold: calibration.threshold,
        distance,
        matched: score >= calibration.threshold,
        model: model.to_owned(),
        threshold_origin: calibration.origin.clone(),
    }
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
        };
        compare(a, b, "m", &calibration)
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
    fn templates_of_another_model_never_match() {
        let other = Template::new("n", vec![0.0]);
        let comparison = compared(&other, &other);
        assert!(!comparison.matched && comparison.distance.is_infinite());
    }
}
