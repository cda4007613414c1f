//! The keys of secure messaging, from what the recording holds.

use chipgate_apdu::tlv::{self, Tag};
use chipgate_crypto::{
    AgreementGroup, AgreementPrivateKey, AgreementPublicKey, Cipher, HashAlgorithm, ObjectIdentifier, Secret,
    SessionKeys,
};
use chipgate_lds::{Mrz, MrzKey};

use super::{Draws, KeyUse};
use crate::Header;

/// id-PACE and id-CA (TR-03110-3, A.1.1); the arcs below name mapping or group, then the cipher.
const PACE: &str = "0.4.0.127.0.7.2.2.4.";
const CHIP_AUTHENTICATION: &str = "0.4.0.127.0.7.2.2.3.";

/// How PACE maps the nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mapping {
    Generic,
    Integrated,
    ChipAuthentication,
}

/// The mapping that a PACE protocol names.
pub(crate) fn mapping_of(protocol: &ObjectIdentifier) -> Option<Mapping> {
    let dotted = protocol.to_string();
    match dotted.strip_prefix(PACE)?.split('.').next()? {
        "1" | "2" => Some(Mapping::Generic),
        "3" | "4" => Some(Mapping::Integrated),
        "6" => Some(Mapping::ChipAuthentication),
        _ => None,
    }
}

/// The cipher that a protocol of PACE or chip authentication names.
pub(crate) fn cipher_of(protocol: &ObjectIdentifier) -> Option<Cipher> {
    let dotted = protocol.to_string();
    let rest = dotted
        .strip_prefix(PACE)
        .or_else(|| dotted.strip_prefix(CHIP_AUTHENTICATION))?;
    match rest.split('.').nth(1)? {
        "1" => Some(Cipher::TripleDes),
        "2" => Some(Cipher::Aes128),
        "3" => Some(Cipher::Aes192),
        "4" => Some(Cipher::Aes256),
        _ => None,
    }
}

/// The MRZ information that the header holds or implies (Doc 9303-11, 9.7.2).
pub(crate) fn mrz_information(header: &Header) -> Option<Secret> {
    if let Some(key) = header.get("mrz-key") {
        return Some(Secret::new(key.as_bytes()));
    }
    let mrz = Mrz::parse(header.get("mrz")?).ok()?;
    Some(MrzKey::from(&mrz).information())
}

/// The document basic access keys (Doc 9303-11, 9.7.2).
pub(crate) fn bac_document_keys(information: &Secret) -> SessionKeys {
    let hash = HashAlgorithm::Sha1.digest(information.as_bytes());
    SessionKeys::derive(Cipher::TripleDes, hash.get(..16).unwrap_or_default())
}

/// Session keys and counter of BAC, from both cryptograms (Doc 9303-11, 4.3.3 and 9.8.6.3).
pub(super) fn bac_session(
    document: &SessionKeys,
    command: &[u8],
    response: &[u8],
) -> Option<(SessionKeys, u128)> {
    let ours = bac_open(document, command)?;
    let theirs = bac_open(document, response)?;
    let shared = seed(ours.get(16..32)?, theirs.get(16..32)?);
    let mut counter = [0; 8];
    counter[..4].copy_from_slice(ours.get(12..16)?); // RND.IC
    counter[4..].copy_from_slice(ours.get(4..8)?); // RND.IFD
    let keys = SessionKeys::derive(Cipher::TripleDes, &shared);
    Some((keys, u64::from_be_bytes(counter).into()))
}

/// K.IFD ⊕ K.IC.
pub(crate) fn seed(ours: &[u8], theirs: &[u8]) -> Vec<u8> {
    ours.iter()
        .zip(theirs)
        .map(|(ours, theirs)| ours ^ theirs)
        .collect()
}

pub(crate) fn bac_open(document: &SessionKeys, bytes: &[u8]) -> Option<Vec<u8>> {
    let (cryptogram, mac) = bytes.split_last_chunk::<8>().filter(|_| bytes.len() == 40)?;
    let expected = document.cipher.mac(document.mac.as_bytes(), cryptogram).ok()?;
    if expected != *mac {
        return None;
    }
    document
        .cipher
        .decrypt_cbc(document.encryption.as_bytes(), &[0; 8], cryptogram)
        .ok()
}

