use alloc::vec::Vec;

use chipgate_apdu::{Limits, Link, Response, StatusWord};
use chipgate_crypto::{AgreementGroup, AgreementKeyFormat, AgreementPublicKey, Curve, DhGroup};
use chipgate_lds::{
    ChipAuthenticationInfo, ChipAuthenticationPublicKeyInfo, DataGroup, File, SecurityInfo, encode_set, oid,
};
use pollster::block_on;

use super::*;
use crate::{
    open::select_file,
    testing::{AnsweringChip, CardSide, ReplayedRandomness},
};

fn randomness(seed: u8) -> ReplayedRandomness {
    ReplayedRandomness::new((0..400_u16).map(|index| (index * 89) as u8 ^ seed).collect())
}

/// A chip with a key in this group that takes these protocols, by MSE:Set KAT or by MSE:Set AT.
struct Chip {
    private: AgreementPrivateKey,
    takes: Vec<ObjectIdentifier>,
    knows_set_kat: bool,
    selected: Option<ObjectIdentifier>,
    messaging: Option<CardSide>,
    seen: Vec<[u8; 2]>,
}

impl Chip {
    fn new(group: AgreementGroup, takes: &[ObjectIdentifier], knows_set_kat: bool) -> Self {
        Self {
            private: AgreementPrivateKey::generate(group, &mut randomness(3)),
            takes: takes.to_vec(),
            knows_set_kat,
            selected: None,
            messaging: None,
            seen: Vec::new(),
        }
    }

    fn dg14(&self, offers: &[ObjectIdentifier]) -> SecurityInfos {
        let public = self.private.public_key().unwrap();
        let mut infos = [SecurityInfo::ChipAuthenticationPublicKey(
            ChipAuthenticationPublicKeyInfo {
                protocol: oid::id_PK_ECDH,
                public_key_der: public.to_spki_der(AgreementKeyFormat::Explicit),
                key_id: None,
            },
        )]
        .to_vec();
        infos.extend(offers.iter().map(|&protocol| {
            SecurityInfo::ChipAuthentication(ChipAuthenticationInfo {
                protocol,
                version: 1,
                key_id: None,
            })
        }));
        SecurityInfos::parse(&encode_set(&infos)).unwrap()
    }

    fn agree(&mut self, cipher: Cipher, public: &[u8]) {
        let public = AgreementPublicKey::from_bytes(self.private.group(), public).unwrap();
        let secret = self.private.agree(&public).unwrap();
        self.messaging = Some(CardSide::new(SessionKeys::derive(cipher, secret.as_bytes())));
    }

    fn answer(&mut self, command: &Command) -> Response {
        if let Some(messaging) = &mut self.messaging {
            return messaging.answer(command, |_| Response::status_only(StatusWord::SUCCESS));
        }
        self.seen.push([command.instruction, command.p2]);
        let ok = Response::status_only(StatusWord::SUCCESS);
        match (command.instruction, command.p2) {
            (0x22, 0xA6) if self.knows_set_kat => {
                let public = tlv::find(&command.data, Tag(0x91)).unwrap().unwrap().to_vec();
                self.agree(Cipher::TripleDes, &public);
                ok
            }
            (0x22, 0xA4) => {
                let protocol = tlv::find(&command.data, Tag(0x80)).unwrap().unwrap();
                let protocol = ObjectIdentifier::from_bytes(protocol).unwrap();
                self.selected = Some(protocol).filter(|protocol| self.takes.contains(protocol));
                self.selected
                    .map_or(Response::status_only(StatusWord::WRONG_DATA), |_| ok)
            }
            (0x86, _) => {
                let data = tlv::single(&command.data, Tag(0x7C)).unwrap();
                let public = tlv::find(data, Tag(0x80)).unwrap().unwrap().to_vec();
                let cipher = match self.selected.unwrap().arcs().last().unwrap() {
                    1 => Cipher::TripleDes,
                    2 => Cipher::Aes128,
                    3 => Cipher::Aes192,
                    _ => Cipher::Aes256,
                };
                self.agree(cipher, &public);
                Response::new([0x7C, 0x00], StatusWord::SUCCESS)
            }
            _ => Response::status_only(StatusWord::INSTRUCTION_NOT_SUPPORTED),
        }
    }
}

