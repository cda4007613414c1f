//! Personalities, command by command.

use chipgate_apdu::{
    Command, StatusWord,
    tlv::{self, Tag},
};
use chipgate_crypto::{AgreementGroup, Curve, DhGroup};
use chipgate_lds::oid;
use chipgate_virtual_card::{CardFile, IssueOptions, Profile, Quirk, issue};
use rand::{SeedableRng, rngs::StdRng};

use crate::{
    common::{NOW, PKI, card_file, insert},
    terminal::{Terminal, Variant, ok},
};

const DENIED: StatusWord = StatusWord::SECURITY_STATUS_NOT_SATISFIED;

fn with(profile: Profile, quirk: Quirk) -> CardFile {
    let options = IssueOptions {
        personalities: vec![quirk],
        ..IssueOptions::default()
    };
    issue(profile, &PKI, &options, &mut StdRng::seed_from_u64(29), NOW).unwrap()
}

fn opened(quirk: Quirk) -> (Terminal, CardFile) {
    let file = with(Profile::Td3Eac, quirk);
    let mut terminal = Terminal::new(insert(&file));
    let can = file.passwords.can.as_ref().unwrap().as_str().as_bytes().to_vec();
    terminal.pace(Curve::BrainpoolP256r1, 2, &can).unwrap();
    terminal.select_application();
    (terminal, file)
}

#[test]
fn long_reads_are_refused_in_the_ways_that_chips_have() {
    for (quirk, longest, status, given) in [
        (Quirk::LongRead6700, 160, 0x6700, 0),
        (Quirk::LongRead6b00, 200, 0x6B00, 0),
        (Quirk::LongRead6c, 200, 0x6CC8, 0),
        (Quirk::LongRead6282, 112, 0x6282, 112),
    ] {
        let (mut terminal, file) = opened(quirk);
        terminal.select(0x0102);
        let response = terminal.read(0, longest + 1);
        assert_eq!(
            (response.status.0, response.data.len()),
            (status, given),
            "{quirk}"
        );
        let response = terminal.read(0, longest);
        assert_eq!(response.status, StatusWord::SUCCESS, "{quirk}");
        assert_eq!(response.data, file.file("DG2").unwrap()[..longest], "{quirk}");
    }
}

#[test]
fn files_end_in_the_ways_that_chips_have() {
    for (quirk, status, given) in [
        (Quirk::End9000, 0x9000, 10),
        (Quirk::End6b00, 0x6B00, 0),
        (Quirk::End6700, 0x6700, 0),
        (Quirk::End6c, 0x6C0A, 0),
    ] {
        let (mut terminal, file) = opened(quirk);
        let length = file.file("DG1").unwrap().len() as u16;
        terminal.select(0x0101);
        let response = terminal.read(length - 10, 20);
        assert_eq!(
            (response.status.0, response.data.len()),
            (status, given),
            "{quirk}"
        );
        let response = terminal.read(length - 10, 10);
        assert_eq!((response.status.0, response.data.len()), (0x9000, 10), "{quirk}");
    }
}

#[test]
fn pace_may_want_the_domain_parameters_named() {
    let file = with(Profile::Td3Eac, Quirk::WantsTag84);
    let mut terminal = Terminal::new(insert(&file));
    let can = file.passwords.can.as_ref().unwrap().as_str().as_bytes().to_vec();
    let refused = terminal.pace(Curve::BrainpoolP256r1, 2, &can);
    assert_eq!(refused, Err(StatusWord::WRONG_DATA));
    let variant = Variant {
        protocol: crate::terminal::PACE,
        group: AgreementGroup::Ecdh(Curve::BrainpoolP256r1),
        name_group: true,
    };
    terminal.pace_as(variant, 2, &can, &[]).unwrap();
}

#[test]
fn external_authenticate_may_want_one_le_and_takes_the_same_answer_again_with_it() {
    for (quirk, right, wrong) in [(Quirk::WantsLe00, 256, 40), (Quirk::WantsLe28, 40, 256)] {
        let mut terminal = Terminal::new(insert(&with(Profile::Td3Bac, quirk)));
        terminal.select_application();
        ok(terminal.send(&Command::new(0, 0x84, 0, 0).expecting(8))).unwrap();
        let answer = |le| Command::new(0, 0x82, 0, 0).with_data([0; 40]).expecting(le);
        assert_eq!(
            terminal.send(&answer(wrong)).status,
            StatusWord::WRONG_LENGTH,
            "{quirk}"
        );
        assert_eq!(
            terminal.send(&answer(right)).status,
            StatusWord::NO_INFORMATION,
            "{quirk}"
        );
    }
}

