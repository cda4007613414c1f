//! What holds for all files: no bytes panic, and what is written is DER that a strict reader takes.

use alloc::vec::Vec;

use chipgate_apdu::tlv::{Tag, encode};
use der::{Decode, asn1::AnyRef, asn1::SetOfVec};
use proptest::prelude::{Strategy, any, prop, prop_oneof, proptest};

use crate::{
    Attributes, Com, CvCertificate, CvcaReferences, Dg1, Dg2, Dg3, Dg4, Dg5, Dg7, Dg11, Dg12, Dg13Vietnam,
    Dg16, LdsSecurityObject, PaceInfo, SecurityInfo, SecurityInfos, encode_set, oid, parse_card_access,
    parse_card_security, parse_dg14, parse_dg15, parse_directory, parse_sod,
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
