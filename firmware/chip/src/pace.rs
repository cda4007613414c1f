//! PACE (Doc 9303-11, 4.4): with generic, integrated and chip authentication mapping, over DH and ECDH.

use alloc::vec::Vec;

use chipgate_apdu::{
    Channel, Command, StatusWord,
    tlv::{self, Tag},
};
use chipgate_crypto::{
    AgreementGroup, AgreementPrivateKey, AgreementPublicKey, Cipher, CryptoError, ObjectIdentifier, Secret,
    SessionKeys, derive_password_key,
};
use chipgate_lds::PublicKeyReference;
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;

use crate::{
    ChipAuthenticationMapping, ChipError, Malformation, Password, PasswordKind, Step,
    connection::Connection,
    general_authenticate::{Answer, CLASS_CHAINED, CLASS_LAST, general_authenticate},
    pace_mapping::{MappedNonce, map_nonce},
    pace_variant::{Mapping, Variant},
    refusal::{refused, selected, unknown},
    secure_messaging::SecureMessaging,
};

/// What PACE leaves behind beside secure messaging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PaceOutcome {
    /// Comp() of the chip's ephemeral key: ID_IC of terminal authentication.
    pub(crate) chip_identifier: Vec<u8>,
    /// Comp() of the reader's ephemeral key, which terminal authentication binds to after chip authentication mapping.
    pub(crate) terminal_key: Vec<u8>,
    /// The keys with which a certificate chain may begin, the most recent one first (4.4.5.5).
    pub(crate) authorities: Vec<PublicKeyReference>,
    /// What the chip sent to authenticate itself, with chip authentication mapping.
    pub(crate) chip_authentication: Option<ChipAuthenticationMapping>,
}

