//! JPEG: baseline, grey, progressive, and held in any way.

use image::{ExtendedColorType, ImageEncoder, Rgb, codecs::jpeg::JpegEncoder};

use super::*;

/// A JPEG of 16 × 8 pixels, red on the left and blue on the right.
pub(super) fn jpeg() -> Vec<u8> {
    let picture = RgbImage::from_fn(16, 8, |x, _| Rgb(if x < 8 { [255, 0, 0] } else { [0, 0, 255] }));
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 95)
        .encode_image(&picture)
        .unwrap();
    bytes
}

/// Puts an EXIF segment with this orientation behind the first marker.
fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xFF, 0xE1, 0, exif.len() as u8 + 2]);
    bytes.extend(exif);
    bytes.extend(&jpeg[2..]);
    bytes
}

#[test]
fn decodes_a_jpeg() {
    let picture = decode(&jpeg()).unwrap();
    assert_eq!(picture.dimensions(), (16, 8));
    let red_left = |x: u32, _| if x < 8 { [255, 0, 0] } else { [0, 0, 255] };
    assert!(largest_difference(&picture, red_left) < 8);
}

#[test]
fn decodes_a_grey_jpeg_to_equal_colours() {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 95)
        .write_image(&[200; 64], 8, 8, ExtendedColorType::L8)
        .unwrap();
    assert!(largest_difference(&decode(&bytes).unwrap(), |_, _| [200; 3]) < 3);
}

#[test]
fn decodes_a_progressive_jpeg() {
    assert!(largest_difference(&decode(&sample("progressive.jpg")).unwrap(), expected) < 8);
}

/// A picture whose quarters are red, green, blue and white, from the left of the top on.
fn quarters() -> Vec<u8> {
    let colours = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255; 3]];
    let picture = RgbImage::from_fn(32, 16, |x, y| Rgb(colours[(x / 16 + y / 8 * 2) as usize]));
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 95)
        .encode_image(&picture)
        .unwrap();
    bytes
}

#[test]
fn turns_a_jpeg_upright_however_it_was_held() {
    // TIFF 6.0, Orientation: which of the stored quarters the scene's quarters are.
    let quarters_of_the_scene = [
        (1, [0, 1, 2, 3]),
        (2, [1, 0, 3, 2]),
        (3, [3, 2, 1, 0]),
        (4, [2, 3, 0, 1]),
        (5, [0, 2, 1, 3]),
        (6, [2, 0, 3, 1]),
        (7, [3, 1, 2, 0]),
        (8, [1, 3, 0, 2]),
        // None of those that there are.
        (0, [0, 1, 2, 3]),
        (9, [0, 1, 2, 3]),
    ];
    let upright = decode(&quarters()).unwrap();
    let colour = |picture: &RgbImage, quarter: u32| {
        let (width, height) = picture.dimensions();
        let (x, y) = (
            width / 4 + quarter % 2 * width / 2,
            height / 4 + quarter / 2 * height / 2,
        );
        picture.get_pixel(x, y).0
    };
    for (orientation, expected) in quarters_of_the_scene {
        let picture = decode(&with_orientation(&quarters(), orientation)).unwrap();
        let lies = (5..=8).contains(&orientation);
        assert_eq!(picture.dimensions(), if lies { (16, 32) } else { (32, 16) });
        for (quarter, stored) in (0..).zip(expected) {
            let difference = colour(&picture, quarter)
                .into_iter()
                .zip(colour(&upright, stored))
                .map(|(a, b)| a.abs_diff(b));
            assert!(difference.max().unwrap() < 40, "{orientation} {quarter}");
        }
    }
}

#[test]
fn rejects_every_truncation_of_a_jpeg() {
    let mut grey = Vec::new();
    JpegEncoder::new_with_quality(&mut grey, 95)
        .write_image(&[200; 64], 8, 8, ExtendedColorType::L8)
        .unwrap();
    for bytes in [
        jpeg(),
        sample("progressive.jpg"),
        grey,
        with_orientation(&jpeg(), 6),
    ] {
        rejects_every_truncation_of(&bytes);
    }
}

/// Both end as they should; what is missing of the pixels would come out grey.
#[test]
fn a_frame_that_is_larger_than_what_was_coded_is_an_error() {
    for (mut bytes, frame) in [(jpeg(), 0xC0), (sample("progressive.jpg"), 0xC2)] {
        let header = bytes.windows(2).position(|pair| pair == [0xFF, frame]).unwrap();
        bytes[header + 5..header + 9].copy_from_slice(&[0x10, 0, 0x10, 0]);
        let outcome = decode(&bytes);
        assert!(
            matches!(outcome, Err(FaceError::BrokenPicture { format: "JPEG", .. })),
            "{frame:X}"
        );
    }
}

/// Few bits are coded of one colour, and they are enough.
#[test]
fn a_picture_of_one_colour_is_no_error() {
    let mut bytes = Vec::new();
    let picture = RgbImage::from_pixel(640, 480, Rgb([127, 127, 127]));
    JpegEncoder::new_with_quality(&mut bytes, 1)
        .encode_image(&picture)
        .unwrap();
    assert!(decode(&bytes).is_ok());
}

#[test]
fn what_follows_the_end_of_a_jpeg_does_no_harm() {
    let mut bytes = jpeg();
    bytes.extend([0; 100]);
    assert!(decode(&bytes).is_ok());
}
