//! Light, contrast, sharpness and compression.

use image::RgbImage;

use super::{
    Component, SIDE,
    face_area::{CHEEKS, FACE, FaceArea, deviation, mean},
    sigmoid,
};
use crate::Face;

/// The components of the face's light and colour.
pub(super) fn components(area: &FaceArea) -> Vec<(Component, f32)> {
    let face = area.brightness(FACE);
    let histogram = histogram(&face);
    vec![
        (Component::IlluminationUniformity, uniformity(area)),
        (Component::LuminanceMean, luminance_mean(mean(&face) / 255.0)),
        (
            Component::LuminanceVariance,
            luminance_variance(deviation(&face) / 255.0),
        ),
        (
            Component::UnderExposurePrevention,
            100.0 * (1.0 - share(&histogram, 0, 25)),
        ),
        (
            Component::OverExposurePrevention,
            100.0 * (1.0 - share(&histogram, 247, 255)),
        ),
        (Component::DynamicRange, 12.5 * entropy(&histogram)),
        (Component::Sharpness, sharpness(area)),
        (Component::NaturalColour, natural_colour(area)),
    ]
}

/// The share of pixels at each of the 256 levels.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "levels and counts of pixels"
)]
fn histogram(values: &[f32]) -> [f32; 256] {
    let mut bins = [0.0; 256];
    for value in values {
        bins[(value.round().clamp(0.0, 255.0)) as usize] += 1.0 / values.len() as f32;
    }
    bins
}

fn share(histogram: &[f32; 256], from: usize, to: usize) -> f32 {
    histogram[from..=to].iter().sum()
}

/// In bits: 8 if all levels are used alike.
fn entropy(histogram: &[f32; 256]) -> f32 {
    histogram
        .iter()
        .filter(|share| **share > 0.0)
        .map(|share| -share * share.log2())
        .sum()
}

/// What the histograms of the left and the right half have in common, in eight levels so that noise plays no part.
fn uniformity(area: &FaceArea) -> f32 {
    let [left, top, right, bottom] = FACE;
    let middle = u32::midpoint(left, right);
    let coarse = |region| {
        let fine = histogram(&area.brightness(region));
        let bins: Vec<f32> = fine.chunks(32).map(|chunk| chunk.iter().sum()).collect();
        bins
    };
    let (one, other) = (
        coarse([left, top, middle, bottom]),
        coarse([middle, top, right, bottom]),
    );
    100.0 * one.iter().zip(&other).map(|(a, b)| a.min(*b)).sum::<f32>()
}

/// Highest in the middle: rising from 0.2 on, falling from 0.8 on.
fn luminance_mean(mean: f32) -> f32 {
    sigmoid(mean, 0.2, 0.05) * (1.0 - sigmoid(mean, 0.8, 0.05) / 100.0)
}

/// A face has some contrast, and not only black and white.
fn luminance_variance(deviation: f32) -> f32 {
    100.0 * (std::f32::consts::PI * (2.0 * deviation).min(1.0)).sin().max(0.0)
}

/// The mean strength of a Laplacian against the face's own contrast: what blur takes away first.
fn sharpness(area: &FaceArea) -> f32 {
    let [left, top, right, bottom] = FACE;
    let mut strengths = Vec::new();
    for y in top.max(1)..bottom.min(SIDE - 1) {
        for x in left.max(1)..right.min(SIDE - 1) {
            let around = area.at(x - 1, y) + area.at(x + 1, y) + area.at(x, y - 1) + area.at(x, y + 1);
            strengths.push((4.0 * area.at(x, y) - around).abs());
        }
    }
    let contrast = deviation(&area.brightness(FACE)).max(4.0);
    sigmoid(mean(&strengths) / contrast, 0.12, 0.05)
}

/// Skin is redder than green and yellower than blue, within wide limits; a grey picture has no colour to judge.
fn natural_colour(area: &FaceArea) -> f32 {
    let [one, other] = CHEEKS.map(|cheek| area.mean_colour(cheek));
    let (red, yellow) = (f32::midpoint(one[0], other[0]), f32::midpoint(one[1], other[1]));
    let outside = |value: f32, low: f32, high: f32| (low - value).max(value - high).max(0.0);
    100.0 * (-(outside(red, 5.0, 70.0) + outside(yellow, 5.0, 90.0)) / 20.0).exp()
}

/// Differences across the borders of 8 × 8 blocks against those within, in the picture's own pixels.
#[expect(clippy::cast_sign_loss, reason = "held against the picture's sides first")]
pub(super) fn compression(picture: &RgbImage, face: &Face) -> f32 {
    let own = face.bounding_box;
    let clamp = |value: f32, most: u32| (value.max(0.0) as u32).min(most);
    let (left, right) = (
        clamp(own.x, picture.width()),
        clamp(own.x + own.width, picture.width()),
    );
    let (top, bottom) = (
        clamp(own.y, picture.height()),
        clamp(own.y + own.height, picture.height()),
    );
    let green = |x, y| f32::from(picture.get_pixel(x, y).0[1]);
    let (mut across, mut within) = (Vec::new(), Vec::new());
    for y in top..bottom {
        for x in left.max(2)..right.saturating_sub(1) {
            // How much this step exceeds the two beside it.
            let step = (green(x, y) - green(x - 1, y)).abs();
            let beside = (green(x - 1, y) - green(x - 2, y)).abs() + (green(x + 1, y) - green(x, y)).abs();
            let excess = step - beside / 2.0;
            if x.is_multiple_of(8) {
                across.push(excess);
            } else {
                within.push(excess);
            }
        }
    }
    if across.len() < 64 {
        return 100.0;
    }
    let blockiness = mean(&across) - mean(&within);
    100.0 - sigmoid(blockiness, 4.0, 1.0)
}
