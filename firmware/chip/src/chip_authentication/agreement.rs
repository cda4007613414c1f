//! The key agreement, computed while the chip is busy where that is possible.

use chipgate_crypto::{AgreementPrivateKey, AgreementPublicKey, CryptoError, Secret};

use crate::{ChipError, Step};

/// The reader's ephemeral key and the chip's static one. What follows from them is computed once, and where possible while
/// the chip is busy.
pub(super) struct Agreement<'k> {
    ephemeral: &'k AgreementPrivateKey,
    theirs: &'k AgreementPublicKey,
    public: Option<Result<AgreementPublicKey, CryptoError>>,
    secret: Option<Result<Secret, CryptoError>>,
}

impl<'k> Agreement<'k> {
    pub(super) const fn new(ephemeral: &'k AgreementPrivateKey, theirs: &'k AgreementPublicKey) -> Self {
        Self {
            ephemeral,
            theirs,
            public: None,
            secret: None,
        }
    }

    /// The reader's public key.
    pub(super) fn public(&mut self) -> Result<&AgreementPublicKey, ChipError> {
        let public = self.public.get_or_insert_with(|| self.ephemeral.public_key());
        public.as_ref().map_err(bad_key)
    }

    /// The shared secret K.
    pub(super) fn secret(&mut self) -> Result<&Secret, ChipError> {
        let secret = self
            .secret
            .get_or_insert_with(|| self.ephemeral.agree(self.theirs));
        secret.as_ref().map_err(bad_key)
    }
}

const fn bad_key(error: &CryptoError) -> ChipError {
    ChipError::BadKey {
        step: Step::ChipAuthenticationKeyAgreement,
        error: *error,
    }
}
