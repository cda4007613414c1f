//! Active authentication (Doc 9303-11, 6.1).

use alloc::vec::Vec;

use chipgate_apdu::{Channel, Command};
use chipgate_crypto::{CryptoError, HashAlgorithm, PublicKey, ecdsa_plain_hash};
use chipgate_lds::SecurityInfos;

use crate::{ChipError, Step, Unsupported, connection::Connection};

/// The proof that the chip signed a challenge with the private key to a public key.
///
/// Only [`Session::authenticate_active`](crate::Session::authenticate_active) and
/// [`verify_active_authentication`] make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveAuthentication {
    challenge: [u8; 8],
    signature: Vec<u8>,
    public_key: Vec<u8>,
    hash: HashAlgorithm,
}

impl ActiveAuthentication {
    /// The challenge that was signed.
    #[must_use]
    pub const fn challenge(&self) -> [u8; 8] {
        self.challenge
    }

    /// The signature: ISO/IEC 9796-2 for RSA, r ‖ s for ECDSA.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The public key of the chip, SubjectPublicKeyInfo in DER as DG15 holds it.
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// The hash function that the chip signed with.
    #[must_use]
    pub const fn hash(&self) -> HashAlgorithm {
        self.hash
    }
}

/// Verifies a chip's signature over a challenge, wherever it was made (Doc 9303-11, 6.1.2).
///
/// `public_key` is the SubjectPublicKeyInfo of DG15 in DER. For an EC key the algorithm stands in `dg14`.
pub fn verify_active_authentication(
    public_key: &[u8],
    challenge: [u8; 8],
    signature: &[u8],
    dg14: Option<&SecurityInfos>,
) -> Result<ActiveAuthentication, ChipError> {
    let hash = match parse(public_key)? {
        PublicKey::Rsa(key) => key.verify_message_recovery(signature, &challenge),
        key @ PublicKey::Ec(_) => {
            let hash = ecdsa_hash(dg14)?;
            key.verify_plain(hash, &challenge, signature).map(|()| hash)
        }
    };
    match hash {
        Ok(hash) => Ok(ActiveAuthentication {
            challenge,
            signature: signature.to_vec(),
            public_key: public_key.to_vec(),
            hash,
        }),
        Err(_) => Err(ChipError::ActiveAuthenticationFailed {
            challenge,
            signature: signature.to_vec(),
        }),
    }
}

/// INTERNAL AUTHENTICATE (6.1.3), and the signature verified.
pub(crate) async fn authenticate<C: Channel>(
    connection: &mut Connection<C>,
    public_key: &[u8],
    dg14: Option<&SecurityInfos>,
    challenge: [u8; 8],
) -> Result<ActiveAuthentication, ChipError> {
    let step = Step::ActiveAuthentication;
    let expected = signature_length(&parse(public_key)?).max(256);
    let command = Command::new(0x00, 0x88, 0x00, 0x00)
        .with_data(challenge)
        .expecting(expected);
    let response = connection.send(step, &command).await?;
    if !response.status.is_success() {
        return Err(ChipError::Protocol {
            step,
            status: response.status,
        });
    }
    verify_active_authentication(public_key, challenge, &response.data, dg14)
}

fn parse(public_key: &[u8]) -> Result<PublicKey, ChipError> {
    PublicKey::from_spki_der(public_key).map_err(unsupported)
}

const fn unsupported(error: CryptoError) -> ChipError {
    ChipError::Unsupported {
        what: Unsupported::ActiveAuthenticationKey(error),
    }
}

/// How long a signature is.
fn signature_length(key: &PublicKey) -> usize {
    match key {
        PublicKey::Rsa(key) => key.modulus().len(),
        PublicKey::Ec(point) => 2 * point.curve().field_length(),
    }
}

/// The hash of ActiveAuthenticationInfo, which an EC key must have beside it (9.2.8).
fn ecdsa_hash(dg14: Option<&SecurityInfos>) -> Result<HashAlgorithm, ChipError> {
    dg14.and_then(SecurityInfos::active_authentication)
        .and_then(|info| ecdsa_plain_hash(&info.signature_algorithm))
        .ok_or(ChipError::Unsupported {
            what: Unsupported::ActiveAuthenticationAlgorithm,
        })
}
