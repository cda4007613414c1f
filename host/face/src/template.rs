//! What a face is compared by.

use std::fmt;

use chipgate_models::Metric;
use zeroize::Zeroizing;

/// A face as an embedder sees it: numbers that are close for one person and far apart for two.
///
/// It is biometric data: wiped when dropped, never shown by `Debug`, and this crate offers no way to store it.
#[derive(Clone, PartialEq)]
pub struct Template {
    model: String,
    metric: Metric,
    values: Zeroizing<Vec<f32>>,
}

impl Template {
    /// A template that the model called `model` made.
    pub fn new(model: impl Into<String>, values: Vec<f32>) -> Self {
        Self {
            model: model.into(),
            metric: Metric::Euclidean,
            values: Zeroizing::new(values),
        }
    }

    /// The same, to be compared in another way.
    #[must_use]
    pub fn with_metric(mut self, metric: Metric) -> Self {
        self.metric = metric;
        self
    }

    /// Brought to length one, as the cosine asks; nothing changes if it has no length.
    #[must_use]
    pub(crate) fn normalised(mut self) -> Self {
        let length = self.values.iter().map(|value| value * value).sum::<f32>().sqrt();
        if length > 0.0 {
            self.values.iter_mut().for_each(|value| *value /= length);
        }
        self
    }

    /// The name of the model that made it; templates of different models cannot be compared.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The numbers.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The mean of two templates of one model, which is steadier than either; `None` if they are of two kinds.
    #[must_use]
    pub fn mean(&self, other: &Self) -> Option<Self> {
        Self::mean_of(&[self, other])
    }

    /// The mean of several templates of one model; `None` if there is none or they are of different kinds.
    pub fn mean_of(templates: &[&Self]) -> Option<Self> {
        let (first, others) = templates.split_first()?;
        let mut sum = first.values.clone();
        for other in others {
            if !first.is_like(other) {
                return None;
            }
            for (sum, value) in sum.iter_mut().zip(other.values.iter()) {
                *sum += value;
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a handful of templates")]
        sum.iter_mut().for_each(|value| *value /= templates.len() as f32);
        let mean = Self {
            model: first.model.clone(),
            metric: first.metric,
            values: sum,
        };
        Some(match first.metric {
            Metric::Euclidean => mean,
            Metric::Cosine => mean.normalised(),
        })
    }

    fn is_like(&self, other: &Self) -> bool {
        self.model == other.model && self.metric == other.metric && self.values.len() == other.values.len()
    }

    /// The Euclidean distance to another template, or `None` if another model made it.
    pub fn distance(&self, other: &Self) -> Option<f32> {
        let pairs = self.values.iter().zip(other.values.iter());
        self.is_like(other)
            .then(|| pairs.map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt())
    }

    /// How alike two templates are in their model's own way: 1 − Euclidean distance, or the cosine. `None` if another
    /// model made the other.
    pub fn similarity(&self, other: &Self) -> Option<f32> {
        match self.metric {
            Metric::Euclidean => self.distance(other).map(|distance| 1.0 - distance),
            Metric::Cosine => {
                let pairs = self.values.iter().zip(other.values.iter());
                self.is_like(other).then(|| pairs.map(|(a, b)| a * b).sum())
            }
        }
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Template")
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_model_and_no_value() {
        let text = format!("{:?}", Template::new("m", vec![0.625]));
        assert!(text.contains('m') && !text.contains("625"), "{text}");
    }

    #[test]
    fn the_distance_is_euclidean() {
        let (a, b) = (
            Template::new("m", vec![0.0, 0.0]),
            Template::new("m", vec![3.0, 4.0]),
        );
        assert_eq!(a.distance(&b), Some(5.0));
        assert_eq!(a.mean(&b).unwrap().values(), [1.5, 2.0]);
    }

    #[test]
    fn the_cosine_of_a_template_with_itself_is_one() {
        let template = |values| {
            Template::new("m", values)
                .with_metric(Metric::Cosine)
                .normalised()
        };
        let (a, b) = (template(vec![3.0, 4.0]), template(vec![4.0, -3.0]));
        assert!((a.similarity(&a).unwrap() - 1.0).abs() < 1e-6);
        assert!(a.similarity(&b).unwrap().abs() < 1e-6);
        let mean = a.mean(&b).unwrap();
        assert!((mean.similarity(&mean).unwrap() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn templates_of_two_models_have_no_distance_and_no_mean() {
        let (a, b) = (Template::new("m", vec![0.0]), Template::new("n", vec![0.0]));
        assert_eq!(a.distance(&b), None);
        assert_eq!(a.mean(&b), None);
    }
}
