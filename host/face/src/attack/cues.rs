//! What a screen or a glossy print leaves in a single picture.

use image::RgbImage;

use crate::Face;

/// Signs of a picture of a picture, each from 0 (none) to 1 (strong).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cues {
    /// A regular pattern finer than anything in a face: the grid of a screen, or the dots of a print, or both against the
    /// camera's own grid (moiré).
    pub moire: f32,
    /// A large spot without any detail: light that a flat surface throws back.
    pub reflection: f32,
}

impl Cues {
    /// From 0 (attack) to 1 (no sign of one).
    pub fn score(&self) -> f32 {
        1.0 - self.moire.max(self.reflection)
    }
}

/// Side of the piece of picture that is looked at, in its own pixels.
const SIDE: usize = 64;

/// Looks for the signs in and around the face.
pub fn cues(picture: &RgbImage, face: &Face) -> Cues {
    Cues {
        moire: moire(picture, face),
        reflection: reflection(picture, face),
    }
}

/// The strongest single frequency of the cheeks and the forehead, above those that skin has, against the rest. Skin's spectrum
/// falls evenly; a grid stands out of it as a peak.
fn moire(picture: &RgbImage, face: &Face) -> f32 {
    let own = face.bounding_box;
    let places = [(0.5, 0.25), (0.3, 0.6), (0.7, 0.6)];
    let peaks = places.into_iter().filter_map(|(x, y)| {
        let piece = piece(picture, own.x + x * own.width, own.y + y * own.height)?;
        Some(peak(&piece))
    });
    let mut peaks: Vec<f32> = peaks.collect();
    peaks.sort_by(f32::total_cmp);
    // The middle one of three: a strand of hair in one place is no screen.
    let peak = peaks.get(peaks.len() / 2).copied().unwrap_or(0.0);
    ((peak - PEAK_OF_SKIN) / (PEAK_OF_SCREEN - PEAK_OF_SKIN)).clamp(0.0, 1.0)
}

/// Peaks of skin stay below the first; those of a screen's grid go beyond the second.
const PEAK_OF_SKIN: f32 = 14.0;
const PEAK_OF_SCREEN: f32 = 40.0;
/// Frequencies from here on (in periods a piece) are finer than a face's own.
const FINE: usize = 8;

/// A square of brightness around a place, less its mean, tapered to its edges. `None` at the picture's edge.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "held against the picture's sides"
)]
fn piece(picture: &RgbImage, x: f32, y: f32) -> Option<Vec<f32>> {
    let half = SIDE as f32 / 2.0;
    let (left, top) = (x - half, y - half);
    let fits = left >= 0.0
        && top >= 0.0
        && left + SIDE as f32 <= picture.width() as f32
        && top + SIDE as f32 <= picture.height() as f32;
    if !fits {
        return None;
    }
    let (left, top) = (left as u32, top as u32);
    let green = |index: usize| {
        let (x, y) = ((index % SIDE) as u32, (index / SIDE) as u32);
        f32::from(picture.get_pixel(left + x, top + y).0[1])
    };
    let values: Vec<f32> = (0..SIDE * SIDE).map(green).collect();
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    let taper = |at: usize| {
        let angle = std::f32::consts::TAU * (at as f32 + 0.5) / SIDE as f32;
        f32::midpoint(1.0, -angle.cos())
    };
    let tapered = values.iter().enumerate();
    Some(
        tapered
            .map(|(index, value)| (value - mean) * taper(index % SIDE) * taper(index / SIDE))
            .collect(),
    )
}

/// The strongest fine frequency against the mean of all fine ones, along rows and columns: the power of each row's (and column's)
/// spectrum summed over the piece.
fn peak(piece: &[f32]) -> f32 {
    let mut power = [vec![0.0_f32; SIDE / 2 - FINE], vec![0.0_f32; SIDE / 2 - FINE]];
    for line in 0..SIDE {
        let row: Vec<f32> = piece[line * SIDE..(line + 1) * SIDE].to_vec();
        let column: Vec<f32> = piece.iter().skip(line).step_by(SIDE).copied().collect();
        for (power, values) in power.iter_mut().zip([row, column]) {
            for (index, total) in power.iter_mut().enumerate() {
                *total += power_at(&values, FINE + index);
            }
        }
    }
    let ratio = |power: &Vec<f32>| {
        let most = power.iter().copied().fold(0.0, f32::max);
        let mut sorted = power.clone();
        sorted.sort_by(f32::total_cmp);
        let middle = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
        // Below the noise of a camera there is nothing to stand out of.
        most / middle.max(NOISE)
    };
    power.iter().map(ratio).fold(0.0, f32::max)
}

