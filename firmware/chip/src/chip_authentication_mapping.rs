//! Chip authentication by PACE (Doc 9303-11, 4.4.3.5): what the chip sent, to be held against a key of EF.CardSecurity.

use core::fmt;

use alloc::vec::Vec;

use chipgate_crypto::{
    AgreementPublicKey, Curve, ObjectIdentifier, PrivateScalar, PublicPoint, Secret, SessionKeys, unpad,
};
use chipgate_lds::SecurityInfos;

use crate::{ChipError, MappingFault, pace_variant::Variant};

/// What a chip sent to authenticate itself during PACE with chip authentication mapping. Whether it does is seen once
/// its static key is known: [`verify`](Self::verify).
#[derive(Clone, PartialEq, Eq)]
pub struct ChipAuthenticationMapping {
    protocol: ObjectIdentifier,
    parameter_id: u8,
    /// PK.Map,IC.
    mapping_key: Option<PublicPoint>,
    /// CA.IC, decrypted; what could not be is no proof.
    data: Option<Secret>,
}

impl ChipAuthenticationMapping {
    /// Decrypts A.IC: CBC with the IV E(KS.Enc, −1), then padding method 2 (4.4.3.5.3, 4.4.3.5.4).
    pub(crate) fn open(
        variant: &Variant,
        mapping_key: &AgreementPublicKey,
        keys: &SessionKeys,
        encrypted: Option<&[u8]>,
    ) -> Self {
        let key = keys.encryption.as_bytes();
        let data = encrypted.and_then(|encrypted| {
            let iv = keys.cipher.encrypt_block(key, &[0xFF; 16]).ok()?;
            let padded = Secret::new(keys.cipher.decrypt_cbc(key, &iv, encrypted).ok()?);
            unpad(padded.as_bytes()).ok().map(Secret::from)
        });
        Self {
            protocol: variant.protocol,
            parameter_id: variant.parameter_id,
            mapping_key: match mapping_key {
                AgreementPublicKey::Ecdh(point) => Some(point.clone()),
                AgreementPublicKey::Dh(_) => None,
            },
            data,
        }
    }

    /// The protocol, such as id-PACE-ECDH-CAM-AES-CBC-CMAC-128.
    #[must_use]
    pub const fn protocol(&self) -> &ObjectIdentifier {
        &self.protocol
    }

    /// The domain parameters, which are also the identifier of the static key (9.2.1).
    #[must_use]
    pub const fn parameter_id(&self) -> u8 {
        self.parameter_id
    }

    /// Verifies that PK.Map,IC = CA.IC · PK.IC for a static key of the chip (4.4.3.5.2). The keys are those of EF.CardSecurity:
    /// the one with the identifier that PACE's parameters give comes first.
    ///
    /// It proves something only if they come from a verified EF.CardSecurity.
    pub fn verify(
        &self,
        card_security: &SecurityInfos,
    ) -> Result<VerifiedChipAuthenticationMapping, ChipError> {
        let failed = |fault| ChipError::ChipAuthenticationMappingFailed { fault };
        let point = self.mapping_key.as_ref().ok_or(failed(MappingFault::NoKey))?;
        let data = self.data.as_ref().ok_or(failed(MappingFault::NoData))?;
        let data = PrivateScalar::from_bytes(point.curve(), data.as_bytes())
            .map_err(|error| failed(MappingFault::BadData(error)))?;

        let mut keys = card_security.chip_authentication_keys();
        let named = Some([self.parameter_id].to_vec());
        keys.sort_by_key(|key| key.key_id != named);
        let mut fault = MappingFault::NoKey;
        for key in keys {
            let Some(static_key) = key_on(point.curve(), &key.public_key_der) else {
                continue;
            };
            if data.multiply(&static_key).as_ref() == Ok(point) {
                return Ok(VerifiedChipAuthenticationMapping {
                    protocol: self.protocol,
                    public_key: key.public_key_der,
                });
            }
            fault = MappingFault::WrongKey;
        }
        Err(failed(fault))
    }
}

/// The key, if it is one on this curve.
fn key_on(curve: Curve, spki: &[u8]) -> Option<PublicPoint> {
    match AgreementPublicKey::from_spki_der(spki) {
        Ok(AgreementPublicKey::Ecdh(point)) if point.curve() == curve => Some(point),
        _ => None,
    }
}

impl fmt::Debug for ChipAuthenticationMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ChipAuthenticationMapping({}, {})",
            self.protocol, self.parameter_id
        )
    }
}

/// The proof that the chip holds the private key to a public key: it knew how the ephemeral key of PACE's mapping and the
/// static one belong together.
///
/// Only [`ChipAuthenticationMapping::verify`] makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedChipAuthenticationMapping {
    protocol: ObjectIdentifier,
    public_key: Vec<u8>,
}

impl VerifiedChipAuthenticationMapping {
    /// The protocol, such as id-PACE-ECDH-CAM-AES-CBC-CMAC-128.
    #[must_use]
    pub const fn protocol(&self) -> &ObjectIdentifier {
        &self.protocol
    }

    /// The public key of the chip, SubjectPublicKeyInfo in DER as EF.CardSecurity holds it.
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }
}
