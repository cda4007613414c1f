use alloc::{vec, vec::Vec};

use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::{
    ActiveAuthenticationInfo, ChipAuthenticationInfo, ChipAuthenticationPublicKeyInfo, CvcaFile,
    PaceDomainParameterInfo, PaceInfo, SecurityInfo, SecurityInfos, TerminalAuthenticationInfo,
    encode_card_access, encode_dg14, encode_set, parse_card_access, parse_dg14,
};
use crate::{LdsError, oid};

/// EF.CardAccess of the Vietnamese citizen card, as several readers carry it.
const CITIZEN_CARD: &str = "3134300d060804007f0007020202020101300f060a04007f000702020302020201013012060a04007f0007020204020202010202010d";

fn citizen_card() -> [SecurityInfo; 3] {
    [
        SecurityInfo::TerminalAuthentication(TerminalAuthenticationInfo {
            protocol: oid::id_TA,
            version: 1,
            cvca_file: None,
        }),
        SecurityInfo::ChipAuthentication(ChipAuthenticationInfo {
            protocol: oid::id_CA_ECDH_AES_CBC_CMAC_128,
            version: 1,
            key_id: None,
        }),
        SecurityInfo::Pace(PaceInfo {
            protocol: oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128,
            version: 2,
            parameter_id: Some(13),
        }),
    ]
}

#[test]
fn reads_and_writes_the_citizen_cards_card_access_to_the_byte() {
    let file = hex::decode(CITIZEN_CARD).unwrap();
    let infos = parse_card_access(&file).unwrap();
    assert_eq!(infos.all(), citizen_card());
    assert_eq!(infos.raw(), file);
    assert_eq!(infos.pace()[0].parameter_id, Some(13));
    assert_eq!(infos.chip_authentication().len(), 1);
    assert_eq!(infos.terminal_authentication()[0].version, 1);
    assert_eq!(infos.active_authentication(), None);
    assert_eq!(encode_card_access(&citizen_card()), file);
}

#[test]
fn reads_the_card_access_of_doc_9303_11s_worked_example() {
    // Doc 9303-11, appendix G.1: PACE-ECDH-GM-AES-CBC-CMAC-128 on brainpoolP256r1.
    let file = hex::decode("31143012060A04007F0007020204020202010202010D").unwrap();
    let infos = parse_card_access(&file).unwrap();
    assert_eq!(infos.pace()[0].protocol, oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128);
    assert_eq!(infos.pace()[0].version, 2);
    assert!(
        parse_card_access(&hex::decode(CITIZEN_CARD).unwrap())
            .unwrap()
            .contains(&infos)
    );
}

#[test]
fn an_altered_protocol_is_not_contained() {
    let mut weaker = citizen_card();
    weaker[2] = SecurityInfo::Pace(PaceInfo {
        protocol: oid::id_PACE_ECDH_GM_3DES_CBC_CBC,
        version: 2,
        parameter_id: Some(13),
    });
    let genuine = SecurityInfos::parse(&encode_set(&citizen_card())).unwrap();
    let weaker = SecurityInfos::parse(&encode_set(&weaker)).unwrap();
    assert!(!genuine.contains(&weaker));
    assert!(genuine.contains(&genuine));
}

#[test]
fn keeps_what_it_does_not_know() {
    // id-CI is known by name only.
    let unknown = hex::decode("300f060804007f000702020616036162 63".replace(' ', "")).unwrap();
    let set = [vec![0x31, unknown.len() as u8], unknown.clone()].concat();
    let infos = SecurityInfos::parse(&set).unwrap();
    let SecurityInfo::Unknown { protocol, raw } = &infos.all()[0] else {
        panic!("it is known: {infos:?}");
    };
    assert_eq!((*protocol, raw), (oid::id_CI, &unknown));
    assert_eq!(encode_set(infos.all()), set);
}

