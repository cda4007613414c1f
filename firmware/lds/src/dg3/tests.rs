use alloc::{format, vec, vec::Vec};

use chipgate_apdu::tlv::{Tag, encode};
use proptest::prelude::{
    ProptestConfig, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
};

use super::{Dg3, FingerImage, FingerImageFormat, subtype};
use crate::LdsError;

/// DG3 around one data block.
fn around(tag: u32, block: &[u8]) -> Vec<u8> {
    let header = encode(Tag(0xA1), &[0x87, 2, 1, 1, 0x88, 2, 0, 7]);
    let template = encode(Tag(0x7F60), &[header, encode(Tag(tag), block)].concat());
    encode(
        Tag(0x63),
        &encode(Tag(0x7F61), &[vec![2, 1, 1], template].concat()),
    )
}

#[test]
fn no_fingers_are_written_with_a_filler_and_read_with_it_inside_or_behind() {
    // Doc 9303-10, 4.7.3: a group of no templates, and random bytes.
    let file = hex::decode("63127f610302010053 0a00112233445566778899".replace(' ', "")).unwrap();
    let filler = hex::decode("00112233445566778899").unwrap();
    let empty = Dg3 {
        fingers: vec![],
        filler: Some(filler),
    };
    assert_eq!(Dg3::parse(&file).as_ref(), Ok(&empty));
    assert_eq!(empty.encode().unwrap(), file);
    let inside = hex::decode("63127f610f020100530a00112233445566778899").unwrap();
    assert_eq!(Dg3::parse(&inside), Ok(empty));
    let without = Dg3::parse(&hex::decode("63067f6103020100").unwrap()).unwrap();
    assert_eq!(without, Dg3::default());
}

#[test]
fn the_subtypes_are_cbeffs() {
    // Right thumb, right index, right little, left thumb, left little, four fingers.
    let positions = [1, 2, 5, 6, 10, 13];
    assert_eq!(positions.map(subtype), [0x05, 0x09, 0x15, 0x06, 0x16, 0x00]);
}

fn finger(position: u8, image: &[u8]) -> FingerImage {
    FingerImage {
        position,
        format: FingerImageFormat::Wsq,
        size: Some((400, 500)),
        image: image.to_vec(),
    }
}

#[test]
fn a_record_is_written_as_iso_19794_4_lays_it_out() {
    let record = super::iso19794_4::encode(&finger(7, b"PICTURE")).unwrap();
    let general = "46495200303130000000000000350000001f010200c500c500c500c508020000";
    let header = "00000015070101fe00019001f400";
    assert_eq!(
        hex::encode(&record),
        format!("{general}{header}{}", hex::encode(b"PICTURE"))
    );
}

#[test]
fn reads_several_fingers_and_several_views_in_one_record() {
    let one = super::iso19794_4::encode(&finger(1, b"A")).unwrap();
    let two = super::iso19794_4::encode(&finger(6, b"BB")).unwrap();
    let mut record = [&one[..], &two[32..]].concat();
    record[13] = record.len() as u8;
    for count in [2, 1] {
        record[18] = count;
        // As two fingers; then as two views of one.
        (record[37], record[38], record[52], record[53]) =
            if count == 2 { (1, 1, 1, 1) } else { (2, 1, 2, 2) };
        let fingers = Dg3::parse(&around(0x5F2E, &record)).unwrap().fingers;
        assert_eq!(fingers, [finger(1, b"A"), finger(6, b"BB")]);
    }
    record[18] = 3;
    assert!(matches!(
        Dg3::parse(&around(0x5F2E, &record)),
        Err(LdsError::Field { .. })
    ));
}

/// A data block of ISO/IEC 39794-4 with what its annex A makes mandatory, and a capture device that is passed over.
fn iso39794_4(position: u8, format: u8, image: &[u8]) -> Vec<u8> {
    let choice = |tag, code| encode(Tag(tag), &[0x80, 1, code]);
    let representation = [
        choice(0xA0, position),
        choice(0xA1, 0),
        choice(0xA2, format),
        encode(Tag(0x83), image),
        encode(Tag(0xA5), &[]),
    ];
    let blocks = encode(Tag(0xA1), &encode(Tag(0x30), &representation.concat()));
    let version = encode(Tag(0xA0), &[0x80, 1, 3, 0x81, 2, 7, 0xE3]);
    encode(Tag(0xA1), &encode(Tag(0x64), &[version, blocks].concat()))
}

#[test]
fn reads_data_blocks_of_iso_39794_4() {
    for (code, format) in [
        (0, FingerImageFormat::Pgm),
        (1, FingerImageFormat::Wsq),
        (2, FingerImageFormat::Jpeg2000),
        (3, FingerImageFormat::Jpeg2000),
        (4, FingerImageFormat::Png),
        (9, FingerImageFormat::Other(9)),
    ] {
        let read = Dg3::parse(&around(0x7F2E, &iso39794_4(2, code, b"PICTURE"))).unwrap();
        let expected = FingerImage {
            position: 2,
            format,
            size: None,
            image: b"PICTURE".to_vec(),
        };
        assert_eq!(read.fingers, [expected]);
    }
    let block = iso39794_4(2, 1, b"PICTURE");
    assert!(Dg3::parse(&around(0x7F2E, &block[..block.len() - 1])).is_err());
    assert!(matches!(
        Dg3::parse(&around(0x5F2E, b"FAC\0")),
        Err(LdsError::Unsupported { .. })
    ));
}

#[test]
fn whose_finger_it_is_does_not_appear_in_debug() {
    let shown = format!("{:?}", finger(7, b"PICTURE"));
    assert_eq!(shown, "FingerImage { format: Wsq, length: 7, .. }");
}

fn formats() -> impl Strategy<Value = FingerImageFormat> {
    prop_oneof![
        prop::sample::select(vec![
            FingerImageFormat::Raw,
            FingerImageFormat::BitPacked,
            FingerImageFormat::Wsq,
            FingerImageFormat::Jpeg,
            FingerImageFormat::Jpeg2000,
            FingerImageFormat::Png,
        ]),
        (6..=u8::MAX).prop_map(FingerImageFormat::Other),
    ]
}

fn fingers() -> impl Strategy<Value = FingerImage> {
    let image = prop::collection::vec(any::<u8>(), 0..300);
    (any::<u8>(), formats(), any::<(u16, u16)>(), image).prop_map(|(position, format, size, image)| {
        FingerImage {
            position,
            format,
            size: Some(size),
            image,
        }
    })
}

fn groups() -> impl Strategy<Value = Dg3> {
    let filler = prop::option::of(prop::collection::vec(any::<u8>(), 0..20));
    (prop::collection::vec(fingers(), 0..3), filler).prop_map(|(fingers, filler)| Dg3 { fingers, filler })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn survives_a_round_trip(dg3 in groups()) {
        prop_assert_eq!(Dg3::parse(&dg3.encode().unwrap()), Ok(dg3));
    }

    #[test]
    fn fails_on_every_truncation(dg3 in groups()) {
        let file = dg3.encode().unwrap();
        for length in 0..file.len() {
            prop_assert!(Dg3::parse(&file[..length]).is_err());
        }
    }

    #[test]
    fn never_panics_when_a_bit_is_altered(dg3 in groups(), position in 0..40_u8) {
        for mut file in [dg3.encode().unwrap(), around(0x7F2E, &iso39794_4(position, 1, b"PICTURE"))] {
            for bit in 0..file.len() * 8 {
                file[bit / 8] ^= 1 << (bit % 8);
                let _ = Dg3::parse(&file);
                file[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }
}
