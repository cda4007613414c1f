//! COSE_Sign1 with ES256 and an empty unprotected header (RFC 9052, 4.2).

use alloc::vec::Vec;

use chipgate_crypto::PublicKey;

use crate::cbor::{Reader, Writer};
use crate::low_s::with_low_s;
use crate::report_error::ReportError;
use crate::signer::{Signer, key_identifier, verify};

/// The longest signed report, in bytes.
pub const LONGEST_REPORT: usize = 65_536;

/// CBOR tag of COSE_Sign1 (RFC 9052, 2).
const COSE_SIGN1: u64 = 18;
/// Header parameter `alg` (RFC 9052, 3.1).
const ALG: u64 = 1;
/// Header parameter `kid` (RFC 9052, 3.1).
const KID: u64 = 4;
/// Algorithm ES256 (RFC 9053, 2.1).
const ES256: i64 = -7;

/// A COSE_Sign1 structure whose signature has not been looked at.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Sign1 {
    pub key_identifier: [u8; 32],
    pub payload: Vec<u8>,
    signature: Vec<u8>,
}

/// Signs `payload`.
pub(crate) fn sign(payload: &[u8], signer: &dyn Signer) -> Result<Vec<u8>, ReportError> {
    let protected = protected_header(&key_identifier(&signer.public_key()));
    let signature = with_low_s(signer.sign(&to_be_signed(&protected, payload))?);
    let structure = encode(&protected, payload, &signature);
    match structure.len() {
        length if length > LONGEST_REPORT => Err(ReportError::TooLarge { length }),
        _ => Ok(structure),
    }
}

impl Sign1 {
    /// Reads a structure as [`sign`] writes it, and no other.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, ReportError> {
        if bytes.len() > LONGEST_REPORT {
            return Err(ReportError::TooLarge { length: bytes.len() });
        }
        let mut reader = Reader::new(bytes);
        if reader.tag("COSE_Sign1")? != COSE_SIGN1 {
            return Err(ReportError::Malformed {
                field: "COSE_Sign1",
                position: 0,
            });
        }
        reader.array_of(4, "COSE_Sign1")?;
        let protected = reader.bytes("protected")?;
        if reader.map("unprotected")? != 0 {
            return Err(ReportError::Invalid {
                field: "unprotected",
                rule: "it is empty",
            });
        }
        let payload = reader.bytes("payload")?;
        let signature: [u8; 64] = reader.exactly("signature")?;
        reader.finish("COSE_Sign1")?;

        let key_identifier = read_protected_header(protected)?;
        if encode(&protected_header(&key_identifier), payload, &signature) != bytes {
            return Err(ReportError::NotDeterministic);
        }
        Ok(Self {
            key_identifier,
            payload: payload.to_vec(),
            signature: signature.to_vec(),
        })
    }

    /// Verifies the signature with `key`.
    pub(crate) fn verify(&self, key: &PublicKey) -> Result<(), ReportError> {
        if key_identifier(key) != self.key_identifier {
            return Err(ReportError::OtherKey);
        }
        let protected = protected_header(&self.key_identifier);
        verify(key, &to_be_signed(&protected, &self.payload), &self.signature)
    }
}

fn protected_header(key_identifier: &[u8]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer
        .map(2)
        .unsigned(ALG)
        .integer(ES256)
        .unsigned(KID)
        .bytes(key_identifier);
    writer.finish()
}

fn read_protected_header(bytes: &[u8]) -> Result<[u8; 32], ReportError> {
    let mut reader = Reader::new(bytes);
    let parameters = reader.map("protected")?;
    if parameters == 0 || reader.unsigned("alg")? != ALG || reader.integer("alg")? != ES256 {
        return Err(ReportError::UnsupportedAlgorithm);
    }
    if parameters != 2 || reader.unsigned("kid")? != KID {
        return Err(ReportError::Invalid {
            field: "protected",
            rule: "it holds `alg` and `kid`",
        });
    }
    let key_identifier = reader.exactly("kid")?;
    reader.finish("protected")?;
    Ok(key_identifier)
}

/// Sig_structure (RFC 9052, 4.4), without external data.
fn to_be_signed(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer
        .array(4)
        .text("Signature1")
        .bytes(protected)
        .bytes(&[])
        .bytes(payload);
    writer.finish()
}

fn encode(protected: &[u8], payload: &[u8], signature: &[u8]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer
        .tag(COSE_SIGN1)
        .array(4)
        .bytes(protected)
        .map(0)
        .bytes(payload)
        .bytes(signature);
    writer.finish()
}
