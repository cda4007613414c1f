//! Chip authentication, version 1, over elliptic curves (Doc 9303-11, 6.2; TR-03110-1, 3.4).

use alloc::vec::Vec;

use chipgate_apdu::{
    Channel, Command,
    tlv::{self, Tag},
};
use chipgate_crypto::{Cipher, ObjectIdentifier, PrivateScalar, PublicKey, PublicPoint, SessionKeys};
use chipgate_lds::{ChipAuthenticationInfo, ChipAuthenticationPublicKeyInfo, SecurityInfos, oid};
use rand_core::CryptoRng;

use crate::{
    ChipError, Malformation, Step, Unsupported, connection::Connection, secure_messaging::SecureMessaging,
};

/// Dynamic authentication data.
const DYNAMIC_DATA: Tag = Tag(0x7C);
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
}

/// A key of DG14 with the protocol to use it with.
struct Candidate {
    protocol: ObjectIdentifier,
    cipher: Cipher,
    key_id: Option<Vec<u8>>,
    point: PublicPoint,
    public_key: Vec<u8>,
}

/// Agrees on new keys with the chip's static key, and has the chip answer `proof` under them.
pub(crate) async fn authenticate<C: Channel>(
    connection: &mut Connection<C>,
    dg14: &SecurityInfos,
    proof: &Command,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<ChipAuthentication, ChipError> {
    let candidate = choose(dg14)?;
    let bad = |error| ChipError::BadKey {
        step: Step::ChipAuthenticationKeyAgreement,
        error,
    };
    let ephemeral = PrivateScalar::generate(candidate.point.curve(), rng);
    let public = ephemeral.public_point().map_err(bad)?;
    match candidate.cipher {
        Cipher::TripleDes => set_key_agreement_template(connection, &candidate, &public).await?,
        _ => general_authenticate(connection, &candidate, &public).await?,
    }
    let shared = ephemeral.agree(&candidate.point).map_err(bad)?;
    connection.secure(SecureMessaging::new(SessionKeys::derive(
        candidate.cipher,
        shared.as_bytes(),
    )));
    prove(connection, proof).await?;
    let Candidate {
        protocol,
        key_id,
        public_key,
        ..
    } = candidate;
    Ok(ChipAuthentication {
        protocol,
        key_id,
        public_key,
    })
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
    public: &PublicPoint,
) -> Result<(), ChipError> {
    let mut data = tlv::encode(Tag(0x91), &public.to_uncompressed());
    data.extend(reference(candidate));
    let command = Command::new(0x00, 0x22, 0x41, 0xA6).with_data(data);
    succeed(connection, Step::ChipAuthenticationSetTemplate, &command)
        .await
        .map(|_| ())
}

/// MSE:Set AT and GENERAL AUTHENTICATE, for AES (6.2.4.2; TR-03110-3, B.2).
async fn general_authenticate<C: Channel>(
    connection: &mut Connection<C>,
    candidate: &Candidate,
    public: &PublicPoint,
) -> Result<(), ChipError> {
    let mut data = tlv::encode(Tag(0x80), candidate.protocol.as_bytes());
    data.extend(reference(candidate));
    let command = Command::new(0x00, 0x22, 0x41, 0xA4).with_data(data);
    succeed(connection, Step::ChipAuthenticationSetTemplate, &command).await?;

    let step = Step::ChipAuthenticationKeyAgreement;
    let object = tlv::encode(DYNAMIC_DATA, &tlv::encode(Tag(0x80), &public.to_uncompressed()));
    let command = Command::new(0x00, 0x86, 0x00, 0x00)
        .with_data(object)
        .expecting(256);
    let answer = succeed(connection, step, &command).await?;
    // Version 1 has nothing to say in it.
    tlv::single(&answer, DYNAMIC_DATA)
        .map(|_| ())
        .map_err(|error| ChipError::malformed(step, Malformation::Tlv(error)))
}

/// The key's identifier, if DG14 gives one: exactly that.
fn reference(candidate: &Candidate) -> Vec<u8> {
    candidate
        .key_id
        .as_deref()
        .map_or_else(Vec::new, |id| tlv::encode(PRIVATE_KEY_REFERENCE, id))
}

async fn succeed<C: Channel>(
    connection: &mut Connection<C>,
    step: Step,
    command: &Command,
) -> Result<Vec<u8>, ChipError> {
    let response = connection.send(step, command).await?;
    if response.status.is_success() {
        Ok(response.data)
    } else {
        Err(ChipError::Protocol {
            step,
            status: response.status,
        })
    }
}

/// The first key of DG14 with which this crate carries out chip authentication.
fn choose(dg14: &SecurityInfos) -> Result<Candidate, ChipError> {
    let infos = dg14.chip_authentication();
    let keys = dg14.chip_authentication_keys();
    let unsupported = ChipError::Unsupported {
        what: Unsupported::ChipAuthentication,
    };
    keys.iter()
        .find_map(|key| candidate(key, &infos, keys.len() == 1))
        .ok_or(unsupported)
}

fn candidate(
    key: &ChipAuthenticationPublicKeyInfo,
    infos: &[ChipAuthenticationInfo],
    only_key: bool,
) -> Option<Candidate> {
    let Ok(PublicKey::Ec(point)) = PublicKey::from_spki_der(&key.public_key_der) else {
        return None;
    };
    let (protocol, cipher, key_id) = if infos.is_empty() && key.protocol == oid::id_PK_ECDH {
        // Documents older than ChipAuthenticationInfo speak 3DES.
        (
            oid::id_CA_ECDH_3DES_CBC_CBC,
            Cipher::TripleDes,
            key.key_id.clone(),
        )
    } else {
        infos.iter().filter(|info| info.version == 1).find_map(|info| {
            // Some issuers give the identifier only once where there is only one key.
            let belongs = info.key_id == key.key_id || only_key;
            let id = info.key_id.clone().or_else(|| key.key_id.clone());
            cipher(&info.protocol)
                .filter(|_| belongs)
                .map(|cipher| (info.protocol, cipher, id))
        })?
    };
    Some(Candidate {
        protocol,
        cipher,
        key_id,
        point,
        public_key: key.public_key_der.clone(),
    })
}

fn cipher(protocol: &ObjectIdentifier) -> Option<Cipher> {
    match *protocol {
        oid::id_CA_ECDH_3DES_CBC_CBC => Some(Cipher::TripleDes),
        oid::id_CA_ECDH_AES_CBC_CMAC_128 => Some(Cipher::Aes128),
        oid::id_CA_ECDH_AES_CBC_CMAC_192 => Some(Cipher::Aes192),
        oid::id_CA_ECDH_AES_CBC_CMAC_256 => Some(Cipher::Aes256),
        _ => None,
    }
}
