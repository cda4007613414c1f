//! The document signers: one of each kind of key, and those that go wrong.

use chipgate_crypto::{Curve, HashAlgorithm};
use rand_core::CryptoRng;

use super::{
    Country, IssuingState, SignerAlgorithm,
    certificate::{Contents, Identity, Issuer, Use, certificate},
};
use crate::{CardError, calendar::Moment};

/// How long a document signer signs, and how long its certificate holds, within its authority's.
const KEY_DAYS: i32 = 90;
const YEARS: i32 = 22;

/// A document signer, by what is right or wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignerKind {
    /// In force, with the country's usual key.
    Current,
    /// In force, with an RSA key that signs by PSS.
    Rsa,
    /// In force, with an RSA key that signs by PKCS#1 v1.5.
    RsaPkcs1,
    /// In force, with a key on this curve.
    On(Curve),
    /// In force, and issued under the authority's next key.
    Next,
    /// Its certificate has expired.
    Expired,
    /// It is on the revocation list.
    Revoked,
    /// Its certificate is not valid yet.
    Early,
    /// Its certificate is an authority's, which must not sign documents.
    Unfit,
    /// It was issued by an authority that is no anchor.
    Foreign,
    /// Its certificate names the anchor as its issuer, and the other authority's key signed it.
    Forged,
}

impl SignerKind {
    const EVERYWHERE: [Self; 8] = [
        Self::Current,
        Self::Expired,
        Self::Revoked,
        Self::Early,
        Self::Unfit,
        Self::Foreign,
        Self::Forged,
        Self::Next,
    ];

    /// The signers that a country has; those with other keys than the usual one in Utopia only.
    pub(crate) fn of(state: IssuingState) -> Vec<Self> {
        let mut kinds = Self::EVERYWHERE.to_vec();
        if state == IssuingState::Utopia {
            kinds.extend([Self::Rsa, Self::RsaPkcs1]);
            kinds.extend(Curve::ALL.map(Self::On));
        }
        kinds
    }

    /// The stem of its files' names.
    pub(crate) fn stem(self) -> String {
        match self {
            Self::Current => "ds".into(),
            Self::Rsa => "ds-rsa".into(),
            Self::RsaPkcs1 => "ds-rsa-pkcs1".into(),
            Self::On(curve) => format!("ds-{}", curve.name()),
            Self::Next => "ds-next".into(),
            Self::Expired => "ds-expired".into(),
            Self::Revoked => "ds-revoked".into(),
            Self::Early => "ds-early".into(),
            Self::Unfit => "ds-unfit".into(),
            Self::Foreign => "ds-foreign".into(),
            Self::Forged => "ds-forged".into(),
        }
    }

    /// The number in its name.
    fn number(self) -> u8 {
        match self {
            Self::Current | Self::Forged => 1,
            Self::Rsa => 2,
            Self::Expired => 3,
            Self::Revoked => 4,
            Self::Early => 5,
            Self::Foreign => 6,
            Self::Unfit => 7,
            Self::RsaPkcs1 => 8,
            Self::Next => 9,
            Self::On(curve) => curve.domain_parameter_id(), // 10 to 18
        }
    }

    /// What it signs with, unless all were given another algorithm.
    pub(crate) const fn usual_algorithm(self, state: IssuingState) -> SignerAlgorithm {
        let hash = HashAlgorithm::Sha256;
        match (self, state) {
            (Self::Rsa, _) => SignerAlgorithm::RsaPss { bits: 2048, hash },
            (Self::RsaPkcs1, _) => SignerAlgorithm::RsaPkcs1 { bits: 2048, hash },
            (Self::On(curve), _) => SignerAlgorithm::on(curve),
            // As the citizen cards have it: a key of 384 bits, and SHA-256.
            (_, IssuingState::Vietnam) => SignerAlgorithm::Ecdsa {
                curve: Curve::BrainpoolP384r1,
                hash,
            },
            (_, IssuingState::Utopia) => SignerAlgorithm::on(Curve::P256),
        }
    }
}

/// The number in the name of a signer that was made for one card.
const OWN_SIGNER: u8 = 20;

impl Country {
    /// The signer of this kind; a PKI has each.
    pub(crate) fn signer(&self, kind: SignerKind) -> Result<&Identity, CardError> {
        let found = self.signers.iter().find(|(candidate, _)| *candidate == kind);
        let missing = CardError::UnusableValue {
            field: "pki",
            problem: "it lacks a document signer: make it anew",
        };
        found.map(|(_, identity)| identity).ok_or(missing)
    }

    /// Every signer of this country, all with one algorithm or each with its own.
    pub(super) fn issue_signers(
        &self,
        algorithm: Option<SignerAlgorithm>,
        now: Moment,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Vec<(SignerKind, Identity)>, CardError> {
        let genuine = Issuer::of(&self.authority)?;
        let forged = Issuer {
            signing_key: &self.foreign_authority.key,
            algorithm: self.foreign_authority.algorithm,
            ..Issuer::of(&self.authority)?
        };
        let (foreign, next) = (
            Issuer::of(&self.foreign_authority)?,
            Issuer::of(&self.next_authority)?,
        );
        let mut signers = Vec::new();
        for kind in SignerKind::of(self.state) {
            let issuer = match kind {
                SignerKind::Foreign => &foreign,
                SignerKind::Forged => &forged,
                SignerKind::Next => &next,
                _ => &genuine,
            };
            let algorithm = algorithm.unwrap_or(kind.usual_algorithm(self.state));
            let purpose = match kind {
                SignerKind::Unfit => Use::Authority,
                _ => Use::Documents(self.document_types()),
            };
            let contents = (kind.number(), validity(kind, now), purpose);
            signers.push((kind, self.sign_signer(contents, algorithm, issuer, rng)?));
        }
        Ok(signers)
    }

    /// A signer for one card.
    pub(crate) fn make_signer(
        &self,
        algorithm: SignerAlgorithm,
        now: Moment,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Identity, CardError> {
        let valid = validity(SignerKind::Current, now);
        let contents = (OWN_SIGNER, valid, Use::Documents(self.document_types()));
        self.sign_signer(contents, algorithm, &Issuer::of(&self.authority)?, rng)
    }

    /// The kinds of documents that certificates of this country name; those of Viet Nam name none.
    const fn document_types(&self) -> &'static [&'static str] {
        match self.state {
            IssuingState::Vietnam => &[],
            IssuingState::Utopia => &["I", "P"],
        }
    }

    fn sign_signer(
        &self,
        (number, valid, purpose): (u8, (Moment, Moment), Use),
        algorithm: SignerAlgorithm,
        issuer: &Issuer<'_>,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Identity, CardError> {
        let key = algorithm.generate(rng)?;
        let contents = Contents {
            state: self.state,
            subject: self.state.name(&format!("Document Signer {number} TEST")),
            purpose,
            valid,
            key_days: KEY_DAYS,
            key: &key,
        };
        let certificate = certificate(&contents, issuer, rng)?;
        Ok(Identity {
            key,
            algorithm: algorithm.signature(),
            certificate,
        })
    }
}

fn validity(kind: SignerKind, now: Moment) -> (Moment, Moment) {
    let from = now.plus_days(-30);
    match kind {
        SignerKind::Expired => (now.plus_days(-540), now.plus_days(-180)),
        SignerKind::Early => (now.plus_days(180), now.plus_years(YEARS)),
        _ => (from, from.plus_years(YEARS)),
    }
}
