//! The worked examples of Doc 9303-11, and examples with invented keys that Python's `cryptography` computed, to the byte;
//! and every bit of them altered.

use alloc::vec::Vec;

use chipgate_apdu::{Command, Response};
use chipgate_crypto::{AgreementGroup, Cipher, Curve, DhGroup, ObjectIdentifier, Secret, SigningKey};
use chipgate_lds::{
    ChipAuthenticationPublicKeyInfo, DataGroup, File, SecurityInfo, SecurityInfos, encode_set, oid,
    parse_dg14,
};
use pollster::block_on;

use crate::{
    ChipAuthentication, ChipError, MappingFault, Password, Step, bac, chip_authentication,
    connection::Connection,
    open::select_file,
    pace::{self, PaceOutcome},
    pace_variant::{self, Mapping, Variant},
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
    let mut reading = Reading::new((File::Com, Step::ReadBinary), 1000, &mut sizes, &mut silent);
    read::read(&mut connection, &mut reading, Target::Current).await?;
    Ok((reading.into_data(), connection))
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

/// The variant of an example: of EF.CardAccess, or in a group that no chip may offer any more.
fn variant(example: &Example) -> Variant {
    if example.knows("EF.CardAccess") {
        let infos = SecurityInfos::parse(&example.given("EF.CardAccess")).unwrap();
        return pace_variant::choose(&infos, None).unwrap();
    }
    let parameter_id = example.given("domain_parameters")[0];
    let group = match parameter_id {
        0 => AgreementGroup::Dh(DhGroup::Modp1024Order160),
        id => AgreementGroup::from_domain_parameter_id(id).unwrap(),
    };
    let protocol = ObjectIdentifier::from_bytes(&example.given("protocol")).unwrap();
    let family = protocol.parent().unwrap();
    let integrated = [oid::id_PACE_DH_IM, oid::id_PACE_ECDH_IM].contains(&family);
    Variant {
        protocol,
        parameter_id,
        mapping: if integrated {
            Mapping::Integrated
        } else {
            Mapping::Generic
        },
        cipher: Cipher::Aes128,
        group,
        ambiguous: false,
    }
}

/// Appendices G to I.
async fn play_pace(
    example: &Example,
    chip: ScriptedChip,
) -> Result<(PaceOutcome, Connection<ScriptedChip>), ChipError> {
    let mut connection = Connection::new(chip, true);
    let password = if example.knows("pin") {
        Password::Pin(Secret::new(example.given("pin")))
    } else {
        Password::Mrz(example.mrz_key())
    };
    let outcome = pace::authenticate(
        &mut connection,
        &variant(example),
        &password,
        &mut example.randomness(),
    )
    .await?;
    Ok((outcome, connection))
}

/// Plays an example of PACE, whose every command must be the example's.
fn pace_of(name: &str) -> (Example, PaceOutcome) {
    let example = Example::load(name);
    let (outcome, connection) = block_on(play_pace(&example, ScriptedChip::new(example.script()))).unwrap();
    assert_eq!(connection.keys(), Some(&example.expected_keys(Cipher::Aes128)));
    assert!(connection.into_channel().is_finished());
    (example, outcome)
}

#[test]
fn pace_with_generic_mapping_is_that_of_appendix_g() {
    let (example, outcome) = pace_of("pace-ecdh-gm.json");
    assert_eq!(
        (outcome.authorities.len(), &outcome.chip_authentication),
        (0, &None)
    );
    // The x-coordinates of the ephemeral keys.
    let script = example.script();
    assert_eq!(outcome.terminal_key, script[3].0[10..42]);
    assert_eq!(outcome.chip_identifier, script[3].1[5..37]);
}

#[test]
fn pace_by_pin_is_that_of_the_example_of_bsi() {
    let (example, outcome) = pace_of("pace-ecdh-gm-bsi.json");
    let script = example.script();
    assert_eq!(outcome.terminal_key, script[3].0[10..42]);
    assert_eq!(outcome.chip_identifier, script[3].1[5..37]);
}

#[test]
fn pace_modulo_a_prime_is_that_of_appendix_g() {
    let (example, outcome) = pace_of("pace-dh-gm.json");
    assert_eq!(outcome.authorities[0].as_bytes(), example.expected("authority"));
    assert_eq!(outcome.authorities.len(), 1);
    assert_eq!(
        (outcome.terminal_key.len(), outcome.chip_identifier.len()),
        (20, 20)
    );
}

#[test]
fn pace_with_integrated_mapping_is_that_of_appendix_h() {
    for name in ["pace-ecdh-im.json", "pace-dh-im.json"] {
        let (_, outcome) = pace_of(name);
        assert_eq!(outcome.chip_authentication, None);
    }
}

#[test]
fn pace_with_chip_authentication_mapping_is_that_of_appendix_i() {
    let (example, outcome) = pace_of("pace-ecdh-cam.json");
    let evidence = outcome.chip_authentication.unwrap();
    assert_eq!(evidence.parameter_id(), 13);
    let card_security = SecurityInfos::parse(&example.given("CardSecurity")).unwrap();
    let proof = evidence.verify(&card_security).unwrap();
    let key = &card_security.chip_authentication_keys()[0];
    assert_eq!(proof.public_key(), key.public_key_der);
    assert_eq!(proof.protocol(), &oid::id_PACE_ECDH_CAM_AES_CBC_CMAC_128);
}

#[test]
fn chip_authentication_data_for_another_key_prove_nothing() {
    let (example, outcome) = pace_of("pace-ecdh-cam.json");
    let evidence = outcome.chip_authentication.unwrap();
    let info = |curve: Curve, key_id: u8| {
        let key = SigningKey::generate_ec(curve, &mut example.randomness()).unwrap();
        SecurityInfo::ChipAuthenticationPublicKey(ChipAuthenticationPublicKeyInfo {
            protocol: oid::id_PK_ECDH,
            public_key_der: key.public_key().to_spki_der(),
            key_id: Some([key_id].into()),
        })
    };
    for (infos, fault) in [
        (encode_set(&[]), MappingFault::NoKey),
        (encode_set(&[info(Curve::P256, 13)]), MappingFault::NoKey),
        (
            encode_set(&[info(Curve::BrainpoolP256r1, 13)]),
            MappingFault::WrongKey,
        ),
    ] {
        let outcome = evidence.verify(&SecurityInfos::parse(&infos).unwrap());
        assert_eq!(outcome, Err(ChipError::ChipAuthenticationMappingFailed { fault }));
    }
}

/// The tokens do not cover the data: what is wrong with them must come out when they are verified.
#[test]
fn no_altered_bit_of_chip_authentication_data_proves_anything() {
    let example = Example::load("pace-ecdh-cam.json");
    let card_security = SecurityInfos::parse(&example.given("CardSecurity")).unwrap();
    let data = 14..62;
    for bit in data.start * 8..data.end * 8 {
        let mut script = example.script();
        script[4].1[bit / 8] ^= 0x80 >> (bit % 8);
        let (outcome, _) = block_on(play_pace(&example, ScriptedChip::new(script))).unwrap();
        assert!(
            outcome
                .chip_authentication
                .unwrap()
                .verify(&card_security)
                .is_err()
        );
    }
    let mut script = example.script();
    script[4].1.splice(
        1..62,
        [0x0A]
            .into_iter()
            .chain(example.script()[4].1[2..12].iter().copied()),
    );
    let (outcome, _) = block_on(play_pace(&example, ScriptedChip::new(script))).unwrap();
    assert_eq!(
        outcome.chip_authentication.unwrap().verify(&card_security),
        Err(ChipError::ChipAuthenticationMappingFailed {
            fault: MappingFault::NoData
        })
    );
}

#[test]
fn no_altered_bit_gets_through_pace() {
    for (name, stride) in [
        ("pace-ecdh-gm.json", 7),
        ("pace-ecdh-gm-bsi.json", 7),
        ("pace-dh-gm.json", 31),
        ("pace-ecdh-im.json", 7),
        ("pace-dh-im.json", 31),
    ] {
        let example = Example::load(name);
        for_each_altered_bit(&example, stride, |chip| {
            let outcome = block_on(play_pace(&example, chip)).map(|(outcome, _)| outcome.authorities);
            // Nothing covers the name of the authority: a wrong one finds no certificate.
            assert!(outcome.is_err() || outcome != Ok(Vec::new()), "{name}");
        });
    }
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
