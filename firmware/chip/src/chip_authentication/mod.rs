//! Chip authentication, version 1 (Doc 9303-11, 6.2; TR-03110-1, 3.4).

mod agreement;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use chipgate_apdu::{
    Channel, Command,
    tlv::{self, Tag},
};
use chipgate_crypto::{AgreementPrivateKey, Cipher, ObjectIdentifier, SessionKeys};
use chipgate_lds::SecurityInfos;
use rand_core::CryptoRng;

use crate::{
    ChipError, Step, Unsupported,
    chip_authentication_choice::{Candidate, candidates},
    connection::{Connection, Work},
    general_authenticate::{CLASS_LAST, general_authenticate_while},
    secure_messaging::SecureMessaging,
};
use agreement::Agreement;

/// Where the chip says whether it takes a key and a protocol.
const SELECTION: Step = Step::ChipAuthenticationSetTemplate;
/// Reference of the chip's private key.
const PRIVATE_KEY_REFERENCE: Tag = Tag(0x84);

/// The proof that the chip holds the private key to a public key: it answered under keys that follow from it.
///
/// Only [`Session::authenticate_chip`](crate::Session::authenticate_chip) makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChipAuthentication {
    protocol: ObjectIdentifier,
    key_id: Option<Vec<u8>>,
    public_key: Vec<u8>,
    /// Comp() of the reader's ephemeral key, which terminal authentication binds to.
    terminal_key: Vec<u8>,
}

impl ChipAuthentication {
    /// The protocol, such as id-CA-ECDH-AES-CBC-CMAC-128.
    #[must_use]
    pub const fn protocol(&self) -> &ObjectIdentifier {
        &self.protocol
    }

    /// The identifier of the key in DG14, if it has one.
    #[must_use]
    pub fn key_id(&self) -> Option<&[u8]> {
        self.key_id.as_deref()
    }

    /// The public key of the chip, SubjectPublicKeyInfo in DER as DG14 holds it.
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    pub(crate) fn terminal_key(&self) -> &[u8] {
        &self.terminal_key
    }
}

/// How many keys and protocols are tried: a chip that refuses more is not worth the time.
const MOST_TRIES: usize = 4;

/// Agrees on new keys with the chip's static key, and has the chip answer `proof` under them. The strongest key of DG14 comes
/// first; a weaker one follows only if the chip refuses to select it, and leaves the session as it was.
pub(crate) async fn authenticate<C: Channel>(
    connection: &mut Connection<C>,
    dg14: &SecurityInfos,
    proof: &Command,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<ChipAuthentication, ChipError> {
    let mut refusal = ChipError::Unsupported {
        what: Unsupported::ChipAuthentication,
    };
    for (index, candidate) in candidates(dg14).into_iter().take(MOST_TRIES).enumerate() {
        match attempt(connection, candidate, proof, rng).await {
            Err(error @ ChipError::Protocol { step: SELECTION, .. }) if index == 0 => refusal = error,
            Err(ChipError::Protocol { step: SELECTION, .. }) => {}
            outcome => return outcome,
        }
    }
    Err(refusal)
}

async fn attempt<C: Channel>(
    connection: &mut Connection<C>,
    candidate: Candidate,
    proof: &Command,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<ChipAuthentication, ChipError> {
    let ephemeral = AgreementPrivateKey::generate(candidate.key.group(), rng);
    let mut agreement = Agreement::new(&ephemeral, &candidate.key);
    agree(connection, &candidate, &mut agreement).await?;
    connection.secure(SecureMessaging::new(SessionKeys::derive(
        candidate.cipher,
        agreement.secret()?.as_bytes(),
    )));
    prove(connection, proof).await?;
    Ok(ChipAuthentication {
        terminal_key: agreement.public()?.compressed(),
        protocol: candidate.protocol,
        key_id: candidate.key_id,
        public_key: candidate.public_key,
    })
}

/// Hands the reader's public key over: MSE:Set KAT for 3DES, MSE:Set AT and GENERAL AUTHENTICATE for AES. Some chips speak
/// 3DES by the latter only (8.5, note 1).
async fn agree<C: Channel>(
    connection: &mut Connection<C>,
    candidate: &Candidate,
    agreement: &mut Agreement<'_>,
) -> Result<(), ChipError> {
    if candidate.cipher != Cipher::TripleDes {
        return general_authenticate_with(connection, candidate, agreement).await;
    }
    match set_key_agreement_template(connection, candidate, agreement).await {
        Err(refusal @ ChipError::Protocol { .. }) => {
            match general_authenticate_with(connection, candidate, agreement).await {
                Err(ChipError::Protocol { .. }) => Err(refusal),
                outcome => outcome,
            }
        }
        outcome => outcome,
    }
}

/// Only an answer under the new keys shows that the chip holds the private key (6.2.1).
async fn prove<C: Channel>(connection: &mut Connection<C>, command: &Command) -> Result<(), ChipError> {
    let step = Step::ChipAuthenticationProof;
    match connection.send(step, command).await {
        Ok(response) if response.status.is_success() => Ok(()),
        Ok(response) => Err(ChipError::Protocol {
            step,
            status: response.status,
        }),
        Err(ChipError::SecureMessaging { step, fault }) => {
            Err(ChipError::ChipAuthenticationFailed { step, fault })
        }
        Err(error) => Err(error),
    }
}

/// MSE:Set KAT, for 3DES (6.2.4.1; TR-03110-3, B.14.3).
async fn set_key_agreement_template<C: Channel>(
    connection: &mut Connection<C>,
    candidate: &Candidate,
    agreement: &mut Agreement<'_>,
) -> Result<(), ChipError> {
    let mut data = tlv::encode(Tag(0x91), &agreement.public()?.to_bytes());
    data.extend(reference(candidate));
    let command = Command::new(0x00, 0x22, 0x41, 0xA6).with_data(data);
    select(connection, &command, &mut || drop(agreement.secret())).await
}

/// MSE:Set AT and GENERAL AUTHENTICATE, for AES (6.2.4.2; TR-03110-3, B.2).
async fn general_authenticate_with<C: Channel>(
    connection: &mut Connection<C>,
    candidate: &Candidate,
    agreement: &mut Agreement<'_>,
) -> Result<(), ChipError> {
    let mut data = tlv::encode(Tag(0x80), candidate.protocol.as_bytes());
    data.extend(reference(candidate));
    let command = Command::new(0x00, 0x22, 0x41, 0xA4).with_data(data);
    select(connection, &command, &mut || drop(agreement.public())).await?;

    // Version 1 has nothing to say in its answer.
    let step = Step::ChipAuthenticationKeyAgreement;
    let object = tlv::encode(Tag(0x80), &agreement.public()?.to_bytes());
    let mut work = || drop(agreement.secret());
    general_authenticate_while(connection, step, CLASS_LAST, &object, 0, &mut work)
        .await
        .map(|_| ())
}

/// The key's identifier, if DG14 gives one: exactly that.
fn reference(candidate: &Candidate) -> Vec<u8> {
    candidate
        .key_id
        .as_deref()
        .map_or_else(Vec::new, |id| tlv::encode(PRIVATE_KEY_REFERENCE, id))
}

/// Selects key and protocol; `work` is done while the chip is busy with that.
async fn select<C: Channel>(
    connection: &mut Connection<C>,
    command: &Command,
    work: Work<'_>,
) -> Result<(), ChipError> {
    let response = connection.send_while(SELECTION, command, work).await?;
    if response.status.is_success() {
        Ok(())
    } else {
        Err(ChipError::Protocol {
            step: SELECTION,
            status: response.status,
        })
    }
}
