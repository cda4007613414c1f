//! A picture as a network's input.

use chipgate_models::{Layout, Order, Pixels};
use image::RgbImage;

/// The shape of an input of three channels.
pub(crate) fn shape(width: u32, height: u32, pixels: &Pixels) -> Vec<usize> {
    let (width, height) = (width as usize, height as usize);
    match pixels.layout {
        Layout::Planes => vec![1, 3, height, width],
        Layout::Pixels => vec![1, height, width, 3],
    }
}

/// The picture's values as `pixels` says.
pub(crate) fn values(picture: &RgbImage, pixels: &Pixels) -> Vec<f32> {
    let value = |byte: u8| (f32::from(byte) - pixels.mean) * pixels.scale;
    let channels = match pixels.order {
        Order::Rgb => [0, 1, 2],
        Order::Bgr => [2, 1, 0],
    };
    match pixels.layout {
        Layout::Planes => channels
            .into_iter()
            .flat_map(|channel| picture.pixels().map(move |pixel| value(pixel.0[channel])))
            .collect(),
        Layout::Pixels => picture
            .pixels()
            .flat_map(|pixel| channels.map(|channel| value(pixel.0[channel])))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_come_in_the_order_and_layout_that_the_numbers_say() {
        let picture = RgbImage::from_raw(2, 1, vec![1, 2, 3, 4, 5, 6]).unwrap();
        let mut pixels = Pixels::default();
        assert_eq!(values(&picture, &pixels), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        assert_eq!(shape(2, 1, &pixels), [1, 3, 1, 2]);
        pixels = Pixels {
            mean: 1.0,
            scale: 0.5,
            order: Order::Bgr,
            layout: Layout::Pixels,
        };
        assert_eq!(values(&picture, &pixels), [1.0, 0.5, 0.0, 2.5, 2.0, 1.5]);
        assert_eq!(shape(2, 1, &pixels), [1, 1, 2, 3]);
    }
}
