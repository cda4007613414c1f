//! Step 2 of PACE: the nonce becomes a generator (Doc 9303-11, 4.4.3.3).

use chipgate_apdu::{
    Channel,
    tlv::{self, Tag},
};
use chipgate_crypto::{AgreementPrivateKey, AgreementPublicKey, CryptoError, GenericMapping, Secret};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::{
    ChipError, Malformation, Step,
    connection::Connection,
    general_authenticate::{CLASS_CHAINED, general_authenticate},
    pace::exchange_keys,
    pace_variant::{Mapping, Variant},
};

const STEP: Step = Step::PaceMapNonce;

/// What the nonce was mapped to.
pub(crate) enum MappedNonce {
    /// By an anonymous key agreement.
    Generic(GenericMapping),
    /// By the reader's nonce: the generator itself.
    Integrated(AgreementPublicKey),
}

impl MappedNonce {
    /// The reader's public key over the generator that the nonce was mapped to.
    pub(crate) fn public_key(
        &self,
        ephemeral: &AgreementPrivateKey,
    ) -> Result<AgreementPublicKey, CryptoError> {
        match self {
            Self::Generic(mapping) => mapping.public_key(ephemeral),
            Self::Integrated(generator) => ephemeral.apply(generator),
        }
    }

    /// The chip's public key of the mapping, where there is one.
    pub(crate) fn chip_key(&self) -> Option<&AgreementPublicKey> {
        match self {
            Self::Generic(mapping) => Some(mapping.their_key()),
            Self::Integrated(_) => None,
        }
    }
}

/// Maps the nonce as the variant does it.
pub(crate) async fn map_nonce<C: Channel>(
    connection: &mut Connection<C>,
    variant: &Variant,
    nonce: &Secret,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<MappedNonce, ChipError> {
    match variant.mapping {
        Mapping::Integrated => integrated(connection, variant, nonce, rng).await,
        Mapping::Generic | Mapping::ChipAuthentication => generic(connection, variant, nonce, rng).await,
    }
}

/// From the nonce and the shared element of an anonymous key agreement (4.4.3.3.1).
async fn generic<C: Channel>(
    connection: &mut Connection<C>,
    variant: &Variant,
    nonce: &Secret,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<MappedNonce, ChipError> {
    let bad = |error| ChipError::BadKey { step: STEP, error };
    let private = AgreementPrivateKey::generate(variant.group, rng);
    let ours = private.public_key().map_err(bad)?;
    let (theirs, _) = exchange_keys(connection, STEP, (Tag(0x81), Tag(0x82)), &ours).await?;
    GenericMapping::new(nonce.clone(), private, theirs)
        .map(MappedNonce::Generic)
        .map_err(bad)
}

/// From the nonce and one of the reader's own, as long as a key of the cipher (4.4.3.3.2); the chip has nothing to say.
async fn integrated<C: Channel>(
    connection: &mut Connection<C>,
    variant: &Variant,
    nonce: &Secret,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<MappedNonce, ChipError> {
    let mut ours = Zeroizing::new([0; 32]);
    let ours = &mut ours[..variant.cipher.key_length()];
    rng.fill_bytes(ours);
    let data = tlv::encode(Tag(0x81), ours);
    let answer = general_authenticate(connection, STEP, CLASS_CHAINED, &data, 0).await?;
    // The object 82 is there and empty (4.4.5.2.2); a chip may leave it out.
    if !answer.is_empty() {
        match answer.require(Tag(0x82))?.len() {
            0 => {}
            found => {
                return Err(ChipError::malformed(
                    STEP,
                    Malformation::Length { expected: 0, found },
                ));
            }
        }
    }
    variant
        .group
        .map_integrated(variant.cipher, nonce.as_bytes(), ours)
        .map(MappedNonce::Integrated)
        .map_err(|error| ChipError::BadKey { step: STEP, error })
}
