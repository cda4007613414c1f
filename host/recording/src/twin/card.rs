//! The card file of a twin.

use chipgate_apdu::{StatusWord, tlv};
use chipgate_crypto::AgreementPrivateKey;
use chipgate_lds::{File, parse_card_access};
use chipgate_virtual_card::{CardFile, KeyGroup};
use rand_core::CryptoRng;
use serde_json::{Value, json};

use super::{
    Passwords,
    chip_keys::{AnsweringKey, ExchangedKey},
    habits,
};
use crate::{
    Recording, RecordingError,
    dialogue::{AccessUsed, Answer, Dialogue, Found, Meaning, Turn},
};

/// The answer to reset of a chip about which nothing is known but T=1 (ISO/IEC 7816-3).
const ANSWER_TO_RESET: &str = "3b80800101";

/// What a card is made of.
pub(super) struct Parts<'a> {
    pub(super) recording: &'a Recording,
    pub(super) dialogue: &'a Dialogue,
    pub(super) passwords: &'a Passwords,
    pub(super) files: Vec<(File, Vec<u8>)>,
    pub(super) agreement: &'a [ExchangedKey],
    pub(super) answering: Option<&'a AnsweringKey>,
    pub(super) is_copy: bool,
}

/// The card that answers as the recorded one did.
pub(super) fn card(parts: &Parts<'_>, rng: &mut impl CryptoRng) -> Result<CardFile, RecordingError> {
    let files: serde_json::Map<String, Value> = parts
        .files
        .iter()
        .map(|(file, bytes)| (file.name().to_owned(), hex::encode(bytes).into()))
        .collect();
    let mut passwords = json!({ "mrz": parts.passwords.mrz });
    for (name, value) in [
        ("can", &parts.passwords.can),
        ("pin", &parts.passwords.pin),
        ("puk", &parts.passwords.puk),
    ] {
        if let Some(value) = value {
            passwords[name] = value.as_str().into();
        }
    }
    let card = json!({
        "version": 1,
        "profile": profile(parts),
        "passwords": passwords,
        "chip": chip(parts),
        "personality": habits::personality(parts),
        "keys": keys(parts, rng),
        "files": files,
    });
    Ok(CardFile::from_json(&card.to_string())?)
}

/// The kind that is nearest; what the card can do is said beside it.
fn profile(parts: &Parts<'_>) -> &'static str {
    match &parts.dialogue.access {
        _ if parts.passwords.is_citizen_card => "vn-cccd",
        Some(AccessUsed::Bac) => "td3-bac",
        _ => "td3-pace",
    }
}

fn chip(parts: &Parts<'_>) -> Value {
    let turns = &parts.dialogue.turns;
    let answered = |wanted: fn(&Meaning) -> bool| {
        let mut statuses = turns
            .iter()
            .filter(|turn| !turn.protected && wanted(&turn.meaning))
            .filter_map(status);
        statuses.next()
    };
    let master_file = match answered(|meaning| *meaning == Meaning::SelectMasterFile) {
        Some(StatusWord::INSTRUCTION_NOT_SUPPORTED) => "refused",
        _ => "selectable",
    };
    let basic_access = parts.dialogue.access == Some(AccessUsed::Bac)
        || turns.iter().any(|turn| turn.meaning == Meaning::BasicAccess);
    let selection = answered(|meaning| matches!(meaning, Meaning::SelectApplication { .. }));
    let kept_back = parts
        .dialogue
        .files
        .iter()
        .filter(|(_, trace)| matches!(trace.found, Found::Refused(_)) && trace.bytes.is_empty());
    let (unreadable, refused): (Vec<_>, Vec<_>) = kept_back.partition(|(_, trace)| trace.selected);
    let refused = refused.iter().filter(|(file, _)| file.is_in_application());
    let mut chip = json!({
        "atr": ANSWER_TO_RESET,
        "master_file": master_file,
        "basic_access": basic_access,
        "select_before_access": selection.map_or(basic_access, StatusWord::is_success),
        "refused_files": refused.map(|(file, _)| file.name()).collect::<Vec<_>>(),
    });
    let unreadable: Vec<&str> = unreadable.iter().map(|(file, _)| file.name()).collect();
    if !unreadable.is_empty() {
        chip["unreadable_files"] = unreadable.into();
    }
    if parts.dialogue.access.is_none() && turns.iter().any(is_read_by_everyone) {
        chip["access_control"] = false.into();
    }
    match pace(parts).as_slice() {
        [] => {}
        [only] => chip["pace"] = only.clone(),
        several => chip["pace"] = several.into(),
    }
    chip
}

/// Whether a file of the application was read without any protocol before it.
fn is_read_by_everyone(turn: &Turn) -> bool {
    matches!(turn.meaning, Meaning::ReadBinary { file: Some(file), .. } if file.is_in_application())
        && !turn.protected
        && turn.succeeded()
}

pub(super) fn status(turn: &Turn) -> Option<StatusWord> {
    match &turn.answer {
        Answer::Response { outer, .. } => Some(outer.status),
        Answer::Failed(_) | Answer::NoResponse(_) => None,
    }
}

/// The variants that EF.CardAccess announces, where the chip was seen to speak PACE.
fn pace(parts: &Parts<'_>) -> Vec<Value> {
    let spoken = parts
        .dialogue
        .turns
        .iter()
        .any(|turn| matches!(turn.meaning, Meaning::PaceTemplate { .. }) && turn.succeeded());
    let infos = parts
        .dialogue
        .file(File::CardAccess)
        .and_then(|bytes| parse_card_access(bytes).ok());
    let Some(infos) = infos.filter(|_| spoken) else {
        return Vec::new();
    };
    let offers = infos.pace().into_iter().filter_map(|offer| {
        let group = group_name(offer.parameter_id?)?;
        Some(json!({
            "protocol": offer.protocol.to_string(),
            "group": group,
            "can": parts.passwords.can.is_some(),
        }))
    });
    offers.collect()
}

/// The name of a group in a card file, by its number in the table of standardised domain parameters.
fn group_name(parameter_id: u8) -> Option<&'static str> {
    KeyGroup::all()
        .find(|group| group.domain_parameter_id() == parameter_id)
        .map(KeyGroup::name)
}