#[test]
fn some_chips_know_less() {
    let (mut terminal, _) = opened(Quirk::NoShortIdentifiers);
    assert_eq!(terminal.read_file(1, 100), Err(StatusWord::INCORRECT_P1P2));
    let (mut terminal, _) = opened(Quirk::NoOddInstruction);
    let odd = Command::new(0, 0xB1, 0, 1).with_data([0x54, 1, 0]).expecting(20);
    assert_eq!(terminal.send(&odd).status, StatusWord::INSTRUCTION_NOT_SUPPORTED);
    let mut terminal = Terminal::new(insert(&with(Profile::Td3Bac, Quirk::NoMasterFile)));
    let master_file = Command::new(0, 0xA4, 0, 0x0C).with_data([0x3F, 0x00]);
    assert_eq!(
        terminal.send(&master_file).status,
        StatusWord::INSTRUCTION_NOT_SUPPORTED
    );
    let mut terminal = Terminal::new(insert(&with(Profile::Td3Eac, Quirk::PaceOnly)));
    let refused = terminal.select_application().status;
    assert_eq!(refused, StatusWord::CONDITIONS_NOT_SATISFIED);
    let (mut terminal, file) = opened(Quirk::LessThanAdvertised);
    assert!(file.file("EF.ATR/INFO").unwrap().ends_with(&[2, 3, 1, 0, 0]));
    terminal.select(0x0102);
    assert!(terminal.read(0, 2000).data.len() < 500);
    let (mut terminal, _) = opened(Quirk::ShortLengths);
    terminal.select(0x0102);
    let long = terminal
        .wrapped(&Command::new(0, 0xB0, 0, 0).expecting(300))
        .encode()
        .unwrap();
    assert_eq!(terminal.raw(&long).status, StatusWord::WRONG_LENGTH);
}

#[test]
fn some_chips_take_their_time() {
    let delay = |file: &CardFile, command: &[u8]| insert(file).delay(command).as_millis();
    let file = with(Profile::Td3Eac, Quirk::SlowCryptography);
    assert_eq!((delay(&file, &[0, 0x86]), delay(&file, &[0, 0xB0])), (1500, 0));
    assert_eq!(delay(&with(Profile::Td3Eac, Quirk::Slow), &[0, 0xB0]), 100);
    let mut terminal = Terminal::new(insert(&with(Profile::Td3Eac, Quirk::SlowsDown)));
    for tries in 0..3 {
        assert_eq!(terminal.card.delay(&[0, 0x86]).as_millis(), tries * 1000);
        terminal.pace(Curve::BrainpoolP256r1, 2, b"000000").unwrap_err();
    }
}

#[test]
fn a_lost_session_is_lost_for_good_and_once() {
    let (mut terminal, file) = opened(Quirk::LosesSession);
    terminal.select(0x0102);
    let lost = (0..40).position(|_| terminal.read(0, 4).status == StatusWord::SM_DATA_INCORRECT);
    assert!(lost.is_some_and(|reads| reads > 1), "{lost:?}");
    terminal.forget_session();
    terminal.card.reset();
    let can = file.passwords.can.as_ref().unwrap().as_str().as_bytes().to_vec();
    terminal.pace(Curve::BrainpoolP256r1, 2, &can).unwrap();
    terminal.select_application();
    assert_eq!(terminal.read_file(2, 200).unwrap(), file.file("DG2").unwrap());
}

/// EF.ATR/INFO as any reader may have it before it opens the chip.
fn attributes(terminal: &mut Terminal) -> Vec<u8> {
    ok(terminal.send(&Command::new(0, 0xA4, 0x02, 0x0C).with_data([0x2F, 0x01]))).unwrap();
    terminal.read(0, 256).data
}

/// Doc 9303-10, table 29: selection by name and by short identifier; bytes; chaining, extended length, and lengths stated.
#[test]
fn what_a_chip_says_of_itself_is_true() {
    let said = |quirk| attributes(&mut Terminal::new(insert(&with(Profile::Td3Eac, quirk))));
    let whole = "47038401e07f66090202080002030100 00".replace(' ', "");
    assert_eq!(hex::encode(said(Quirk::Slow)), whole);
    assert_eq!(hex::encode(said(Quirk::LessThanAdvertised)), whole);
    assert_eq!(hex::encode(said(Quirk::ShortLengths)), "4703840180");
    assert_eq!(said(Quirk::NoShortIdentifiers)[..5], [0x47, 3, 0x80, 0x01, 0xE0]);
    assert_eq!(said(Quirk::NoChaining)[..5], [0x47, 3, 0x84, 0x01, 0x60]);
}

