//! JPEG (ISO/IEC 10918-1), strictly: a decoder that forgives would show a grey patch where bytes are missing.
//!
//! What ends early is refused, and a frame that is larger than what was coded for it can fill. Bytes that were lost in the middle, with the end marker still there, can pass unseen: a
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
    let coded = coded_data(bytes)?;
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
    coded.require_for(width, height)?;
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

/// What was coded for the pixels.
#[derive(Default)]
struct CodedData {
    bytes: usize,
    /// Whether the coefficients of a block come one after the other, and not in several scans.
    is_sequential: bool,
}

impl CodedData {
    /// At least one component has a block for each 8 × 8 pixels, and no code is shorter than a bit (F.1.2, G.1.2): the DC
    /// coefficient of a block takes one, and in a sequential scan the end of the block another one.
    fn require_for(&self, width: u32, height: u32) -> Result<(), FaceError> {
        let blocks = u64::from(width.div_ceil(8)) * u64::from(height.div_ceil(8));
        let least = if self.is_sequential { 2 * blocks } else { blocks };
        if self.bytes as u64 * 8 < least {
            return Err(FaceError::broken(NAME)(
                "the frame is larger than what was coded for it",
            ));
        }
        Ok(())
    }
}

/// Walks the markers (B.1.1) to the end of the image: the segments by their lengths, the coded data by its marker
/// codes. A file that stops before is truncated.
fn coded_data(bytes: &[u8]) -> Result<CodedData, FaceError> {
    const SEQUENTIAL_FRAMES: core::ops::RangeInclusive<u8> = 0xC0..=0xC1;
    const END_OF_IMAGE: u8 = 0xD9;
    const START_OF_SCAN: u8 = 0xDA;
    let truncated = || FaceError::broken(NAME)("it ends before its end marker");
    let mut coded = CodedData::default();
    let mut at = 2;
    loop {
        let marker = next_marker(bytes, &mut at).ok_or_else(truncated)?;
        if marker == END_OF_IMAGE {
            return Ok(coded);
        }
        coded.is_sequential |= SEQUENTIAL_FRAMES.contains(&marker);
        let length = bytes.get(at..at + 2).ok_or_else(truncated)?;
        at += usize::from(u16::from_be_bytes([length[0], length[1]])).max(2);
        if marker == START_OF_SCAN {
            let begun = at;
            skip_coded_data(bytes, &mut at);
            coded.bytes += at.saturating_sub(begun);
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
