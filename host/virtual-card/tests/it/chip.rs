//! What the chip answers, command by command.

use chipgate_apdu::{
    Command, StatusWord,
    tlv::{self, Tag},
};
use chipgate_crypto::{Curve, HashAlgorithm, PublicKey};
use chipgate_lds::{MrzKey, parse_dg14, parse_dg15};
use chipgate_virtual_card::{CardFile, Fault, KeyGroup, Profile, SecretText, VirtualCard};
use rand::{SeedableRng, rngs::StdRng};

use crate::{
    common::{card_file, insert},
    terminal::{Terminal, ok},
};

const DENIED: StatusWord = StatusWord::SECURITY_STATUS_NOT_SATISFIED;

fn terminal(profile: Profile) -> (Terminal, CardFile) {
    let file = card_file(profile, &[]);
    (Terminal::new(insert(&file)), file)
}

fn mrz_information(file: &CardFile) -> String {
    let mrz = chipgate_lds::Mrz::parse(file.passwords.mrz.as_str()).unwrap();
    String::from_utf8(mrz.key_seed_text().as_bytes().to_vec()).unwrap()
}

fn can(file: &CardFile) -> Vec<u8> {
    file.passwords.can.as_ref().unwrap().as_str().as_bytes().to_vec()
}

/// The curve of a chip's PACE.
fn curve(file: &CardFile) -> Curve {
    match file.chip.pace[0].group {
        KeyGroup::Curve(curve) => curve,
        KeyGroup::Dh(_) => panic!("a curve"),
    }
}

fn opened_by_pace(profile: Profile) -> (Terminal, CardFile) {
    let (mut terminal, file) = terminal(profile);
    let curve = curve(&file);
    terminal.pace(curve, 2, &can(&file)).unwrap();
    assert_eq!(terminal.select_application().status, StatusWord::SUCCESS);
    (terminal, file)
}

fn opened_by_basic_access(profile: Profile) -> (Terminal, CardFile) {
    let (mut terminal, file) = terminal(profile);
    terminal.select_application();
    terminal.basic_access(&mrz_information(&file)).unwrap();
    (terminal, file)
}

#[test]
fn the_citizen_card_refuses_its_master_file_and_gives_card_access_directly() {
    let (mut terminal, file) = terminal(Profile::VnCccd);
    for command in [
        &[0x00, 0xA4, 0x00, 0x0C, 0x02, 0x3F, 0x00][..],
        &[0x00, 0xA4, 0x00, 0x0C],
    ] {
        assert_eq!(
            terminal.raw(command).status,
            StatusWord::INSTRUCTION_NOT_SUPPORTED
        );
    }
    assert_eq!(
        terminal.raw(&[0x00, 0xA4, 0x02, 0x0C, 0x02, 0x01, 0x1C]).status,
        StatusWord::SUCCESS
    );
    let read = ok(terminal.read(0, 256)).unwrap();
    assert_eq!(read, file.file("EF.CardAccess").unwrap());
    assert_eq!(terminal.read_file(0x1C, 256).unwrap(), read);
}

/// As several readers carry it (docs say where from).
#[test]
fn the_citizen_cards_card_access_is_the_known_one() {
    let known = "3134300d060804007f0007020202020101300f060a04007f00070202030202020101\
                 3012060a04007f0007020204020202010202010d";
    assert_eq!(
        hex::encode(card_file(Profile::VnCccd, &[]).file("EF.CardAccess").unwrap()),
        known
    );
}

#[test]
fn the_passports_select_their_master_file() {
    for profile in [Profile::Td3Bac, Profile::Td3Pace] {
        let (mut terminal, _) = terminal(profile);
        for command in [
            &[0x00, 0xA4, 0x00, 0x0C, 0x02, 0x3F, 0x00][..],
            &[0x00, 0xA4, 0x00, 0x0C],
        ] {
            assert_eq!(terminal.raw(command).status, StatusWord::SUCCESS);
        }
    }
}

#[test]
fn nothing_of_the_application_is_readable_before_access() {
    for profile in [Profile::VnCccd, Profile::Td3Bac] {
        let (mut terminal, _) = terminal(profile);
        assert_eq!(terminal.select_application().status, StatusWord::SUCCESS);
        for file in [0x011E, 0x011D, 0x0101, 0x0102, 0x0103, 0x010B, 0x010E] {
            assert_eq!(terminal.select(file).status, DENIED);
            let short = Command::new(0, 0xB0, 0x80 | file as u8 & 0x1F, 0).expecting(4);
            assert_eq!(terminal.send(&short).status, DENIED);
        }
        assert_eq!(terminal.internal_authenticate([0; 8]), Err(DENIED));
    }
    let (mut terminal, _) = terminal(Profile::Td3Pace);
    assert_eq!(
        terminal.select_application().status,
        StatusWord::CONDITIONS_NOT_SATISFIED
    );
}

