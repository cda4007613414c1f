//! Opening chips that speak PACE, BAC or neither, and the ways in which it fails.

extern crate std;

use alloc::{string::ToString, vec::Vec};

use chipgate_apdu::{ChannelError, Command, Limits, Link, tlv::Tag};
use chipgate_crypto::{Cipher, Secret, SessionKeys};
use chipgate_lds::{File, LDS_APPLICATION};
use pollster::block_on;

use crate::{
    Access, AccessOptions, AccessProtocol, ChipError, Password, PasswordKind, ReadOutcome,
    SecureMessagingFault, Step, Unsupported, open,
    secure_messaging::SecureMessaging,
    testing::{Example, ScriptedChip, hex},
};

type Script = Vec<(Vec<u8>, Vec<u8>)>;

/// A script in hexadecimal.
fn script_of(exchanges: &[(&str, &str)]) -> Script {
    exchanges
        .iter()
        .map(|(command, response)| (hex(command), hex(response)))
        .collect()
}

/// A chip with EF.CardAccess that knows no SELECT of the master file, as the Vietnamese citizen card.
fn card_access(example: &Example) -> Script {
    let mut read = example.given("EF.CardAccess");
    read.extend([0x62, 0x82]);
    let mut script = script_of(&[("00A4000C023F00", "6D00"), ("00A4020C02011C", "9000")]);
    script.push((hex("00B0000000"), read));
    script
}

/// A chip without EF.CardAccess, up to the answer to the selection of the application.
fn without_card_access(selected: &str) -> Script {
    script_of(&[
        ("00A4000C023F00", "9000"),
        ("00A4020C02011C", "6A82"),
        ("00B09C0000", "6A82"),
        ("00A4040C07A0000002471001", selected),
    ])
}

/// SELECT the application under these keys, as the first command, and the chip's answer.
fn protected_selection(keys: &SessionKeys) -> (Vec<u8>, Vec<u8>) {
    let select = Command::new(0x00, 0xA4, 0x04, 0x0C).with_data(LDS_APPLICATION);
    let mut messaging = SecureMessaging::new(keys.clone());
    let command = messaging.protect(&select, false).unwrap().encode().unwrap();
    (command, protected_status(keys, 2, [0x90, 0x00]))
}

/// A protected response that is a status word alone.
fn protected_status(keys: &SessionKeys, counter: u128, status: [u8; 2]) -> Vec<u8> {
    let mut response = [&[0x99, 2][..], &status].concat();
    let authenticated = [&counter.to_be_bytes()[..], &response].concat();
    let mac = keys
        .cipher
        .padded_mac(keys.mac.as_bytes(), &authenticated)
        .unwrap();
    response.extend(chipgate_apdu::tlv::encode(Tag(0x8E), &mac));
    response.extend(status);
    response
}

/// Opens a chip that plays this script, which must have been played to its end.
fn play(example: &Example, script: Script, options: &AccessOptions) -> Result<Access, ChipError> {
    play_with(example, &Password::Mrz(example.mrz_key()), script, options)
}

fn play_with(
    example: &Example,
    password: &Password,
    script: Script,
    options: &AccessOptions,
) -> Result<Access, ChipError> {
    let mut chip = ScriptedChip::new(script);
    let session = block_on(open(&mut chip, password, options, &mut example.randomness()));
    let outcome = session.map(|session| session.access().clone());
    assert!(chip.is_finished(), "{outcome:?}");
    outcome
}

fn falling_back() -> AccessOptions {
    AccessOptions {
        fall_back_to_bac: true,
        ..AccessOptions::default()
    }
}

#[test]
fn a_card_access_that_may_not_be_read_is_none() {
    let example = Example::load("bac.json");
    let mut script = script_of(&[
        ("00A4000C023F00", "9000"),
        ("00A4020C02011C", "9000"),
        ("00B0000000", "6982"),
        ("00A4040C07A0000002471001", "9000"),
    ]);
    script.extend(example.script().into_iter().take(2));
    let access = play(&example, script, &AccessOptions::default()).unwrap();
    assert_eq!(
        (access.protocol(), access.card_access()),
        (&AccessProtocol::Bac, None)
    );
}

