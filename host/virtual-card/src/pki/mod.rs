//! The test PKI: two countries with their authorities and signers, as Doc 9303-12 wants them, and a few that go wrong.

mod algorithm;
mod certificate;
pub(crate) mod der;
mod folder;
mod name;
mod signed_data;
mod signers;
mod terminals;

use core::fmt;

use chipgate_apdu::Timestamp;
use chipgate_crypto::{Curve, ObjectIdentifier};
use rand_core::CryptoRng;

use crate::{CardError, calendar::Moment};
pub use algorithm::SignerAlgorithm;
pub(crate) use certificate::Identity;
use certificate::{Contents, Issuer, Use, certificate, parts, revocation_list};
pub(crate) use name::IssuingState;
pub(crate) use signed_data::{Signing, signed_data};
pub(crate) use signers::SignerKind;
pub(crate) use terminals::TerminalPki;

/// id-icao-cscaMasterList.
const MASTER_LIST: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.136.1.1.2");
/// How long an authority signs, and how long its certificate holds (as FACTS has it for Viet Nam: 5 and 25 years).
const AUTHORITY_KEY_DAYS: i32 = 5 * 365;
const AUTHORITY_YEARS: i32 = 25;
/// How long a revocation list holds (Doc 9303-12, 6: at most 90 days).
const LIST_DAYS: i32 = 90;

/// The authorities and signers that cards are issued by. Its anchors are no one's default.
pub struct Pki {
    pub(crate) vietnam: Country,
    pub(crate) utopia: Country,
    pub(crate) master_list_signer: Identity,
    pub(crate) master_list: Vec<u8>,
    /// Whom chips believe to be inspection systems.
    pub(crate) terminals: TerminalPki,
    pub(crate) options: PkiOptions,
}

/// What the keys of a PKI are to be.
///
/// ```
/// use chipgate_apdu::Timestamp;
/// use chipgate_virtual_card::{Pki, PkiOptions};
/// use rand::{SeedableRng, rngs::StdRng};
///
/// let options = PkiOptions {
///     authority: Some("ecdsa-brainpoolP512r1-sha512".parse()?),
///     signer: Some("rsa-2048-pkcs1-sha1".parse()?),
///     ..PkiOptions::default()
/// };
/// let now = Timestamp::from_seconds(1_795_478_400);
/// let pki = Pki::generate_with(&options, &mut StdRng::seed_from_u64(1), now)?;
/// # let _ = pki;
/// # Ok::<(), chipgate_virtual_card::CardError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PkiOptions {
    /// What the authorities sign certificates, lists and links with; each country's usual algorithm if none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<SignerAlgorithm>,
    /// What the document signers sign with, all of them; each one's usual algorithm if none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<SignerAlgorithm>,
    /// What the authorities, the verifier and the terminal of terminal authentication sign with; ECDSA on brainpoolP256r1 with SHA-256
    /// if none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal: Option<SignerAlgorithm>,
}

/// One country's authority and signers.
pub(crate) struct Country {
    pub(crate) state: IssuingState,
    /// The authority, an anchor.
    pub(crate) authority: Identity,
    /// The same authority's next key, with a certificate of its own.
    pub(crate) next_authority: Identity,
    /// The next key under the authority's name, signed with the key before it (Doc 9303-12, 4.2.1).
    pub(crate) link_certificate: Vec<u8>,
    /// An authority that is no anchor.
    pub(crate) foreign_authority: Identity,
    pub(crate) signers: Vec<(SignerKind, Identity)>,
    pub(crate) revocation_list: Vec<u8>,
    /// The same list under the next key.
    pub(crate) next_revocation_list: Vec<u8>,
}

