//! The test PKI: two countries with their authorities and signers, as Doc 9303-12 wants them, and a few that go wrong.

mod certificate;
pub(crate) mod der;
mod folder;
mod name;
mod signed_data;

use core::fmt;

use chipgate_apdu::Timestamp;
use chipgate_crypto::{Curve, ObjectIdentifier, SigningKey};
use rand_core::CryptoRng;

use crate::{CardError, calendar::Moment};
pub(crate) use certificate::Identity;
use certificate::{Contents, Issuer, Use, certificate, parts, revocation_list};
pub(crate) use name::IssuingState;
pub(crate) use signed_data::{Signing, signed_data};

/// id-icao-cscaMasterList.
const MASTER_LIST: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.136.1.1.2");
/// How long an authority signs, and how long its certificate holds (as FACTS has it for Viet Nam: 5 and 25 years).
const AUTHORITY_KEY_DAYS: i32 = 5 * 365;
const AUTHORITY_YEARS: i32 = 25;
/// How long a document signer signs, and how long its certificate holds, within its authority's.
const SIGNER_KEY_DAYS: i32 = 90;
const SIGNER_YEARS: i32 = 22;
/// How long a revocation list holds (Doc 9303-12, 6: at most 90 days).
const LIST_DAYS: i32 = 90;

/// The authorities and signers that cards are issued by. Its anchors are no one's default.
pub struct Pki {
    pub(crate) vietnam: Country,
    pub(crate) utopia: Country,
    pub(crate) master_list_signer: Identity,
    pub(crate) master_list: Vec<u8>,
}

/// One country's authority and signers.
pub(crate) struct Country {
    pub(crate) state: IssuingState,
    /// The authority, an anchor.
    pub(crate) authority: Identity,
    /// An authority that is no anchor.
    pub(crate) foreign_authority: Identity,
    pub(crate) signers: Vec<(SignerKind, Identity)>,
    pub(crate) revocation_list: Vec<u8>,
}

/// A document signer, by what is right or wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignerKind {
    /// In force, with the country's usual key.
    Current,
    /// In force, with an RSA key.
    Rsa,
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
    const ALL: [Self; 8] = [
        Self::Current,
        Self::Rsa,
        Self::Expired,
        Self::Revoked,
        Self::Early,
        Self::Unfit,
        Self::Foreign,
        Self::Forged,
    ];

    /// The signers that a country has; an RSA one in Utopia only.
    fn of(state: IssuingState) -> impl Iterator<Item = Self> {
        Self::ALL
            .into_iter()
            .filter(move |kind| *kind != Self::Rsa || state == IssuingState::Utopia)
    }

    /// The stem of its files' names.
    const fn stem(self) -> &'static str {
        match self {
            Self::Current => "ds",
            Self::Rsa => "ds-rsa",
            Self::Expired => "ds-expired",
            Self::Revoked => "ds-revoked",
            Self::Early => "ds-early",
            Self::Unfit => "ds-unfit",
            Self::Foreign => "ds-foreign",
            Self::Forged => "ds-forged",
        }
    }

    const fn common_name(self) -> &'static str {
        match self {
            Self::Current | Self::Forged => "Document Signer 1 TEST",
            Self::Rsa => "Document Signer 2 TEST",
            Self::Expired => "Document Signer 3 TEST",
            Self::Revoked => "Document Signer 4 TEST",
            Self::Early => "Document Signer 5 TEST",
            Self::Foreign => "Document Signer 6 TEST",
            Self::Unfit => "Document Signer 7 TEST",
        }
    }
}

impl Pki {
    /// Makes every key and certificate anew, as of `now`. The same random numbers give the same PKI.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized), now: Timestamp) -> Result<Self, CardError> {
        let now = Moment::from(now);
        let vietnam = Country::generate(IssuingState::Vietnam, now, rng)?;
        let utopia = Country::generate(IssuingState::Utopia, now, rng)?;
        let master_list_signer = utopia.issue_master_list_signer(now, rng)?;
        let anchors = [
            vietnam.authority.certificate.as_slice(),
            &utopia.authority.certificate,
        ];
        let signing = Signing {
            content_type: MASTER_LIST,
            content: &der::sequence(&[
                &der::unsigned(&[0]),
                &der::set_of(anchors.map(<[u8]>::to_vec).to_vec()),
            ]),
            signer: &master_list_signer,
            certificates: &[&utopia.authority.certificate],
            time: now,
        };
        let master_list = signed_data(&signing, rng)?;
        Ok(Self {
            vietnam,
            utopia,
            master_list_signer,
            master_list,
        })
    }

    /// The certificates of the authorities that are anchors, as DER.
    pub fn anchors(&self) -> [&[u8]; 2] {
        [
            &self.vietnam.authority.certificate,
            &self.utopia.authority.certificate,
        ]
    }

    /// The revocation lists of these authorities, as DER.
    pub fn revocation_lists(&self) -> [&[u8]; 2] {
        [&self.vietnam.revocation_list, &self.utopia.revocation_list]
    }

    /// The master list of these anchors, as CMS signed data.
    pub fn master_list(&self) -> &[u8] {
        &self.master_list
    }

    pub(crate) const fn country(&self, state: IssuingState) -> &Country {
        match state {
            IssuingState::Vietnam => &self.vietnam,
            IssuingState::Utopia => &self.utopia,
        }
    }
}

