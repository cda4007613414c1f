//! Bytes to pixels, for every format that a chip, a camera or a test set uses.

mod boxes;
mod jpeg;
mod jpeg2000;
mod png;
mod size;
mod style;

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, RgbImage, metadata::Orientation};

use crate::FaceError;

/// What a picture may cost. A picture above a limit is refused before it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of the encoded picture.
    pub bytes: usize,
    /// The most pixels, width times height.
    pub pixels: u64,
}

impl Default for Limits {
    /// 32 MiB and 25 million pixels: above what cameras of gates and counters give.
    fn default() -> Self {
        Self {
            bytes: 32 << 20,
            pixels: 25_000_000,
        }
    }
}

/// The most bytes of pixels that are held at once, whatever a pixel is made of.
const DECODED: u64 = 192 << 20;
/// A pixel of the picture that comes out: red, green, blue.
const RGB: u64 = 3;

impl Limits {
    fn check_bytes(&self, bytes: usize) -> Result<(), FaceError> {
        within(bytes as u64, self.bytes as u64, "bytes")
    }

    /// To be called with the size in the picture's header, before its pixels are decoded.
    fn check_size(&self, width: u32, height: u32) -> Result<(), FaceError> {
        within(u64::from(width) * u64::from(height), self.pixels, "pixels")
    }
}

fn within(found: u64, limit: u64, unit: &'static str) -> Result<(), FaceError> {
    if found <= limit {
        Ok(())
    } else {
        Err(FaceError::TooLarge { found, limit, unit })
    }
}

/// Decodes a picture within the default [`Limits`].
///
/// JPEG, JPEG 2000 (a JP2 file or a raw codestream), PNG and PNM are known by their first bytes. Grey becomes RGB,
/// and a picture that says by EXIF how it was held is turned upright. A truncated picture is an error.
pub fn decode(bytes: &[u8]) -> Result<RgbImage, FaceError> {
    decode_with(bytes, &Limits::default())
}

/// [`decode`] within other limits.
pub fn decode_with(bytes: &[u8], limits: &Limits) -> Result<RgbImage, FaceError> {
    limits.check_bytes(bytes.len())?;
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => jpeg::decode(bytes, limits),
        _ if bytes.starts_with(jpeg2000::JP2) || bytes.starts_with(jpeg2000::CODESTREAM) => {
            jpeg2000::decode(bytes, limits)
        }
        _ if bytes.starts_with(png::SIGNATURE) => {
            png::require_end(bytes)?;
            other(bytes, ImageFormat::Png, png::NAME, limits)
        }
        [b'P', b'1'..=b'7', ..] => other(bytes, ImageFormat::Pnm, "PNM", limits),
        _ => Err(FaceError::UnknownFormat {
            start: hexadecimal(bytes.get(..8).unwrap_or(bytes)),
        }),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        "nothing".to_owned()
    } else {
        hex::encode_upper(bytes)
    }
}

/// The formats that the `image` crate decodes on its own.
fn other(
    bytes: &[u8],
    format: ImageFormat,
    name: &'static str,
    limits: &Limits,
) -> Result<RgbImage, FaceError> {
    let reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut decoder = reader.into_decoder().map_err(FaceError::broken(name))?;
    let (width, height) = decoder.dimensions();
    limits.check_size(width, height)?;
    if width == 0 || height == 0 {
        return Err(FaceError::broken(name)("it has no pixels"));
    }
    let orientation = decoder.orientation().map_err(FaceError::broken(name))?;
    // What is decoded is held beside what is turned upright or brought to eight bits a colour.
    let a_pixel = u64::from(decoder.color_type().bytes_per_pixel());
    let beside = if orientation == Orientation::NoTransforms {
        RGB
    } else {
        a_pixel.max(RGB)
    };
    let held = u64::from(width) * u64::from(height) * (a_pixel + beside);
    within(held, DECODED, "bytes of pixels")?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(FaceError::broken(name))?;
    picture.apply_orientation(orientation);
    Ok(picture.into_rgb8())
}

#[cfg(test)]
mod tests;