#[test]
fn every_command_may_come_in_a_chain_where_that_is_promised() {
    let (mut terminal, file) = opened(Quirk::ShortLengths);
    let first = Command::new(0x10, 0xA4, 0x02, 0x0C).with_data([0x01]);
    let last = Command::new(0x00, 0xA4, 0x02, 0x0C).with_data([0x01]);
    ok(terminal.send(&first)).unwrap();
    ok(terminal.send(&last)).unwrap();
    assert_eq!(terminal.read(0, 5).data, file.file("DG1").unwrap()[..5]);
    // Another command in the middle ends the chain.
    ok(terminal.send(&first)).unwrap();
    assert_eq!(terminal.read(0, 5).status, StatusWord(0x6883));
    assert_eq!(terminal.read(0, 5).status, StatusWord::SUCCESS);
    let (mut terminal, _) = opened(Quirk::NoChaining);
    assert_eq!(terminal.send(&first).status, StatusWord(0x6884));
}

/// A key modulo a prime of 2048 bits is longer than a short command, and PACE goes on in the middle of its own chain.
#[test]
fn the_steps_of_pace_may_come_in_parts() {
    let file = with(Profile::Td3PaceDh, Quirk::ShortLengths);
    let can = file.passwords.can.as_ref().unwrap().as_str().as_bytes().to_vec();
    let variant = Variant {
        protocol: oid::id_PACE_DH_GM_AES_CBC_CMAC_128,
        group: AgreementGroup::Dh(DhGroup::Modp2048Order256),
        name_group: false,
    };
    let mut terminal = Terminal::new(insert(&file));
    terminal.longest_data = 100;
    terminal.pace_as(variant, 2, &can, &[]).unwrap();
    terminal.select_application();
    assert_eq!(terminal.read_file(1, 200).unwrap(), file.file("DG1").unwrap());
}

#[test]
fn a_passport_without_access_control_is_read_by_everyone() {
    let file = card_file(Profile::Td3Plain, &[]);
    let mut terminal = Terminal::new(insert(&file));
    assert_eq!(terminal.select(0x011C).status, StatusWord::FILE_NOT_FOUND);
    let challenge = Command::new(0, 0x84, 0, 0).expecting(8);
    ok(terminal.select_application()).unwrap();
    assert_eq!(
        terminal.send(&challenge).status,
        StatusWord::INSTRUCTION_NOT_SUPPORTED
    );
    for (short, name) in [(0x1E, "EF.COM"), (0x1D, "EF.SOD"), (1, "DG1"), (2, "DG2")] {
        assert_eq!(
            terminal.read_file(short, 200).unwrap(),
            file.file(name).unwrap(),
            "{name}"
        );
    }
    assert_eq!(terminal.select(0x010E).status, StatusWord::FILE_NOT_FOUND);
}

#[test]
fn the_master_file_may_have_no_name() {
    let mut terminal = Terminal::new(insert(&with(Profile::Td3PaceCam, Quirk::MasterFileWithoutData)));
    let select = |data: &[u8]| Command::new(0, 0xA4, 0x00, 0x0C).with_data(data);
    terminal.select_application();
    assert_eq!(
        terminal.send(&select(&[0x3F, 0x00])).status,
        StatusWord::FILE_NOT_FOUND
    );
    assert_eq!(terminal.select(0x011C).status, DENIED);
    ok(terminal.send(&select(&[]))).unwrap();
    ok(terminal.select(0x011C)).unwrap();
}

#[test]
fn a_file_may_be_selectable_and_not_readable() {
    let file = with(Profile::Td3PaceBac, Quirk::CardAccessRefused);
    assert!(file.chip.pace.is_empty() && file.chip.basic_access);
    let mut terminal = Terminal::new(insert(&file));
    ok(terminal.select(0x011C)).unwrap();
    assert_eq!(terminal.read(0, 8).status, DENIED);
    let by_short_identifier = Command::new(0, 0xB0, 0x9C, 0).expecting(8);
    assert_eq!(terminal.send(&by_short_identifier).status, DENIED);
}

