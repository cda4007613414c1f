//! Pictures out: for showing what was found.

use image::{ExtendedColorType, ImageEncoder, RgbImage, codecs::png::PngEncoder, imageops};

use crate::FaceError;

/// The picture at another height, its proportions kept.
pub fn resized(picture: &RgbImage, height: u32) -> RgbImage {
    let (from_width, from_height) = (
        u64::from(picture.width().max(1)),
        u64::from(picture.height().max(1)),
    );
    let width = (from_width * u64::from(height) / from_height).clamp(1, 1 << 14) as u32;
    fitted(picture, width, height)
}

/// The picture at another size.
pub fn fitted(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    if picture.width() > 2 * width && picture.height() > 2 * height {
        return imageops::thumbnail(picture, width, height);
    }
    imageops::resize(picture, width, height, imageops::FilterType::CatmullRom)
}

/// A grey pixel.
pub const fn grey(value: u8) -> image::Rgb<u8> {
    image::Rgb([value; 3])
}

/// The picture as a PNG file.
pub fn to_png(picture: &RgbImage) -> Result<Vec<u8>, FaceError> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(
            picture.as_raw(),
            picture.width(),
            picture.height(),
            ExtendedColorType::Rgb8,
        )
        .map_err(FaceError::broken("PNG"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode;
    use image::Rgb;

    #[test]
    fn a_png_that_was_written_is_read_again() {
        let picture = RgbImage::from_fn(5, 3, |x, y| Rgb([x as u8, y as u8, 9]));
        assert_eq!(decode(&to_png(&picture).unwrap()).unwrap(), picture);
    }

    #[test]
    fn a_picture_keeps_its_proportions() {
        assert_eq!(resized(&RgbImage::new(40, 20), 10).dimensions(), (20, 10));
    }
}
