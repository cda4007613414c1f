//! Authorities of the twin: for each issuer that the recorded certificates name, one with a key of its own.

use chipgate_apdu::Timestamp;
use chipgate_crypto::{Curve, HashAlgorithm, ObjectIdentifier, PublicKey, SignatureAlgorithm, SigningKey};
use chipgate_lds::Date;
use rand_core::CryptoRng;

use super::der::{encode, sequence, unsigned};
use crate::RecordingError;

const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
const CRL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.20");
const AUTHORITY_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.35");
/// So long its certificate and its revocation list hold: a twin is for tests of years to come.
const DAYS: u64 = 20 * 365;
const MILLISECONDS_A_DAY: u64 = 86_400_000;

/// An authority with a key of its own.
pub(super) struct Authority {
    /// Its name, as the certificates have it.
    pub(super) name: Vec<u8>,
    pub(super) key: SigningKey,
    pub(super) algorithm: SignatureAlgorithm,
    /// How certificates name its key.
    pub(super) key_identifier: Vec<u8>,
}

impl Authority {
    /// One that signs by `algorithm`, with a key whose signatures are about `length` bytes long.
    pub(super) fn new(
        name: Vec<u8>,
        (algorithm, length): (SignatureAlgorithm, usize),
        rng: &mut impl CryptoRng,
    ) -> Result<Self, RecordingError> {
        let key = match algorithm {
            SignatureAlgorithm::Ecdsa(_) => SigningKey::generate_ec(curve(length), rng)?,
            _ => SigningKey::generate_rsa(length * 8, rng)?,
        };
        let key_identifier = HashAlgorithm::Sha1.digest(&key.public_key().to_spki_der());
        Ok(Self {
            name,
            key,
            algorithm,
            key_identifier,
        })
    }

    /// One with another name and another key of the same kind.
    pub(super) fn like(
        other: &Self,
        name: Vec<u8>,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, RecordingError> {
        let key = match other.key.public_key() {
            PublicKey::Ec(point) => SigningKey::generate_ec(point.curve(), rng)?,
            PublicKey::Rsa(rsa) => SigningKey::generate_rsa(rsa.bits(), rng)?,
        };
        Ok(Self {
            name,
            algorithm: other.algorithm,
            key_identifier: HashAlgorithm::Sha1.digest(&key.public_key().to_spki_der()),
            key,
        })
    }

    /// Its self-signed certificate.
    pub(super) fn certificate(
        &self,
        now: Timestamp,
        valid_from: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, RecordingError> {
        let algorithm = self.algorithm.to_algorithm_identifier_der();
        let mut serial = [0; 16];
        rng.fill_bytes(&mut serial);
        let extensions = sequence(&[
            &extension(
                &SUBJECT_KEY_IDENTIFIER,
                false,
                &encode(0x04, &[&self.key_identifier]),
            ),
            &extension(&KEY_USAGE, true, &[0x03, 0x02, 0x01, 0x06]), // keyCertSign, cRLSign
            &extension(
                &BASIC_CONSTRAINTS,
                true,
                &sequence(&[&[0x01, 0x01, 0xFF], &unsigned(&[0])]),
            ),
        ]);
        let tbs = sequence(&[
            &encode(0xA0, &[&unsigned(&[2])]),
            &unsigned(&serial),
            &algorithm,
            &self.name,
            &sequence(&[&time(valid_from), &time(later(now, DAYS))]),
            &self.name,
            &self.key.public_key().to_spki_der(),
            &encode(0xA3, &[&extensions]),
        ]);
        self.signed(&tbs, &algorithm, rng)
    }

    /// Its revocation list over these serial numbers, each the value of its INTEGER.
    pub(super) fn revocation_list(
        &self,
        revoked: &[Vec<u8>],
        (this, now): (Timestamp, Timestamp),
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, RecordingError> {
        let algorithm = self.algorithm.to_algorithm_identifier_der();
        let entries: Vec<u8> = revoked
            .iter()
            .flat_map(|serial| sequence(&[&encode(0x02, &[serial]), &time(this)]))
            .collect();
        let list = if entries.is_empty() {
            Vec::new()
        } else {
            sequence(&[&entries])
        };
        let extensions = sequence(&[
            &extension(
                &AUTHORITY_KEY_IDENTIFIER,
                false,
                &sequence(&[&encode(0x80, &[&self.key_identifier])]),
            ),
            &extension(&CRL_NUMBER, false, &unsigned(&[1])),
        ]);
        let tbs = sequence(&[
            &unsigned(&[1]),
            &algorithm,
            &self.name,
            &time(this),
            &time(later(now, DAYS)),
            &list,
            &encode(0xA0, &[&extensions]),
        ]);
        self.signed(&tbs, &algorithm, rng)
    }

    fn signed(
        &self,
        tbs: &[u8],
        algorithm: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, RecordingError> {
        let signature = self.key.sign(&self.algorithm, tbs, rng)?;
        Ok(sequence(&[tbs, algorithm, &encode(0x03, &[&[0], &signature])]))
    }
}

fn extension(kind: &ObjectIdentifier, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[0x01, 0x01, 0xFF] } else { &[] };
    sequence(&[
        &encode(0x06, &[kind.as_bytes()]),
        critical,
        &encode(0x04, &[value]),
    ])
}

/// The curve whose ECDSA signatures in DER are about this long.
pub(super) const fn curve(length: usize) -> Curve {
    match length {
        0..=65 => Curve::P224,
        66..=73 => Curve::P256,
        74..=89 => Curve::BrainpoolP320r1,
        90..=105 => Curve::P384,
        106..=136 => Curve::BrainpoolP512r1,
        _ => Curve::P521,
    }
}

pub(super) fn later(moment: Timestamp, days: u64) -> Timestamp {
    Timestamp(moment.0.saturating_add(days * MILLISECONDS_A_DAY))
}

pub(super) fn earlier(moment: Timestamp, days: u64) -> Timestamp {
    Timestamp(moment.0.saturating_sub(days * MILLISECONDS_A_DAY))
}

/// UTCTime until 2049, GeneralizedTime after it (RFC 5280, 4.1.2.5), at midnight.
fn time(moment: Timestamp) -> Vec<u8> {
    let (year, month, day) =
        Date::from_timestamp(moment).map_or((2049, 12, 31), |date| (date.year, date.month, date.day));
    if (1950..2050).contains(&year) {
        encode(
            0x17,
            &[format!("{:02}{month:02}{day:02}000000Z", year % 100).as_bytes()],
        )
    } else {
        encode(0x18, &[format!("{year:04}{month:02}{day:02}000000Z").as_bytes()])
    }
}
