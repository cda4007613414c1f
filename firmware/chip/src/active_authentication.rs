//! Active authentication (Doc 9303-11, 6.1).

use alloc::vec::Vec;

use chipgate_apdu::{Channel, Command};
use chipgate_crypto::{CryptoError, HashAlgorithm, PublicKey, ecdsa_hash};
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
            let hash = named_hash(dg14)?;
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
    let response = connection.send_for_data(step, &command).await?;
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
fn named_hash(dg14: Option<&SecurityInfos>) -> Result<HashAlgorithm, ChipError> {
    dg14.and_then(SecurityInfos::active_authentication)
        .and_then(|info| ecdsa_hash(&info.signature_algorithm))
        .ok_or(ChipError::Unsupported {
            what: Unsupported::ActiveAuthenticationAlgorithm,
        })
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use chipgate_apdu::{Command, Limits, Link, Response, StatusWord};
    use chipgate_crypto::{
        Curve, HashAlgorithm, ObjectIdentifier, SignatureAlgorithm, SigningKey, ecdsa_plain_oid,
    };
    use chipgate_lds::{ActiveAuthenticationInfo, SecurityInfo, SecurityInfos, encode_set, oid};
    use pollster::block_on;

    use super::{authenticate, verify_active_authentication};
    use crate::{
        ChipError, Step, Unsupported,
        connection::Connection,
        testing::{AnsweringChip, ReplayedRandomness},
    };

    const CHALLENGE: [u8; 8] = *b"nonce 8b";

    fn randomness() -> ReplayedRandomness {
        ReplayedRandomness::new((0..4000_u32).map(|index| ((index * 7919) >> 3) as u8).collect())
    }

    fn dg14() -> SecurityInfos {
        dg14_naming(oid::ecdsa_plain_SHA256)
    }

    fn dg14_naming(signature_algorithm: ObjectIdentifier) -> SecurityInfos {
        let info = ActiveAuthenticationInfo {
            version: 1,
            signature_algorithm,
        };
        SecurityInfos::parse(&encode_set(&[SecurityInfo::ActiveAuthentication(info)])).unwrap()
    }

    fn ec_key(curve: Curve) -> (SigningKey, Vec<u8>) {
        let key = SigningKey::generate_ec(curve, &mut randomness()).unwrap();
        let public = key.public_key().to_spki_der();
        (key, public)
    }

    #[test]
    fn accepts_a_plain_ecdsa_signature_over_the_challenge_and_nothing_else() {
        for curve in [Curve::P256, Curve::BrainpoolP256r1] {
            let (key, public) = ec_key(curve);
            let signature = key.sign_plain(HashAlgorithm::Sha256, &CHALLENGE).unwrap();
            let verify = |challenge, signature: &[u8]| {
                verify_active_authentication(&public, challenge, signature, Some(&dg14()))
            };
            let proof = verify(CHALLENGE, &signature).unwrap();
            assert_eq!(
                (proof.challenge(), proof.hash()),
                (CHALLENGE, HashAlgorithm::Sha256)
            );
            assert_eq!(
                (proof.public_key(), proof.signature()),
                (&public[..], &signature[..])
            );
            assert!(verify(*b"nonce 8c", &signature).is_err());
            for index in 0..signature.len() {
                let mut altered = signature.clone();
                altered[index] ^= 1;
                let failed = ChipError::ActiveAuthenticationFailed {
                    challenge: CHALLENGE,
                    signature: altered.clone(),
                };
                assert_eq!(verify(CHALLENGE, &altered), Err(failed));
            }
        }
    }

    #[test]
    fn takes_the_hash_that_dg14_names_on_every_curve() {
        for curve in Curve::ALL {
            let (key, public) = ec_key(curve);
            for hash in HashAlgorithm::ALL {
                let signature = key.sign_plain(hash, &CHALLENGE).unwrap();
                for algorithm in [ecdsa_plain_oid(hash), SignatureAlgorithm::Ecdsa(hash).oid()] {
                    let infos = dg14_naming(algorithm);
                    let proof = verify_active_authentication(&public, CHALLENGE, &signature, Some(&infos));
                    assert_eq!(proof.unwrap().hash(), hash);
                }
                let infos = dg14_naming(oid::ecdsa_plain_SHA256);
                let proof = verify_active_authentication(&public, CHALLENGE, &signature, Some(&infos));
                assert_eq!(proof.is_ok(), hash == HashAlgorithm::Sha256);
            }
        }
    }

    #[test]
    fn wants_to_be_told_the_hash_of_an_ec_key() {
        let (key, public) = ec_key(Curve::P256);
        let signature = key.sign_plain(HashAlgorithm::Sha256, &CHALLENGE).unwrap();
        let what = Unsupported::ActiveAuthenticationAlgorithm;
        let outcome = verify_active_authentication(&public, CHALLENGE, &signature, None);
        assert_eq!(outcome, Err(ChipError::Unsupported { what }));
    }

    #[test]
    fn sends_internal_authenticate_and_verifies_message_recovery() {
        let key = SigningKey::generate_rsa(1024, &mut randomness()).unwrap();
        let public = key.public_key().to_spki_der();
        for sent in [CHALLENGE, *b"another!"] {
            let mut connection = Connection::new(
                AnsweringChip::new(Limits::short(Link::Contact), |command: &Command| {
                    assert_eq!(
                        (command.header(), command.expected),
                        ([0x00, 0x88, 0x00, 0x00], Some(256))
                    );
                    let hash = HashAlgorithm::Sha1;
                    // A chip that has a signature for one challenge only.
                    let signed = key
                        .sign_message_recovery(hash, &CHALLENGE, &mut randomness())
                        .unwrap();
                    Response::new(signed, StatusWord::SUCCESS)
                }),
                true,
            );
            let outcome = block_on(authenticate(&mut connection, &public, None, sent));
            match outcome {
                Ok(proof) => assert_eq!((proof.hash(), sent), (HashAlgorithm::Sha1, CHALLENGE)),
                Err(error) => assert_eq!(
                    (error.code(), sent),
                    ("active-authentication-failed", *b"another!")
                ),
            }
        }
    }

    #[test]
    fn says_so_when_the_chip_refuses_to_sign() {
        let (_, public) = ec_key(Curve::P256);
        let status = StatusWord::INSTRUCTION_NOT_SUPPORTED;
        let chip = AnsweringChip::new(Limits::short(Link::Contact), |_: &Command| {
            Response::status_only(status)
        });
        let outcome = block_on(authenticate(
            &mut Connection::new(chip, true),
            &public,
            None,
            CHALLENGE,
        ));
        assert_eq!(
            outcome,
            Err(ChipError::Protocol {
                step: Step::ActiveAuthentication,
                status
            })
        );
    }
}
