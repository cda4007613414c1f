use image::{ExtendedColorType, ImageEncoder, Rgb, codecs::jpeg::JpegEncoder, codecs::png::PngEncoder};

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

/// A JPEG of 16 × 8 pixels, red on the left and blue on the right.
fn jpeg() -> Vec<u8> {
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

#[test]
fn turns_a_jpeg_upright_as_its_exif_data_says() {
    // Orientation 6: the camera was held so that the picture's left is the scene's top.
    let picture = decode(&with_orientation(&jpeg(), 6)).unwrap();
    assert_eq!(picture.dimensions(), (8, 16));
    assert!(picture.get_pixel(4, 2).0[0] > 200 && picture.get_pixel(4, 13).0[2] > 200);
}

#[test]
fn rejects_every_truncation_of_a_jpeg() {
    for bytes in [jpeg(), sample("progressive.jpg")] {
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length]).is_err(), "{length} of {}", bytes.len());
        }
    }
}

#[test]
fn what_follows_the_end_of_a_jpeg_does_no_harm() {
    let mut bytes = jpeg();
    bytes.extend([0; 100]);
    assert!(decode(&bytes).is_ok());
}

#[test]
fn decodes_a_jp2_file_in_colour() {
    assert_eq!(
        largest_difference(&decode(&sample("colour.jp2")).unwrap(), expected),
        0
    );
}

#[test]
fn decodes_a_raw_codestream_in_grey() {
    let grey = |x, y| [expected(x, y)[0]; 3];
    assert_eq!(largest_difference(&decode(&sample("grey.j2k")).unwrap(), grey), 0);
}

#[test]
fn rejects_every_truncation_of_a_jpeg_2000_picture() {
    for bytes in [
        sample("colour.jp2"),
        sample("grey.j2k"),
        sample("grey.jp2"),
        sample("palette.jp2"),
    ] {
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length]).is_err(), "{length} of {}", bytes.len());
        }
    }
}

#[test]
fn decodes_png_in_colour_and_in_grey_of_16_bits() {
    let pixels: Vec<u8> = (0..64).flat_map(|i| expected(i % 8, i / 8)).collect();
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(&pixels, 8, 8, ExtendedColorType::Rgb8)
        .unwrap();
    assert_eq!(largest_difference(&decode(&bytes).unwrap(), expected), 0);
    for length in 0..bytes.len() - 12 {
        assert!(decode(&bytes[..length]).is_err(), "{length}");
    }
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

/// The headers of a codestream with this SIZ segment and nothing behind them but an empty tile.
fn codestream(grid: [u32; 8], components: u16, resolution: [u8; 2]) -> Vec<u8> {
    let mut bytes = vec![0xFF, 0x4F, 0xFF, 0x51];
    bytes.extend((38 + 3 * components).to_be_bytes());
    bytes.extend([0, 0]);
    bytes.extend(grid.iter().flat_map(|number| number.to_be_bytes()));
    bytes.extend(components.to_be_bytes());
    for _ in 0..components {
        bytes.extend([7, resolution[0], resolution[1]]);
    }
    // COD, QCD, SOT, SOD and EOC, as in grey.j2k.
    bytes.extend(hex::decode("FF52000C00000001000304040001").unwrap());
    bytes.extend(hex::decode("FF5C000D40404848504848504848").unwrap());
    bytes.push(0x50);
    bytes.extend(hex::decode("FF90000A0000000000000001FF93FFD9").unwrap());
    bytes
}

/// A JP2 file with these boxes in its header and this codestream.
fn jp2(header: &[u8], codestream: &[u8]) -> Vec<u8> {
    let boxed = |kind: &[u8; 4], content: &[u8]| {
        let length = u32::try_from(content.len() + 8).unwrap();
        [&length.to_be_bytes(), &kind[..], content].concat()
    };
    let file_type = boxed(b"ftyp", b"jp2 \0\0\0\0jp2 ");
    let mut bytes = boxed(b"jP  ", &[0x0D, 0x0A, 0x87, 0x0A]);
    bytes.extend(file_type);
    bytes.extend(boxed(
        b"jp2h",
        &[&boxed(b"colr", &[1, 0, 0, 0, 0, 0, 17])[..], header].concat(),
    ));
    bytes.extend(boxed(b"jp2c", codestream));
    bytes
}

const GRID: [u32; 8] = [8, 8, 0, 0, 8, 8, 0, 0];

#[test]
fn refuses_more_tiles_than_pictures_have_before_it_makes_room_for_them() {
    let hostile = codestream([40, 40, 0, 0, 1, 1, 0, 0], 1, [1, 1]);
    for bytes in [jp2(&[], &hostile), hostile] {
        let error = decode(&bytes).unwrap_err();
        assert!(
            matches!(
                error,
                FaceError::TooLarge {
                    found: 1600,
                    limit: 1024,
                    unit: "tiles",
                }
            ),
            "{error}"
        );
    }
}

#[test]
fn refuses_four_thousand_million_tiles_that_shrink_to_a_small_picture() {
    let hostile = codestream([u32::MAX, 1, 0, 0, 1, 1, 0, 0], 1, [255, 1]);
    for bytes in [jp2(&[], &hostile), hostile] {
        let error = decode(&bytes).unwrap_err();
        assert!(
            error.to_string().contains("half the picture's resolution"),
            "{error}"
        );
    }
}

#[test]
fn refuses_a_million_tiles_and_a_header_of_20_000_by_20_000_in_bounded_time() {
    let tiles = codestream([2000, 2000, 0, 0, 2, 2, 0, 0], 1, [1, 1]);
    let large = codestream([20_000, 20_000, 0, 0, 20_000, 20_000, 0, 0], 1, [1, 1]);
    for (codestream, counted) in [(tiles, "tiles"), (large, "pixels")] {
        for bytes in [jp2(&[], &codestream), codestream] {
            let error = decode(&bytes).unwrap_err();
            assert!(error.to_string().contains(counted), "{error}");
        }
    }
    let mut png = Vec::new();
    PngEncoder::new(&mut png)
        .write_image(&[0; 3], 1, 1, ExtendedColorType::Rgb8)
        .unwrap();
    // IHDR's sides, and its checksum as zlib computes it.
    png[16..24].copy_from_slice(&[0, 0, 0x4E, 0x20, 0, 0, 0x4E, 0x20]);
    png[29..33].copy_from_slice(&0x6C12_D16E_u32.to_be_bytes());
    let mut jpeg = jpeg();
    let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x4E, 0x20, 0x4E, 0x20]);
    for bytes in [png, jpeg, b"P6 20000 20000 255\n".to_vec()] {
        let error = decode(&bytes).unwrap_err();
        assert!(error.to_string().contains("400000000 pixels"), "{error}");
    }
}

