//! PACE over elliptic curves with generic mapping (Doc 9303-11, 4.4).

use alloc::vec::Vec;

use chipgate_apdu::{
    Channel, Command, StatusWord,
    tlv::{self, Tag, TlvError},
};
use chipgate_crypto::{
    Cipher, CryptoError, Curve, ObjectIdentifier, PrivateScalar, PublicPoint, Secret, SessionKeys,
    derive_password_key, generic_mapping,
};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;

use crate::{
    ChipError, Malformation, Password, PasswordKind, Step, connection::Connection, pace_variant::Variant,
    refusal::refused, secure_messaging::SecureMessaging,
};

/// Dynamic authentication data.
const DYNAMIC_DATA: Tag = Tag(0x7C);
/// CLA of a command that is not the last of its chain.
const CLASS_CHAINED: u8 = 0x10;

/// Carries out PACE and starts secure messaging.
pub(crate) async fn authenticate<C: Channel>(
    connection: &mut Connection<C>,
    variant: &Variant,
    password: &Password,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<(), ChipError> {
    let encrypted_nonce = begin(connection, variant, password.kind()).await?;
    let nonce = decrypt_nonce(variant.cipher, password, &encrypted_nonce)?;
    let generator = map_nonce(connection, variant.curve, &nonce, rng).await?;
    let agreement = agree(connection, &generator, rng).await?;
    let keys = SessionKeys::derive(variant.cipher, agreement.secret.as_bytes());
    authenticate_mutually(connection, variant, &keys, &agreement, password.kind()).await?;
    connection.secure(SecureMessaging::new(keys));
    Ok(())
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
                Err(ChipError::Protocol { .. }) => Err(ChipError::Protocol { step, status }),
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
    general_authenticate(
        connection,
        Step::PaceEncryptedNonce,
        CLASS_CHAINED,
        &[],
        Tag(0x80),
    )
    .await
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
        StatusWord::AUTHENTICATION_BLOCKED | StatusWord(0x6283) => Err(ChipError::PasswordBlocked {
            password,
            step,
            status,
        }),
        // A warning: the password is selected, and fewer tries than at first are left (TR-03110-3, B.14.1).
        status => match status.tries_left() {
            Some(0) => Err(ChipError::PasswordBlocked {
                password,
                step,
                status,
            }),
            Some(_) => Ok(()),
            None => Err(ChipError::Protocol { step, status }),
        },
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

/// Step 2: Ĝ = s·G + H, where H is the shared point of an anonymous key agreement (4.4.3.3.1).
async fn map_nonce<C: Channel>(
    connection: &mut Connection<C>,
    curve: Curve,
    nonce: &Secret,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<PublicPoint, ChipError> {
    let step = Step::PaceMapNonce;
    let bad = |error| ChipError::BadKey { step, error };
    let ours = PrivateScalar::generate(curve, rng);
    let public = ours.public_point().map_err(bad)?;
    let theirs = exchange_points(connection, step, (Tag(0x81), Tag(0x82)), &public).await?;
    let shared = ours.multiply(&theirs).map_err(bad)?;
    generic_mapping(curve, nonce.as_bytes(), &shared).map_err(bad)
}

/// What the key agreement gave.
struct Agreement {
    ours: PublicPoint,
    theirs: PublicPoint,
    secret: Secret,
}

/// Step 3: key agreement over the mapped generator.
async fn agree<C: Channel>(
    connection: &mut Connection<C>,
    generator: &PublicPoint,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Agreement, ChipError> {
    let step = Step::PaceKeyAgreement;
    let bad = |error| ChipError::BadKey { step, error };
    let private = PrivateScalar::generate(generator.curve(), rng);
    let ours = private.public_point_for(generator).map_err(bad)?;
    let theirs = exchange_points(connection, step, (Tag(0x83), Tag(0x84)), &ours).await?;
    // 4.4.1, step 3 c: the two public keys must differ.
    if ours == theirs {
        return Err(ChipError::malformed(step, Malformation::ReflectedKey));
    }
    let secret = private.agree(&theirs).map_err(bad)?;
    Ok(Agreement { ours, theirs, secret })
}

/// Step 4: the tokens T.IFD and T.IC, each over the other side's public key.
async fn authenticate_mutually<C: Channel>(
    connection: &mut Connection<C>,
    variant: &Variant,
    keys: &SessionKeys,
    agreement: &Agreement,
    password: PasswordKind,
) -> Result<(), ChipError> {
    let step = Step::PaceMutualAuthentication;
    let bad = |error| ChipError::BadKey { step, error };
    let ours = token(&variant.protocol, keys, &agreement.theirs).map_err(bad)?;
    let data = tlv::encode(Tag(0x85), &ours);
    let answer = general_authenticate(connection, step, 0x00, &data, Tag(0x86)).await;
    let theirs = answer.map_err(|error| match error {
        ChipError::Protocol { status, .. } => refused(password, step, status),
        error => error,
    })?;
    let expected = token(&variant.protocol, keys, &agreement.ours).map_err(bad)?;
    if !bool::from(expected.as_slice().ct_eq(&theirs)) {
        return Err(ChipError::WrongPassword {
            password,
            step,
            tries_left: None,
        });
    }
    Ok(())
}

/// MAC(KS.MAC, 7F49 { protocol, public key }) (4.4.3.4 and 9.4.4).
fn token(protocol: &ObjectIdentifier, keys: &SessionKeys, key: &PublicPoint) -> Result<[u8; 8], CryptoError> {
    let mut content = tlv::encode(Tag(0x06), protocol.as_bytes());
    content.extend(tlv::encode(Tag(0x86), &key.to_uncompressed()));
    keys.cipher
        .mac(keys.mac.as_bytes(), &tlv::encode(Tag(0x7F49), &content))
}

/// Sends a point and returns the chip's, which must lie on the same curve.
async fn exchange_points<C: Channel>(
    connection: &mut Connection<C>,
    step: Step,
    (sent, returned): (Tag, Tag),
    ours: &PublicPoint,
) -> Result<PublicPoint, ChipError> {
    let data = tlv::encode(sent, &ours.to_uncompressed());
    let theirs = general_authenticate(connection, step, CLASS_CHAINED, &data, returned).await?;
    PublicPoint::from_uncompressed(ours.curve(), &theirs).map_err(|error| ChipError::BadKey { step, error })
}

/// GENERAL AUTHENTICATE (4.4.4.2) with this object inside the dynamic authentication data; the value of the object
/// that comes back.
async fn general_authenticate<C: Channel>(
    connection: &mut Connection<C>,
    step: Step,
    class: u8,
    object: &[u8],
    returned: Tag,
) -> Result<Vec<u8>, ChipError> {
    let command = Command::new(class, 0x86, 0x00, 0x00)
        .with_data(tlv::encode(DYNAMIC_DATA, object))
        .expecting(256);
    let response = connection.send(step, &command).await?;
    if !response.status.is_success() {
        return Err(ChipError::Protocol {
            step,
            status: response.status,
        });
    }
    let malformed = |error| ChipError::malformed(step, Malformation::Tlv(error));
    let objects = tlv::single(&response.data, DYNAMIC_DATA).map_err(malformed)?;
    // The last step may bring further objects (87, 88, 8A).
    let missing = TlvError::Missing {
        expected: returned,
        position: 0,
    };
    tlv::find(objects, returned)
        .map_err(malformed)?
        .map(<[u8]>::to_vec)
        .ok_or(malformed(missing))
}
