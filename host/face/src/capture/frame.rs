//! What can be said about a frame before anyone looks for a face.

use image::RgbImage;

/// Tells a camera that hangs: a real one has noise, so that no two of its frames are the same.
#[derive(Debug, Default)]
pub struct Frozen {
    last: Option<u64>,
    same: u32,
    changed: bool,
}

/// So many equal frames in a row are no accident.
const FROZEN: u32 = 3;

impl Frozen {
    /// Takes the next frame: whether it is the same one as those before it.
    pub fn is_frozen(&mut self, frame: &RgbImage) -> bool {
        let now = fingerprint(frame);
        self.same = if self.last == Some(now) { self.same + 1 } else { 0 };
        self.changed |= self.last.is_some_and(|last| last != now);
        self.last = Some(now);
        self.same >= FROZEN
    }

    /// Whether there were several frames, and all of them the same.
    pub fn is_still(&self) -> bool {
        self.same > 0 && !self.changed
    }
}

/// FNV-1a (Fowler, Noll, Vo) over eight bytes at a time: to compare frames of one camera, no protection against anyone.
fn fingerprint(frame: &RgbImage) -> u64 {
    let (eights, rest) = frame.as_raw().as_chunks::<8>();
    let words = eights.iter().map(|eight| u64::from_le_bytes(*eight));
    words
        .chain(rest.iter().map(|byte| u64::from(*byte)))
        .fold(0xCBF2_9CE4_8422_2325, |hash, word| {
            (hash ^ word).wrapping_mul(0x0100_0000_01B3)
        })
}

/// Whether hardly anything in the frame is brighter than black.
pub fn is_black(frame: &RgbImage) -> bool {
    const BLACK: u8 = 16;
    let bytes = frame.as_raw();
    let bright = bytes.iter().filter(|byte| **byte > BLACK).count();
    bright * 200 <= bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn the_same_frame_four_times_is_a_frozen_camera() {
        let mut frozen = Frozen::default();
        let frame = RgbImage::from_pixel(7, 5, Rgb([9, 8, 7]));
        let mut other = frame.clone();
        other.put_pixel(6, 4, Rgb([9, 8, 6]));
        let seen: Vec<_> = [&frame, &frame, &other, &frame, &frame, &frame, &frame, &other]
            .map(|frame| frozen.is_frozen(frame))
            .into();
        assert_eq!(seen, [false, false, false, false, false, false, true, false]);
    }

    #[test]
    fn a_cap_on_the_lens_is_black_and_a_dim_face_is_not() {
        assert!(is_black(&RgbImage::new(64, 48)));
        assert!(is_black(&RgbImage::from_pixel(64, 48, Rgb([10; 3]))));
        assert!(!is_black(&RgbImage::from_fn(64, 48, |x, _| Rgb(
            [if x > 60 { 60 } else { 5 }; 3]
        ))));
    }
}
