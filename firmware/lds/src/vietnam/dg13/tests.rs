use alloc::{format, string::String, vec, vec::Vec};

use chipgate_apdu::tlv::encode;
use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::{CitizenField, CitizenValue, Dg13Vietnam, PRINTABLE_STRING, SEQUENCE};
use crate::{LdsError, Text};

fn text(value: &str) -> CitizenValue {
    CitizenValue::Text(Text::from(value))
}

fn card() -> Dg13Vietnam {
    let opaque = encode(chipgate_apdu::tlv::Tag(0x04), &[0xDE, 0xAD, 0xBE, 0xEF]);
    Dg13Vietnam {
        fields: vec![
            (1, text("001302012345")),
            (2, text("Nguyễn Thị Hoa")),
            (3, text("15/04/2002")),
            (9, CitizenValue::Opaque(Text::Opaque(opaque))),
            (
                13,
                CitizenValue::Texts(vec![Text::from("Nguyễn Văn A"), Text::from("Trần Thị B")]),
            ),
            (14, CitizenValue::Empty),
            (16, text("0123456789ABCDEF")),
            (17, text("later")),
        ],
    }
}

#[test]
fn reads_fields_of_every_form() {
    let read = Dg13Vietnam::parse(&card().encode()).unwrap();
    assert!(read == card());
    assert_eq!(read.text(CitizenField::Name), Some("Nguyễn Thị Hoa"));
    assert_eq!(read.text(CitizenField::Religion), None);
    assert_eq!(read.value(CitizenField::Spouse), Some(&CitizenValue::Empty));
    assert!(matches!(
        read.value(CitizenField::Residence),
        Some(CitizenValue::Opaque(_))
    ));
    assert_eq!(read.text(CitizenField::Residence), None);
    assert_eq!(format!("{read:?}"), "Dg13Vietnam { .. }");
}

#[test]
fn writes_the_layout_to_the_byte() {
    let fields = vec![(4, text("Nam"))];
    let file = hex::encode(Dg13Vietnam { fields }.encode());
    assert_eq!(file, "6d193017020101060628d316010008310a30080201040c034e616d");
}

#[test]
fn takes_both_types_of_string() {
    let mut file = card().encode();
    let position = file.windows(4).position(|bytes| bytes == b"\x0C\x0C00").unwrap();
    file[position] = PRINTABLE_STRING.0 as u8;
    let read = Dg13Vietnam::parse(&file).unwrap();
    assert_eq!(read.text(CitizenField::Number), Some("001302012345"));
}

#[test]
fn a_string_in_another_code_is_opaque_and_no_error() {
    let fields = vec![(7, CitizenValue::Text(Text::Opaque(vec![0xFF, 0xFE, 0x80])))];
    let read = Dg13Vietnam::parse(&Dg13Vietnam { fields }.encode()).unwrap();
    assert_eq!(read.text(CitizenField::Religion), None);
    assert_eq!(read.fields.len(), 1);
}

#[test]
fn refuses_the_data_group_of_another_issuer() {
    assert!(Dg13Vietnam::parse(&[0x6D, 3, 0x30, 1, 0]).is_err());
    let mut other = card().encode();
    let version = other.windows(3).position(|bytes| bytes == [2, 1, 1]).unwrap();
    other[version + 2] = 2;
    assert!(matches!(
        Dg13Vietnam::parse(&other),
        Err(LdsError::Unsupported { .. })
    ));
}

fn values() -> impl Strategy<Value = CitizenValue> {
    let texts = || ".{0,20}".prop_map(|value: String| Text::from(value.as_str()));
    prop_oneof![
        Just(CitizenValue::Empty),
        texts().prop_map(CitizenValue::Text),
        prop::collection::vec(texts(), 1..3).prop_map(CitizenValue::Texts),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(|bytes| {
            let sequence = encode(SEQUENCE, &encode(chipgate_apdu::tlv::Tag(0x04), &bytes));
            CitizenValue::Opaque(Text::Opaque(sequence))
        }),
    ]
}

proptest! {
    #[test]
    fn survives_a_round_trip(fields in prop::collection::vec((any::<u8>(), values()), 0..8)) {
        let group = Dg13Vietnam { fields };
        prop_assert_eq!(Dg13Vietnam::parse(&group.encode()), Ok(group));
    }

    #[test]
    fn fails_on_every_truncation(fields in prop::collection::vec((any::<u8>(), values()), 0..4)) {
        let file = Dg13Vietnam { fields }.encode();
        for length in 0..file.len() {
            prop_assert!(Dg13Vietnam::parse(&file[..length]).is_err());
        }
    }

    #[test]
    fn never_panics_when_a_byte_is_altered(position: prop::sample::Index, byte: u8) {
        let mut file: Vec<u8> = card().encode();
        let index = position.index(file.len());
        file[index] = byte;
        let _ = Dg13Vietnam::parse(&file);
    }
}
