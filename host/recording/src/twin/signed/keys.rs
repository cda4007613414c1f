//! Fresh keys for every certificate, and other names for what is known by the old ones.

use std::ops::Range;

use chipgate_crypto::{PublicKey, SigningKey};
use rand_core::CryptoRng;

use super::places::{Places, subject_key_identifier};
use crate::{
    RecordingError,
    twin::der::{self, Node},
};

/// A fresh key, serial number and key identifier for each certificate.
pub(super) fn exchange_keys(
    bytes: &mut [u8],
    original: &[u8],
    places: &Places,
    rng: &mut impl CryptoRng,
) -> Result<Vec<SigningKey>, RecordingError> {
    let mut keys = Vec::new();
    for certificate in &places.certificates {
        let key = exchange_key(bytes, &certificate.key, rng)?;
        let old_serial = original[certificate.serial.clone()].to_vec();
        let mut serial = old_serial.clone();
        // The first two bytes keep the number's sign and its shortest form.
        if let Some(rest) = serial.get_mut(2..) {
            rng.fill_bytes(rest);
        }
        der::put(bytes, &certificate.serial, &serial);
        name_signers(bytes, places, |identifier| {
            let named = identifier.children(original)?.into_iter().nth(1)?;
            let is_this = identifier.tag == 0x30 && original[named.value.clone()] == old_serial;
            is_this.then(|| (named.value, serial.clone()))
        });
        if let Some(place) = subject_key_identifier(bytes, certificate) {
            let old = original[place.clone()].to_vec();
            let mut identifier = old.clone();
            rng.fill_bytes(&mut identifier);
            der::put(bytes, &place, &identifier);
            name_signers(bytes, places, |named| {
                let is_this = named.tag != 0x30 && original[named.value.clone()] == old;
                is_this.then(|| (named.value.clone(), identifier.clone()))
            });
        }
        keys.push(key);
    }
    Ok(keys)
}

/// Puts the new serial number or key identifier of a certificate wherever a signer is named by the old one.
fn name_signers(
    bytes: &mut [u8],
    places: &Places,
    new_name: impl Fn(&Node) -> Option<(Range<usize>, Vec<u8>)>,
) {
    for signer in &places.signers {
        if let Some((place, name)) = new_name(&signer.identifier) {
            der::put(bytes, &place, &name);
        }
    }
}

/// A fresh key of the same kind and size in a SubjectPublicKeyInfo.
pub(in crate::twin) fn exchange_key(
    bytes: &mut [u8],
    place: &Range<usize>,
    rng: &mut impl CryptoRng,
) -> Result<SigningKey, RecordingError> {
    let unsupported = RecordingError::NoTwin {
        what: "a key of a kind that can't be generated here",
    };
    let old = PublicKey::from_spki_der(&bytes[place.clone()]).map_err(|_| unsupported)?;
    let (key, old_bytes) = match &old {
        PublicKey::Ec(point) => (
            SigningKey::generate_ec(point.curve(), rng)?,
            point.to_uncompressed(),
        ),
        PublicKey::Rsa(rsa) => (SigningKey::generate_rsa(rsa.bits(), rng)?, rsa.modulus().to_vec()),
    };
    let new_bytes = match key.public_key() {
        PublicKey::Ec(point) => point.to_uncompressed(),
        PublicKey::Rsa(rsa) => rsa.modulus().to_vec(),
    };
    let found = der::find(&bytes[place.clone()], &old_bytes);
    let exchanged = found.is_some_and(|found| {
        der::put(
            bytes,
            &(place.start + found.start..place.start + found.end),
            &new_bytes,
        )
    });
    // An exponent other than the generated key's can't be kept.
    let fits = PublicKey::from_spki_der(&bytes[place.clone()]).is_ok_and(|new| same(&new, &key.public_key()));
    if exchanged && fits {
        Ok(key)
    } else {
        Err(RecordingError::NoTwin {
            what: "a key whose encoding can't be exchanged in place",
        })
    }
}

fn same(one: &PublicKey, other: &PublicKey) -> bool {
    one.to_spki_der() == other.to_spki_der()
}

/// A key of the same kind that no one knows.
pub(super) fn other_key(key: &SigningKey, rng: &mut impl CryptoRng) -> Result<SigningKey, RecordingError> {
    Ok(match key.public_key() {
        PublicKey::Ec(point) => SigningKey::generate_ec(point.curve(), rng)?,
        PublicKey::Rsa(rsa) => SigningKey::generate_rsa(rsa.bits(), rng)?,
    })
}
