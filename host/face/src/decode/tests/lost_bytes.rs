//! JPEGs of which bytes in the middle are lost, with everything behind them still there.

use image::{ExtendedColorType, ImageEncoder, codecs::jpeg::JpegEncoder};

use super::*;

/// A face-like picture: an ellipse that is lit from a side, before a wall, with grain.
#[expect(clippy::cast_possible_wrap, reason = "a small picture")]
fn portrait(width: u32, height: u32) -> RgbImage {
    let mut state = 1_u32;
    RgbImage::from_fn(width, height, |x, y| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = (state >> 28) as i32;
        let (dx, dy) = (x as i32 - width as i32 / 2, y as i32 - height as i32 / 2);
        let inside = 9 * dx * dx + 5 * dy * dy < (width * height) as i32;
        let base = if inside {
            190 - dx * 2 - dy
        } else {
            110 + y as i32 / 4
        };
        image::Rgb(
            [base + grain, base * 3 / 4 + grain, base * 2 / 3 + grain]
                .map(|value| u8::try_from(value.clamp(0, 255)).unwrap()),
        )
    })
}

fn baseline(quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode_image(&portrait(120, 160))
        .unwrap();
    bytes
}

fn grey() -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = image::imageops::grayscale(&portrait(120, 160));
    JpegEncoder::new_with_quality(&mut bytes, 80)
        .write_image(picture.as_raw(), 120, 160, ExtendedColorType::L8)
        .unwrap();
    bytes
}

/// Where the coded data of the first scan begins.
fn coded_data(bytes: &[u8]) -> usize {
    let scan = bytes.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
    scan + 2 + usize::from(u16::from_be_bytes([bytes[scan + 2], bytes[scan + 3]]))
}

/// Of losses of 1 to 64 bytes at many places: how many there are, how many are not noticed, and how many of these change what is seen.
fn unnoticed(bytes: &[u8]) -> [usize; 3] {
    let (begin, end) = (coded_data(bytes), bytes.len() - 2);
    let whole = decode(bytes).unwrap();
    let mut counts = [0; 3];
    for length in [1, 2, 3, 4, 5, 8, 13, 16, 32, 48, 64] {
        for at in (begin..end - length).step_by(((end - begin) / 60).max(1)) {
            let lost = [&bytes[..at], &bytes[at + length..]].concat();
            counts[0] += 1;
            if let Ok(picture) = decode(&lost) {
                counts[1] += 1;
                counts[2] += usize::from(is_seen(&picture, &whole));
            }
        }
    }
    counts
}

/// Whether more than one in fifty pixels is clearly another one.
fn is_seen(picture: &RgbImage, whole: &RgbImage) -> bool {
    let pairs = picture.pixels().zip(whole.pixels());
    let differ = |(a, b): &(&image::Rgb<u8>, &image::Rgb<u8>)| (0..3).any(|c| a.0[c].abs_diff(b.0[c]) > 24);
    50 * pairs.filter(differ).count() > whole.pixels().len()
}

/// A decoder alone shows all of them. What passes has as many blocks as before, by chance, and mostly differs in one of them alone;
/// between restart markers there are few blocks, so that chance is better.
#[test]
fn most_losses_in_the_middle_of_a_jpeg_are_noticed() {
    let pictures = [
        ("baseline", baseline(75), 10),
        ("fine", baseline(95), 8),
        ("coarse", baseline(20), 10),
        ("grey", grey(), 10),
        ("progressive", sample("portrait-progressive.jpg"), 50),
        ("progressive, grey", sample("portrait-progressive-grey.jpg"), 50),
        ("restart markers", sample("portrait-restart.jpg"), 4),
    ];
    for (name, bytes, one_in) in pictures {
        let [all, passed, seen] = unnoticed(&bytes);
        assert!(all > 600, "{name}: {all}");
        assert!(2 * passed < all, "{name}: {passed} of {all} losses passed");
        assert!(
            one_in * seen < all,
            "{name}: {seen} of {all} losses passed and are seen"
        );
    }
}

/// Only some coefficients are kept; the walk over the rest takes none for another.
#[test]
fn whole_pictures_of_every_kind_are_decoded() {
    for name in [
        "portrait-progressive.jpg",
        "portrait-progressive-grey.jpg",
        "portrait-restart.jpg",
    ] {
        let picture = decode(&sample(name)).unwrap();
        assert_eq!(picture.dimensions(), (121, 163), "{name}");
    }
}

/// What a progressive picture shows when its last scans are missing looks whole, and is not.
#[test]
fn a_progressive_jpeg_without_its_last_scans_is_an_error() {
    let bytes = sample("portrait-progressive.jpg");
    let scans: Vec<usize> = (0..bytes.len() - 1)
        .filter(|at| bytes[*at..].starts_with(&[0xFF, 0xDA]))
        .collect();
    assert!(scans.len() > 5, "{}", scans.len());
    for scan in scans {
        let cut = [&bytes[..scan], &[0xFF, 0xD9]].concat();
        assert!(decode(&cut).is_err(), "{scan}");
    }
}

/// Cameras fill up with zeros before the end marker, and with 0xFF before any.
#[test]
fn filling_before_the_end_marker_is_no_error() {
    for filling in [&[0; 7][..], &[0xFF; 3]] {
        let bytes = baseline(75);
        let (picture, end) = bytes.split_at(bytes.len() - 2);
        assert!(decode(&[picture, filling, end].concat()).is_ok(), "{filling:?}");
    }
}
