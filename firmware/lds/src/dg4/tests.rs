use alloc::{format, vec, vec::Vec};

use chipgate_apdu::tlv::{Tag, encode};
use proptest::prelude::{ProptestConfig, Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

use super::{Dg4, Eye, IrisImage, IrisImageFormat};
use crate::LdsError;

/// DG4 around one data block.
fn around(tag: u32, block: &[u8]) -> Vec<u8> {
    let header = encode(Tag(0xA1), &[0x87, 2, 1, 1, 0x88, 2, 0, 9]);
    let template = encode(Tag(0x7F60), &[header, encode(Tag(tag), block)].concat());
    encode(
        Tag(0x76),
        &encode(Tag(0x7F61), &[vec![2, 1, 1], template].concat()),
    )
}

fn iris(eye: Eye, image: &[u8]) -> IrisImage {
    IrisImage {
        eye,
        format: IrisImageFormat::Jpeg2000,
        size: Some((640, 480)),
        image: image.to_vec(),
    }
}

#[test]
fn a_record_is_written_as_iso_19794_6_lays_it_out() {
    let record = super::iso19794_6::encode(&iris(Eye::Left, b"PICTURE")).unwrap();
    let header = "49495200303130000000004200000100 2d 0000 0000 000e 0280 01e0 08 00".replace(' ', "");
    let device = "30".repeat(16);
    let eye = "0200010001feffffffff00000007";
    assert_eq!(
        hex::encode(&record),
        format!("{header}{device}{eye}{}", hex::encode(b"PICTURE"))
    );
}

#[test]
fn reads_both_eyes_of_one_record_and_several_pictures_of_an_eye() {
    let right = super::iso19794_6::encode(&iris(Eye::Right, b"A")).unwrap();
    let left = super::iso19794_6::encode(&iris(Eye::Left, b"BB")).unwrap();
    let mut record = [&right[..], &left[45..]].concat();
    record[11] = record.len() as u8;
    record[14] = 2;
    let irises = Dg4::parse(&around(0x5F2E, &record)).unwrap().irises;
    assert_eq!(irises, [iris(Eye::Right, b"A"), iris(Eye::Left, b"BB")]);
    // The same as two pictures of the right eye.
    record.drain(60..63);
    record[11] -= 3;
    record[14] = 1;
    record[47] = 2;
    let irises = Dg4::parse(&around(0x5F2E, &record)).unwrap().irises;
    assert_eq!(irises, [iris(Eye::Right, b"A"), iris(Eye::Right, b"BB")]);
    record[45] = 3;
    assert!(matches!(
        Dg4::parse(&around(0x5F2E, &record)),
        Err(LdsError::Field { .. })
    ));
}

/// A data block of ISO/IEC 39794-6, whose components that say nothing here are empty.
fn iso39794_6(eye: u8, format: u8, image: &[u8]) -> Vec<u8> {
    let representation = [
        encode(Tag(0x80), &[eye]),
        encode(Tag(0xA1), &[0x80, 1, 1]),
        encode(Tag(0x82), &[8]),
        encode(Tag(0xA3), &[0x80, 1, format]),
        encode(Tag(0xA8), &[]),
        encode(Tag(0x89), image),
    ];
    let blocks = encode(Tag(0xA1), &encode(Tag(0x30), &representation.concat()));
    let version = encode(Tag(0xA0), &[0x80, 1, 3]);
    encode(Tag(0xA1), &encode(Tag(0x66), &[version, blocks].concat()))
}

#[test]
fn reads_data_blocks_of_iso_39794_6() {
    for (code, format) in [
        (0, IrisImageFormat::Pnm),
        (1, IrisImageFormat::Pnm),
        (2, IrisImageFormat::Png),
        (4, IrisImageFormat::Jpeg2000),
        (9, IrisImageFormat::Other(9)),
    ] {
        let read = Dg4::parse(&around(0x7F2E, &iso39794_6(1, code, b"PICTURE"))).unwrap();
        let expected = IrisImage {
            eye: Eye::Right,
            format,
            size: None,
            image: b"PICTURE".to_vec(),
        };
        assert_eq!(read.irises, [expected]);
    }
    assert!(Dg4::parse(&around(0x7F2E, &iso39794_6(3, 0, b""))).is_err());
    assert!(matches!(
        Dg4::parse(&around(0x5F2E, b"FIR\0")),
        Err(LdsError::Unsupported { .. })
    ));
}

#[test]
fn which_eye_it_is_does_not_appear_in_debug() {
    assert_eq!(
        format!("{:?}", iris(Eye::Left, b"PICTURE")),
        "IrisImage { format: Jpeg2000, length: 7, .. }"
    );
}

fn irises() -> impl Strategy<Value = IrisImage> {
    let formats = prop::sample::select(vec![
        IrisImageFormat::Raw,
        IrisImageFormat::Jpeg,
        IrisImageFormat::JpegLs,
        IrisImageFormat::Jpeg2000,
        IrisImageFormat::Other(99),
    ]);
    let eyes = prop::sample::select(vec![Eye::Unknown, Eye::Left, Eye::Right]);
    let sizes = prop::option::of((1..=u16::MAX, any::<u16>()));
    let image = prop::collection::vec(any::<u8>(), 0..300);
    (eyes, formats, sizes, image).prop_map(|(eye, format, size, image)| IrisImage {
        eye,
        format,
        size,
        image,
    })
}

fn groups() -> impl Strategy<Value = Dg4> {
    let filler = prop::option::of(prop::collection::vec(any::<u8>(), 0..20));
    (prop::collection::vec(irises(), 0..3), filler).prop_map(|(irises, filler)| Dg4 { irises, filler })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn survives_a_round_trip(dg4 in groups()) {
        prop_assert_eq!(Dg4::parse(&dg4.encode().unwrap()), Ok(dg4));
    }

    #[test]
    fn fails_on_every_truncation(dg4 in groups()) {
        let file = dg4.encode().unwrap();
        for length in 0..file.len() {
            prop_assert!(Dg4::parse(&file[..length]).is_err());
        }
    }

    #[test]
    fn never_panics_when_a_bit_is_altered(dg4 in groups(), eye in 0..4_u8) {
        for mut file in [dg4.encode().unwrap(), around(0x7F2E, &iso39794_6(eye, 1, b"PICTURE"))] {
            for bit in 0..file.len() * 8 {
                file[bit / 8] ^= 1 << (bit % 8);
                let _ = Dg4::parse(&file);
                file[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }
}
