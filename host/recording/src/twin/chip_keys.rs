//! The chip's own keys exchanged in the files that announce them.

use chipgate_apdu::Response;
use chipgate_crypto::{
    AgreementGroup, AgreementPrivateKey, AgreementPublicKey, HashAlgorithm, PublicKey, SigningKey,
    ecdsa_plain_hash,
};
use chipgate_lds::{DataGroup, File, SecurityInfos, oid, parse_card_security, parse_dg14, parse_dg15};
use rand_core::CryptoRng;

use super::{
    der,
    signed::{content, exchange_key},
};
use crate::{
    RecordingError,
    dialogue::{Answer, Dialogue, Mapping, Meaning, mapping_of},
};

const DG14: File = File::DataGroup(DataGroup::DG14);
const DG15: File = File::DataGroup(DataGroup::DG15);
/// One key in 256 of a group modulo a prime begins with a zero, and is a byte shorter: so often another one is tried, and
/// one search in some thousands finds none.
const TRIES: usize = 4096;

/// A fresh key of chip authentication, in place of a recorded one.
pub(super) struct ExchangedKey {
    /// The public keys as they are exchanged; the old one is empty where the recording does not have it.
    pub(super) old: Vec<u8>,
    pub(super) new: Vec<u8>,
    pub(super) private: AgreementPrivateKey,
    pub(super) protocol: String,
    pub(super) key_id: Option<u8>,
}

/// A fresh key of active authentication.
pub(super) struct AnsweringKey {
    pub(super) key: SigningKey,
    pub(super) hash: HashAlgorithm,
    /// DG15 with it.
    pub(super) file: Vec<u8>,
}

/// Fresh keys for those that DG14 and EF.CardSecurity announce, and for one that PACE with chip authentication mapping used
/// before either was read.
pub(super) fn agreement_keys(
    dialogue: &Dialogue,
    rng: &mut impl CryptoRng,
) -> Result<Vec<ExchangedKey>, RecordingError> {
    let mut keys: Vec<ExchangedKey> = Vec::new();
    for infos in announcements(dialogue) {
        for info in infos.chip_authentication_keys() {
            let Ok(old) = AgreementPublicKey::from_spki_der(&info.public_key_der) else {
                continue; // a key of a kind that no reader here uses
            };
            if keys.iter().any(|known| known.old == old.to_bytes()) {
                continue;
            }
            let (private, new) = fresh(&old, rng)?;
            keys.push(ExchangedKey {
                old: old.to_bytes(),
                new,
                private,
                protocol: protocol(&infos, info.key_id.as_deref(), &old),
                key_id: info.key_id.as_deref().and_then(|id| id.last().copied()),
            });
        }
    }
    for group in mapping_groups(dialogue) {
        if !keys.iter().any(|key| key.private.group() == group) {
            let private = AgreementPrivateKey::generate(group, rng);
            keys.push(ExchangedKey {
                old: Vec::new(),
                new: private.public_key()?.to_bytes(),
                private,
                protocol: oid::id_CA_ECDH_AES_CBC_CMAC_128.to_string(),
                key_id: None,
            });
        }
    }
    Ok(keys)
}

/// What the files say of the chip's keys.
fn announcements(dialogue: &Dialogue) -> Vec<SecurityInfos> {
    let dg14 = dialogue.file(DG14).and_then(|bytes| parse_dg14(bytes).ok());
    let card_security = dialogue
        .file(File::CardSecurity)
        .and_then(|bytes| parse_card_security(bytes).ok())
        .and_then(content)
        .and_then(|infos| SecurityInfos::parse(infos).ok());
    dg14.into_iter().chain(card_security).collect()
}

/// The groups in which the chip proved a key by PACE with chip authentication mapping (Doc 9303-11, 4.4.3.5).
fn mapping_groups(dialogue: &Dialogue) -> Vec<AgreementGroup> {
    let mut proven = false;
    let mut groups = Vec::new();
    for turn in &dialogue.turns {
        match &turn.meaning {
            Meaning::PaceTemplate { protocol, .. } => {
                proven = protocol.as_ref().and_then(mapping_of) == Some(Mapping::ChipAuthentication);
            }
            Meaning::PaceMap if proven => {
                groups.extend(turn.key.as_ref().map(|key| key.private.group()));
            }
            _ => {}
        }
    }
    groups
}

