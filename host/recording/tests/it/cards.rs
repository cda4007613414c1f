//! The reader's protocols against virtual cards of every profile, recorded and replayed.

use std::{path::Path, sync::OnceLock};

use chipgate_apdu::{Channel, Timestamp};
use chipgate_chip::{
    Access, AccessOptions, AccessProtocol, ActiveAuthentication, ChipAuthentication, ChipError, Password,
    ReadOutcome, open,
};
use chipgate_crypto::{Curve, Secret, SigningKey};
use chipgate_lds::{
    ChipAuthenticationInfo, ChipAuthenticationPublicKeyInfo, File, Mrz, MrzKey, PaceInfo, SecurityInfo,
    encode_card_access, encode_dg14, oid, parse_dg14, parse_dg15,
};
use chipgate_recording::{DIVERGED, Header, Recorder, Recording, Replay};
use chipgate_virtual_card::{
    AgreementKey, CardFile, Fault, HexBytes, HexSecret, InProcess, IssueOptions, KeyGroup, PaceSettings, Pki,
    Profile, Quirk, VirtualCard, issue, profiles,
};
use pollster::block_on;
use rand::{SeedableRng, rngs::StdRng};
use rand_core::CryptoRng;

/// 2026-07-01.
pub const NOW: Timestamp = Timestamp::from_seconds(1_782_864_000);
const CHALLENGE: [u8; 8] = *b"nonce 8b";

pub fn rng() -> StdRng {
    StdRng::seed_from_u64(7)
}

/// One card of each profile is issued once.
pub fn card(profile: Profile) -> CardFile {
    static CARDS: OnceLock<Vec<CardFile>> = OnceLock::new();
    let cards = CARDS.get_or_init(|| profiles().iter().map(|&profile| issued(profile, &[])).collect());
    cards.iter().find(|card| card.profile == profile).unwrap().clone()
}

pub fn issued(profile: Profile, faults: &[Fault]) -> CardFile {
    issued_with(
        profile,
        &IssueOptions {
            faults: faults.to_vec(),
            ..IssueOptions::default()
        },
    )
}

pub fn with_personality(profile: Profile, quirk: Quirk) -> CardFile {
    issued_with(
        profile,
        &IssueOptions {
            personalities: vec![quirk],
            ..IssueOptions::default()
        },
    )
}

fn issued_with(profile: Profile, options: &IssueOptions) -> CardFile {
    static PKI: OnceLock<Pki> = OnceLock::new();
    let pki = PKI.get_or_init(|| Pki::generate(&mut rng(), NOW).unwrap());
    issue(profile, pki, options, &mut rng(), NOW).unwrap()
}

/// The chip draws from another seed than the reader: by integrated mapping equal draws are equal keys, which a reader refuses.
pub fn presented(card: &CardFile) -> InProcess {
    InProcess::new(VirtualCard::new(card, StdRng::seed_from_u64(8)).unwrap())
}

pub fn mrz(card: &CardFile) -> Password {
    Password::Mrz(MrzKey::from(&Mrz::parse(card.passwords.mrz.as_str()).unwrap()))
}

pub fn can(card: &CardFile) -> Option<Password> {
    card.passwords
        .can
        .as_ref()
        .map(|can| Password::Can(Secret::new(can.as_str().as_bytes())))
}

/// What a reader learns from a card.
#[derive(Debug, PartialEq)]
pub struct Reading {
    pub access: Access,
    pub files: Vec<(File, ReadOutcome)>,
    pub chip: Option<ChipAuthentication>,
    pub active: Option<ActiveAuthentication>,
}