impl Pki {
    /// Makes every key and certificate anew, as of `now`. The same random numbers give the same PKI.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized), now: Timestamp) -> Result<Self, CardError> {
        Self::generate_with(&PkiOptions::default(), rng, now)
    }

    /// The same with keys of chosen kinds.
    pub fn generate_with(
        options: &PkiOptions,
        rng: &mut (impl CryptoRng + ?Sized),
        now: Timestamp,
    ) -> Result<Self, CardError> {
        let now = Moment::from(now);
        let vietnam = Country::generate(IssuingState::Vietnam, options, now, rng)?;
        let utopia = Country::generate(IssuingState::Utopia, options, now, rng)?;
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
            terminals: TerminalPki::generate(options.terminal, now, rng)?,
            options: *options,
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

    /// The certificates that link each authority's next key to the one that is an anchor, as DER.
    pub fn link_certificates(&self) -> [&[u8]; 2] {
        [&self.vietnam.link_certificate, &self.utopia.link_certificate]
    }

    /// The revocation lists under these authorities' next keys, as DER.
    pub fn next_revocation_lists(&self) -> [&[u8]; 2] {
        [
            &self.vietnam.next_revocation_list,
            &self.utopia.next_revocation_list,
        ]
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
        options: &PkiOptions,
        now: Moment,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, CardError> {
        let algorithm = options.authority.unwrap_or(usual_authority(state));
        let started = now.plus_years(-2);
        let authority = authority(state, &state.authority_name(), algorithm, started, rng)?;
        let next_authority =
            self::authority(state, &state.authority_name(), algorithm, now.plus_days(-60), rng)?;
        let foreign_name = state.name(&format!("CSCA {} FOREIGN TEST", state.country()));
        let foreign_authority = self::authority(state, &foreign_name, algorithm, started, rng)?;
        let link_certificate = link(state, &authority, &next_authority, now.plus_days(-60), rng)?;
        let mut country = Self {
            state,
            authority,
            next_authority,
            link_certificate,
            foreign_authority,
            signers: Vec::new(),
            revocation_list: Vec::new(),
            next_revocation_list: Vec::new(),
        };
        country.signers = country.issue_signers(options.signer, now, rng)?;
        country.revocation_list = country.revoke(&country.authority, now, rng)?;
        country.next_revocation_list = country.revoke(&country.next_authority, now, rng)?;
        Ok(country)
    }

    fn revoke(
        &self,
        authority: &Identity,
        now: Moment,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Vec<u8>, CardError> {
        let revoked = parts(&self.signer(SignerKind::Revoked)?.certificate)?.serial;
        let updates = (now.plus_days(-1), now.plus_days(LIST_DAYS));
        revocation_list(authority, &[revoked], updates, rng)
    }

    fn issue_master_list_signer(
        &self,
        now: Moment,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Identity, CardError> {
        let algorithm = SignerAlgorithm::on(Curve::P256);
        let key = algorithm.generate(rng)?;
        let from = now.plus_days(-30);
        let contents = Contents {
            state: self.state,
            subject: self.state.name("Master List Signer TEST"),
            purpose: Use::MasterLists,
            valid: (from, from.plus_years(2)),
            key_days: 365,
            key: &key,
        };
        let certificate = certificate(&contents, &Issuer::of(&self.authority)?, rng)?;
        Ok(Identity {
            key,
            algorithm: algorithm.signature(),
            certificate,
        })
    }
}

/// P-384 in Viet Nam, P-256 in Utopia.
pub(crate) const fn usual_authority(state: IssuingState) -> SignerAlgorithm {
    SignerAlgorithm::on(match state {
        IssuingState::Vietnam => Curve::P384,
        IssuingState::Utopia => Curve::P256,
    })
}

/// A self-signed authority.
fn authority(
    state: IssuingState,
    name: &[u8],
    algorithm: SignerAlgorithm,
    from: Moment,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Identity, CardError> {
    let key = algorithm.generate(rng)?;
    let contents = Contents {
        state,
        subject: name.to_vec(),
        purpose: Use::Authority,
        valid: (from, from.plus_years(AUTHORITY_YEARS)),
        key_days: AUTHORITY_KEY_DAYS,
        key: &key,
    };
    let certificate = certificate(&contents, &Issuer::new(name, &key, algorithm.signature()), rng)?;
    Ok(Identity {
        key,
        algorithm: algorithm.signature(),
        certificate,
    })
}

/// A link certificate: the next key under the same name, signed with the key before it.
fn link(
    state: IssuingState,
    authority: &Identity,
    next: &Identity,
    from: Moment,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Vec<u8>, CardError> {
    let contents = Contents {
        state,
        subject: parts(&next.certificate)?.subject.to_vec(),
        purpose: Use::Authority,
        valid: (from, from.plus_years(AUTHORITY_YEARS - 2)),
        key_days: AUTHORITY_KEY_DAYS,
        key: &next.key,
    };
    certificate(&contents, &Issuer::of(authority)?, rng)
}
