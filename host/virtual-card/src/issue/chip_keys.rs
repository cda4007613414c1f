//! The chip's private keys, and what EF.CardAccess, DG14 and DG15 say of them.

use chipgate_crypto::{Curve, HashAlgorithm, PrivateScalar, PublicKey, SigningKey, ecdsa_plain_oid};
use chipgate_lds::{
    ActiveAuthenticationInfo, ChipAuthenticationInfo, ChipAuthenticationPublicKeyInfo, PaceInfo,
    SecurityInfo, TerminalAuthenticationInfo, encode_card_access, encode_dg14, encode_dg15, oid,
};
use rand_core::CryptoRng;

use crate::{AgreementKey, AnsweringKey, CardError, ChipKeys, HashName, HexSecret, PaceSettings, Profile};

/// Keys of one chip with the files that announce them.
pub(crate) struct ChipSecurity {
    pub(crate) keys: ChipKeys,
    pub(crate) pace: Option<PaceSettings>,
    pub(crate) card_access: Option<Vec<u8>>,
    pub(crate) dg14: Option<Vec<u8>>,
    pub(crate) dg15: Option<Vec<u8>>,
}

impl ChipSecurity {
    /// Fresh keys as a profile's chips have them.
    pub(crate) fn generate(profile: Profile, rng: &mut (impl CryptoRng + ?Sized)) -> Result<Self, CardError> {
        match profile {
            Profile::VnCccd => citizen_card(rng),
            Profile::Td3Bac => first_generation(rng),
            Profile::Td3Pace => pace_passport(rng),
        }
    }
}

impl ChipSecurity {
    /// A chip without keys of its own, which opens by basic access control.
    pub(crate) fn none() -> Self {
        Self {
            keys: ChipKeys::default(),
            pace: None,
            card_access: None,
            dg14: None,
            dg15: None,
        }
    }
}

/// PACE and chip authentication on brainpoolP256r1, explicit parameters, no key identifier; RSA-2048 with SHA-1.
fn citizen_card(rng: &mut (impl CryptoRng + ?Sized)) -> Result<ChipSecurity, CardError> {
    let curve = Curve::BrainpoolP256r1;
    let agreement = agreement_key(curve, None, rng);
    let answering = SigningKey::generate_rsa(2048, rng)?;
    let announced = vec![
        pace_info(curve),
        chip_authentication_info(None),
        terminal_authentication_info(),
    ];
    let mut signed = announced.clone();
    signed.push(public_key_info(&agreement, PublicKey::to_spki_der_explicit)?);
    Ok(ChipSecurity {
        pace: Some(pace_settings(curve)),
        card_access: Some(encode_card_access(&announced)),
        dg14: Some(encode_dg14(&signed)),
        dg15: Some(encode_dg15(&answering.public_key().to_spki_der())),
        keys: chip_keys(Some(agreement), HashName::Sha1, &answering)?,
    })
}

/// No chip authentication; RSA-2048 with SHA-256 and the trailer that names it.
fn first_generation(rng: &mut (impl CryptoRng + ?Sized)) -> Result<ChipSecurity, CardError> {
    let answering = SigningKey::generate_rsa(2048, rng)?;
    Ok(ChipSecurity {
        pace: None,
        card_access: None,
        dg14: None,
        dg15: Some(encode_dg15(&answering.public_key().to_spki_der())),
        keys: chip_keys(None, HashName::Sha256, &answering)?,
    })
}

/// PACE, chip authentication with a key identifier, and ECDSA, all on P-256.
fn pace_passport(rng: &mut (impl CryptoRng + ?Sized)) -> Result<ChipSecurity, CardError> {
    let curve = Curve::P256;
    let agreement = agreement_key(curve, Some(1), rng);
    let answering = SigningKey::generate_ec(curve, rng)?;
    let active = SecurityInfo::ActiveAuthentication(ActiveAuthenticationInfo {
        version: 1,
        signature_algorithm: ecdsa_plain_oid(HashAlgorithm::Sha256),
    });
    let key = public_key_info(&agreement, PublicKey::to_spki_der)?;
    Ok(ChipSecurity {
        pace: Some(pace_settings(curve)),
        card_access: Some(encode_card_access(&[pace_info(curve)])),
        dg14: Some(encode_dg14(&[
            pace_info(curve),
            chip_authentication_info(Some(1)),
            key,
            active,
        ])),
        dg15: Some(encode_dg15(&answering.public_key().to_spki_der())),
        keys: chip_keys(Some(agreement), HashName::Sha256, &answering)?,
    })
}

fn agreement_key(curve: Curve, key_id: Option<u8>, rng: &mut (impl CryptoRng + ?Sized)) -> AgreementKey {
    let private = PrivateScalar::generate(curve, rng);
    AgreementKey {
        protocol: oid::id_CA_ECDH_AES_CBC_CMAC_128.to_string(),
        curve,
        key_id,
        private_key: HexSecret(private.to_bytes()),
    }
}

fn chip_keys(
    chip_authentication: Option<AgreementKey>,
    hash: HashName,
    answering: &SigningKey,
) -> Result<ChipKeys, CardError> {
    let private_key = HexSecret(answering.to_pkcs8_der()?);
    Ok(ChipKeys {
        chip_authentication,
        active_authentication: Some(AnsweringKey { hash, private_key }),
    })
}

pub(crate) fn pace_settings(curve: Curve) -> PaceSettings {
    PaceSettings {
        protocol: oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128.to_string(),
        curve,
        can: true,
    }
}

pub(crate) fn pace_info(curve: Curve) -> SecurityInfo {
    SecurityInfo::Pace(PaceInfo {
        protocol: oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128,
        version: 2,
        parameter_id: Some(curve.domain_parameter_id()),
    })
}

pub(crate) fn chip_authentication_info(key_id: Option<u8>) -> SecurityInfo {
    SecurityInfo::ChipAuthentication(ChipAuthenticationInfo {
        protocol: oid::id_CA_ECDH_AES_CBC_CMAC_128,
        version: 1,
        key_id: key_id.map(|id| vec![id]),
    })
}

pub(crate) fn terminal_authentication_info() -> SecurityInfo {
    SecurityInfo::TerminalAuthentication(TerminalAuthenticationInfo {
        protocol: oid::id_TA,
        version: 1,
        cvca_file: None,
    })
}

/// The public key of chip authentication, its curve written as `encode` does.
fn public_key_info(key: &AgreementKey, encode: fn(&PublicKey) -> Vec<u8>) -> Result<SecurityInfo, CardError> {
    let private = PrivateScalar::from_bytes(key.curve, key.private_key.0.as_bytes())?;
    let public = PublicKey::Ec(private.public_point()?);
    Ok(SecurityInfo::ChipAuthenticationPublicKey(
        ChipAuthenticationPublicKeyInfo {
            protocol: oid::id_PK_ECDH,
            public_key_der: encode(&public),
            key_id: key.key_id.map(|id| vec![id]),
        },
    ))
}
