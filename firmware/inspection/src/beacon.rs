//! The beacon: the verifier's signed time and randomness, from which a device without a connection derives challenges.

use alloc::string::String;
use alloc::vec::Vec;

use chipgate_apdu::Timestamp;
use chipgate_crypto::PublicKey;

use crate::cbor::{Reader, Writer};
use crate::cose::{self, Sign1};
use crate::hash::{sha256, sha256_parts};
use crate::report_error::ReportError;
use crate::signer::Signer;

const VERSION: u64 = 1;

/// What the challenges of this kind begin with before they are hashed.
const OFFLINE_CHALLENGE: &[u8] = b"chipgate-aa-1";

/// The verifier's beacon: a challenge derived from it was not known before `time`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beacon {
    /// When the verifier made it.
    pub time: Timestamp,
    /// Fresh random bytes.
    pub random: [u8; 32],
    /// The transparency log's checkpoint at that time, at most 1024 bytes, if there is a log.
    pub checkpoint: Option<String>,
}

impl Beacon {
    /// Signs it: a COSE_Sign1 structure (RFC 9052), as docs/schemas/report.cddl describes it.
    pub fn sign(&self, signer: &dyn Signer) -> Result<Vec<u8>, ReportError> {
        cose::sign(&self.encode()?, signer)
    }

    fn encode(&self) -> Result<Vec<u8>, ReportError> {
        let mut writer = Writer::default();
        writer.map(3 + usize::from(self.checkpoint.is_some()));
        writer
            .unsigned(0)
            .unsigned(VERSION)
            .unsigned(1)
            .unsigned(self.time.0);
        writer.unsigned(2).bytes(&self.random);
        if let Some(checkpoint) = &self.checkpoint {
            if checkpoint.len() > 1024 {
                return Err(ReportError::Invalid {
                    field: "checkpoint",
                    rule: "it has at most 1024 bytes",
                });
            }
            writer.unsigned(3).text(checkpoint);
        }
        Ok(writer.finish())
    }

    fn decode(bytes: &[u8]) -> Result<Self, ReportError> {
        let mut reader = Reader::new(bytes);
        let fields = reader.map("beacon")?;
        let key = |reader: &mut Reader<'_>, key: u64, field: &'static str| match reader.unsigned(field)? {
            found if found == key => Ok(()),
            number => Err(ReportError::UnknownNumber { field, number }),
        };
        key(&mut reader, 0, "version")?;
        match reader.unsigned("version")? {
            VERSION => key(&mut reader, 1, "time")?,
            version => return Err(ReportError::UnsupportedVersion { version }),
        }
        let time = Timestamp(reader.unsigned("time")?);
        key(&mut reader, 2, "random")?;
        let random = reader.exactly("random")?;
        let checkpoint = match fields {
            4 => key(&mut reader, 3, "checkpoint")
                .and_then(|()| reader.text("checkpoint"))
                .map(Some)?,
            _ => None,
        };
        reader.finish("beacon")?;
        let beacon = Self {
            time,
            random,
            checkpoint,
        };
        if beacon.encode()? == bytes {
            Ok(beacon)
        } else {
            Err(ReportError::NotDeterministic)
        }
    }
}

/// A beacon whose signature is the verifier's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedBeacon {
    beacon: Beacon,
    hash: [u8; 32],
}

impl SignedBeacon {
    /// Reads a signed beacon, and verifies it with the verifier's key.
    pub fn verify(signed: &[u8], key: &PublicKey) -> Result<Self, ReportError> {
        let structure = Sign1::decode(signed)?;
        structure.verify(key)?;
        Ok(Self {
            beacon: Beacon::decode(&structure.payload)?,
            hash: beacon_hash(signed),
        })
    }

    /// What it says.
    pub const fn beacon(&self) -> &Beacon {
        &self.beacon
    }

    /// Its hash, which challenges are derived from and reports carry.
    pub const fn hash(&self) -> [u8; 32] {
        self.hash
    }
}

/// The hash of a signed beacon: SHA-256 of the signed bytes.
pub fn beacon_hash(signed: &[u8]) -> [u8; 32] {
    sha256(signed)
}

/// The challenge of active authentication when there is no connection: the first eight bytes of
///
/// ```text
/// SHA-256( "chipgate-aa-1"          13 bytes, ASCII
///        ‖ beacon                   32 bytes: SHA-256 of the signed beacon
///        ‖ length of the device     2 bytes, big endian
///        ‖ device                   UTF-8
///        ‖ sequence number          8 bytes, big endian )
/// ```
///
/// A device's name has at most 64 bytes in a report; of a longer one the first 65,535 bytes count.
///
/// ```
/// let challenge = chipgate_inspection::offline_challenge(&[0; 32], "gate-1", 1);
/// assert_ne!(challenge, chipgate_inspection::offline_challenge(&[0; 32], "gate-1", 2));
/// ```
pub fn offline_challenge(beacon: &[u8; 32], device: &str, sequence: u64) -> [u8; 8] {
    let length = u16::try_from(device.len()).unwrap_or(u16::MAX);
    let device = &device.as_bytes()[..usize::from(length)];
    let parts: [&[u8]; 5] = [
        OFFLINE_CHALLENGE,
        beacon,
        &length.to_be_bytes(),
        device,
        &sequence.to_be_bytes(),
    ];
    let mut challenge = [0; 8];
    challenge.copy_from_slice(&sha256_parts(&parts)[..8]);
    challenge
}
