//! What holds for all files: no bytes panic, and what is written is DER that a strict reader takes.

use alloc::vec::Vec;

use chipgate_apdu::tlv::{Tag, encode};
use chipgate_crypto::HashAlgorithm;
use der::{Decode, asn1::AnyRef, asn1::SetOfVec};
use proptest::prelude::{Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};

use crate::vietnam::CitizenValue;
use crate::{
    Attributes, Com, CvCertificate, CvcaReferences, DataGroup, Dg1, Dg2, Dg3, Dg4, Dg5, Dg7, Dg11, Dg12,
    Dg13, Dg13Vietnam, Dg16, LdsError, LdsSecurityObject, LdsVersionInfo, Mrz, PaceInfo, SecurityInfo,
    SecurityInfos, Text, encode_dg15, encode_set, encode_sod, oid, parse_card_access, parse_card_security,
    parse_dg14, parse_dg15, parse_directory, parse_sod,
};

fn parse_as_everything(file: &[u8]) {
    let _ = Attributes::parse(file);
    let _ = Com::parse(file);
    let _ = Dg1::parse(file);
    let _ = Dg2::parse(file);
    let _ = CvCertificate::parse(file);
    let _ = CvcaReferences::parse(file);
    let _ = Dg3::parse(file);
    let _ = Dg4::parse(file);
    let _ = Dg5::parse(file);
    let _ = Dg7::parse(file);
    let _ = Dg16::parse(file);
    let _ = Dg11::parse(file);
    let _ = Dg12::parse(file);
    let _ = Dg13::parse(file);
    let _ = Dg13Vietnam::parse(file);
    let _ = LdsSecurityObject::parse(file);
    let _ = SecurityInfos::parse(file);
    let _ = parse_card_access(file);
    let _ = parse_card_security(file);
    let _ = parse_dg14(file);
    let _ = parse_dg15(file);
    let _ = parse_directory(file);
    let _ = parse_sod(file);
}

/// Every tag that some file gives a meaning to.
const TAGS: [u32; 43] = [
    0x42, 0x53, 0x63, 0x64, 0x66, 0x67, 0x76, 0x7F21, 0x7F49, 0x7F4C, 0x7F4E, 0x89, 0xA3, 0x02, 0x04, 0x06,
    0x0C, 0x13, 0x30, 0x31, 0x47, 0x4F, 0x5C, 0x5F01, 0x5F0E, 0x5F0F, 0x5F1F, 0x5F26, 0x5F2B, 0x5F2E, 0x5F36,
    0x60, 0x61, 0x65, 0x6E, 0x75, 0x7F2E, 0x7F60, 0x7F61, 0x7F66, 0x80, 0xA0, 0xA1,
];

fn values() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        (0..4_u8).prop_map(|count| Vec::from([count])),
        prop::sample::select(
            [
                oid::id_TA,
                oid::id_PK_ECDH,
                oid::id_CA_ECDH,
                oid::id_PACE_ECDH_GM,
                oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128,
                oid::id_icao_mrtd_security_aaProtocolObject,
            ]
            .to_vec()
        )
        .prop_map(|oid| oid.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(|tail| [b"FAC\x00010\x00", &tail[..]].concat()),
        prop::collection::vec(any::<u8>(), 0..60).prop_map(|tail| [b"FIR\x00010\x00", &tail[..]].concat()),
        prop::collection::vec(any::<u8>(), 0..60).prop_map(|tail| [b"IIR\x00010\x00", &tail[..]].concat()),
    ]
}

/// Well-formed objects in each other, with tags that mean something.
fn trees() -> impl Strategy<Value = Vec<u8>> {
    let leaf =
        (prop::sample::select(TAGS.to_vec()), values()).prop_map(|(tag, value)| encode(Tag(tag), &value));
    leaf.prop_recursive(6, 40, 5, |inner| {
        (
            prop::sample::select(TAGS.to_vec()),
            prop::collection::vec(inner, 0..5),
        )
            .prop_map(|(tag, parts)| encode(Tag(tag), &parts.concat()))
    })
}

proptest! {
    #[test]
    fn no_bytes_panic(file: Vec<u8>, template in 0x60..0x78_u32) {
        parse_as_everything(&file);
        parse_as_everything(&encode(Tag(template), &file));
    }

    #[test]
    fn no_well_formed_objects_panic(tree in trees(), template in 0x60..0x78_u32) {
        parse_as_everything(&tree);
        parse_as_everything(&encode(Tag(template), &tree));
        let group = encode(Tag(0x7F61), &[&[2, 1, 1][..], &encode(Tag(0x7F60), &encode(Tag(0x7F2E), &tree))].concat());
        for template in [0x63, 0x75, 0x76] {
            parse_as_everything(&encode(Tag(template), &group));
        }
    }
}

#[test]
fn a_length_that_lies_takes_no_memory() {
    // Each claims 4 GiB or 2 GiB, and holds almost nothing.
    for tag in [
        0x30, 0x31, 0x42, 0x60, 0x61, 0x63, 0x65, 0x67, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70, 0x75, 0x76, 0x77,
    ] {
        parse_as_everything(&[tag, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0x30, 0]);
        parse_as_everything(&[tag, 0x84, 0x7F, 0xFF, 0xFF, 0xFF]);
    }
}