/// A key in the same group that is written as long as the old one.
fn fresh(
    old: &AgreementPublicKey,
    rng: &mut impl CryptoRng,
) -> Result<(AgreementPrivateKey, Vec<u8>), RecordingError> {
    let shape = |bytes: &[u8]| (bytes.len(), bytes.first().is_some_and(|first| first & 0x80 != 0));
    let old_shape = shape(&old.to_bytes());
    for _ in 0..TRIES {
        let private = AgreementPrivateKey::generate(old.group(), rng);
        let new = private.public_key()?.to_bytes();
        if shape(&new) == old_shape {
            return Ok((private, new));
        }
    }
    Err(RecordingError::NoTwin {
        what: "a key of chip authentication of an unlikely length",
    })
}

/// The protocol that belongs to a key; without ChipAuthenticationInfo it is triple DES (Doc 9303-11, 9.2.6).
fn protocol(infos: &SecurityInfos, key_id: Option<&[u8]>, key: &AgreementPublicKey) -> String {
    let infos = infos.chip_authentication();
    let named = infos.iter().find(|info| info.key_id.as_deref() == key_id);
    let default = match key {
        AgreementPublicKey::Dh(_) => oid::id_CA_DH_3DES_CBC_CBC,
        AgreementPublicKey::Ecdh(_) => oid::id_CA_ECDH_3DES_CBC_CBC,
    };
    named
        .or_else(|| infos.first())
        .map_or(default, |info| info.protocol)
        .to_string()
}

/// A fresh key for DG15, and with which hash the chip signs.
pub(super) fn answering_key(
    dialogue: &Dialogue,
    rng: &mut impl CryptoRng,
) -> Result<Option<AnsweringKey>, RecordingError> {
    let Some(original) = dialogue.file(DG15) else {
        return Ok(None);
    };
    let Some(old) = parse_dg15(original).ok() else {
        return Ok(None);
    };
    let Some(place) = der::find(original, &old) else {
        return Ok(None);
    };
    let (hash, fits) = signing_hash(dialogue, &old);
    let mut file = original.to_vec();
    let announced = exchange_key(&mut file, &place, rng)?;
    // A chip whose answer did not fit its key has another one.
    let key = if fits {
        announced
    } else {
        exchange_key(&mut original.to_vec(), &place, rng)?
    };
    Ok(Some(AnsweringKey { key, hash, file }))
}

/// The hash of the recorded answer, and whether the answer is right. Where there is none the usual one counts.
fn signing_hash(dialogue: &Dialogue, public_key: &[u8]) -> (HashAlgorithm, bool) {
    let announced = dialogue
        .file(DG14)
        .and_then(|bytes| parse_dg14(bytes).ok())
        .and_then(|infos| infos.active_authentication())
        .and_then(|info| ecdsa_plain_hash(&info.signature_algorithm));
    let usual = announced.unwrap_or(HashAlgorithm::Sha256);
    let answered = dialogue.turns.iter().find_map(|turn| {
        let command = turn.command.as_ref().ok()?;
        let response = turn.response()?;
        (turn.meaning == Meaning::ActiveAuthentication && response.status.is_success())
            .then_some((command.data.clone(), response))
    });
    let (Some((challenge, response)), Ok(key)) = (answered, PublicKey::from_spki_der(public_key)) else {
        return (usual, true);
    };
    verify(&key, usual, &challenge, response).map_or((usual, false), |hash| (hash, true))
}

fn verify(
    key: &PublicKey,
    usual: HashAlgorithm,
    challenge: &[u8],
    response: &Response,
) -> Option<HashAlgorithm> {
    match key {
        PublicKey::Rsa(rsa) => rsa.verify_message_recovery(&response.data, challenge).ok(),
        key @ PublicKey::Ec(_) => key
            .verify_plain(usual, challenge, &response.data)
            .ok()
            .map(|()| usual),
    }
}

/// Whether the chip went on under other keys than those that chip authentication with the announced key gives.
pub(super) fn is_copy(dialogue: &Dialogue) -> bool {
    let agreed = dialogue.turns.windows(2).filter_map(|pair| match pair {
        [agreed, next] => (matches!(agreed.meaning, Meaning::ChipAuthentication { .. })
            && agreed.succeeded()
            && agreed.key.is_some()
            && next.protected)
            .then_some(next),
        _ => None,
    });
    agreed.into_iter().any(|next| match &next.answer {
        Answer::Response { inner: Err(_), .. } => true,
        Answer::Response { outer, inner: Ok(_) } => {
            outer.data.is_empty() && matches!(outer.status.0, 0x6987 | 0x6988)
        }
        Answer::Failed(_) | Answer::NoResponse(_) => false,
    })
}
