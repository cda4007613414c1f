//! JPEG (ISO/IEC 10918-1), strictly: a decoder that forgives would show a grey patch where bytes are missing.
//!
//! Before it is decoded every code of every scan is walked ([`scans`]), and what lacks or leaves over something is refused. Bytes that were changed, or
//! lost so that the number of blocks is still right, can pass unseen: a portrait from a chip is held by its hash in the security object instead.

mod bits;
mod blocks;
mod frame;
mod scans;

use image::{DynamicImage, RgbImage, metadata::Orientation};
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use super::Limits;
use crate::FaceError;

const NAME: &str = "JPEG";

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<RgbImage, FaceError> {
    scans::check(bytes, limits)?;
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(FaceError::broken(NAME))?;
    let size = decoder
        .info()
        .map(|info| (u32::from(info.width), u32::from(info.height)));
    let (width, height) = size.ok_or_else(|| FaceError::broken(NAME)("no frame header"))?;
    limits.check_size(width, height)?;
    let pixels = decoder.decode().map_err(FaceError::broken(NAME))?;
    let picture = RgbImage::from_raw(width, height, pixels);
    let picture =
        picture.ok_or_else(|| FaceError::broken(NAME)("fewer pixels than the frame header says"))?;
    Ok(upright(picture, decoder.exif().map(Vec::as_slice)))
}

/// Turns the picture as its EXIF data says the camera was held.
fn upright(picture: RgbImage, exif: Option<&[u8]>) -> RgbImage {
    let orientation = exif
        .and_then(Orientation::from_exif_chunk)
        .unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::ImageRgb8(picture);
    picture.apply_orientation(orientation);
    picture.into_rgb8()
}

fn broken(what: &'static str) -> FaceError {
    FaceError::broken(NAME)(what)
}