fn keys(parts: &Parts<'_>, rng: &mut impl CryptoRng) -> Value {
    let mut keys = json!({});
    let agreement: Vec<Value> = parts
        .agreement
        .iter()
        .map(|key| {
            // A copy has another key than the one that it announces.
            let private = if parts.is_copy {
                AgreementPrivateKey::generate(key.private.group(), rng)
            } else {
                key.private.clone()
            };
            let mut value = json!({
                "protocol": key.protocol,
                "group": group_name(private.group().domain_parameter_id()),
                "private_key": hex::encode(private.to_bytes().as_bytes()),
            });
            if let Some(id) = key.key_id {
                value["key_id"] = id.into();
            }
            value
        })
        .collect();
    match agreement.as_slice() {
        [] => {}
        [only] => keys["chip_authentication"] = only.clone(),
        several => keys["chip_authentication"] = several.into(),
    }
    if let Some(answering) = parts.answering
        && let Ok(private) = answering.key.to_pkcs8_der()
    {
        keys["active_authentication"] = json!({
            "hash": answering.hash.name().to_lowercase().replace('-', ""),
            "private_key": hex::encode(private.as_bytes()),
        });
    }
    keys
}

/// A file that was selected, and of which nothing was read: an empty object where the file is one.
pub(super) fn unread(file: File) -> Vec<u8> {
    file.tag().map_or_else(Vec::new, |tag| vec![tag, 0])
}

/// A file whose reading stopped before its end, filled up as its first bytes say; one that ended itself stays.
pub(super) fn filled(dialogue: &Dialogue, file: File, bytes: &mut Vec<u8>, rng: &mut impl CryptoRng) {
    const MOST: usize = 1 << 20;
    const MARGIN: usize = 4096;
    let Ok((_, header, length)) = tlv::header(bytes) else {
        return;
    };
    let total = header.saturating_add(length);
    let ended = dialogue
        .turns
        .iter()
        .any(|turn| match (&turn.meaning, turn.response(), &turn.command) {
            (Meaning::ReadBinary { file: Some(read), .. }, Some(response), Ok(command)) => {
                *read == file
                    && (matches!(
                        response.status,
                        StatusWord::END_OF_FILE | StatusWord::WRONG_OFFSET
                    ) || command
                        .expected
                        .is_some_and(|expected| expected <= 256 && response.data.len() < expected))
            }
            _ => false,
        });
    if ended || bytes.len() >= total {
        return;
    }
    let known = bytes.len();
    bytes.resize(total.min(known + MARGIN).min(MOST).max(known), 0);
    if let Some(rest) = bytes.get_mut(known..) {
        rng.fill_bytes(rest);
    }
}
