//! What other programs compute from a model: a converted model has to compute the same here.

use serde::Deserialize;

/// The file beside a manifest (`NAME.reference.toml`), written by `models/references.py`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// The model's name, as in its manifest.
    pub model: String,
    /// Width and height of the picture that the model is given.
    pub size: [u32; 2],
    /// What came out, one part a program.
    pub by: Vec<Computed>,
}

/// What one program computed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Computed {
    /// Which program, with its version.
    pub program: String,
    /// What it ran: the file as its authors gave it out, or the converted one.
    pub of: String,
    /// The outputs, in the model's order.
    pub output: Vec<Output>,
}

/// One output.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// How many values it has.
    pub length: usize,
    /// Of so many values one is kept, from the first one on.
    pub every: usize,
    /// The values that are kept.
    pub values: Vec<f32>,
}

impl Reference {
    /// How far a value may be from the reference: the larger of this, and this share of the value.
    pub const TOLERANCE: f32 = 1e-3;

    /// The picture's pixel at a place: anything that changes from pixel to pixel and that any program can make.
    pub fn pixel(x: u32, y: u32) -> [u8; 3] {
        let first = x.wrapping_mul(5).wrapping_add(y.wrapping_mul(3));
        [first, x.wrapping_mul(y), x ^ y].map(|value| value.to_le_bytes()[0])
    }
}

impl Output {
    /// In what the values that were found differ from these, if they do.
    pub fn difference(&self, found: &[f32]) -> Option<String> {
        let every = self.every.max(1);
        if found.len() != self.length || self.values.len() != self.length.div_ceil(every) {
            return Some(format!(
                "it has {} values, not {} of which {} are kept",
                found.len(),
                self.length,
                self.values.len()
            ));
        }
        let is_near = |found: f32, expected: f32| {
            (found - expected).abs() <= Reference::TOLERANCE * expected.abs().max(1.0)
        };
        let mut kept = (0..)
            .step_by(every)
            .zip(found.iter().step_by(every).zip(&self.values));
        // What is no number is near to nothing.
        let (place, (found, expected)) = kept.find(|(_, (found, expected))| !is_near(**found, **expected))?;
        Some(format!("its value {place} is {found}, not {expected}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: fn() -> Output = || Output {
        length: 5,
        every: 2,
        values: vec![0.5, -20.0, 0.0],
    };

    #[test]
    fn values_may_be_a_thousandth_away() {
        let near = [0.5009, 7.0, -20.019, 7.0, -0.0009];
        assert_eq!(OUTPUT().difference(&near), None);
        for (place, value) in [(0, 0.5011), (2, -20.021), (4, 0.0011), (4, f32::NAN)] {
            let mut other = near;
            other[place] = value;
            let said = OUTPUT().difference(&other).unwrap();
            assert!(said.contains(&format!("value {place} is")), "{said}");
        }
    }

    #[test]
    fn another_number_of_values_is_another_output() {
        for found in [&[0.5; 4][..], &[0.5; 6], &[]] {
            let said = OUTPUT().difference(found).unwrap();
            assert!(said.contains("not 5"), "{said}");
        }
        let mut short = OUTPUT();
        short.values.pop();
        assert!(short.difference(&[0.5, 7.0, -20.0, 7.0, 0.0]).is_some());
    }

    #[test]
    fn the_picture_changes_from_pixel_to_pixel() {
        assert_eq!(Reference::pixel(0, 0), [0, 0, 0]);
        assert_eq!(Reference::pixel(149, 100), [21, 52, 241]);
    }
}
