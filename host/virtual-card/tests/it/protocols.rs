//! Every variant of every protocol, before a terminal that computes with the reader's own primitives.

use chipgate_apdu::{
    Command, StatusWord,
    tlv::{self, Tag},
};
use chipgate_crypto::{
    AgreementGroup, AgreementPrivateKey, AgreementPublicKey, Cipher, Curve, HashAlgorithm, ObjectIdentifier,
};
use chipgate_virtual_card::{AgreementKey, CardFile, HexSecret, KeyGroup, PaceSettings, Profile, SecretText};
use rand::{SeedableRng, rngs::StdRng};

use crate::{
    common::{card_file, insert},
    terminal::{Terminal, Variant, ok},
};

const CAN: &[u8] = b"123456";

/// Every group that a reader must know, as both sides call it.
fn groups() -> impl Iterator<Item = (KeyGroup, AgreementGroup)> {
    AgreementGroup::ALL.into_iter().map(|group| {
        let id = group.domain_parameter_id();
        let own = KeyGroup::all().find(|own| own.domain_parameter_id() == id);
        (own.unwrap(), group)
    })
}

/// The protocol under `parent` whose last arc names this cipher.
fn protocol(parent: &str, cipher: Cipher) -> ObjectIdentifier {
    let arc = Cipher::ALL.iter().position(|known| *known == cipher).unwrap() + 1;
    format!("{parent}.{arc}").parse().unwrap()
}

/// A card that speaks PACE in these variants.
fn speaking(variants: &[(ObjectIdentifier, KeyGroup)]) -> CardFile {
    let mut file = card_file(Profile::Td3Pace, &[]);
    file.passwords.can = Some(SecretText::new("123456"));
    file.chip.pace = variants
        .iter()
        .map(|(protocol, group)| PaceSettings {
            protocol: protocol.to_string(),
            group: *group,
            can: true,
        })
        .collect();
    file
}

fn reads_dg1(terminal: &mut Terminal, file: &CardFile) {
    assert_eq!(terminal.select_application().status, StatusWord::SUCCESS);
    assert_eq!(terminal.read_file(1, 100).unwrap(), file.file("DG1").unwrap());
}

#[test]
fn pace_opens_the_chip_in_every_group_with_every_mapping_and_cipher() {
    for (own, group) in groups() {
        let arcs: &[u8] = match own {
            KeyGroup::Dh(_) => &[1, 3],
            KeyGroup::Curve(Curve::P224) => &[2],
            KeyGroup::Curve(_) => &[2, 4],
        };
        for (arc, cipher) in arcs
            .iter()
            .flat_map(|arc| Cipher::ALL.map(|cipher| (*arc, cipher)))
        {
            let protocol = protocol(&format!("0.4.0.127.0.7.2.2.4.{arc}"), cipher);
            let file = speaking(&[(protocol, own)]);
            let mut terminal = Terminal::new(insert(&file));
            let variant = Variant {
                protocol,
                group,
                name_group: true,
            };
            terminal.pace_as(variant, 2, CAN, &[]).unwrap();
            reads_dg1(&mut terminal, &file);
        }
    }
}

#[test]
fn the_integrated_mapping_does_not_exist_on_p_224() {
    let protocol = protocol("0.4.0.127.0.7.2.2.4.4", Cipher::Aes128);
    let mut terminal = Terminal::new(insert(&speaking(&[(protocol, Curve::P224.into())])));
    let template = [
        tlv::encode(Tag(0x80), protocol.as_bytes()),
        tlv::encode(Tag(0x83), &[2]),
    ];
    ok(terminal.send(&Command::new(0, 0x22, 0xC1, 0xA4).with_data(template.concat()))).unwrap();
    terminal.general_authenticate(0x10, &[], 0x80).unwrap();
    let nonce = tlv::encode(Tag(0x81), &[1; 16]);
    let refused = terminal.general_authenticate(0x10, &nonce, 0x82);
    assert_eq!(refused, Err(StatusWord::NO_INFORMATION));
}