/// Carries out PACE and starts secure messaging.
pub(crate) async fn authenticate<C: Channel>(
    connection: &mut Connection<C>,
    variant: &Variant,
    password: &Password,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<PaceOutcome, ChipError> {
    let encrypted_nonce = begin(connection, variant, password.kind()).await?;
    let nonce = decrypt_nonce(variant.cipher, password, &encrypted_nonce)?;
    let mapped = map_nonce(connection, variant, &nonce, rng).await?;
    let agreement = agree(connection, variant.group, &mapped, rng).await?;
    let keys = SessionKeys::derive(variant.cipher, agreement.secret.as_bytes());
    let answer = authenticate_mutually(connection, variant, &keys, &agreement, password.kind()).await?;
    let chip_authentication = match (variant.mapping, mapped.chip_key()) {
        (Mapping::ChipAuthentication, Some(key)) => {
            let encrypted = answer.find(Tag(0x8A))?;
            Some(ChipAuthenticationMapping::open(variant, key, &keys, encrypted))
        }
        _ => None,
    };
    connection.secure(SecureMessaging::new(keys));
    Ok(PaceOutcome {
        chip_identifier: agreement.theirs.compressed(),
        terminal_key: agreement.ours.compressed(),
        authorities: authorities(&answer)?,
        chip_authentication,
    })
}

/// MSE:Set AT and the encrypted nonce. The domain parameters are named if they are ambiguous; some chips want it the
/// other way, and neither step has used up a try yet.
async fn begin<C: Channel>(
    connection: &mut Connection<C>,
    variant: &Variant,
    password: PasswordKind,
) -> Result<Vec<u8>, ChipError> {
    match attempt(connection, variant, password, variant.ambiguous).await {
        Err(ChipError::Protocol { step, status }) => {
            match attempt(connection, variant, password, !variant.ambiguous).await {
                Err(ChipError::Protocol { .. }) => Err(unknown(password, step, status)),
                outcome => outcome,
            }
        }
        outcome => outcome,
    }
}

async fn attempt<C: Channel>(
    connection: &mut Connection<C>,
    variant: &Variant,
    password: PasswordKind,
    name_parameters: bool,
) -> Result<Vec<u8>, ChipError> {
    set_template(connection, variant, password, name_parameters).await?;
    // Step 1 (4.4.4.2): nothing out, the encrypted nonce back.
    let step = Step::PaceEncryptedNonce;
    let answer = general_authenticate(connection, step, CLASS_CHAINED, &[], 32).await?;
    answer.require(Tag(0x80)).map(<[u8]>::to_vec)
}

/// MSE:Set AT (4.4.4.1).
async fn set_template<C: Channel>(
    connection: &mut Connection<C>,
    variant: &Variant,
    password: PasswordKind,
    name_parameters: bool,
) -> Result<(), ChipError> {
    let step = Step::PaceSetTemplate;
    let mut data = tlv::encode(Tag(0x80), variant.protocol.as_bytes());
    data.extend(tlv::encode(Tag(0x83), &[password.reference()]));
    if name_parameters {
        data.extend(tlv::encode(Tag(0x84), &[variant.parameter_id]));
    }
    let status = connection
        .send(step, &Command::new(0x00, 0x22, 0xC1, 0xA4).with_data(data))
        .await?
        .status;
    match status {
        StatusWord::SUCCESS => Ok(()),
        // Within the session of the CAN the last try of a PIN may be used: it is resumed (TR-03110-2, 3.3).
        status if status.tries_left() == Some(1) && connection.is_secured() => Ok(()),
        status => selected(password, step, status),
    }
}

/// s, from z, under Kπ (4.4.3.3, step 1).
fn decrypt_nonce(cipher: Cipher, password: &Password, encrypted: &[u8]) -> Result<Secret, ChipError> {
    let step = Step::PaceEncryptedNonce;
    if encrypted.is_empty() {
        return Err(ChipError::malformed(step, Malformation::Empty));
    }
    let key = derive_password_key(cipher, password.encoded().as_bytes());
    let iv = &[0; 16][..cipher.block_length()];
    let nonce = cipher.decrypt_cbc(key.as_bytes(), iv, encrypted);
    nonce
        .map(Secret::new)
        .map_err(|error| ChipError::BadKey { step, error })
}

/// What the key agreement gave.
struct Agreement {
    ours: AgreementPublicKey,
    theirs: AgreementPublicKey,
    /// The chip's key as it came: some chips pad a number with zeros, and compute with what they sent.
    received: Vec<u8>,
    secret: Secret,
}

/// Step 3: key agreement over the mapped generator.
async fn agree<C: Channel>(
    connection: &mut Connection<C>,
    group: AgreementGroup,
    mapped: &MappedNonce,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Agreement, ChipError> {
    let step = Step::PaceKeyAgreement;
    let bad = |error| ChipError::BadKey { step, error };
    let private = AgreementPrivateKey::generate(group, rng);
    let ours = mapped.public_key(&private).map_err(bad)?;
    let (theirs, received) = exchange_keys(connection, step, (Tag(0x83), Tag(0x84)), &ours).await?;
    // 4.4.1, step 3 c: the two public keys must differ.
    if ours == theirs {
        return Err(ChipError::malformed(step, Malformation::ReflectedKey));
    }
    let secret = private.agree(&theirs).map_err(bad)?;
    Ok(Agreement {
        ours,
        theirs,
        received,
        secret,
    })
}

/// Step 4: the tokens T.IFD and T.IC, each over the other side's public key.
async fn authenticate_mutually<C: Channel>(
    connection: &mut Connection<C>,
    variant: &Variant,
    keys: &SessionKeys,
    agreement: &Agreement,
    password: PasswordKind,
) -> Result<Answer, ChipError> {
    let step = Step::PaceMutualAuthentication;
    let bad = |error| ChipError::BadKey { step, error };
    let ours = token(variant, keys, &agreement.received).map_err(bad)?;
    let data = tlv::encode(Tag(0x85), &ours);
    let answer = general_authenticate(connection, step, CLASS_LAST, &data, 128)
        .await
        .map_err(|error| match error {
            ChipError::Protocol { status, .. } => refused(password, step, status),
            error => error,
        })?;
    let expected = token(variant, keys, &agreement.ours.to_bytes()).map_err(bad)?;
    if !bool::from(expected.as_slice().ct_eq(answer.require(Tag(0x86))?)) {
        return Err(ChipError::WrongPassword {
            password,
            step,
            tries_left: None,
        });
    }
    Ok(answer)
}

/// MAC(KS.MAC, 7F49 { protocol, public key }) (4.4.3.4 and 9.4.4): a number has tag 84, a point has tag 86.
fn token(variant: &Variant, keys: &SessionKeys, key: &[u8]) -> Result<[u8; 8], CryptoError> {
    let tag = match variant.group {
        AgreementGroup::Dh(_) => Tag(0x84),
        AgreementGroup::Ecdh(_) => Tag(0x86),
    };
    let mut content = tlv::encode(Tag(0x06), ObjectIdentifier::as_bytes(&variant.protocol));
    content.extend(tlv::encode(tag, key));
    keys.cipher
        .mac(keys.mac.as_bytes(), &tlv::encode(Tag(0x7F49), &content))
}

/// The certification authority references of the last answer (4.4.5.5).
fn authorities(answer: &Answer) -> Result<Vec<PublicKeyReference>, ChipError> {
    let mut references = Vec::new();
    for tag in [0x87, 0x88] {
        if let Some(value) = answer.find(Tag(tag))? {
            let reference = PublicKeyReference::from_bytes(value).map_err(|error| {
                ChipError::malformed(Step::PaceMutualAuthentication, Malformation::Lds(error))
            })?;
            references.push(reference);
        }
    }
    Ok(references)
}

/// Sends a public key and returns the chip's, which must be of the same group, and the bytes that it came in.
pub(crate) async fn exchange_keys<C: Channel>(
    connection: &mut Connection<C>,
    step: Step,
    (sent, returned): (Tag, Tag),
    ours: &AgreementPublicKey,
) -> Result<(AgreementPublicKey, Vec<u8>), ChipError> {
    let bytes = ours.to_bytes();
    let data = tlv::encode(sent, &bytes);
    let answer = general_authenticate(connection, step, CLASS_CHAINED, &data, bytes.len()).await?;
    let received = answer.require(returned)?.to_vec();
    let theirs = AgreementPublicKey::from_bytes(ours.group(), &received)
        .map_err(|error| ChipError::BadKey { step, error })?;
    Ok((theirs, received))
}