#[test]
fn a_card_access_that_breaks_off_is_no_absent_one() {
    let example = Example::load("bac.json");
    let script = script_of(&[
        ("00A4000C023F00", "9000"),
        ("00A4020C02011C", "9000"),
        ("00B0000000", "31820100019000"),
        ("00B00005FF", "6982"),
    ]);
    let error = play(&example, script, &AccessOptions::default()).unwrap_err();
    assert_eq!(
        (error.code(), error.step()),
        ("chip-refused", Some("read-card-access"))
    );
}

#[test]
fn opens_a_citizen_card_without_a_master_file_by_pace() {
    let example = Example::load("pace-ecdh-gm.json");
    let mut script = card_access(&example);
    script.extend(example.script());
    script.push(protected_selection(&example.expected_keys(Cipher::Aes128)));
    let access = play(&example, script, &AccessOptions::default()).unwrap();
    let AccessProtocol::Pace {
        protocol,
        parameter_id,
    } = access.protocol()
    else {
        panic!("{access:?}")
    };
    assert_eq!(
        (protocol.to_string().as_str(), *parameter_id),
        ("0.4.0.127.0.7.2.2.4.2.2", 13)
    );
    assert_eq!(access.card_access(), Some(&example.given("EF.CardAccess")[..]));
    assert_eq!(
        (access.password(), access.fell_back()),
        (PasswordKind::Mrz, false)
    );
}

#[test]
fn opens_a_document_without_card_access_by_bac() {
    let example = Example::load("bac.json");
    let mut script = without_card_access("9000");
    script.extend(example.script().into_iter().take(2));
    let access = play(&example, script, &AccessOptions::default()).unwrap();
    assert_eq!(access.protocol(), &AccessProtocol::Bac);
    assert_eq!((access.card_access(), access.fell_back()), (None, false));
}

#[test]
fn a_wrong_password_is_an_error_of_its_own_and_never_ends_in_bac() {
    let example = Example::load("pace-ecdh-gm.json");
    for (answer, tries_left) in [
        ("6300", None),
        ("63C2", Some(2)),
        ("7C0A86080000000000000000 9000", None),
    ] {
        let mut script = card_access(&example);
        script.extend(example.script());
        script.last_mut().unwrap().1 = hex(answer);
        let outcome = play(&example, script, &falling_back());
        let step = Step::PaceMutualAuthentication;
        assert_eq!(
            outcome,
            Err(ChipError::WrongPassword {
                password: PasswordKind::Mrz,
                step,
                tries_left
            })
        );
    }
    let example = Example::load("bac.json");
    let mut script = without_card_access("9000");
    script.extend(example.script().into_iter().take(2));
    script.last_mut().unwrap().1 = hex("6300");
    let step = Step::BacMutualAuthentication;
    let wrong = ChipError::WrongPassword {
        password: PasswordKind::Mrz,
        step,
        tries_left: None,
    };
    assert_eq!(
        play(&example, script, &AccessOptions::default()),
        Err(wrong.clone())
    );
    assert_eq!(
        (wrong.code(), wrong.step()),
        ("wrong-password", Some("bac-mutual-authentication"))
    );
}

/// A chip that offers PACE and refuses it, with and without the domain parameters named.
fn refusing_pace(example: &Example) -> Script {
    let mut refusing = card_access(example);
    refusing.extend(script_of(&[
        ("0022C1A40F800A04007F00070202040202830101", "6A80"),
        ("0022C1A412800A04007F0007020204020283010184010D", "6A88"),
    ]));
    refusing
}

#[test]
fn a_failed_pace_ends_in_bac_only_if_that_was_asked_for() {
    let pace = Example::load("pace-ecdh-gm.json");
    let refused = play(&pace, refusing_pace(&pace), &AccessOptions::default()).unwrap_err();
    assert_eq!(
        (refused.step(), refused.status_word()),
        (Some("pace-set-template"), Some(0x6A80))
    );

    let bac = Example::load("bac.json");
    let mut script = refusing_pace(&pace);
    script.push((hex("00A4040C07A0000002471001"), hex("9000")));
    script.extend(bac.script().into_iter().take(2));
    let access = play(&bac, script, &falling_back()).unwrap();
    assert_eq!(
        (access.protocol(), access.fell_back()),
        (&AccessProtocol::Bac, true)
    );
    assert_eq!(access.card_access(), Some(&pace.given("EF.CardAccess")[..]));
}

