//! The aligned face as brightness and colour, with the regions that components look at.

use image::RgbImage;

use super::SIDE;

/// The aligned face.
pub(super) struct FaceArea {
    /// Brightness of each pixel, 0 to 255 (ITU-R BT.709 weights on the coded values).
    pub(super) luminance: Vec<f32>,
    /// Red less green and yellow less blue, as rough colour differences.
    pub(super) colour: Vec<[f32; 2]>,
}

/// A rectangle on the aligned face: left, top, right, bottom.
pub(super) type Region = [u32; 4];

/// From the brows to the chin.
pub(super) const FACE: Region = [30, 40, 130, 145];
/// The eyes, each with its lids.
pub(super) const EYES: [Region; 2] = [[36, 51, 61, 69], [99, 51, 124, 69]];
/// Cheeks below the eyes: skin on nearly everyone.
pub(super) const CHEEKS: [Region; 2] = [[38, 78, 58, 98], [102, 78, 122, 98]];
/// Forehead between the brows.
pub(super) const FOREHEAD: Region = [64, 34, 96, 46];
/// The mouth with its lips.
pub(super) const MOUTH: Region = [52, 110, 108, 134];
/// Mouth, chin and the cheeks beside them: what a mask covers.
pub(super) const LOWER: Region = [44, 100, 116, 146];

impl FaceArea {
    pub(super) fn new(aligned: &RgbImage) -> Self {
        let luminance = aligned.pixels().map(|pixel| {
            let [red, green, blue] = pixel.0.map(f32::from);
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        });
        let colour = aligned.pixels().map(|pixel| {
            let [red, green, blue] = pixel.0.map(f32::from);
            [red - green, f32::midpoint(red, green) - blue]
        });
        Self {
            luminance: luminance.collect(),
            colour: colour.collect(),
        }
    }

    fn indices([left, top, right, bottom]: Region) -> impl Iterator<Item = usize> {
        (top..bottom).flat_map(move |y| (left..right).map(move |x| (y * SIDE + x) as usize))
    }

    /// The brightness of the region's pixels.
    pub(super) fn brightness(&self, region: Region) -> Vec<f32> {
        Self::indices(region)
            .filter_map(|index| self.luminance.get(index).copied())
            .collect()
    }

    /// The region's mean colour differences.
    pub(super) fn mean_colour(&self, region: Region) -> [f32; 2] {
        let colours: Vec<_> = Self::indices(region)
            .filter_map(|index| self.colour.get(index))
            .collect();
        std::array::from_fn(|channel| mean(&colours.iter().map(|colour| colour[channel]).collect::<Vec<_>>()))
    }

    /// The brightness at a place.
    pub(super) fn at(&self, x: u32, y: u32) -> f32 {
        self.luminance
            .get((y * SIDE + x) as usize)
            .copied()
            .unwrap_or(0.0)
    }
}

/// The mean; 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "pixels of a region")]
pub(super) fn mean(values: &[f32]) -> f32 {
    if values.is_empty() {
        0.0
    } else {
        values.iter().sum::<f32>() / values.len() as f32
    }
}

/// The standard deviation.
pub(super) fn deviation(values: &[f32]) -> f32 {
    let middle = mean(values);
    mean(
        &values
            .iter()
            .map(|value| (value - middle) * (value - middle))
            .collect::<Vec<_>>(),
    )
    .sqrt()
}

/// The value that this share of all values is below.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a place in a list"
)]
pub(super) fn quantile(values: &[f32], share: f32) -> f32 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    let place = (share * sorted.len() as f32) as usize;
    sorted
        .get(place.min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or(0.0)
}