#[test]
fn a_long_file_may_need_the_odd_instruction_behind_32_kib() {
    let mut file = with(Profile::Td3Plain, Quirk::EndsAt32KiB);
    let long = [&[0x75, 0x82, 0x9C, 0x40][..], &vec![7; 40_000]].concat();
    file.files
        .insert("DG2".into(), chipgate_virtual_card::HexBytes(long));
    let mut terminal = Terminal::new(insert(&file));
    terminal.select_application();
    terminal.select(0x0102);
    assert_eq!(ok(terminal.read(0x7F00, 256)).unwrap().len(), 256);
    assert_eq!(terminal.read(0x7F01, 256).status, StatusWord::WRONG_OFFSET);
    assert_eq!(ok(terminal.read(0x7F01, 255)).unwrap().len(), 255);
    let odd = Command::new(0, 0xB1, 0, 0)
        .with_data([0x54, 2, 0x80, 0x00])
        .expecting(256);
    assert_eq!(ok(terminal.send(&odd)).unwrap()[..3], [0x53, 0x81, 252]);
    // A shorter file ends by itself.
    terminal.select(0x0101);
    assert_eq!(terminal.read(0, 60_000).status, StatusWord::END_OF_FILE);
}

#[test]
fn a_chip_may_leave_at_a_length_that_it_has_not_promised() {
    let file = with(Profile::Td3Plain, Quirk::LeavesOnExtendedLength);
    let mut terminal = Terminal::new(insert(&file));
    let extended = Command::new(0, 0xB0, 0, 0).expecting(300).encode().unwrap();
    attributes(&mut terminal);
    assert!(!terminal.card.respond(&extended).is_empty() && !terminal.card.is_gone());
    terminal.card.reset();
    assert!(terminal.card.respond(&extended).is_empty() && terminal.card.is_gone());
}

#[test]
fn a_chip_without_a_card_access_number_does_not_know_it() {
    let file = with(Profile::Td3PaceBac, Quirk::NoCan);
    let variant = Variant {
        protocol: oid::id_PACE_ECDH_GM_AES_CBC_CMAC_256,
        group: AgreementGroup::Ecdh(Curve::BrainpoolP384r1),
        name_group: false,
    };
    let mut terminal = Terminal::new(insert(&file));
    let refused = terminal.pace_as(variant, 2, b"123456", &[]).map(|_| ());
    assert_eq!(refused, Err(StatusWord::REFERENCE_NOT_FOUND));
}

/// The authorities' names come with PACE to a terminal that sends its authorisation, and from nowhere else.
#[test]
fn the_authorities_may_be_named_in_pace_alone() {
    let file = with(Profile::Td3Eac, Quirk::AuthoritiesInPace);
    let can = file.passwords.can.as_ref().unwrap().as_str().as_bytes().to_vec();
    let variant = Variant {
        protocol: oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128,
        group: AgreementGroup::Ecdh(Curve::BrainpoolP256r1),
        name_group: false,
    };
    let authorisation = hex::decode("7f4c0e060904007f00070301020153010 3".replace(' ', "")).unwrap();
    for (more, names) in [(&authorisation[..], 1), (&[], 0)] {
        let mut terminal = Terminal::new(insert(&file));
        let opened = terminal.pace_as(variant, 2, &can, more).unwrap();
        assert_eq!(opened.authorities.len(), names);
        terminal.select_application();
        assert_eq!(terminal.select(0x011C).status, StatusWord::FILE_NOT_FOUND);
    }
}

#[test]
fn entries_and_dates_may_be_odd_beside_good_ones() {
    let file = with(Profile::Td3PaceBac, Quirk::OddSecurityInfos);
    for (name, holds) in [
        // PACE with parameterId 256, chip authentication with NULL behind it, active authentication without its version.
        ("EF.CardAccess", "0202 0100"),
        ("EF.CardAccess", "020101 0500"),
        ("EF.CardAccess", "3014 0606 678108010105"),
        ("DG14", "0202 0100"),
    ] {
        let found = hex::encode(file.file(name).unwrap());
        assert!(found.contains(&holds.replace(' ', "")), "{name} {holds}: {found}");
    }
    let file = with(Profile::Td3PaceBac, Quirk::OddDates);
    let field = |name: &str, tag: u32| {
        let content = tlv::header(file.file(name).unwrap()).unwrap().1;
        let content = &file.file(name).unwrap()[content..];
        tlv::find(content, Tag(tag)).unwrap().unwrap().to_vec()
    };
    assert_eq!(field("DG11", 0x5F2B).len(), 6, "YYMMDD");
    assert_eq!(field("DG12", 0x5F26)[4], b'-');
}
