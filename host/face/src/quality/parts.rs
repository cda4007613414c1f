//! Eyes and mouth: estimates from the pixels around the five points.

use super::{
    Component,
    face_area::{CHEEKS, EYES, FOREHEAD, FaceArea, LOWER, MOUTH, Region, deviation, mean, quantile},
    sigmoid,
};

/// The components of eyes and mouth.
pub(super) fn components(area: &FaceArea) -> Vec<(Component, f32)> {
    let eyes = EYES.map(|eye| openness(area, eye));
    vec![
        (Component::EyesOpen, sigmoid(eyes[0].min(eyes[1]), 0.30, 0.07)),
        (
            Component::EyesVisible,
            EYES.map(|eye| visibility(area, eye))
                .into_iter()
                .fold(100.0, f32::min),
        ),
        (Component::MouthClosed, mouth_closed(area)),
        (Component::MouthOcclusionPrevention, uncovered(area)),
        (Component::ExpressionNeutrality, neutrality(area)),
    ]
}

/// The brightness of the skin around: the cheeks' mean.
fn skin(area: &FaceArea) -> f32 {
    mean(&CHEEKS.map(|cheek| mean(&area.brightness(cheek)))).max(8.0)
}

/// How dark the darkest tenth of an eye's middle is against the skin: an open eye shows iris and pupil, a closed one the lid's skin
/// and a thin line of lashes.
fn openness(area: &FaceArea, [left, top, right, bottom]: Region) -> f32 {
    let middle = [left + 5, top + 3, right - 5, bottom - 3];
    let dark = quantile(&area.brightness(middle), 0.2);
    (1.0 - dark / skin(area)).max(0.0)
}

/// An eye has light and dark close together; a bar, a hand or dark glass has neither.
fn visibility(area: &FaceArea, eye: Region) -> f32 {
    let contrast = deviation(&area.brightness(eye)) / skin(area);
    let dark_all_over = quantile(&area.brightness(eye), 0.9) / skin(area);
    sigmoid(contrast, 0.06, 0.02) * sigmoid(dark_all_over, 0.45, 0.06) / 100.0
}

/// An open mouth has a dark middle, thicker than the line between closed lips.
fn mouth_closed(area: &FaceArea) -> f32 {
    let [left, top, right, bottom] = MOUTH;
    let middle = area.brightness([left + 14, top + 4, right - 14, bottom - 2]);
    let limit = 0.45 * skin(area);
    #[expect(clippy::cast_precision_loss, reason = "pixels of a region")]
    let dark = middle.iter().filter(|value| **value < limit).count() as f32 / middle.len().max(1) as f32;
    100.0 - sigmoid(dark, 0.22, 0.05)
}

/// Whether mouth and chin have the colour and brightness of the skin between the brows and on the cheeks. A mask below the eyes has
/// another colour, or no lips: too little that is darker than its surroundings.
fn uncovered(area: &FaceArea) -> f32 {
    let lower = area.brightness(LOWER);
    let forehead = mean(&area.brightness(FOREHEAD)).max(8.0);
    let brightness = (mean(&lower) / forehead).ln().abs();
    let (above, below) = (area.mean_colour(FOREHEAD), area.mean_colour(LOWER));
    let colour = (above[0] - below[0]).hypot(above[1] - below[1]) / forehead;
    let lips = (quantile(&lower, 0.5) - quantile(&area.brightness(MOUTH), 0.1)) / forehead;
    let like_skin = 100.0 - sigmoid(brightness.max(2.0 * colour), 0.75, 0.12);
    like_skin * sigmoid(lips, 0.06, 0.02) / 100.0
}

/// A laugh shows teeth: something much brighter than the skin in the middle of the mouth. An open mouth isn't neutral, either.
fn neutrality(area: &FaceArea) -> f32 {
    let [left, top, right, bottom] = MOUTH;
    let middle = area.brightness([left + 12, top + 4, right - 12, bottom - 4]);
    let teeth = quantile(&middle, 0.9) / skin(area);
    mouth_closed(area).min(100.0 - sigmoid(teeth, 1.25, 0.1))
}