/// Power of one frequency, summed over the rows, that a clean picture has anyway: 4 a row.
const NOISE: f32 = 256.0;

/// The power of one frequency (Goertzel's recurrence, 1958).
#[expect(clippy::cast_precision_loss, reason = "a handful of frequencies")]
fn power_at(values: &[f32], periods: usize) -> f32 {
    let turn = 2.0 * (std::f32::consts::TAU * periods as f32 / values.len() as f32).cos();
    let (mut last, mut before) = (0.0, 0.0);
    for value in values {
        let next = value + turn * last - before;
        before = last;
        last = next;
    }
    (last * last + before * before - turn * last * before) / values.len() as f32
}

/// The share of the box that is blown out in one piece; a forehead's shine is below a hundredth of it.
#[expect(clippy::cast_sign_loss, reason = "held against the picture's sides")]
fn reflection(picture: &RgbImage, face: &Face) -> f32 {
    let own = face.bounding_box;
    let end = |value: f32, most: u32| (value.max(0.0) as u32).min(most);
    let (left, right) = (
        end(own.x, picture.width()),
        end(own.x + own.width, picture.width()),
    );
    let (top, bottom) = (
        end(own.y, picture.height()),
        end(own.y + own.height, picture.height()),
    );
    let step = ((right.saturating_sub(left)) / 128).max(1) as usize;
    let (mut blown, mut all, mut bright) = (0.0_f32, 0.0_f32, 0.0_f32);
    for y in (top..bottom).step_by(step) {
        for x in (left..right).step_by(step) {
            let lowest = picture.get_pixel(x, y).0.into_iter().min().unwrap_or(0);
            blown += f32::from(u8::from(lowest >= 250));
            bright += f32::from(u8::from(lowest >= 200));
            all += 1.0;
        }
    }
    // A picture that is too bright all over is over-exposed, and that is another matter.
    if all < 1.0 || bright / all > 0.6 {
        return 0.0;
    }
    ((blown / all - 0.02) / 0.10).clamp(0.0, 1.0)
}

#[cfg(test)]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small pictures"
)]
mod tests {
    use super::*;
    use crate::{Point, Rectangle};
    use image::Rgb;

    fn face() -> Face {
        Face {
            bounding_box: Rectangle {
                x: 50.0,
                y: 50.0,
                width: 300.0,
                height: 300.0,
            },
            points: [Point::default(); 5],
            score: 0.9,
        }
    }

    /// Skin with grain, and what `extra` adds.
    fn skin(extra: impl Fn(u32, u32) -> f32) -> RgbImage {
        let mut state = 1_u32;
        RgbImage::from_fn(400, 400, |x, y| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = (state >> 24) as f32 / 255.0 * 8.0 - 4.0;
            let shade = 150.0 + 40.0 * (x as f32 / 120.0).sin() + grain + extra(x, y);
            Rgb([shade.clamp(0.0, 255.0) as u8; 3])
        })
    }

    #[test]
    fn skin_with_grain_shows_no_pattern() {
        let found = cues(&skin(|_, _| 0.0), &face());
        assert!(found.moire < 0.1 && found.reflection < 0.1, "{found:?}");
    }

    #[test]
    fn the_grid_of_a_screen_stands_out() {
        let grid = skin(|x, y| 10.0 * ((x as f32 * 1.9).sin() + (y as f32 * 1.9).sin()));
        assert!(cues(&grid, &face()).moire > 0.6, "{:?}", cues(&grid, &face()));
    }

    #[test]
    fn a_lamp_in_a_glossy_print_stands_out() {
        let lamp = skin(|x, y| {
            if (150..260).contains(&x) && (150..260).contains(&y) {
                255.0
            } else {
                0.0
            }
        });
        assert!(cues(&lamp, &face()).reflection > 0.8);
    }

    #[test]
    fn goertzels_recurrence_finds_the_power_of_a_sine() {
        let values: Vec<f32> = (0..SIDE)
            .map(|i| (std::f32::consts::TAU * 10.0 * i as f32 / 64.0).sin())
            .collect();
        // n/4 of a sine of height one.
        assert!((power_at(&values, 10) - 16.0).abs() < 0.1);
        assert!(power_at(&values, 13) < 0.01);
    }

    #[test]
    fn a_face_at_the_edge_is_no_reason_to_stop() {
        let mut outside = face();
        outside.bounding_box = Rectangle {
            x: -500.0,
            y: 390.0,
            width: 300.0,
            height: f32::INFINITY,
        };
        cues(&skin(|_, _| 0.0), &outside);
    }
}