fn run(chip: &mut Chip, dg14: &SecurityInfos) -> Result<ChipAuthentication, ChipError> {
    let proof = select_file(File::DataGroup(DataGroup::DG14));
    let limits = Limits::extended(Link::Contact);
    let mut connection = Connection::new(
        AnsweringChip::new(limits, |command: &Command| chip.answer(command)),
        true,
    );
    block_on(authenticate(&mut connection, dg14, &proof, &mut randomness(7)))
}

#[test]
fn agrees_in_every_group_with_every_cipher() {
    for group in AgreementGroup::ALL {
        let protocols = match group {
            AgreementGroup::Dh(_) => [
                oid::id_CA_DH_3DES_CBC_CBC,
                oid::id_CA_DH_AES_CBC_CMAC_128,
                oid::id_CA_DH_AES_CBC_CMAC_192,
                oid::id_CA_DH_AES_CBC_CMAC_256,
            ],
            AgreementGroup::Ecdh(_) => [
                oid::id_CA_ECDH_3DES_CBC_CBC,
                oid::id_CA_ECDH_AES_CBC_CMAC_128,
                oid::id_CA_ECDH_AES_CBC_CMAC_192,
                oid::id_CA_ECDH_AES_CBC_CMAC_256,
            ],
        };
        for protocol in protocols {
            let mut chip = Chip::new(group, &[protocol], true);
            let dg14 = chip.dg14(&[protocol]);
            let proven = run(&mut chip, &dg14).unwrap();
            assert_eq!(proven.protocol(), &protocol, "{}", group.name());
            let public = chip.private.public_key().unwrap();
            assert_eq!(
                proven.public_key(),
                public.to_spki_der(AgreementKeyFormat::Explicit)
            );
        }
    }
}

#[test]
fn speaks_3des_by_set_at_where_the_chip_knows_no_set_kat() {
    let protocol = oid::id_CA_DH_3DES_CBC_CBC;
    let mut chip = Chip::new(AgreementGroup::Dh(DhGroup::Modp2048Order224), &[protocol], false);
    let dg14 = chip.dg14(&[]);
    assert_eq!(run(&mut chip, &dg14).unwrap().protocol(), &protocol);
    assert_eq!(chip.seen, [[0x22, 0xA6], [0x22, 0xA4], [0x86, 0x00]]);
}

#[test]
fn takes_the_next_protocol_where_the_chip_refuses_the_strongest() {
    let (strong, weak) = (oid::id_CA_ECDH_AES_CBC_CMAC_256, oid::id_CA_ECDH_AES_CBC_CMAC_128);
    let mut chip = Chip::new(AgreementGroup::Ecdh(Curve::P256), &[weak], false);
    let dg14 = chip.dg14(&[weak, strong]);
    assert_eq!(run(&mut chip, &dg14).unwrap().protocol(), &weak);
    let mut chip = Chip::new(AgreementGroup::Ecdh(Curve::P256), &[], false);
    let refused = run(&mut chip, &dg14).unwrap_err();
    assert_eq!(
        (refused.code(), refused.status_word()),
        ("chip-refused", Some(0x6A80))
    );
}

#[test]
fn a_chip_with_another_key_is_found_out() {
    let protocol = oid::id_CA_ECDH_AES_CBC_CMAC_128;
    let mut copy = Chip::new(AgreementGroup::Ecdh(Curve::P256), &[protocol], false);
    let dg14 = copy.dg14(&[protocol]);
    copy.private = AgreementPrivateKey::generate(copy.private.group(), &mut randomness(9));
    let found = run(&mut copy, &dg14).unwrap_err();
    assert_eq!(found.code(), "chip-authentication-failed");
}
