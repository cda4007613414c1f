//! Cards read and recorded, and what can be told of a recording: its form, its files, what passive authentication makes of them.

use std::{collections::BTreeMap, sync::OnceLock};

use chipgate_apdu::Channel;
use chipgate_chip::{AccessOptions, Password, ReadOutcome};
use chipgate_lds::{DataGroup, File, MrzKey};
use chipgate_recording::{Dialogue, Header, Recorder, Recording, Replay, TwinOptions};
use chipgate_trust::{
    MemoryAnchors, PathOptions, RevocationList, StepResult, TrustAnchor, authenticate_security_object,
};
use chipgate_virtual_card::CardFile;
use pollster::block_on;
use rand::rngs::StdRng;

use crate::cards::{NOW, Reading, mrz, presented, read, rng};

/// A reading of a card, recorded with its password.
pub fn recorded(card: &CardFile) -> (Recording, Option<Reading>) {
    recorded_with(card, rng())
}

/// The same by a reader with these random numbers.
pub fn recorded_with(card: &CardFile, rng: StdRng) -> (Recording, Option<Reading>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exchange.jsonl");
    let channel = presented(card);
    let password = mrz(card);
    let Password::Mrz(key) = &password else {
        unreachable!()
    };
    let key = String::from_utf8(key.information().as_bytes().to_vec()).unwrap();
    let header = Header::new(channel.limits(), NOW)
        .with("mrz-key", key)
        .with("mrz", card.passwords.mrz.as_str());
    let recorder = Recorder::create(&file, &header).unwrap();
    let channel = recorder.channel(channel);
    let mut rng = recorder.rng(rng);
    let reading = block_on(read(channel, &password, &AccessOptions::default(), &mut rng));
    drop(rng);
    recorder.finish().unwrap();
    (Recording::read(&file).unwrap(), reading.ok())
}

pub fn options() -> TwinOptions {
    TwinOptions {
        issuer: chipgate_recording::IssuerKnown::Anchor,
        revocation: chipgate_recording::RevocationKnown::Good,
        now: NOW,
    }
}

/// The password of a recording, as its header has it.
fn password(header: &Header) -> Password {
    let information = header.get("mrz-key").unwrap();
    let (number, dates) = information.split_at(information.len() - 14);
    let number = number[..number.len() - 1].trim_end_matches('<');
    Password::Mrz(MrzKey::new(number, &dates[..6], &dates[7..13]).unwrap())
}

pub fn replay(recording: &Recording) -> Result<Reading, String> {
    let replay = Replay::new(recording.clone());
    let reading = block_on(read(
        replay.channel(),
        &password(&recording.header),
        &AccessOptions::default(),
        &mut replay.rng(),
    ));
    replay.finish().map_err(|error| error.to_string())?;
    reading.map_err(|error| error.to_string())
}

pub fn files(reading: &Reading) -> BTreeMap<File, Vec<u8>> {
    let read = reading.files.iter().filter_map(|(file, outcome)| match outcome {
        ReadOutcome::Read(bytes) => Some((*file, bytes.clone())),
        _ => None,
    });
    read.collect()
}

/// What passive authentication makes of the files, with these anchors.
pub fn authenticity(
    files: &BTreeMap<File, Vec<u8>>,
    trust: &[(String, Vec<u8>)],
) -> (Vec<StepResult>, Vec<bool>) {
    let mut anchors = MemoryAnchors::new();
    for (name, der) in trust {
        if std::path::Path::new(name)
            .extension()
            .is_some_and(|end| end == "der")
        {
            anchors.add(TrustAnchor::from_der(der).unwrap());
        } else {
            anchors.add_revocation(RevocationList::from_der(der).unwrap());
        }
    }
    let sod = files.get(&File::Sod).cloned().unwrap_or_default();
    let passive = authenticate_security_object(&sod, &anchors, NOW, &PathOptions::default());
    let groups = DataGroup::all().filter_map(|group| {
        let bytes = files.get(&File::DataGroup(group))?;
        Some(passive.verified()?.data_group(group, bytes).is_ok())
    });
    let groups = groups.collect();
    let steps = vec![
        passive.security_object(),
        passive.issuer_certificate(),
        passive.validity(),
        passive.revocation(),
    ];
    (steps, groups)
}

/// Names, status words and lengths of every turn.
pub fn form(recording: &Recording) -> Vec<String> {
    let dialogue = Dialogue::of(recording);
    let turn = |turn: &chipgate_recording::Turn| {
        let response = turn
            .response()
            .map(|response| (response.data.len(), response.status.to_string()));
        format!("{} {} {response:?}", turn.meaning.title(), turn.protected)
    };
    dialogue.turns.iter().map(turn).collect()
}
/// The anchors of the cards that are issued here.
pub fn anchors() -> &'static [(String, Vec<u8>)] {
    static ANCHORS: OnceLock<Vec<(String, Vec<u8>)>> = OnceLock::new();
    ANCHORS.get_or_init(|| {
        let pki = chipgate_virtual_card::Pki::generate(&mut rng(), NOW).unwrap();
        let named = |name: &'static str| move |der: &[u8]| (name.to_owned(), der.to_vec());
        let anchors = pki.anchors().into_iter().map(named("a.der"));
        anchors
            .chain(pki.revocation_lists().into_iter().map(named("a.crl")))
            .collect()
    })
}