/// Shows no key.
impl fmt::Debug for Pki {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pki").finish_non_exhaustive()
    }
}

impl Country {
    fn generate(
        state: IssuingState,
        now: Moment,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, CardError> {
        let authority = authority(state, &state.authority_name(), now, rng)?;
        let foreign_name = state.name(&format!("CSCA {} FOREIGN TEST", state.country()));
        let foreign_authority = self::authority(state, &foreign_name, now, rng)?;
        let name = parts(&authority.certificate)?.subject;
        let genuine = Issuer::new(name, &authority.key);
        let foreign = Issuer::new(
            parts(&foreign_authority.certificate)?.subject,
            &foreign_authority.key,
        );
        let forged = Issuer {
            name,
            named_key: &authority.key,
            signing_key: &foreign_authority.key,
        };
        let mut signers = Vec::new();
        for kind in SignerKind::of(state) {
            let issuer = match kind {
                SignerKind::Foreign => &foreign,
                SignerKind::Forged => &forged,
                _ => &genuine,
            };
            signers.push((kind, signer(state, kind, issuer, now, rng)?));
        }
        let mut country = Self {
            state,
            authority,
            foreign_authority,
            signers,
            revocation_list: Vec::new(),
        };
        country.revocation_list = country.revoke(now, rng)?;
        Ok(country)
    }

    /// The signer of this kind; a PKI has each.
    pub(crate) fn signer(&self, kind: SignerKind) -> Result<&Identity, CardError> {
        let found = self.signers.iter().find(|(candidate, _)| *candidate == kind);
        let missing = CardError::UnusableValue {
            field: "pki",
            problem: "it lacks a document signer: make it anew",
        };
        found.map(|(_, identity)| identity).ok_or(missing)
    }

    fn revoke(&self, now: Moment, rng: &mut (impl CryptoRng + ?Sized)) -> Result<Vec<u8>, CardError> {
        let revoked = parts(&self.signer(SignerKind::Revoked)?.certificate)?.serial;
        revocation_list(
            &self.authority,
            &[revoked],
            (now.plus_days(-1), now.plus_days(LIST_DAYS)),
            rng,
        )
    }

    fn issue_master_list_signer(
        &self,
        now: Moment,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Identity, CardError> {
        let key = SigningKey::generate_ec(Curve::P256, rng)?;
        let from = now.plus_days(-30);
        let contents = Contents {
            state: self.state,
            subject: self.state.name("Master List Signer TEST"),
            purpose: Use::MasterLists,
            valid: (from, from.plus_years(2)),
            key_days: 365,
            key: &key,
        };
        let certificate = certificate(
            &contents,
            &Issuer::new(&self.state.authority_name(), &self.authority.key),
            rng,
        )?;
        Ok(Identity { key, certificate })
    }
}

/// A self-signed authority: P-384 in Viet Nam, P-256 in Utopia.
fn authority(
    state: IssuingState,
    name: &[u8],
    now: Moment,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Identity, CardError> {
    let curve = match state {
        IssuingState::Vietnam => Curve::P384,
        IssuingState::Utopia => Curve::P256,
    };
    let key = SigningKey::generate_ec(curve, rng)?;
    let from = now.plus_years(-2);
    let contents = Contents {
        state,
        subject: name.to_vec(),
        purpose: Use::Authority,
        valid: (from, from.plus_years(AUTHORITY_YEARS)),
        key_days: AUTHORITY_KEY_DAYS,
        key: &key,
    };
    let certificate = certificate(&contents, &Issuer::new(name, &key), rng)?;
    Ok(Identity { key, certificate })
}

/// A document signer: brainpoolP384r1 in Viet Nam, P-256 in Utopia, or RSA.
fn signer(
    state: IssuingState,
    kind: SignerKind,
    issuer: &Issuer<'_>,
    now: Moment,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Identity, CardError> {
    let key = match (kind, state) {
        (SignerKind::Rsa, _) => SigningKey::generate_rsa(2048, rng)?,
        (_, IssuingState::Vietnam) => SigningKey::generate_ec(Curve::BrainpoolP384r1, rng)?,
        (_, IssuingState::Utopia) => SigningKey::generate_ec(Curve::P256, rng)?,
    };
    let from = now.plus_days(-30);
    let valid = match kind {
        SignerKind::Expired => (now.plus_days(-540), now.plus_days(-180)),
        SignerKind::Early => (now.plus_days(180), now.plus_years(SIGNER_YEARS)),
        _ => (from, from.plus_years(SIGNER_YEARS)),
    };
    let document_type = match state {
        IssuingState::Vietnam => None,
        IssuingState::Utopia => Some("P"),
    };
    let contents = Contents {
        state,
        subject: state.name(kind.common_name()),
        purpose: if kind == SignerKind::Unfit {
            Use::Authority
        } else {
            Use::Documents(document_type)
        },
        valid,
        key_days: SIGNER_KEY_DAYS,
        key: &key,
    };
    let certificate = certificate(&contents, issuer, rng)?;
    Ok(Identity { key, certificate })
}