/// Gives a card one key of chip authentication; its public key.
fn with_key(file: &mut CardFile, group: AgreementGroup, protocol: ObjectIdentifier) -> AgreementPublicKey {
    let key = AgreementPrivateKey::generate(group, &mut StdRng::seed_from_u64(23));
    let own = groups().find(|(_, theirs)| *theirs == group).unwrap().0;
    file.keys.chip_authentication = vec![AgreementKey {
        protocol: protocol.to_string(),
        group: own,
        key_id: None,
        private_key: HexSecret(key.to_bytes()),
    }];
    key.public_key().unwrap()
}

#[test]
fn pace_with_chip_authentication_mapping_proves_the_static_key() {
    for (own, group) in groups().filter(|(own, _)| matches!(own, KeyGroup::Curve(_))) {
        for cipher in [Cipher::Aes128, Cipher::Aes192, Cipher::Aes256] {
            let protocol = protocol("0.4.0.127.0.7.2.2.4.6", cipher);
            let mut file = speaking(&[(protocol, own)]);
            let agreement = self::protocol("0.4.0.127.0.7.2.2.3.2", cipher);
            let public = with_key(&mut file, group, agreement);
            let mut terminal = Terminal::new(insert(&file));
            let variant = Variant {
                protocol,
                group,
                name_group: false,
            };
            let opened = terminal.pace_as(variant, 2, CAN, &[]).unwrap();
            let data = opened.chip_authentication_data.unwrap();
            let data = AgreementPrivateKey::from_bytes(group, &data).unwrap();
            assert_eq!(
                data.apply(&public).unwrap(),
                opened.mapping_key.unwrap(),
                "{}",
                own.name()
            );
            reads_dg1(&mut terminal, &file);
        }
    }
}

#[test]
fn chip_authentication_works_in_every_group_with_every_cipher() {
    for (own, group) in groups() {
        for cipher in Cipher::ALL {
            let parent = match own {
                KeyGroup::Dh(_) => "0.4.0.127.0.7.2.2.3.1",
                KeyGroup::Curve(_) => "0.4.0.127.0.7.2.2.3.2",
            };
            let agreement = protocol(parent, cipher);
            let mut file = card_file(Profile::Td3Pace, &[]);
            let public = with_key(&mut file, group, agreement);
            let mut terminal = Terminal::new(insert(&file));
            let can = file.passwords.can.as_ref().unwrap().as_str().as_bytes().to_vec();
            terminal.pace(Curve::P256, 2, &can).unwrap();
            terminal.select_application();
            terminal.chip_authentication_as(agreement, &public, None).unwrap();
            assert_eq!(terminal.read_file(1, 100).unwrap(), file.file("DG1").unwrap());
        }
    }
}

#[test]
fn several_keys_are_told_apart_by_their_identifiers() {
    let file = card_file(Profile::Td2, &[]);
    let infos = chipgate_lds::parse_dg14(file.file("DG14").unwrap()).unwrap();
    let mut terminal = opened(&file);
    terminal.select_application();
    for key in infos.chip_authentication_keys() {
        let id = key.key_id.clone().unwrap();
        let protocol = infos
            .chip_authentication()
            .into_iter()
            .find(|info| info.key_id == key.key_id)
            .unwrap()
            .protocol;
        let public = AgreementPublicKey::from_spki_der(&key.public_key_der).unwrap();
        terminal
            .chip_authentication_as(protocol, &public, Some(id[0]))
            .unwrap();
        assert_eq!(terminal.read_file(1, 100).unwrap(), file.file("DG1").unwrap());
        let unknown = terminal.chip_authentication_as(protocol, &public, Some(9));
        assert_eq!(unknown, Err(StatusWord::REFERENCE_NOT_FOUND));
    }
}

