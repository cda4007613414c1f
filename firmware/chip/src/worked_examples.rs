//! The worked examples of Doc 9303-11, and examples with invented keys that Python's `cryptography` computed, to the byte;
//! and every bit of them altered.

use alloc::vec::Vec;

use chipgate_apdu::{Command, Response};
use chipgate_crypto::Cipher;
use chipgate_lds::{DataGroup, File, SecurityInfos, parse_dg14};
use pollster::block_on;

use crate::{
    ChipAuthentication, ChipError, Password, Step, bac, chip_authentication,
    connection::Connection,
    open::select_file,
    pace, pace_variant,
    read::{self, Reading, Sizes, Target},
    secure_messaging::SecureMessaging,
    testing::{Example, ScriptedChip, for_each_altered_bit, secured},
};

/// Appendix D.3 and D.4: BAC, then EF.COM, its header first.
async fn play_bac(
    example: &Example,
    chip: ScriptedChip,
) -> Result<(Vec<u8>, Connection<ScriptedChip>), ChipError> {
    let mut connection = Connection::new(chip, true);
    bac::authenticate(&mut connection, &example.mrz_key(), &mut example.randomness()).await?;
    let status = connection
        .send(Step::SelectFile, &select_file(File::Com))
        .await?
        .status;
    if !status.is_success() {
        return Err(ChipError::Protocol {
            step: Step::SelectFile,
            status,
        });
    }
    let mut sizes = Sizes::default();
    sizes.header_first = true;
    let mut silent = |_| {};
    let reading = Reading::new((File::Com, Step::ReadBinary), 1000, &mut sizes, &mut silent);
    let file = read::read(&mut connection, reading, Target::Current).await?;
    Ok((file, connection))
}

#[test]
fn basic_access_control_is_that_of_appendix_d() {
    let example = Example::load("bac.json");
    let (file, connection) = block_on(play_bac(&example, ScriptedChip::new(example.script()))).unwrap();
    assert_eq!(file, example.expected("EF.COM"));
    assert_eq!(connection.keys(), Some(&example.expected_keys(Cipher::TripleDes)));
    assert!(connection.into_channel().is_finished());
}

#[test]
fn no_altered_bit_gets_through_basic_access_control_and_3des() {
    let example = Example::load("bac.json");
    for_each_altered_bit(&example, 1, |chip| {
        assert!(block_on(play_bac(&example, chip)).is_err());
    });
}

/// Appendix G.1.
async fn play_pace(example: &Example, chip: ScriptedChip) -> Result<Connection<ScriptedChip>, ChipError> {
    let mut connection = Connection::new(chip, true);
    let infos = SecurityInfos::parse(&example.given("EF.CardAccess")).unwrap();
    let variant = pace_variant::choose(&infos).unwrap();
    let password = Password::Mrz(example.mrz_key());
    pace::authenticate(&mut connection, &variant, &password, &mut example.randomness()).await?;
    Ok(connection)
}

#[test]
fn pace_with_generic_mapping_is_that_of_appendix_g() {
    let example = Example::load("pace-ecdh-gm.json");
    let connection = block_on(play_pace(&example, ScriptedChip::new(example.script()))).unwrap();
    assert_eq!(connection.keys(), Some(&example.expected_keys(Cipher::Aes128)));
    assert!(connection.into_channel().is_finished());
}

#[test]
fn no_altered_bit_gets_through_pace() {
    let example = Example::load("pace-ecdh-gm.json");
    for_each_altered_bit(&example, 7, |chip| {
        assert!(block_on(play_pace(&example, chip)).is_err());
    });
}

async fn play_chip_authentication(
    example: &Example,
    chip: ScriptedChip,
) -> Result<(ChipAuthentication, Connection<ScriptedChip>), ChipError> {
    let mut connection = secured(chip, example.secure_messaging());
    let dg14 = parse_dg14(&example.given("DG14")).unwrap();
    let proof = select_file(File::DataGroup(DataGroup::DG14));
    let proven =
        chip_authentication::authenticate(&mut connection, &dg14, &proof, &mut example.randomness()).await?;
    Ok((proven, connection))
}

#[test]
fn chip_authentication_is_as_python_cryptography_computed_it() {
    let example = Example::load("chip-authentication-brainpool.json");
    let chip = ScriptedChip::new(example.script());
    let (proven, connection) = block_on(play_chip_authentication(&example, chip)).unwrap();
    assert_eq!(proven.key_id(), None);
    assert!(example.given("DG14").ends_with(proven.public_key()));
    assert_eq!(connection.keys(), Some(&example.expected_keys(Cipher::Aes128)));
    assert!(connection.into_channel().is_finished());
}

#[test]
fn no_altered_bit_gets_through_chip_authentication() {
    let example = Example::load("chip-authentication-brainpool.json");
    for_each_altered_bit(&example, 1, |chip| {
        assert!(block_on(play_chip_authentication(&example, chip)).is_err());
    });
}

/// AES secure messaging after READ BINARY went out as the example says.
fn after_read_binary(example: &Example, protected: &[u8]) -> SecureMessaging {
    let mut messaging = example.secure_messaging();
    let command = Command::new(0x00, 0xB0, 0x00, 0xDF).expecting(223);
    let command = messaging.protect(&command, false).unwrap();
    assert_eq!(command.encode().unwrap(), protected);
    messaging
}

#[test]
fn aes_secure_messaging_is_as_python_cryptography_computed_it() {
    let example = Example::load("secure-messaging-aes-223.json");
    let [(command, response)] = example.script().try_into().unwrap();
    let mut messaging = after_read_binary(&example, &command);
    let inside = messaging.unprotect(&Response::parse(&response).unwrap()).unwrap();
    assert_eq!(inside.data, example.expected("data"));
    assert_eq!(inside.data.len(), 223);
    assert!(inside.status.is_success());
}

#[test]
fn no_altered_bit_and_no_truncation_gets_through_aes_secure_messaging() {
    let example = Example::load("secure-messaging-aes-223.json");
    let [(command, response)] = example.script().try_into().unwrap();
    let refuses = |answer: &[u8], what: &str, number: usize| {
        let answer = Response::parse(answer).unwrap();
        let mut messaging = after_read_binary(&example, &command);
        assert!(messaging.unprotect(&answer).is_err(), "{what} {number}");
    };
    for bit in 0..response.len() * 8 {
        let mut altered = response.clone();
        altered[bit / 8] ^= 0x80 >> (bit % 8);
        refuses(&altered, "bit", bit);
    }
    for length in 2..response.len() {
        refuses(&response[..length], "length", length);
    }
}
