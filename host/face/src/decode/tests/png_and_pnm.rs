//! PNG and PNM.

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

use super::*;

/// A PNG of so many pixels with this content, which may be of another size.
fn png(size: [u32; 2], content: &[u8], encoded: [u32; 2]) -> Vec<u8> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(content, encoded[0], encoded[1], ExtendedColorType::Rgb8)
        .unwrap();
    // The sides stand in IHDR, and its checksum behind them (PNG, 11.2.2 and annex D).
    bytes[16..20].copy_from_slice(&size[0].to_be_bytes());
    bytes[20..24].copy_from_slice(&size[1].to_be_bytes());
    let sum = !bytes[12..29].iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ if sum & 1 == 1 { 0xEDB8_8320 } else { 0 }
        })
    });
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

#[test]
fn rejects_every_truncation_of_a_png() {
    let pixels: Vec<u8> = (0..64).flat_map(|i| expected(i % 8, i / 8)).collect();
    rejects_every_truncation_of(&png([8, 8], &pixels, [8, 8]));
}

#[test]
fn rejects_every_truncation_of_a_pnm() {
    for pixels in [&b"P5 # grey\n4 3\n255\n"[..], b"P6\n2 2 255\n", b"P5 2 3 65535\n"] {
        rejects_every_truncation_of(&[pixels, &[0x30; 12]].concat());
    }
}

#[test]
fn a_png_that_is_larger_than_what_was_coded_is_an_error() {
    let small = png([1000, 1000], &[0x80; 12], [2, 2]);
    assert!(matches!(
        decode(&small),
        Err(FaceError::BrokenPicture { format: "PNG", .. })
    ));
    let large = png([20_000, 20_000], &[0x80; 12], [2, 2]);
    assert!(
        decode(&large)
            .unwrap_err()
            .to_string()
            .contains("400000000 pixels")
    );
}

#[test]
fn decodes_png_in_colour_and_in_grey_of_16_bits() {
    let pixels: Vec<u8> = (0..64).flat_map(|i| expected(i % 8, i / 8)).collect();
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(&pixels, 8, 8, ExtendedColorType::Rgb8)
        .unwrap();
    assert_eq!(largest_difference(&decode(&bytes).unwrap(), expected), 0);
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(&[0x80; 8], 2, 2, ExtendedColorType::L16)
        .unwrap();
    assert_eq!(largest_difference(&decode(&bytes).unwrap(), |_, _| [0x80; 3]), 0);
}

#[test]
fn decodes_pnm_in_grey_and_in_colour() {
    assert_eq!(
        decode(b"P5 2 1 255\n\x0A\x14").unwrap().get_pixel(1, 0).0,
        [20; 3]
    );
    assert_eq!(
        decode(b"P6 1 1 255\n\x01\x02\x03").unwrap().get_pixel(0, 0).0,
        [1, 2, 3]
    );
    assert!(matches!(
        decode(b"P5 2 2 255\n\x0A"),
        Err(FaceError::BrokenPicture { format: "PNM", .. })
    ));
}

#[test]
fn a_picture_without_pixels_is_broken() {
    for header in [&b"P12\n0"[..], b"P5 0 7 255\n"] {
        assert!(
            matches!(
                decode(header),
                Err(FaceError::BrokenPicture { format: "PNM", .. })
            ),
            "{header:?}"
        );
    }
}