#[test]
fn names_the_domain_parameters_to_a_chip_that_wants_them() {
    let example = Example::load("pace-ecdh-gm.json");
    let mut script = refusing_pace(&example);
    script.last_mut().unwrap().1 = hex("9000");
    script.extend(example.script().into_iter().skip(1));
    script.push(protected_selection(&example.expected_keys(Cipher::Aes128)));
    assert!(play(&example, script, &AccessOptions::default()).is_ok());
}

#[test]
fn tells_what_is_no_travel_document() {
    let example = Example::load("bac.json");
    let outcome = play(&example, without_card_access("6A82"), &AccessOptions::default());
    assert_eq!(outcome, Err(ChipError::NoTravelDocument));
}

#[test]
fn a_can_opens_no_document_that_speaks_only_bac() {
    let example = Example::load("bac.json");
    let can = Password::Can(Secret::new(*b"123456"));
    let mut script = without_card_access("9000");
    script.extend(script_of(&[("00B09E0004", "6982"), ("00A4020C02011E", "6982")]));
    let outcome = play_with(&example, &can, script, &falling_back());
    assert_eq!(
        outcome,
        Err(ChipError::PasswordNotUsable {
            password: PasswordKind::Can
        })
    );
    assert_eq!(std::format!("{can:?}"), "Can(Secret(6 bytes))");
}

/// A chip without access control that knows no BAC, after its application was selected.
fn without_access_control() -> Script {
    let mut script = without_card_access("9000");
    script.extend(script_of(&[
        ("0084000008", "6D00"),
        ("00B09E0004", "6014 5F01 9000"),
    ]));
    script
}

#[test]
fn a_chip_without_access_control_is_read_in_plain() {
    let example = Example::load("bac.json");
    let com = "6014 5F0104303130375F36063034303030305C026175";
    let mut script = without_access_control();
    script.extend(script_of(&[("00B09E0000", &std::format!("{com} 6282"))]));
    // EF.CardSecurity in a master file that is selected without a data field (Doc 9303-10, table 1).
    script.extend(script_of(&[
        ("00A4000C023F00", "6A80"),
        ("00A4000C", "9000"),
        ("00A4020C02011D", "9000"),
        ("00B0000000", "3003020101 6282"),
        ("00A4040C07A0000002471001", "9000"),
    ]));
    let mut chip = ScriptedChip::new(script);
    let password = Password::Mrz(example.mrz_key());
    block_on(async {
        let options = AccessOptions::default();
        let mut session = open(&mut chip, &password, &options, &mut example.randomness())
            .await
            .unwrap();
        assert_eq!(session.access().protocol(), &AccessProtocol::None);
        let read = session.read_file(File::Com, &mut |_| {}).await;
        assert_eq!(read, Ok(ReadOutcome::Read(hex(com))));
        let read = session.read_file(File::CardSecurity, &mut |_| {}).await;
        assert_eq!(read, Ok(ReadOutcome::Read(hex("3003020101"))));
    });
    assert!(chip.is_finished());
}

#[test]
fn a_chip_that_refuses_bac_and_gives_nothing_in_plain_says_where_it_refused() {
    let example = Example::load("bac.json");
    for refusal in [
        &[("00B09E0004", "6982"), ("00A4020C02011E", "6982")][..],
        &[
            ("00B09E0004", "6A86"),
            ("00A4020C02011E", "9000"),
            ("00B0000004", "6982"),
        ],
    ] {
        let mut script = without_card_access("9000");
        script.extend(script_of(&[("0084000008", "6F00")]));
        script.extend(script_of(refusal));
        let error = play(&example, script, &AccessOptions::default()).unwrap_err();
        assert_eq!(
            (error.step(), error.status_word()),
            (Some("bac-get-challenge"), Some(0x6F00))
        );
    }
}

#[test]
fn an_offer_of_pace_that_does_not_parse_is_no_reason_for_bac() {
    let example = Example::load("bac.json");
    // PACE with parameterId 256, which only domain parameters of one's own may have, beside terminal authentication.
    let offer = "3013 060A04007F00070202040202 020102 02020100";
    let other = "300D 060804007F0007020202 020101";
    let card_access = std::format!("3124 {offer} {other} 9000");
    let script = script_of(&[
        ("00A4000C023F00", "6D00"),
        ("00A4020C02011C", "9000"),
        ("00B0000000", &card_access),
    ]);
    let error = play(&example, script, &AccessOptions::default()).unwrap_err();
    assert_eq!(
        error,
        ChipError::Unsupported {
            what: Unsupported::PaceVariant
        }
    );
}

