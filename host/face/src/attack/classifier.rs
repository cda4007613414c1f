//! A classifier that looks at the face with its surroundings.

use chipgate_models::{AttackNumbers, Manifest};
use image::RgbImage;

use crate::{AttackDetector, Face, FaceError, Point, Similarity, align::warp, input, network::Network};

/// Samples along a side of one pixel of the crop.
const SAMPLES: u32 = 3;

/// A network that gives one number a class.
pub struct AttackClassifier {
    network: Network,
    name: String,
    numbers: AttackNumbers,
}

impl AttackClassifier {
    /// Loads the model; `numbers` are those of its manifest.
    pub fn load(manifest: &Manifest, bytes: Vec<u8>, numbers: &AttackNumbers) -> Result<Self, FaceError> {
        let shape = input::shape(numbers.side, numbers.side, &numbers.pixels);
        Ok(Self {
            network: Network::load(&manifest.name, bytes, &shape)?,
            name: manifest.name.clone(),
            numbers: numbers.clone(),
        })
    }
}

impl AttackDetector for AttackClassifier {
    fn name(&self) -> &str {
        &self.name
    }

    fn liveness(&self, picture: &RgbImage, face: &Face) -> Result<f32, FaceError> {
        let Some(crop) = crop(picture, face, &self.numbers) else {
            return Ok(0.0);
        };
        let outputs = self.network.run(&input::values(&crop, &self.numbers.pixels))?;
        let classes = outputs.first().map(Vec::as_slice).unwrap_or_default();
        softmax(classes, self.numbers.live_class)
            .ok_or_else(|| FaceError::inference(&self.name)("it has not the class of a live face"))
    }
}

/// The square around the box, moved into the picture where it reaches over its edge, and made smaller where the picture is.
#[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
fn crop(picture: &RgbImage, face: &Face, numbers: &AttackNumbers) -> Option<RgbImage> {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let own = face.bounding_box;
    let factor = numbers
        .crop
        .min((width - 1.0) / own.width)
        .min((height - 1.0) / own.height);
    let (w, h) = (own.width * factor, own.height * factor);
    let centre = Point {
        x: (own.x + own.width / 2.0).clamp(w / 2.0, (width - w / 2.0).max(w / 2.0)),
        y: (own.y + own.height / 2.0).clamp(h / 2.0, (height - h / 2.0).max(h / 2.0)),
    };
    let side = w.max(h);
    if !side.is_finite() || side < 2.0 {
        return None;
    }
    let scale = side / numbers.side as f32;
    let first = |centre: f32| centre - side / 2.0 + scale / 2.0 - 0.5;
    let back = Similarity::upright(scale, first(centre.x), first(centre.y));
    Some(warp(picture, &back, numbers.side, SAMPLES))
}

/// The share of one class, if the values aren't shares already.
fn softmax(classes: &[f32], class: usize) -> Option<f32> {
    let value = *classes.get(class)?;
    let sum: f32 = classes.iter().sum();
    if (sum - 1.0).abs() < 1e-3 && classes.iter().all(|value| (0.0..=1.0).contains(value)) {
        return Some(value);
    }
    let most = classes.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let total: f32 = classes.iter().map(|other| (other - most).exp()).sum();
    Some((value - most).exp() / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_stay_and_other_values_become_shares() {
        assert_eq!(softmax(&[0.25, 0.75], 0), Some(0.25));
        assert!((softmax(&[2.0, 0.0, 0.0], 0).unwrap() - 0.7870).abs() < 1e-3);
        assert_eq!(softmax(&[0.5], 1), None);
    }
}