#[test]
fn rejects_a_malformed_info_of_a_known_protocol() {
    // PACE without a version.
    let set = hex::decode("310e300c060a04007f00070202040202").unwrap();
    assert!(matches!(
        SecurityInfos::parse(&set),
        Err(LdsError::Encoding { .. })
    ));
    // A negative version.
    let set = hex::decode("3111300f060a04007f000702020402020201ff").unwrap();
    assert!(matches!(SecurityInfos::parse(&set), Err(LdsError::Field { .. })));
    // An integer in place of a SecurityInfo.
    assert!(matches!(
        SecurityInfos::parse(&[0x31, 3, 2, 1, 1]),
        Err(LdsError::Field { .. })
    ));
}

fn key_ids() -> impl Strategy<Value = Option<Vec<u8>>> {
    prop_oneof![
        Just(None),
        any::<u8>().prop_map(|id| Some(vec![id])),
        (1..=255_u8, any::<u8>()).prop_map(|(high, low)| Some(vec![high, low])),
    ]
}

fn infos() -> impl Strategy<Value = SecurityInfo> {
    let der = prop::collection::vec(any::<u8>(), 0..300)
        .prop_map(|bytes| chipgate_apdu::tlv::encode(crate::asn1::SEQUENCE, &bytes));
    prop_oneof![
        (any::<u8>(), any::<Option<u8>>()).prop_map(|(version, parameter_id)| SecurityInfo::Pace(PaceInfo {
            protocol: oid::id_PACE_ECDH_CAM_AES_CBC_CMAC_256,
            version,
            parameter_id,
        })),
        (der.clone(), any::<Option<u8>>()).prop_map(|(domain_parameters_der, parameter_id)| {
            SecurityInfo::PaceDomainParameters(PaceDomainParameterInfo {
                protocol: oid::id_PACE_ECDH_GM,
                domain_parameters_der,
                parameter_id,
            })
        }),
        (any::<u8>(), key_ids()).prop_map(|(version, key_id)| SecurityInfo::ChipAuthentication(
            ChipAuthenticationInfo {
                protocol: oid::id_CA_ECDH,
                version,
                key_id,
            }
        )),
        (der, key_ids()).prop_map(
            |(public_key_der, key_id)| SecurityInfo::ChipAuthenticationPublicKey(
                ChipAuthenticationPublicKeyInfo {
                    protocol: oid::id_PK_ECDH,
                    public_key_der,
                    key_id,
                }
            )
        ),
        (any::<u8>(), any::<Option<(u16, Option<u8>)>>()).prop_map(|(version, file)| {
            SecurityInfo::TerminalAuthentication(TerminalAuthenticationInfo {
                protocol: oid::id_TA,
                version,
                cvca_file: file.map(|(identifier, short_identifier)| CvcaFile {
                    identifier,
                    short_identifier,
                }),
            })
        }),
        any::<u8>().prop_map(
            |version| SecurityInfo::ActiveAuthentication(ActiveAuthenticationInfo {
                version,
                signature_algorithm: oid::ecdsa_plain_SHA256,
            })
        ),
    ]
}

proptest! {
    #[test]
    fn survives_a_round_trip(infos in prop::collection::vec(infos(), 0..5)) {
        let file = encode_dg14(&infos);
        let read = parse_dg14(&file).unwrap();
        prop_assert_eq!(read.all().len(), infos.len());
        prop_assert!(infos.iter().all(|info| read.all().contains(info)));
        prop_assert_eq!(encode_dg14(read.all()), file);
    }

    #[test]
    fn fails_on_every_truncation(infos in prop::collection::vec(infos(), 1..4)) {
        let file = encode_dg14(&infos);
        for length in 0..file.len() {
            prop_assert!(parse_dg14(&file[..length]).is_err());
        }
    }

    #[test]
    fn never_panics_on_any_bytes(bytes: Vec<u8>) {
        let _ = SecurityInfos::parse(&bytes);
        let _ = SecurityInfos::parse(&chipgate_apdu::tlv::encode(crate::asn1::SET, &bytes));
    }
}
