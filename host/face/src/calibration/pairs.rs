//! A set of templates, and the scores of all its pairs.

use crate::Template;

/// A picture of a set: whose it is, and what came of it.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The person's number.
    pub person: usize,
    /// The template.
    pub template: Template,
    /// The template of the same picture as a chip would carry it, where that is simulated.
    pub on_chip: Option<Template>,
    /// How good the picture is, from 0 to 100.
    pub quality: f32,
}

/// Two pictures and how alike they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// The first picture's number in the set: the live one, where a chip is simulated.
    pub a: usize,
    /// The second picture's number.
    pub b: usize,
    /// Whether both show one person.
    pub genuine: bool,
    /// How alike they are, to 10⁻⁴.
    pub score: f32,
    /// The lower of the two qualities.
    pub quality: f32,
}

/// The scores of all pairs. Each pair counts once; where a chip is simulated both ways round count, since they differ.
pub fn all_pairs(samples: &[Sample]) -> Vec<Pair> {
    let simulated = samples.iter().any(|sample| sample.on_chip.is_some());
    let mut pairs = Vec::new();
    for (a, live) in samples.iter().enumerate() {
        let end = if simulated { samples.len() } else { a };
        for (b, other) in samples[..end].iter().enumerate().filter(|(b, _)| *b != a) {
            let reference = if simulated {
                other.on_chip.as_ref()
            } else {
                Some(&other.template)
            };
            let score = reference.and_then(|reference| live.template.similarity(reference));
            if let Some(score) = score {
                pairs.push(Pair {
                    a,
                    b,
                    genuine: live.person == other.person,
                    score: (score * 1e4).round() / 1e4,
                    quality: live.quality.min(other.quality),
                });
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(person: usize, value: f32) -> Sample {
        Sample {
            person,
            template: Template::new("m", vec![value]),
            on_chip: None,
            quality: value * 100.0,
        }
    }

    #[test]
    fn each_pair_counts_once() {
        let pairs = all_pairs(&[sample(0, 0.0), sample(0, 0.25), sample(1, 1.0)]);
        let scores: Vec<_> = pairs.iter().map(|pair| (pair.genuine, pair.score)).collect();
        assert_eq!(scores, [(true, 0.75), (false, 0.0), (false, 0.25)]);
        assert!((pairs[2].quality - 25.0).abs() < 1e-6);
    }

    #[test]
    fn with_a_simulated_chip_each_live_picture_meets_each_other_portrait() {
        let mut samples = [sample(0, 0.0), sample(0, 0.5)];
        for sample in &mut samples {
            sample.on_chip = Some(Template::new("m", vec![0.1]));
        }
        let scores: Vec<_> = all_pairs(&samples).iter().map(|pair| pair.score).collect();
        assert_eq!(scores, [0.9, 0.6]);
    }
}
