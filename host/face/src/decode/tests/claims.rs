//! JPEG 2000 pictures of a few bytes that claim to be more than anyone could hold.

use super::*;

/// The headers of a codestream with this SIZ segment and nothing behind them but an empty tile.
pub(super) fn codestream(grid: [u32; 8], components: u16, resolution: [u8; 2]) -> Vec<u8> {
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
pub(super) fn jp2(header: &[u8], codestream: &[u8]) -> Vec<u8> {
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

pub(super) const GRID: [u32; 8] = [8, 8, 0, 0, 8, 8, 0, 0];

/// What there is too much of in a picture, and the limit.
fn too_large(bytes: &[u8]) -> (u64, u64, &'static str) {
    match decode(bytes) {
        Err(FaceError::TooLarge { found, limit, unit }) => (found, limit, unit),
        other => panic!("{:?}", other.map(|_| "a picture")),
    }
}

#[test]
fn refuses_more_tiles_than_pictures_have_before_it_makes_room_for_them() {
    let hostile = codestream([40, 40, 0, 0, 1, 1, 0, 0], 1, [1, 1]);
    for bytes in [jp2(&[], &hostile), hostile] {
        assert_eq!(too_large(&bytes), (1600, 1024, "tiles"));
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
    let mut jpeg = jpeg();
    let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x4E, 0x20, 0x4E, 0x20]);
    for bytes in [jpeg, b"P6 20000 20000 255\n".to_vec()] {
        let error = decode(&bytes).unwrap_err();
        assert!(error.to_string().contains("400000000 pixels"), "{error}");
    }
}

/// The most memory that this process had, in MiB; `None` where the system does not say.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? >> 10)
}

#[test]
fn pictures_without_content_are_errors_and_take_no_more_than_256_mib() {
    for side in [8, 1000, 4000, 8000] {
        for components in [1, 3, 4] {
            let whole = codestream([side, side, 0, 0, side, side, 0, 0], components, [1, 1]);
            let tiles = codestream([side, side, 0, 0, side / 8, side / 8, 0, 0], components, [1, 1]);
            for bytes in [jp2(&[], &whole), whole, jp2(&[], &tiles), tiles] {
                assert!(decode(&bytes).is_err(), "{side} {components}");
            }
        }
    }
    match peak_memory() {
        Some(peak) => assert!(peak < 256, "{peak} MiB"),
        None => println!("skipped: the memory that broken pictures take: the system does not say"),
    }
}

/// What costs much is refused by its header, before a pixel is decoded.
#[test]
fn refuses_more_bytes_of_pixels_than_may_be_held() {
    let header = |side: u32, depth: u32| format!("P6 {side} {side} {depth}\n").into_bytes();
    assert_eq!(too_large(&header(5001, 255)), (25_010_001, 25_000_000, "pixels"));
    assert_eq!(too_large(&header(5000, 65_535)).2, "bytes of pixels");
    assert!(matches!(
        decode(&header(4000, 65_535)),
        Err(FaceError::BrokenPicture { .. })
    ));
}

#[test]
fn refuses_a_grid_far_larger_than_the_picture_it_shrinks_to() {
    let hostile = codestream([60_000, 60_000, 0, 0, 60_000, 60_000, 0, 0], 1, [2, 2]);
    assert_eq!(too_large(&hostile).0, 3_600_000_000);
}

#[test]
fn refuses_more_components_than_pictures_have() {
    let hostile = codestream(GRID, 16_384, [1, 1]);
    for bytes in [jp2(&[], &hostile), hostile] {
        assert_eq!(too_large(&bytes), (16_384, 4, "components"));
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
    assert_eq!(too_large(&jp2(&header, &sample("grey.j2k"))).2, "components");
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
    assert_eq!(
        too_large(&styled("FF52000E010000010001040400011111")).2,
        "precincts"
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
    assert_eq!(too_large(&bytes).2, "components");
}
