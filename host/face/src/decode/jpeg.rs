//! JPEG (ISO/IEC 10918-1), strictly: a decoder that forgives would show a grey patch where bytes are missing.
//!
//! What ends early is refused. Bytes that were lost in the middle, with the end marker still there, can pass unseen: a
//! portrait from a chip is held by its hash in the security object instead.

use image::{DynamicImage, RgbImage, metadata::Orientation};
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use super::Limits;
use crate::FaceError;

const NAME: &str = "JPEG";

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<RgbImage, FaceError> {
    require_end_of_image(bytes)?;
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

/// Walks the markers (B.1.1) to the end of the image: the segments by their lengths, the coded data by its marker
/// codes. A file that stops before is truncated.
fn require_end_of_image(bytes: &[u8]) -> Result<(), FaceError> {
    const END_OF_IMAGE: u8 = 0xD9;
    const START_OF_SCAN: u8 = 0xDA;
    let truncated = || FaceError::broken(NAME)("it ends before its end marker");
    let mut at = 2;
    loop {
        let marker = next_marker(bytes, &mut at).ok_or_else(truncated)?;
        if marker == END_OF_IMAGE {
            return Ok(());
        }
        let length = bytes.get(at..at + 2).ok_or_else(truncated)?;
        at += usize::from(u16::from_be_bytes([length[0], length[1]])).max(2);
        if marker == START_OF_SCAN {
            skip_coded_data(bytes, &mut at);
        }
    }
}

/// The code of the next marker; fill bytes before it are skipped.
fn next_marker(bytes: &[u8], at: &mut usize) -> Option<u8> {
    let rest = bytes.get(*at..)?;
    let start = rest
        .windows(2)
        .position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xFF))?;
    *at += start + 2;
    rest.get(start + 1).copied()
}

/// Goes to the first marker that is neither a stuffed zero nor a restart marker.
fn skip_coded_data(bytes: &[u8], at: &mut usize) {
    let rest = bytes.get(*at..).unwrap_or_default();
    let is_marker = |pair: &[u8]| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xFF | 0xD0..=0xD7);
    *at += rest.windows(2).position(is_marker).unwrap_or(rest.len());
}
