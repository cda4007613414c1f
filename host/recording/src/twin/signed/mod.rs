//! CMS signed data signed anew in place: other keys, other signatures, the same structure and the same lengths.

mod issuers;
mod keys;
mod places;
mod unknown;

use chipgate_crypto::{HashAlgorithm, ObjectIdentifier, PublicKey, SignatureAlgorithm, SigningKey};
use rand_core::CryptoRng;

use super::der;
use crate::RecordingError;
pub(super) use issuers::Issuers;
pub(super) use keys::exchange_key;
use keys::{exchange_keys, other_key};
use places::{Places, Signer, authority_identifier, message_digest, places, signer_of};
use unknown::{mark_names, meaningless, unknown_attributes, unknown_extensions};

/// An ECDSA signature in DER has one of a few lengths: so often another key is tried for the recorded one.
const TRIES: usize = 3000;
/// What stays as it was, whatever it was.
struct Relations {
    digest_fits: bool,
    signature_fits: bool,
    algorithm: Option<SignatureAlgorithm>,
    hash: Option<HashAlgorithm>,
}

/// The content of signed data.
pub(super) fn content(signed: &[u8]) -> Option<&[u8]> {
    signed.get(places(signed)?.content)
}

/// The signed data with `content`, as long as the old one, signed anew. What did not fit still does not.
pub(super) fn resign(
    original: &[u8],
    content: &[u8],
    issuers: &mut Issuers,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, RecordingError> {
    let unreadable = RecordingError::NoTwin {
        what: "a security object whose structure is not that of signed data",
    };
    let places = places(original).ok_or(unreadable)?;
    let signers: Vec<_> = places
        .signers
        .iter()
        .map(|signer| (signer, relations(original, &places, signer)))
        .collect();
    let mut bytes = original.to_vec();
    der::put(&mut bytes, &places.content, content);
    for certificate in &places.certificates {
        mark_names(&mut bytes, &certificate.issuer);
        mark_names(&mut bytes, &certificate.subject);
        for unknown in unknown_extensions(&bytes, certificate) {
            meaningless(&mut bytes, &unknown, rng);
        }
    }
    for list in &places.lists {
        meaningless(&mut bytes, list, rng);
    }
    for (signer, relations) in &signers {
        mark_names(&mut bytes, &signer.identifier.whole);
        digest(&mut bytes, &places, (signer, relations), rng);
        meaningless(&mut bytes, &signer.unsigned, rng);
        for unknown in unknown_attributes(&bytes, signer) {
            meaningless(&mut bytes, &unknown, rng);
        }
    }
    for _ in 0..TRIES {
        let mut tried = bytes.clone();
        let keys = exchange_keys(&mut tried, original, &places, rng)?;
        let mut signed = sign_certificates(&mut tried, &places, &keys, issuers, rng)?;
        for (signer, relations) in &signers {
            signed = signed && sign_content(&mut tried, &places, (signer, relations), &keys, rng)?;
        }
        if signed {
            let named = places
                .signers
                .iter()
                .filter_map(|signer| signer_of(&tried, &places, signer));
            issuers
                .serials
                .extend(named.map(|index| tried[places.certificates[index].serial.clone()].to_vec()));
            return Ok(tried);
        }
    }
    Err(RecordingError::NoTwin {
        what: "signatures of a length that the algorithm hardly ever gives",
    })
}

fn relations(bytes: &[u8], places: &Places, signer: &Signer) -> Relations {
    let hash = der::node(bytes, signer.digest.start, signer.digest.end)
        .and_then(|oid| ObjectIdentifier::from_bytes(&bytes[oid.value]).ok())
        .and_then(|oid| HashAlgorithm::from_oid(&oid));
    let algorithm =
        SignatureAlgorithm::from_algorithm_identifier_der(&bytes[signer.algorithm.clone()], hash).ok();
    let key = signer_of(bytes, places, signer)
        .and_then(|index| PublicKey::from_spki_der(&bytes[places.certificates[index].key.clone()]).ok());
    let fits = key.zip(algorithm).is_some_and(|(key, algorithm)| {
        key.verify(
            &algorithm,
            &signed_bytes(bytes, places, signer),
            &bytes[signer.signature.clone()],
        )
        .is_ok()
    });
    let found = message_digest(bytes, signer);
    Relations {
        digest_fits: hash
            .zip(found)
            .is_none_or(|(hash, found)| hash.digest(&bytes[places.content.clone()]) == bytes[found]),
        signature_fits: fits,
        algorithm,
        hash,
    }
}

/// What the signature is over: the attributes as a SET, or the content (RFC 5652, 5.4).
fn signed_bytes(bytes: &[u8], places: &Places, signer: &Signer) -> Vec<u8> {
    match &signer.attributes {
        Some(attributes) => {
            let mut set = bytes[attributes.whole.clone()].to_vec();
            if let Some(tag) = set.first_mut() {
                *tag = 0x31;
            }
            set
        }
        None => bytes[places.content.clone()].to_vec(),
    }
}

fn digest(
    bytes: &mut [u8],
    places: &Places,
    (signer, relations): (&Signer, &Relations),
    rng: &mut impl CryptoRng,
) {
    let (Some(place), Some(hash)) = (message_digest(bytes, signer), relations.hash) else {
        return;
    };
    let mut value = hash.digest(&bytes[places.content.clone()]);
    if !relations.digest_fits {
        rng.fill_bytes(&mut value);
    }
    der::put(bytes, &place, &value);
}

fn sign_certificates(
    bytes: &mut [u8],
    places: &Places,
    keys: &[SigningKey],
    issuers: &mut Issuers,
    rng: &mut impl CryptoRng,
) -> Result<bool, RecordingError> {
    for (certificate, own_key) in places.certificates.iter().zip(keys) {
        let algorithm =
            SignatureAlgorithm::from_algorithm_identifier_der(&bytes[certificate.algorithm.clone()], None)?;
        let name = bytes[certificate.issuer.clone()].to_vec();
        let among = places
            .certificates
            .iter()
            .position(|other| bytes[other.subject.clone()] == name[..]);
        let key = if let Some(index) = among {
            keys.get(index).unwrap_or(own_key).clone()
        } else {
            let place = authority_identifier(bytes, certificate);
            let authority = issuers.authority(name, (algorithm, certificate.signature.len()), rng)?;
            if let Some(place) = place {
                authority.key_identifier.resize(place.len(), 0);
                der::put(bytes, &place, &authority.key_identifier);
            }
            let key = authority.key.clone();
            if issuers.forged {
                other_key(&key, rng)?
            } else {
                key
            }
        };
        let signature = key.sign(&algorithm, &bytes[certificate.tbs.clone()], rng)?;
        if !der::put(bytes, &certificate.signature, &signature) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Signs the content; whether the signature has the recorded length.
fn sign_content(
    bytes: &mut [u8],
    places: &Places,
    (signer, relations): (&Signer, &Relations),
    keys: &[SigningKey],
    rng: &mut impl CryptoRng,
) -> Result<bool, RecordingError> {
    let place = &signer.signature;
    let key = signer_of(bytes, places, signer).and_then(|index| keys.get(index));
    let (Some(key), Some(algorithm)) = (key, relations.algorithm) else {
        rng.fill_bytes(&mut bytes[place.clone()]);
        return Ok(true);
    };
    let mut signature = key.sign(&algorithm, &signed_bytes(bytes, places, signer), rng)?;
    if !relations.signature_fits
        && let Some(last) = signature.last_mut()
    {
        *last ^= 0x01;
    }
    Ok(der::put(bytes, place, &signature))
}