/// Opens a card, has it prove itself and reads all of it.
pub async fn read(
    channel: impl Channel,
    password: &Password,
    options: &AccessOptions,
    rng: &mut impl CryptoRng,
) -> Result<Reading, ChipError> {
    let mut session = open(channel, password, options, rng).await?;
    let mut files = Vec::new();
    let wanted = |file: &File| (file.is_in_application() && *file != File::Cvca) || *file == File::CardAccess;
    for file in File::all().filter(wanted) {
        files.push((file, session.read_file(file, &mut |_| {}).await?));
    }
    let found = |number| {
        let file = File::DataGroup(chipgate_lds::DataGroup::try_from(number).unwrap());
        files.iter().find_map(|(name, outcome)| match outcome {
            ReadOutcome::Read(bytes) if *name == file => Some(bytes.as_slice()),
            _ => None,
        })
    };
    let dg14 = found(14).map(|bytes| parse_dg14(bytes).unwrap());
    let keys = dg14
        .as_ref()
        .filter(|dg14| !dg14.chip_authentication_keys().is_empty());
    let chip = match keys {
        Some(dg14) => Some(session.authenticate_chip(dg14, rng).await?),
        None => None,
    };
    let active = match found(15) {
        Some(bytes) => {
            let key = parse_dg15(bytes).unwrap();
            Some(
                session
                    .authenticate_active(&key, dg14.as_ref(), CHALLENGE)
                    .await?,
            )
        }
        None => None,
    };
    // Under the keys of chip authentication everything is read as before.
    assert_eq!(
        session.read_file(File::Sod, &mut |_| {}).await?,
        files.iter().find(|(file, _)| *file == File::Sod).unwrap().1
    );
    Ok(Reading {
        access: session.access().clone(),
        files,
        chip,
        active,
    })
}

fn read_card(card: &CardFile, password: &Password) -> Result<Reading, ChipError> {
    block_on(read(
        presented(card),
        password,
        &AccessOptions::default(),
        &mut rng(),
    ))
}

fn assert_complete(card: &CardFile, reading: &Reading) {
    for (file, outcome) in &reading.files {
        // Fingers and irises want terminal authentication, where there is that.
        let guarded = card.chip.terminal_authentication.is_some() && ["DG3", "DG4"].contains(&file.name());
        let refused = guarded || card.chip.refused_files.iter().any(|name| name == file.name());
        match (outcome, card.file(file.name())) {
            (ReadOutcome::Denied, _) => assert!(refused, "{file}"),
            (ReadOutcome::NotFound, bytes) => assert!(bytes.is_none() && !refused, "{file}"),
            (ReadOutcome::Read(read), bytes) => assert_eq!(Some(&read[..]), bytes, "{file}"),
        }
    }
}

#[test]
fn every_profile_is_read_to_the_byte_and_proves_itself() {
    for &profile in profiles() {
        let card = card(profile);
        for password in [Some(mrz(&card)), can(&card)].into_iter().flatten() {
            let reading = read_card(&card, &password).unwrap();
            assert_complete(&card, &reading);
            let protocol = reading.access.protocol();
            let bac = card.chip.pace.is_empty() && card.chip.access_control;
            assert_eq!(protocol == &AccessProtocol::Bac, bac, "{profile}");
            assert_eq!(
                protocol == &AccessProtocol::None,
                !card.chip.access_control,
                "{profile}"
            );
            assert_eq!(reading.chip.is_none(), card.keys.chip_authentication.is_empty());
            assert_eq!(
                reading.active.is_none(),
                card.keys.active_authentication.is_none()
            );
            assert!(
                reading
                    .active
                    .is_none_or(|active| active.challenge() == CHALLENGE)
            );
        }
    }
}

#[test]
fn chips_with_short_fields_small_buffers_and_few_instructions_are_read_as_well() {
    for &profile in profiles() {
        for (extended_length, max_response, odd_read_binary) in [
            (false, 258, true),
            (true, 1000, true),
            (true, 300, false),
            (true, 65_538, false),
        ] {
            let mut card = card(profile);
            // A key modulo a prime of 2048 bits does not fit short length fields.
            let modulo = |pace: &PaceSettings| matches!(pace.group, KeyGroup::Dh(_));
            if !extended_length && card.chip.pace.iter().any(modulo) {
                continue;
            }
            card.personality.extended_length = extended_length;
            card.personality.max_response = max_response;
            card.personality.odd_read_binary = odd_read_binary;
            // Signatures of active authentication with RSA-2048 do not fit everywhere.
            card.files.remove("DG15");
            let reading = read_card(&card, &mrz(&card)).unwrap();
            assert_complete(&card, &reading);
        }
    }
}

