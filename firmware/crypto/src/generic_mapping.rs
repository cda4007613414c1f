//! PACE's generic mapping as one side sees it: the generator that follows from the nonce, and this side's key over it.

use crate::{AgreementPrivateKey, AgreementPublicKey, CryptoError, Secret, point};

/// The mapping of a nonce s by an anonymous key agreement (Doc 9303-11, 4.4.3.3.1): Ĝ = s·G + H with H = x·Y, where x is this
/// side's key of the mapping and Y the other side's; modulo a prime ĝ = g^s · h with h = y^x.
#[derive(Debug, Clone)]
pub struct GenericMapping {
    nonce: Secret,
    private: AgreementPrivateKey,
    theirs: AgreementPublicKey,
}

impl GenericMapping {
    /// The mapping with this side's private key and the other side's public one, which must be of one group.
    pub fn new(
        nonce: Secret,
        private: AgreementPrivateKey,
        theirs: AgreementPublicKey,
    ) -> Result<Self, CryptoError> {
        if private.group() != theirs.group() {
            return Err(CryptoError::GroupMismatch);
        }
        Ok(Self {
            nonce,
            private,
            theirs,
        })
    }

    /// The other side's public key.
    pub fn their_key(&self) -> &AgreementPublicKey {
        &self.theirs
    }

    /// The generator Ĝ.
    pub fn generator(&self) -> Result<AgreementPublicKey, CryptoError> {
        let shared = self.private.apply(&self.theirs)?;
        self.private.group().map_generic(self.nonce.as_bytes(), &shared)
    }

    /// The public key k·Ĝ to a private key k. On a curve k·Ĝ = (k·s)·G + (k·x)·Y, whose two products share their
    /// doublings, so that it costs little more than one multiplication instead of the four of the steps one by one.
    pub fn public_key(&self, ephemeral: &AgreementPrivateKey) -> Result<AgreementPublicKey, CryptoError> {
        match (ephemeral, &self.private, &self.theirs) {
            (
                AgreementPrivateKey::Ecdh(ephemeral),
                AgreementPrivateKey::Ecdh(private),
                AgreementPublicKey::Ecdh(theirs),
            ) => point::mapped_public_key(self.nonce.as_bytes(), private, theirs, ephemeral)
                .map(AgreementPublicKey::Ecdh),
            _ => ephemeral.apply(&self.generator()?),
        }
    }
}