#[test]
fn refuses_a_grid_far_larger_than_the_picture_it_shrinks_to() {
    let hostile = codestream([60_000, 60_000, 0, 0, 60_000, 60_000, 0, 0], 1, [2, 2]);
    let error = decode(&hostile).unwrap_err();
    assert!(
        matches!(
            error,
            FaceError::TooLarge {
                found: 3_600_000_000,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn refuses_more_components_than_pictures_have() {
    let hostile = codestream(GRID, 16_384, [1, 1]);
    for bytes in [jp2(&[], &hostile), hostile] {
        let error = decode(&bytes).unwrap_err();
        assert!(
            matches!(
                error,
                FaceError::TooLarge {
                    found: 16_384,
                    limit: 4,
                    unit: "components"
                }
            ),
            "{error}"
        );
    }
}

#[test]
fn refuses_a_palette_which_would_multiply_the_channels() {
    // One column, and a mapping that takes it a thousand times.
    let palette = b"\0\0\0\x0Dpclr\0\x01\x01\x07\0";
    let mut header = palette.to_vec();
    header.extend(4008_u32.to_be_bytes());
    header.extend(b"cmap");
    header.extend([0, 0, 1, 0].repeat(1000));
    let error = decode(&jp2(&header, &sample("grey.j2k"))).unwrap_err();
    assert!(
        matches!(
            error,
            FaceError::TooLarge {
                unit: "components",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn decodes_a_jp2_file_with_a_palette() {
    // Made by OpenJPEG (Pillow) from the grey levels, its header boxes written by a script: entry i is (i, 255 − i, 7).
    let picture = decode(&sample("palette.jp2")).unwrap();
    assert_eq!(largest_difference(&picture, expected), 0);
}

#[test]
fn decodes_a_jp2_file_in_grey() {
    let grey = |x, y| [expected(x, y)[0]; 3];
    let picture = decode(&sample("grey.jp2")).unwrap();
    assert_eq!(largest_difference(&picture, grey), 0);
}

/// `grey.j2k` with its COD segment replaced; the picture claims 1024 × 1024 pixels.
fn styled(cod: &str) -> Vec<u8> {
    let mut bytes = codestream([1024, 1024, 0, 0, 1024, 1024, 0, 0], 1, [1, 1]);
    // SOC, and SIZ with one component.
    let rest = bytes.split_off(2 + 43);
    bytes.extend(hex::decode(cod).unwrap());
    bytes.extend(&rest[14..]);
    bytes
}

#[test]
fn refuses_millions_of_precincts_and_code_blocks_in_a_picture_of_a_few_bytes() {
    // Two resolutions in precincts of 2 × 2 samples.
    let error = decode(&styled("FF52000E010000010001040400011111")).unwrap_err();
    assert!(
        matches!(
            error,
            FaceError::TooLarge {
                unit: "precincts",
                ..
            }
        ),
        "{error}"
    );
    // The same in a component's own style, and in the header of a tile-part.
    let coc = "FF53000B000101040400011111";
    let error = decode(&styled(&format!("FF52000C00000001000304040001{coc}"))).unwrap_err();
    assert!(error.to_string().contains("precincts"), "{error}");
    let mut late = styled("FF52000C00000001000304040001");
    let sod = late.len() - 4;
    late.splice(sod..sod, hex::decode(coc).unwrap());
    let error = decode(&late).unwrap_err();
    assert!(error.to_string().contains("precincts"), "{error}");
    // Code blocks of 4 × 4 samples.
    let error = decode(&styled("FF52000C00000001000300000001")).unwrap_err();
    assert!(error.to_string().contains("code blocks"), "{error}");
}

#[test]
fn refuses_a_length_that_could_hide_a_second_coding_style() {
    // A reader that believes the length of 14 skips the two bytes that another one takes for a marker.
    let error = decode(&styled("FF52000E00000001000304040001FF30")).unwrap_err();
    assert!(error.to_string().contains("wrong length"), "{error}");
}

#[test]
fn looks_at_every_codestream_of_a_file() {
    let mut bytes = sample("colour.jp2");
    let hostile = codestream(GRID, 16_384, [1, 1]);
    bytes.extend(u32::try_from(hostile.len() + 8).unwrap().to_be_bytes());
    bytes.extend(b"jp2c");
    bytes.extend(hostile);
    assert!(matches!(
        decode(&bytes),
        Err(FaceError::TooLarge {
            unit: "components",
            ..
        })
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

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(start in 0usize..5, rest in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
        let starts: [&[u8]; 5] = [b"\xFF\xD8\xFF", jpeg2000::JP2, jpeg2000::CODESTREAM, b"\x89PNG\r\n\x1A\n", b"P6 "];
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