#[test]
fn refuses_a_card_access_that_is_not_understood() {
    let example = Example::load("pace-ecdh-gm.json");
    let mut script = card_access(&example);
    script[2].1 = hex("3102 0500 9000");
    let outcome = play(&example, script, &AccessOptions::default()).unwrap_err();
    assert_eq!(
        (outcome.code(), outcome.step()),
        ("chip-malformed", Some("read-card-access"))
    );
    let mut script = card_access(&example);
    // PACE over a multiplicative group only.
    script[2].1 = hex("3114 3012 060A04007F00070202040102 020102 020100 9000");
    let outcome = play(&example, script, &AccessOptions::default()).unwrap_err();
    assert_eq!(outcome.code(), "not-supported");
}

#[test]
fn tries_extended_length_fields_where_the_reader_has_them_and_does_without_them_otherwise() {
    let example = Example::load("bac.json");
    let rest = example.script().into_iter().take(2);
    let mut trying = script_of(&[
        ("00A4000C023F00", "9000"),
        ("00A4020C 00 0002 011C", "6700"),
        ("00A4020C02011C", "6A82"),
        ("00B09C0000", "6A82"),
        ("00A4040C 00 0007 A0000002471001", "9000"),
    ]);
    trying.extend(rest);
    let mut chip = ScriptedChip::new(trying).with_limits(Limits::extended(Link::Contact));
    let password = Password::Mrz(example.mrz_key());
    let options = AccessOptions::default();
    let session = block_on(open(&mut chip, &password, &options, &mut example.randomness()));
    assert!(session.is_ok());
    assert!(chip.is_finished());
}

#[test]
fn says_at_which_step_the_card_was_lost() {
    let example = Example::load("bac.json");
    for length in 0..5 {
        let mut chip = ScriptedChip::new(without_card_access("9000").into_iter().take(length).collect());
        chip.at_the_end(ChannelError::CardLost);
        let password = Password::Mrz(example.mrz_key());
        let outcome = block_on(open(
            &mut chip,
            &password,
            &AccessOptions::default(),
            &mut example.randomness(),
        ));
        let error = outcome.map(|_| ()).unwrap_err();
        assert_eq!(error.code(), "card-lost");
    }
}

/// A session of the worked example of BAC, with `further` exchanges after the application's selection.
fn session_with(further: Script, check: impl AsyncFnOnce(&mut crate::Session<&mut ScriptedChip>)) {
    let example = Example::load("bac.json");
    let mut script = without_card_access("9000");
    script.extend(example.script().into_iter().take(2));
    script.extend(further);
    let mut chip = ScriptedChip::new(script);
    let password = Password::Mrz(example.mrz_key());
    let options = AccessOptions {
        short_identifiers: false,
        ..AccessOptions::default()
    };
    block_on(async {
        let mut session = open(&mut chip, &password, &options, &mut example.randomness())
            .await
            .unwrap();
        check(&mut session).await;
    });
    assert!(chip.is_finished());
}

#[test]
fn an_unprotected_answer_ends_the_session_and_wipes_its_keys() {
    let (select, _) = Example::load("bac.json").script().remove(2);
    session_with([(select, hex("6A82"))].into(), async |session| {
        let broken = session.read_file(File::Com, &mut |_| {}).await.unwrap_err();
        let fault = SecureMessagingFault::Unprotected(chipgate_apdu::StatusWord::FILE_NOT_FOUND);
        assert_eq!(
            broken,
            ChipError::SecureMessaging {
                step: Step::SelectFile,
                fault
            }
        );
        let closed = session.read_file(File::Com, &mut |_| {}).await.unwrap_err();
        assert_eq!(
            closed,
            ChipError::SessionClosed {
                step: Step::SelectFile
            }
        );
        let absent = session.read_file(File::CardAccess, &mut |_| {}).await;
        assert_eq!(absent, Ok(ReadOutcome::NotFound));
    });
}
