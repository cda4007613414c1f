//! What every format has in common; the rest by format.

mod claims;
mod jpeg2000s;
mod jpegs;
mod lost_bytes;
mod png_and_pnm;

use jpegs::jpeg;

use super::*;

/// The picture behind `tests/data`.
fn expected(x: u32, y: u32) -> [u8; 3] {
    let g = (8 * y + x) as u8 * 4;
    [g, 255 - g, 7]
}

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/data")
            .join(name),
    )
    .unwrap()
}

fn largest_difference(picture: &RgbImage, expected: impl Fn(u32, u32) -> [u8; 3]) -> u8 {
    let differences = picture.enumerate_pixels().flat_map(|(x, y, pixel)| {
        let expected = expected(x, y);
        (0..3).map(move |c| pixel.0[c].abs_diff(expected[c]))
    });
    differences.max().unwrap()
}

/// Every truncation is an error: none is a picture with a grey patch.
fn rejects_every_truncation_of(bytes: &[u8]) {
    assert!(decode(bytes).is_ok());
    for length in 0..bytes.len() {
        assert!(decode(&bytes[..length]).is_err(), "{length} of {}", bytes.len());
    }
}

#[test]
fn an_unknown_format_shows_how_it_begins() {
    let message = decode(b"GIF89a\x01\x00\x01\x00").unwrap_err().to_string();
    assert!(message.contains("4749463839610100"), "{message}");
    assert!(decode(b"").unwrap_err().to_string().contains("nothing"));
}

#[test]
fn refuses_a_picture_above_the_limits_before_it_decodes() {
    let limits = Limits {
        bytes: 1 << 20,
        pixels: 100,
    };
    for bytes in [jpeg(), b"P5 100 100 255\n".to_vec()] {
        let error = decode_with(&bytes, &limits).unwrap_err();
        assert!(
            matches!(
                error,
                FaceError::TooLarge {
                    limit: 100,
                    unit: "pixels",
                    ..
                }
            ),
            "{error}"
        );
    }
    let error = decode_with(
        &jpeg(),
        &Limits {
            bytes: 10,
            pixels: 1000,
        },
    )
    .unwrap_err();
    assert!(
        matches!(
            error,
            FaceError::TooLarge {
                limit: 10,
                unit: "bytes",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_huge_size_in_a_header_costs_nothing() {
    let error = decode(b"P6 4000000000 4000000000 255\n").unwrap_err();
    assert!(!error.to_string().is_empty());
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(start in 0usize..5, rest in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
        let starts: [&[u8]; 5] = [b"\xFF\xD8\xFF", jpeg2000::JP2, jpeg2000::CODESTREAM, png::SIGNATURE, b"P6 "];
        let _ = decode(&[starts[start], &rest].concat());
    }

    #[test]
    fn no_damaged_picture_makes_it_panic(at in 0usize..10_000, value in proptest::num::u8::ANY, which in 0usize..3) {
        let mut bytes = sample(["colour.jp2", "grey.j2k", "progressive.jpg"][which]);
        let length = bytes.len();
        bytes[at % length] = value;
        let _ = decode_with(&bytes, &Limits { bytes: 1 << 20, pixels: 1 << 20 });
    }
}
