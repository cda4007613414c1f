//! What a face is compared by.

use std::fmt;

use zeroize::Zeroizing;

/// A face as an embedder sees it: numbers that are close for one person and far apart for two.
///
/// It is biometric data: wiped when dropped, never shown by `Debug`, and this crate offers no way to store it.
#[derive(Clone, PartialEq)]
pub struct Template {
    model: String,
    values: Zeroizing<Vec<f32>>,
}

impl Template {
    /// A template that the model called `model` made.
    pub fn new(model: impl Into<String>, values: Vec<f32>) -> Self {
        Self {
            model: model.into(),
            values: Zeroizing::new(values),
        }
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
        let alike = self.model == other.model && self.values.len() == other.values.len();
        let pairs = self.values.iter().zip(other.values.iter());
        alike.then(|| {
            Self::new(
                self.model.clone(),
                pairs.map(|(a, b)| f32::midpoint(*a, *b)).collect(),
            )
        })
    }

    /// The Euclidean distance to another template, or `None` if another model made it.
    pub fn distance(&self, other: &Self) -> Option<f32> {
        let alike = self.model == other.model && self.values.len() == other.values.len();
        let pairs = self.values.iter().zip(other.values.iter());
        alike.then(|| pairs.map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt())
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
    fn templates_of_two_models_have_no_distance_and_no_mean() {
        let (a, b) = (Template::new("m", vec![0.0]), Template::new("n", vec![0.0]));
        assert_eq!(a.distance(&b), None);
        assert_eq!(a.mean(&b), None);
    }
}
