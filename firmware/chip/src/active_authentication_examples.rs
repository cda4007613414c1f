//! The worked examples of active authentication by RSA: the block of Doc 9303-11, appendix F, a published signature, and every
//! hash function and trailer.

use alloc::vec::Vec;

use chipgate_crypto::HashAlgorithm;
use chipgate_lds::parse_dg15;
use pollster::block_on;

use crate::{
    ActiveAuthentication, ChipError, active_authentication,
    connection::Connection,
    testing::{Example, ScriptedChip, for_each_altered_bit},
};

/// The hash that a block's trailer names (ISO/IEC 9796-2).
fn named_by(block: &[u8]) -> HashAlgorithm {
    match block {
        [.., 0xBC] | [.., 0x33, 0xCC] => HashAlgorithm::Sha1,
        [.., 0x38, 0xCC] => HashAlgorithm::Sha224,
        [.., 0x34, 0xCC] => HashAlgorithm::Sha256,
        [.., 0x36, 0xCC] => HashAlgorithm::Sha384,
        [.., 0x35, 0xCC] => HashAlgorithm::Sha512,
        _ => panic!("{block:02X?}"),
    }
}

/// INTERNAL AUTHENTICATE with each challenge of the example.
fn play(example: &Example, chip: ScriptedChip) -> Result<Vec<ActiveAuthentication>, ChipError> {
    let key = parse_dg15(&example.given("DG15")).unwrap();
    let mut connection = Connection::new(chip, true);
    let challenges = example
        .script()
        .into_iter()
        .map(|(command, _)| command[5..13].try_into().unwrap());
    let proofs = challenges.map(|challenge| {
        block_on(active_authentication::authenticate(
            &mut connection,
            &key,
            None,
            challenge,
        ))
    });
    let proofs = proofs.collect::<Result<Vec<_>, _>>()?;
    assert!(connection.into_channel().is_finished());
    Ok(proofs)
}

#[test]
fn active_authentication_is_that_of_the_examples() {
    for (name, count) in [
        ("active-authentication-appendix-f.json", 1),
        ("active-authentication-sha-1.json", 1),
        ("active-authentication-hashes.json", 12),
    ] {
        let example = Example::load(name);
        let proofs = play(&example, ScriptedChip::new(example.script())).unwrap();
        assert_eq!(proofs.len(), count);
        for (index, proof) in proofs.iter().enumerate() {
            let block = example.expected(&alloc::format!("block_{index}"));
            assert_eq!(proof.hash(), named_by(&block), "{name} {index}");
        }
    }
}

#[test]
fn no_altered_bit_gets_through_active_authentication() {
    for (name, stride) in [
        ("active-authentication-appendix-f.json", 1),
        ("active-authentication-sha-1.json", 1),
        ("active-authentication-hashes.json", 7),
    ] {
        let example = Example::load(name);
        for_each_altered_bit(&example, stride, |chip| {
            assert!(play(&example, chip).is_err(), "{name}");
        });
    }
}

#[test]
fn a_signature_of_another_challenge_is_refused_in_every_form() {
    let example = Example::load("active-authentication-hashes.json");
    let key = parse_dg15(&example.given("DG15")).unwrap();
    for (_, response) in example.script() {
        let signature = &response[..response.len() - 2];
        let refused =
            active_authentication::verify_active_authentication(&key, *b"another!", signature, None);
        assert!(matches!(
            refused,
            Err(ChipError::ActiveAuthenticationFailed { .. })
        ));
    }
}