#[test]
fn a_wrong_password_is_told_and_the_right_one_opens_the_card_afterwards() {
    for &profile in profiles() {
        let card = card(profile);
        if !card.chip.access_control {
            continue; // every password is as good as none
        }
        let mut channel = presented(&card);
        let wrong = MrzKey::new("X00000000", "700101", "300101").unwrap();
        let options = AccessOptions {
            fall_back_to_bac: true,
            ..AccessOptions::default()
        };
        let error = block_on(read(&mut channel, &Password::Mrz(wrong), &options, &mut rng())).unwrap_err();
        assert_eq!(error.code(), "wrong-password", "{error}");
        if can(&card).is_some() {
            let wrong = Password::Can(Secret::new(*b"000000"));
            let error = block_on(read(&mut channel, &wrong, &options, &mut rng())).unwrap_err();
            assert_eq!(error.code(), "wrong-password", "{error}");
        }
        block_on(read(&mut channel, &mrz(&card), &options, &mut rng())).unwrap();
    }
}

#[test]
fn a_copied_chip_is_told_by_the_protocol_that_it_fails() {
    for (profile, code) in [
        (Profile::VnCccd, "chip-authentication-failed"),
        (Profile::Td3Pace, "chip-authentication-failed"),
        (Profile::Td3Bac, "active-authentication-failed"),
    ] {
        let card = issued(profile, &[Fault::CopiedChip]);
        let error = read_card(&card, &mrz(&card)).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
}

#[test]
fn a_card_that_leaves_at_any_command_is_lost_and_nothing_else() {
    let mut card = card(Profile::VnCccd);
    card.files
        .retain(|name, _| ["EF.CardAccess", "EF.COM", "EF.SOD", "DG14"].contains(&name.as_str()));
    let password = can(&card).unwrap();
    for commands in 0.. {
        card.personality.drops_after = Some(commands);
        match read_card(&card, &password) {
            Ok(_) => {
                assert!(commands > 15, "{commands} commands");
                break;
            }
            Err(error) => assert_eq!(error.code(), "card-lost", "after {commands} commands: {error}"),
        }
    }
}

#[test]
fn a_wrong_checksum_from_any_response_on_ends_the_session() {
    let mut card = card(Profile::VnCccd);
    card.files
        .retain(|name, _| ["EF.CardAccess", "EF.COM", "EF.SOD", "DG14"].contains(&name.as_str()));
    let password = can(&card).unwrap();
    for responses in 1.. {
        card.personality.wrong_mac_from = Some(responses);
        match read_card(&card, &password) {
            Ok(_) => {
                assert!(responses > 10, "{responses} responses");
                break;
            }
            Err(error) => assert!(
                ["secure-messaging-broken", "chip-authentication-failed"].contains(&error.code()),
                "from response {responses} on: {error}"
            ),
        }
    }
}

#[test]
fn pace_and_chip_authentication_run_with_every_cipher_and_curve() {
    let ciphers = [
        (oid::id_PACE_ECDH_GM_3DES_CBC_CBC, oid::id_CA_ECDH_3DES_CBC_CBC),
        (
            oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128,
            oid::id_CA_ECDH_AES_CBC_CMAC_128,
        ),
        (
            oid::id_PACE_ECDH_GM_AES_CBC_CMAC_192,
            oid::id_CA_ECDH_AES_CBC_CMAC_192,
        ),
        (
            oid::id_PACE_ECDH_GM_AES_CBC_CMAC_256,
            oid::id_CA_ECDH_AES_CBC_CMAC_256,
        ),
    ];
    let curves = [
        Curve::P256,
        Curve::BrainpoolP256r1,
        Curve::P384,
        Curve::BrainpoolP384r1,
        Curve::P521,
    ];
    for (index, curve) in curves.into_iter().enumerate() {
        let (pace, agreement) = ciphers[index % ciphers.len()];
        let key_id = (index % 2 == 0).then_some(index as u8 + 1);
        let card = with_protocols(card(Profile::VnCccd), (pace, agreement), curve, key_id);
        let reading = read_card(&card, &can(&card).unwrap()).unwrap();
        assert_complete(&card, &reading);
        let expected = AccessProtocol::Pace {
            protocol: pace,
            parameter_id: curve.domain_parameter_id(),
        };
        assert_eq!(reading.access.protocol(), &expected);
        let chip = reading.chip.unwrap();
        assert_eq!(
            (chip.protocol(), chip.key_id()),
            (&agreement, key_id.as_ref().map(core::slice::from_ref))
        );
    }
}

/// The same card with other protocols and another key of chip authentication.
fn with_protocols(
    mut card: CardFile,
    (pace, agreement): (
        chipgate_crypto::ObjectIdentifier,
        chipgate_crypto::ObjectIdentifier,
    ),
    curve: Curve,
    key_id: Option<u8>,
) -> CardFile {
    let offered = PaceInfo {
        protocol: pace,
        version: 2,
        parameter_id: Some(curve.domain_parameter_id()),
    };
    let settings = &mut card.chip.pace[0];
    settings.protocol = pace.to_string();
    settings.group = curve.into();
    let key = SigningKey::generate_ec(curve, &mut rng()).unwrap();
    let id = key_id.map(|id| vec![id]);
    let infos = [
        SecurityInfo::Pace(offered.clone()),
        SecurityInfo::ChipAuthentication(ChipAuthenticationInfo {
            protocol: agreement,
            version: 1,
            key_id: id.clone(),
        }),
        SecurityInfo::ChipAuthenticationPublicKey(ChipAuthenticationPublicKeyInfo {
            protocol: oid::id_PK_ECDH,
            public_key_der: key.public_key().to_spki_der(),
            key_id: id,
        }),
    ];
    card.keys.chip_authentication = vec![AgreementKey {
        protocol: agreement.to_string(),
        group: curve.into(),
        key_id,
        private_key: HexSecret(key.scalar().unwrap().to_bytes()),
    }];
    let card_access = encode_card_access(&[SecurityInfo::Pace(offered)]);
    card.files.insert("EF.CardAccess".into(), HexBytes(card_access));
    card.files.insert("DG14".into(), HexBytes(encode_dg14(&infos)));
    card
}

fn record(card: &CardFile, file: &Path) -> Reading {
    let channel = presented(card);
    let recorder = Recorder::create(file, &Header::new(channel.limits(), NOW)).unwrap();
    let channel = recorder.channel(channel);
    let mut rng = recorder.rng(rng());
    let reading = block_on(read(channel, &mrz(card), &AccessOptions::default(), &mut rng)).unwrap();
    drop(rng);
    recorder.finish().unwrap();
    reading
}

#[test]
fn a_recorded_inspection_replays_to_the_byte_without_the_card() {
    let folder = tempfile::tempdir().unwrap();
    for &profile in profiles() {
        let card = card(profile);
        let file = folder.path().join(profile.name());
        let recorded = record(&card, &file);
        let replay = Replay::new(Recording::read(&file).unwrap());
        let replayed = block_on(read(
            replay.channel(),
            &mrz(&card),
            &AccessOptions::default(),
            &mut replay.rng(),
        ))
        .unwrap();
        assert_eq!(replayed, recorded);
        replay.finish().unwrap();
    }
}

#[test]
fn a_replay_with_another_password_ends_and_never_hangs() {
    let folder = tempfile::tempdir().unwrap();
    let card = card(Profile::VnCccd);
    let file = folder.path().join("recording");
    record(&card, &file);
    let replay = Replay::new(Recording::read(&file).unwrap());
    let other = Password::Can(Secret::new(*b"000000"));
    let outcome = block_on(read(
        replay.channel(),
        &other,
        &AccessOptions::default(),
        &mut replay.rng(),
    ));
    let error = outcome.unwrap_err();
    assert!(
        matches!(
            error,
            ChipError::Channel {
                error: chipgate_apdu::ChannelError::Broken(DIVERGED),
                ..
            }
        ),
        "{error}"
    );
    assert!(replay.finish().is_err());
    // Whoever draws after that gets numbers with which key generation ends.
    SigningKey::generate_ec(Curve::P256, &mut replay.rng()).unwrap();
}
