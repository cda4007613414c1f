//! JPEG 2000: a JP2 file and a raw codestream, in colour, in grey and with a palette.

use super::*;

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
        rejects_every_truncation_of(&bytes);
    }
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
