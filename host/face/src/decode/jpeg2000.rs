//! JPEG 2000 (ISO/IEC 15444-1): a JP2 file or a raw codestream, in colour or grey.

use hayro_jpeg2000::{ColorSpace, DecodeSettings, DecoderContext, Image};
use image::{Rgb, RgbImage};

use super::{Limits, size};
use crate::FaceError;

/// How a JP2 file begins: its signature box.
pub(super) const JP2: &[u8] = b"\x00\x00\x00\x0CjP  ";
/// How a codestream begins: the markers SOC and SIZ.
pub(super) const CODESTREAM: &[u8] = &[0xFF, 0x4F, 0xFF, 0x51];

pub(super) const NAME: &str = "JPEG 2000";

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<RgbImage, FaceError> {
    size::check(bytes, limits)?;
    let settings = DecodeSettings {
        strict: true,
        ..DecodeSettings::default()
    };
    let image = Image::new(bytes, &settings).map_err(FaceError::broken(NAME))?;
    let (width, height) = (image.width(), image.height());
    limits.check_size(width, height)?;
    let colours = colours(image.color_space())?;
    let channels = colours + usize::from(image.has_alpha());
    let mut context = DecoderContext::default();
    let samples = image
        .decode(&mut context)
        .map_err(FaceError::broken(NAME))?
        .data_u8();
    if samples.len() as u64 != u64::from(width) * u64::from(height) * channels as u64 {
        return Err(FaceError::broken(NAME)("fewer samples than its size says"));
    }
    let mut pixels = samples.chunks_exact(channels);
    Ok(RgbImage::from_fn(width, height, |_, _| match pixels.next() {
        Some(&[red, green, blue, ..]) if colours == 3 => Rgb([red, green, blue]),
        Some(&[grey, ..]) => Rgb([grey; 3]),
        _ => Rgb([0; 3]),
    }))
}

/// How many colour channels there are: one or three; portraits come in no others.
fn colours(space: &ColorSpace) -> Result<usize, FaceError> {
    match space.num_channels() {
        1 => Ok(1),
        3 => Ok(3),
        other => Err(FaceError::broken(NAME)(format!(
            "{other} colour channels, where portraits have 1 or 3"
        ))),
    }
}