#[test]
fn basic_access_opens_the_files_and_they_come_as_they_are() {
    for profile in [Profile::VnCccd, Profile::Td3Bac] {
        let (mut terminal, file) = opened_by_basic_access(profile);
        for (name, short) in [
            ("EF.COM", 0x1E),
            ("EF.SOD", 0x1D),
            ("DG1", 1),
            ("DG2", 2),
            ("DG15", 15),
        ] {
            for step in [112, 224, 5000] {
                assert_eq!(
                    terminal.read_file(short, step).unwrap(),
                    file.file(name).unwrap(),
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn pace_opens_the_files_by_can_and_by_mrz() {
    for profile in [Profile::VnCccd, Profile::Td3Pace] {
        let (mut terminal, file) = opened_by_pace(profile);
        assert_eq!(terminal.read_file(2, 200).unwrap(), file.file("DG2").unwrap());
        let (mut terminal, file) = self::terminal(profile);
        let password = HashAlgorithm::Sha1.digest(mrz_information(&file).as_bytes());
        terminal.pace(curve(&file), 1, &password).unwrap();
        terminal.select_application();
        assert_eq!(terminal.read_file(1, 200).unwrap(), file.file("DG1").unwrap());
    }
}

#[test]
fn a_wrong_password_is_told_in_the_last_step_and_counted() {
    let (mut terminal, file) = terminal(Profile::VnCccd);
    for tries in 1..=3 {
        assert_eq!(
            terminal.pace(Curve::BrainpoolP256r1, 2, b"000000"),
            Err(StatusWord::NO_INFORMATION)
        );
        assert_eq!(terminal.card.failed_tries(), tries);
    }
    terminal.card.reset();
    assert_eq!(terminal.card.failed_tries(), 3, "a reset forgets no failed try");
    terminal.select_application();
    assert_eq!(
        terminal.basic_access("000000000<000000000000000"),
        Err(StatusWord::NO_INFORMATION)
    );
    terminal.card.reset();
    terminal.pace(Curve::BrainpoolP256r1, 2, &can(&file)).unwrap();
    assert_eq!(terminal.card.failed_tries(), 0);
}

#[test]
fn too_many_failed_tries_slow_the_card_down_and_block_it_where_it_says_so() {
    let mut file = card_file(Profile::VnCccd, &[]);
    (file.personality.tries, file.personality.milliseconds_a_failed_try) = (Some(2), 500);
    let mut terminal = Terminal::new(insert(&file));
    for _ in 0..2 {
        terminal.pace(Curve::BrainpoolP256r1, 2, b"000000").unwrap_err();
    }
    assert_eq!(terminal.card.delay(&[0, 0xB0, 0, 0]).as_millis(), 1000);
    assert_eq!(
        terminal.pace(Curve::BrainpoolP256r1, 2, &can(&file)),
        Err(StatusWord::AUTHENTICATION_BLOCKED)
    );
}

#[test]
fn fingerprints_are_refused_at_select_and_a_missing_file_is_not_found() {
    let (mut terminal, _) = opened_by_pace(Profile::VnCccd);
    assert_eq!(terminal.select(0x0103).status, DENIED);
    assert_eq!(terminal.read_file(3, 100), Err(DENIED));
    assert_eq!(terminal.select(0x010B).status, StatusWord::FILE_NOT_FOUND);
    assert_eq!(terminal.read_file(11, 100), Err(StatusWord::FILE_NOT_FOUND));
    // The errors came protected, and the session goes on.
    assert!(terminal.read_file(1, 100).is_ok());
}

#[test]
fn a_protected_reply_fits_a_short_expected_length() {
    for (mut terminal, most) in [
        (opened_by_basic_access(Profile::Td3Bac).0, 231),
        (opened_by_pace(Profile::VnCccd).0, 223),
    ] {
        terminal.select(0x0102);
        let command = Command::new(0, 0xB0, 0, 0).expecting(256);
        let wrapped = terminal.wrapped(&command).encode().unwrap();
        assert!(terminal.raw(&wrapped).encode().len() <= 258);
        let (mut terminal, _) = if most == 231 {
            opened_by_basic_access(Profile::Td3Bac)
        } else {
            opened_by_pace(Profile::VnCccd)
        };
        terminal.select(0x0102);
        assert_eq!(ok(terminal.read(0, 256)).unwrap().len(), most);
        assert_eq!(ok(terminal.read(0, 2000)).unwrap().len(), 2000);
    }
}

#[test]
fn reading_ends_as_iso_7816_4_says() {
    let (mut terminal, file) = opened_by_pace(Profile::VnCccd);
    let length = file.file("DG1").unwrap().len();
    terminal.select(0x0101);
    let response = terminal.read(length as u16 - 4, 8);
    assert_eq!(
        (response.data.len(), response.status),
        (4, StatusWord::END_OF_FILE)
    );
    assert_eq!(terminal.read(length as u16, 8).status, StatusWord::WRONG_OFFSET);
    assert_eq!(terminal.read(0x7FFF, 8).status, StatusWord::WRONG_OFFSET);
    let odd = Command::new(0, 0xB1, 0, 1).with_data([0x54, 1, 3]).expecting(20);
    let data = ok(terminal.send(&odd)).unwrap();
    assert_eq!(
        tlv::single(&data, Tag(0x53)).unwrap(),
        &file.file("DG1").unwrap()[3..19]
    );
}

#[test]
fn chip_authentication_moves_the_session_to_the_keys_of_dg14() {
    for profile in [Profile::VnCccd, Profile::Td3Pace] {
        let (mut terminal, file) = opened_by_pace(profile);
        let infos = parse_dg14(file.file("DG14").unwrap()).unwrap();
        let key = infos.chip_authentication_keys().remove(0);
        let PublicKey::Ec(point) = PublicKey::from_spki_der(&key.public_key_der).unwrap() else {
            panic!("an EC key")
        };
        let key_id = key.key_id.map(|id| id[0]);
        assert_eq!(key_id.is_some(), profile == Profile::Td3Pace);
        terminal.chip_authentication(&point, key_id).unwrap();
        assert_eq!(terminal.read_file(1, 200).unwrap(), file.file("DG1").unwrap());
        // Once more over the new session.
        terminal.chip_authentication(&point, None).unwrap();
        assert_eq!(terminal.read_file(1, 200).unwrap(), file.file("DG1").unwrap());
        let wrong = Command::new(0, 0x22, 0x41, 0xA4).with_data([0x80, 1, 1]);
        assert_eq!(terminal.send(&wrong).status, StatusWord::WRONG_DATA);
    }
}

#[test]
fn active_authentication_signs_the_challenge_under_the_key_of_dg15() {
    let challenge = [1, 2, 3, 4, 5, 6, 7, 8];
    for profile in [Profile::VnCccd, Profile::Td3Bac, Profile::Td3Pace] {
        let (mut terminal, file) = if profile == Profile::Td3Bac {
            opened_by_basic_access(profile)
        } else {
            opened_by_pace(profile)
        };
        let signature = terminal.internal_authenticate(challenge).unwrap();
        let spki = parse_dg15(file.file("DG15").unwrap()).unwrap();
        match PublicKey::from_spki_der(&spki).unwrap() {
            PublicKey::Rsa(key) => {
                let hash = key.verify_message_recovery(&signature, &challenge).unwrap();
                let expected = if profile == Profile::VnCccd {
                    HashAlgorithm::Sha1
                } else {
                    HashAlgorithm::Sha256
                };
                assert_eq!((hash, signature.len()), (expected, 256));
                key.verify_message_recovery(&signature, &[0; 8]).unwrap_err();
            }
            key @ PublicKey::Ec(_) => key
                .verify_plain(HashAlgorithm::Sha256, &challenge, &signature)
                .unwrap(),
        }
    }
}

#[test]
fn a_copied_chip_fails_both_proofs() {
    let file = card_file(Profile::VnCccd, &[Fault::CopiedChip]);
    let mut terminal = Terminal::new(insert(&file));
    terminal.pace(Curve::BrainpoolP256r1, 2, &can(&file)).unwrap();
    terminal.select_application();
    let signature = terminal.internal_authenticate([9; 8]).unwrap();
    let spki = parse_dg15(file.file("DG15").unwrap()).unwrap();
    let PublicKey::Rsa(key) = PublicKey::from_spki_der(&spki).unwrap() else {
        panic!("an RSA key")
    };
    key.verify_message_recovery(&signature, &[9; 8]).unwrap_err();
    let infos = parse_dg14(file.file("DG14").unwrap()).unwrap();
    let key = infos.chip_authentication_keys().remove(0);
    let PublicKey::Ec(point) = PublicKey::from_spki_der(&key.public_key_der).unwrap() else {
        panic!("an EC key")
    };
    terminal.chip_authentication(&point, None).unwrap();
    assert_eq!(terminal.read_file(1, 200), Err(StatusWord::SM_DATA_INCORRECT));
}

#[test]
fn a_wrong_checksum_ends_the_session_and_its_access() {
    let (mut terminal, _) = opened_by_pace(Profile::VnCccd);
    let mut wrapped = terminal.wrapped(&Command::new(0, 0xB0, 0x81, 0).expecting(8));
    *wrapped.data.last_mut().unwrap() ^= 1;
    let response = terminal.raw(&wrapped.encode().unwrap());
    assert_eq!(
        (response.status, response.data.len()),
        (StatusWord::SM_DATA_INCORRECT, 0)
    );
    assert_eq!(terminal.read_file(1, 8), Err(StatusWord::SM_DATA_INCORRECT));
    terminal.forget_session();
    assert_eq!(terminal.read_file(1, 8), Err(DENIED));
}

#[test]
fn a_replayed_command_is_refused() {
    let (mut terminal, _) = opened_by_pace(Profile::VnCccd);
    let wrapped = terminal
        .wrapped(&Command::new(0, 0xB0, 0x81, 0).expecting(8))
        .encode()
        .unwrap();
    assert_eq!(terminal.raw(&wrapped).status, StatusWord::SUCCESS);
    assert_eq!(terminal.raw(&wrapped).status, StatusWord::SM_DATA_INCORRECT);
}

#[test]
fn a_missing_checksum_is_named() {
    let (mut terminal, _) = opened_by_pace(Profile::VnCccd);
    let bare = Command::new(0x0C, 0xB0, 0x81, 0)
        .with_data([0x97, 1, 8])
        .expecting(256);
    assert_eq!(
        terminal.raw(&bare.encode().unwrap()).status,
        StatusWord::SM_DATA_MISSING
    );
}

#[test]
fn a_plain_command_or_a_reset_ends_the_session() {
    for reset in [false, true] {
        let (mut terminal, file) = opened_by_pace(Profile::VnCccd);
        if reset {
            terminal.card.reset();
        } else {
            assert_eq!(terminal.raw(&[0x00, 0xB0, 0x81, 0x00, 0x08]).status, DENIED);
        }
        let wrapped = terminal
            .wrapped(&Command::new(0, 0xB0, 0x81, 0).expecting(8))
            .encode()
            .unwrap();
        assert_eq!(terminal.raw(&wrapped).status, StatusWord::SM_DATA_INCORRECT);
        terminal.forget_session();
        terminal.select_application();
        assert_eq!(terminal.select(0x0101).status, DENIED);
        terminal.pace(Curve::BrainpoolP256r1, 2, &can(&file)).unwrap();
        terminal.select_application();
        assert!(terminal.read_file(1, 100).is_ok());
    }
}

#[test]
fn a_challenge_serves_once() {
    let (mut terminal, file) = terminal(Profile::Td3Bac);
    terminal.select_application();
    let answer = Command::new(0, 0x82, 0, 0).with_data([0; 40]).expecting(40);
    assert_eq!(
        terminal.send(&answer).status,
        StatusWord::CONDITIONS_NOT_SATISFIED
    );
    ok(terminal.send(&Command::new(0, 0x84, 0, 0).expecting(8))).unwrap();
    assert_eq!(terminal.send(&answer).status, StatusWord::NO_INFORMATION);
    assert_eq!(
        terminal.send(&answer).status,
        StatusWord::CONDITIONS_NOT_SATISFIED
    );
    terminal.basic_access(&mrz_information(&file)).unwrap();
    assert!(terminal.is_protected());
}

#[test]
fn pace_refuses_what_it_does_not_know() {
    let (mut terminal, _) = terminal(Profile::VnCccd);
    let set = |data: &[u8]| Command::new(0, 0x22, 0xC1, 0xA4).with_data(data);
    let oid = |last: u8| [&[0x80, 10][..], &[4, 0, 0x7F, 0, 7, 2, 2, 4, 2, last]].concat();
    let with = |mut template: Vec<u8>, more: &[u8]| {
        template.extend_from_slice(more);
        template
    };
    for (data, status) in [
        (with(oid(2), &[0x83, 1, 3]), StatusWord::REFERENCE_NOT_FOUND),
        (with(oid(4), &[0x83, 1, 2]), StatusWord::WRONG_DATA),
        (with(oid(2), &[0x83, 1, 2, 0x84, 1, 12]), StatusWord::WRONG_DATA),
        (oid(2), StatusWord::WRONG_DATA),
        (with(oid(2), &[0x83, 1, 2, 0x84, 1, 13]), StatusWord::SUCCESS),
    ] {
        assert_eq!(terminal.send(&set(&data)).status, status, "{data:02X?}");
    }
    // A point that is not on the curve ends it.
    terminal.general_authenticate(0x10, &[], 0x80).unwrap();
    let off_curve = tlv::encode(Tag(0x81), &[&[4][..], &[1; 64]].concat());
    assert_eq!(
        terminal.general_authenticate(0x10, &off_curve, 0x82),
        Err(StatusWord::NO_INFORMATION)
    );
    assert_eq!(
        terminal.general_authenticate(0x10, &[], 0x80),
        Err(StatusWord::CONDITIONS_NOT_SATISFIED)
    );
}

#[test]
fn short_length_fields_alone_are_a_personality() {
    let mut file = card_file(Profile::VnCccd, &[]);
    file.personality.extended_length = false;
    let mut terminal = Terminal::new(insert(&file));
    terminal.pace(Curve::BrainpoolP256r1, 2, &can(&file)).unwrap();
    terminal.select_application();
    assert_eq!(terminal.read_file(2, 200).unwrap(), file.file("DG2").unwrap());
    // A signature of 256 bytes comes in two parts.
    assert_eq!(terminal.internal_authenticate([1; 8]).unwrap().len(), 256);
    let wrapped = terminal
        .wrapped(&Command::new(0, 0xB0, 0x82, 0).expecting(300))
        .encode()
        .unwrap();
    assert_eq!(terminal.raw(&wrapped).status, StatusWord::WRONG_LENGTH);
}

#[test]
fn wrong_checksums_and_a_sudden_end_are_a_personality_too() {
    let mut file = card_file(Profile::VnCccd, &[]);
    (file.personality.wrong_mac_from, file.personality.drops_after) = (Some(2), Some(9));
    let mut terminal = Terminal::new(insert(&file));
    terminal.pace(Curve::BrainpoolP256r1, 2, &can(&file)).unwrap();
    terminal.select_application();
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| terminal.read_file(1, 200)));
    assert!(result.is_err(), "the terminal's check of the checksum must fail");
    assert!(!terminal.card.is_gone());
    terminal.raw(&[0; 4]);
    terminal.raw(&[0; 4]);
    assert!(terminal.card.is_gone());
}

#[test]
fn answers_any_bytes() {
    use rand::RngExt;
    let mut rng = StdRng::seed_from_u64(3);
    for profile in [Profile::VnCccd, Profile::Td3Pace] {
        let (mut terminal, _) = opened_by_pace(profile);
        for round in 0..4000 {
            let length = rng.random_range(0..300);
            let mut bytes: Vec<u8> = (0..length).map(|_| rng.random()).collect();
            for (place, values) in [
                (0, &[0x00, 0x0C, 0x10][..]),
                (1, &[0xA4, 0xB0, 0xB1, 0x22, 0x86, 0x82, 0x84, 0x88, 0xC0]),
            ] {
                if let Some(byte) = bytes.get_mut(place).filter(|_| round % 8 != 0) {
                    *byte = values[rng.random_range(0..values.len())];
                }
            }
            assert!(terminal.card.respond(&bytes).len() >= 2);
        }
    }
}

#[test]
fn shows_no_secret() {
    let file = card_file(Profile::VnCccd, &[]);
    let card = VirtualCard::new(&file, StdRng::seed_from_u64(1)).unwrap();
    let shown = format!("{file:?} {card:?} {:?} {:?}", file.keys, file.passwords);
    let secrets = [
        file.passwords
            .can
            .as_ref()
            .map(SecretText::as_str)
            .unwrap()
            .to_owned(),
        hex::encode(file.keys.chip_authentication[0].private_key.0.as_bytes()),
        hex::encode(file.file("DG1").unwrap()),
        "TRAN<<".to_owned(),
    ];
    for secret in secrets {
        assert!(!shown.contains(&secret));
    }
}

#[test]
fn the_password_in_the_card_file_is_what_the_reader_makes_of_it() {
    for profile in [Profile::VnCccd, Profile::Td3Bac, Profile::Td3Pace] {
        let file = card_file(profile, &[]);
        let mrz = chipgate_lds::Mrz::parse(file.passwords.mrz.as_str()).unwrap();
        assert_eq!(
            MrzKey::from(&mrz).information().as_bytes(),
            mrz_information(&file).as_bytes()
        );
    }
}