/// A terminal that has opened the card by its MRZ.
fn opened(file: &CardFile) -> Terminal {
    let mut terminal = Terminal::new(insert(file));
    let pace = &file.chip.pace[0];
    let group = groups().find(|(own, _)| *own == pace.group).unwrap().1;
    let variant = Variant {
        protocol: pace.protocol.parse().unwrap(),
        group,
        name_group: false,
    };
    let mrz = chipgate_lds::Mrz::parse(file.passwords.mrz.as_str()).unwrap();
    let password = HashAlgorithm::Sha1.digest(mrz.key_seed_text().as_bytes());
    terminal.pace_as(variant, 1, &password, &[]).unwrap();
    terminal
}

#[test]
fn every_profile_with_pace_opens_by_its_machine_readable_zone() {
    for profile in chipgate_virtual_card::profiles() {
        let file = card_file(*profile, &[]);
        if !file.chip.pace.is_empty() {
            reads_dg1(&mut opened(&file), &file);
        }
    }
}

mod pin {
    use super::*;

    const CAN: u8 = 2;
    const PIN: u8 = 3;
    const PUK: u8 = 4;

    struct Bench {
        file: CardFile,
        terminal: Terminal,
    }

    impl Bench {
        fn new() -> Self {
            let file = card_file(Profile::Td1, &[]);
            let terminal = Terminal::new(insert(&file));
            Self { file, terminal }
        }

        fn secret(&self, reference: u8) -> Vec<u8> {
            let passwords = &self.file.passwords;
            let text = [&passwords.can, &passwords.pin, &passwords.puk][usize::from(reference - 2)].as_ref();
            text.unwrap().as_str().as_bytes().to_vec()
        }

        fn pace(&mut self, reference: u8, password: &[u8]) -> Result<(), StatusWord> {
            let variant = Variant {
                protocol: self.file.chip.pace[0].protocol.parse().unwrap(),
                group: AgreementGroup::Ecdh(Curve::P384),
                name_group: false,
            };
            self.terminal
                .pace_as(variant, reference, password, &[])
                .map(|_| ())
        }

        fn opens(&mut self, reference: u8) -> Result<(), StatusWord> {
            let secret = self.secret(reference);
            self.pace(reference, &secret)
        }

        fn anew(&mut self) {
            self.terminal.card.power_off();
            self.terminal.card.power_on();
            self.terminal.forget_session();
        }
    }

    #[test]
    fn a_pin_and_a_puk_open_the_card() {
        for reference in [PIN, PUK] {
            let mut bench = Bench::new();
            bench.opens(reference).unwrap();
            reads_dg1(&mut bench.terminal, &bench.file);
        }
    }

    #[test]
    fn the_last_try_wants_the_can_first_and_a_blocked_pin_the_puk() {
        let mut bench = Bench::new();
        for left in [0x63C2, 0x63C1] {
            assert_eq!(bench.pace(PIN, b"wrong"), Err(StatusWord(left)));
            bench.anew(); // the counter outlasts the power
        }
        assert_eq!(
            bench.opens(PIN),
            Err(StatusWord::CONDITIONS_NOT_SATISFIED),
            "suspended"
        );
        bench.anew();
        bench.opens(CAN).unwrap();
        assert_eq!(bench.pace(PIN, b"wrong"), Err(StatusWord(0x63C0)));
        bench.anew();
        assert_eq!(bench.opens(PIN), Err(StatusWord::AUTHENTICATION_BLOCKED));
        let reset = Command::new(0, 0x2C, 0x03, 0x03);
        assert_eq!(
            bench.terminal.send(&reset).status,
            StatusWord::SECURITY_STATUS_NOT_SATISFIED
        );
        bench.opens(PUK).unwrap();
        ok(bench.terminal.send(&reset)).unwrap();
        bench.anew();
        bench.opens(PIN).unwrap();
    }

    #[test]
    fn a_suspended_pin_is_resumed_within_the_session_of_the_can() {
        let mut bench = Bench::new();
        for _ in 0..2 {
            bench.pace(PIN, b"wrong").unwrap_err();
        }
        bench.opens(CAN).unwrap();
        bench.opens(PIN).unwrap();
        reads_dg1(&mut bench.terminal, &bench.file);
    }
}
