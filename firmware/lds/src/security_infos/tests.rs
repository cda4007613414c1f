use alloc::{vec, vec::Vec};

use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::{
    ActiveAuthenticationInfo, ChipAuthenticationInfo, ChipAuthenticationPublicKeyInfo, CvcaFile,
    PaceDomainParameterInfo, PaceInfo, PaceParameters, SecurityInfo, SecurityInfos,
    TerminalAuthenticationInfo, encode_card_access, encode_dg14, encode_set, parse_card_access, parse_dg14,
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

/// The infos of a SET of these, in hexadecimal.
fn parsed(infos: &[&str]) -> SecurityInfos {
    let infos = hex::decode(infos.concat().replace(' ', "")).unwrap();
    let set = chipgate_apdu::tlv::encode(chipgate_apdu::tlv::Tag(0x31), &infos);
    SecurityInfos::parse(&set).unwrap()
}

#[test]
fn an_odd_info_spoils_nothing_beside_it() {
    let good = "3012 060a04007f00070202040202 020102 02010d";
    // Domain parameters 256, which only a chip's own may have; a signature algorithm without a version before it.
    let odd_pace = "3013 060a04007f00070202040202 020102 02020100";
    let odd_active = "3010 0606678108010105 0606678108010105";
    let infos = parsed(&[good, odd_pace, odd_active]);
    assert_eq!(infos.pace().len(), 1);
    let is_unknown = |info: &SecurityInfo| matches!(info, SecurityInfo::Unknown { .. });
    let found: Vec<_> = infos
        .all()
        .iter()
        .map(|info| (is_unknown(info), info.is_about_pace()))
        .collect();
    assert_eq!(found, [(false, true), (true, true), (true, false)]);
}

#[test]
fn optional_data_of_another_kind_change_nothing() {
    let terminal = "3013 060804007f0007020202 020101 0c04 61626364";
    let chip = "3015 060a04007f00070202030202 020101 0c04 61626364";
    let infos = parsed(&[terminal, chip]);
    assert_eq!(infos.terminal_authentication()[0].cvca_file, None);
    assert_eq!(infos.chip_authentication()[0].key_id, None);
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

fn set_of(infos: &[SecurityInfo]) -> SecurityInfos {
    SecurityInfos::parse(&encode_set(infos)).unwrap()
}

#[test]
fn every_protocol_is_read_as_what_it_is() {
    let pace = |protocol| {
        SecurityInfo::Pace(PaceInfo {
            protocol,
            version: 2,
            parameter_id: Some(13),
        })
    };
    let agreement = |protocol| {
        SecurityInfo::ChipAuthentication(ChipAuthenticationInfo {
            protocol,
            version: 1,
            key_id: None,
        })
    };
    let below = |oid: der::asn1::ObjectIdentifier, arcs: core::ops::RangeInclusive<u32>| {
        arcs.map(move |arc| oid.push_arc(arc).unwrap())
    };
    let mappings = [
        oid::id_PACE_DH_GM,
        oid::id_PACE_ECDH_GM,
        oid::id_PACE_DH_IM,
        oid::id_PACE_ECDH_IM,
    ];
    let mut infos: Vec<SecurityInfo> = mappings
        .into_iter()
        .flat_map(|mapping| below(mapping, 1..=4))
        .map(pace)
        .collect();
    infos.extend(below(oid::id_PACE_ECDH_CAM, 2..=4).map(pace));
    let agreements = [oid::id_CA_DH, oid::id_CA_ECDH];
    infos.extend(
        agreements
            .into_iter()
            .flat_map(|ca| below(ca, 1..=4))
            .map(agreement),
    );
    let read = set_of(&infos);
    assert_eq!((read.pace().len(), read.chip_authentication().len()), (19, 8));
    // Each has a name, so that it can be shown.
    let mut names: Vec<_> = infos
        .iter()
        .map(|info| oid::name(&info.protocol()).unwrap())
        .collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), infos.len());
}

#[test]
fn parameters_are_the_tables_or_the_chips_own() {
    let own = hex::decode("300e06072a8648ce3d02013003020107").unwrap();
    let by_number = hex::decode("300c060704007f000701020201 0e".replace(' ', "")).unwrap();
    let pace = |parameter_id| PaceInfo {
        protocol: oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128,
        version: 2,
        parameter_id,
    };
    let explicit = |parameter_id, der: &[u8]| {
        SecurityInfo::PaceDomainParameters(PaceDomainParameterInfo {
            protocol: oid::id_PACE_ECDH_GM,
            domain_parameters_der: der.to_vec(),
            parameter_id,
        })
    };
    let infos = set_of(&[explicit(Some(40), &own), explicit(Some(41), &by_number)]);
    let parameters = |id| infos.parameters_for(&pace(id));
    assert_eq!(parameters(Some(13)), Some(PaceParameters::Standardised(13)));
    assert_eq!(parameters(Some(40)), Some(PaceParameters::Explicit(own.clone())));
    assert_eq!(parameters(Some(41)), Some(PaceParameters::Standardised(14)));
    assert_eq!(parameters(Some(42)), None);
    assert_eq!(parameters(None), None);
    let only = set_of(&[explicit(None, &own)]);
    assert_eq!(
        only.parameters_for(&pace(None)),
        Some(PaceParameters::Explicit(own.clone()))
    );
    let mut other = pace(Some(40));
    other.protocol = oid::id_PACE_ECDH_IM_AES_CBC_CMAC_128;
    assert_eq!(infos.parameters_for(&other), None);
    other.protocol = oid::id_PACE_ECDH_CAM_AES_CBC_CMAC_128;
    assert_eq!(infos.parameters_for(&other), Some(PaceParameters::Explicit(own)));
}

#[test]
fn a_keys_parameters_may_stand_by_their_number() {
    let key = hex::decode("3013300c060704007f00070102020 10d0303000401".replace(' ', "")).unwrap();
    let info = ChipAuthenticationPublicKeyInfo {
        protocol: oid::id_PK_ECDH,
        public_key_der: key,
        key_id: None,
    };
    assert_eq!(info.standardised_parameters(), Some(13));
    let other = ChipAuthenticationPublicKeyInfo {
        public_key_der: hex::decode("300c300606022a0305000302 0000".replace(' ', "")).unwrap(),
        ..info
    };
    assert_eq!(other.standardised_parameters(), None);
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