#[test]
fn a_set_is_in_the_order_that_der_demands() {
    let info = |parameter_id| {
        SecurityInfo::Pace(PaceInfo {
            protocol: oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128,
            version: 2,
            parameter_id,
        })
    };
    let set = encode_set(&[info(Some(200)), info(None), info(Some(13)), info(Some(12))]);
    let strict = SetOfVec::<AnyRef<'_>>::from_der(&set).unwrap();
    assert_eq!(strict.len(), 4);
    assert_eq!(SecurityInfos::parse(&set).unwrap().pace().len(), 4);
}

/// One file of each kind, as its own type writes it, with something in every field that has no property test of its own.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let zone = "I<UTOD23145890<7349<<<<<<<<<<<3407127M9507122UTO<<<<<<<<<<<2STEVENSON<<PETER<JOHN<<<<<<<<<";
    let com = Com {
        lds_version: "0108".into(),
        unicode_version: "040000".into(),
        data_groups: DataGroup::all().collect(),
    };
    let hashes = |version: u8| LdsSecurityObject {
        version,
        hash: HashAlgorithm::Sha256,
        data_groups: DataGroup::all()
            .map(|group| (group, [group.number(); 32].to_vec()))
            .collect(),
        lds_version: (version == 1).then(|| LdsVersionInfo {
            lds_version: "0108".into(),
            unicode_version: "040000".into(),
        }),
    };
    let infos = hex::decode("3134300d060804007f0007020202020101300f060a04007f000702020302020201013012060a04007f0007020204020202010202010d").unwrap();
    let content = encode(Tag(0x30), &[2, 1, 7]);
    let details = Dg13Vietnam {
        fields: Vec::from([
            (1, CitizenValue::Text(Text::from("001302012345"))),
            (
                13,
                CitizenValue::Texts(Vec::from([
                    Text::from("Nguyễn Văn An"),
                    Text::from("Trần Thị Bình"),
                ])),
            ),
            (14, CitizenValue::Empty),
        ]),
    };
    Vec::from([
        ("EF.COM", com.encode()),
        ("LDSSecurityObject v0", hashes(0).encode()),
        ("LDSSecurityObject v1", hashes(1).encode()),
        (
            "DG1",
            Dg1 {
                mrz: Mrz::parse(zone).unwrap(),
            }
            .encode(),
        ),
        ("DG13", details.encode()),
        ("DG14", encode(Tag(0x6E), &infos)),
        ("DG15", encode_dg15(&content)),
        ("EF.CardAccess", infos),
        ("EF.SOD", encode_sod(&content)),
    ])
}

/// Reads a file as what it is.
fn parse_as(name: &str, file: &[u8]) -> Result<(), LdsError> {
    match name {
        "EF.COM" => Com::parse(file).map(drop),
        "LDSSecurityObject v0" | "LDSSecurityObject v1" => LdsSecurityObject::parse(file).map(drop),
        "DG1" => Dg1::parse(file).map(drop),
        "DG13" => Dg13Vietnam::parse(file).map(drop),
        "DG14" => parse_dg14(file).map(drop),
        "DG15" => parse_dg15(file).map(drop),
        "EF.CardAccess" => parse_card_access(file).map(drop),
        _ => parse_sod(file).map(drop),
    }
}

#[test]
fn every_file_is_read_and_every_truncation_of_it_is_an_error() {
    for (name, file) in samples() {
        assert_eq!(parse_as(name, &file), Ok(()), "{name}");
        for length in 0..file.len() {
            assert!(
                parse_as(name, &file[..length]).is_err(),
                "{name} of {length} bytes"
            );
        }
        let longer = [&file[..], &[0]].concat();
        assert!(parse_as(name, &longer).is_err(), "{name} with a byte behind it");
    }
}

#[test]
fn no_altered_bit_of_any_file_panics_any_parser() {
    for (_, mut file) in samples() {
        for bit in 0..file.len() * 8 {
            file[bit / 8] ^= 1 << (bit % 8);
            parse_as_everything(&file);
            file[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

#[test]
fn a_deep_nest_of_objects_ends_in_an_error_and_not_in_the_stack() {
    for tag in [
        0x30, 0x31, 0x60, 0x63, 0x65, 0x6B, 0x6D, 0x6E, 0x70, 0x75, 0x76, 0x7F21, 0x7F61, 0xA1,
    ] {
        let nest = (0..2_000).fold(Vec::new(), |inner, _| encode(Tag(tag), &inner));
        parse_as_everything(&nest);
    }
}

/// An EF.COM as an issuer may write it.
fn coms() -> impl Strategy<Value = Com> {
    let groups = prop::collection::vec(
        (1..=16_u8).prop_map(|number| DataGroup::try_from(number).unwrap()),
        0..17,
    );
    ("[0-9]{4}", "[0-9]{6}", groups).prop_map(|(lds_version, unicode_version, data_groups)| Com {
        lds_version,
        unicode_version,
        data_groups,
    })
}

proptest! {
    #[test]
    fn ef_com_survives_a_round_trip(com in coms()) {
        prop_assert_eq!(Com::parse(&com.encode()), Ok(com));
    }
}