/// Where a key may begin: at one of the last draws, the newest first.
fn recent(draws: &[&[u8]]) -> impl Iterator<Item = usize> {
    const MOST: usize = 64;
    (0..draws.len()).rev().take(MOST)
}

/// The private key that the draws from `first` on give, and how many of them it took.
pub(super) fn key_at(group: AgreementGroup, draws: &[&[u8]], first: usize) -> Option<KeyUse> {
    let mut rng = Draws::new(draws.get(first..)?);
    let private = AgreementPrivateKey::generate(group, &mut rng);
    (!rng.failed && rng.taken > 0).then(|| KeyUse {
        draws: first..first + rng.taken,
        private,
        peer: None,
    })
}

/// The same key with the draws before it that were too large for its group: they were drawn for it, too.
fn with_rejected(mut key: KeyUse, draws: &[&[u8]]) -> KeyUse {
    let bytes = key.private.to_bytes();
    while let Some(first) = key.draws.start.checked_sub(1) {
        let earlier = key_at(key.private.group(), draws, first);
        let Some(earlier) = earlier.filter(|earlier| {
            earlier.draws.end == key.draws.end && earlier.private.to_bytes().as_bytes() == bytes.as_bytes()
        }) else {
            break;
        };
        key.draws = earlier.draws;
    }
    key
}

/// The drawn private key to a public key over the group's own generator; later draws are tried first.
pub(super) fn key_of_public(group: AgreementGroup, draws: &[&[u8]], public: &[u8]) -> Option<KeyUse> {
    let theirs = |key: &KeyUse| key.private.public_key().is_ok_and(|key| key.to_bytes() == public);
    recent(draws)
        .filter_map(|first| key_at(group, draws, first))
        .find(theirs)
        .map(|key| with_rejected(key, draws))
}

/// The drawn private key to a public key over another generator.
pub(super) fn key_over(generator: &AgreementPublicKey, draws: &[&[u8]], public: &[u8]) -> Option<KeyUse> {
    let theirs = |key: &KeyUse| {
        key.private
            .apply(generator)
            .is_ok_and(|key| key.to_bytes() == public)
    };
    recent(draws)
        .filter_map(|first| key_at(generator.group(), draws, first))
        .find(theirs)
        .map(|key| with_rejected(key, draws))
}

/// The drawn private key with which the terminal made its token, and the session keys (Doc 9303-11, 4.4.3.4).
pub(super) fn pace_session(
    protocol: &ObjectIdentifier,
    draws: &[&[u8]],
    theirs: &AgreementPublicKey,
    token: &[u8],
) -> Option<(KeyUse, SessionKeys)> {
    let cipher = cipher_of(protocol)?;
    let candidates = recent(draws).filter_map(|first| key_at(theirs.group(), draws, first));
    candidates
        .filter_map(|key| {
            let shared = key.private.agree(theirs).ok()?;
            Some((key, SessionKeys::derive(cipher, shared.as_bytes())))
        })
        .find(|(_, keys)| pace_token(protocol, keys, theirs).is_some_and(|expected| expected == token))
        .map(|(key, keys)| (with_rejected(key, draws), keys))
}

/// MAC of the other side's public key (Doc 9303-11, 4.4.3.4 and 9.4.5).
pub(crate) fn pace_token(
    protocol: &ObjectIdentifier,
    keys: &SessionKeys,
    key: &AgreementPublicKey,
) -> Option<[u8; 8]> {
    let tag = match key {
        AgreementPublicKey::Dh(_) => 0x84,
        AgreementPublicKey::Ecdh(_) => 0x86,
    };
    let mut content = tlv::encode(Tag(0x06), protocol.as_bytes());
    content.extend(tlv::encode(Tag(tag), &key.to_bytes()));
    keys.cipher
        .mac(keys.mac.as_bytes(), &tlv::encode(Tag(0x7F49), &content))
        .ok()
}
