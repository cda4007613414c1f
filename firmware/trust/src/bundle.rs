//! Trust material in one signed file: for a gate, or for the flash of a microcontroller.
//!
//! ```text
//! "chipgate trust 1"  16 octets
//! version             u64: grows with each bundle; an older one is refused by whoever has a newer one
//! created             u64: milliseconds since 1970
//! entries             each: kind u8, name [u8; 8], length u32, DER
//! signature           ECDSA over SHA-256 of all before, in DER; its length, u16, stands last
//! ```
//!
//! Numbers are big-endian. `name` is [`CertificateName::digest`] of an authority's subject, a list's issuer or a signer's
//! issuer, so that opening a bundle parses no certificate, and looking one up parses the few that are asked for.

use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use chipgate_apdu::Timestamp;
use chipgate_crypto::{HashAlgorithm, PublicKey, SignatureAlgorithm};
use thiserror::Error;

use crate::anchors::{TrustAnchor, TrustAnchors, Wanted};
use crate::certificate::Certificate;
use crate::defect_list::{KnownDefect, read_unverified_defect_list};
use crate::name::CertificateName;
use crate::revocation_list::RevocationList;
use crate::signer_info::SignerIdentifier;

const MAGIC: &[u8; 16] = b"chipgate trust 1";
const HEADER: usize = 32;
const ENTRY_HEADER: usize = 13;
/// The algorithm that bundles are signed with.
pub const BUNDLE_ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256);

/// What an entry of a bundle is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Anchor = 1,
    Known = 2,
    RevocationList = 3,
    DefectList = 4,
}

impl Kind {
    const fn from_octet(octet: u8) -> Option<Self> {
        match octet {
            1 => Some(Self::Anchor),
            2 => Some(Self::Known),
            3 => Some(Self::RevocationList),
            4 => Some(Self::DefectList),
            _ => None,
        }
    }
}

/// Where an entry lies, and whose name it has.
type Entry = (Kind, [u8; 8], Range<usize>);

/// Why a bundle is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum BundleError {
    /// Not a bundle, or one of a later format.
    #[error("not a trust bundle of this version: make one with `chipgate trust bundle`")]
    NotABundle,
    /// It was cut short or altered.
    #[error("the trust bundle is damaged: obtain it again")]
    Damaged,
    /// Its signature is not by the key that bundles here are signed with.
    #[error("the trust bundle is not signed by the expected key: obtain it from whoever signs bundles")]
    Signature,
    /// An item does not fit in a bundle.
    #[error("an item is too long for a trust bundle: leave it out")]
    TooLong,
}

/// A bundle before it is signed.
#[derive(Debug, Clone, Default)]
pub struct BundleContent {
    entries: Vec<u8>,
}

impl BundleContent {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an anchor.
    pub fn add_anchor(&mut self, anchor: &TrustAnchor) -> Result<(), BundleError> {
        let certificate = anchor.certificate();
        self.add(Kind::Anchor, certificate.subject().digest(), certificate.der())
    }

    /// Adds a certificate that is no anchor: a link certificate or a signer's.
    pub fn add_known(&mut self, certificate: &Certificate) -> Result<(), BundleError> {
        let name = if certificate.is_authority() {
            certificate.subject()
        } else {
            certificate.issuer()
        };
        self.add(Kind::Known, name.digest(), certificate.der())
    }

    /// Adds a revocation list.
    pub fn add_revocation(&mut self, list: &RevocationList) -> Result<(), BundleError> {
        self.add(Kind::RevocationList, list.issuer().digest(), list.der())
    }

    /// Adds a defect list that was verified before: the bundle's signature then vouches for it.
    pub fn add_defect_list(&mut self, der: &[u8]) -> Result<(), BundleError> {
        self.add(Kind::DefectList, [0; 8], der)
    }

    fn add(&mut self, kind: Kind, name: [u8; 8], der: &[u8]) -> Result<(), BundleError> {
        let length = u32::try_from(der.len()).map_err(|_| BundleError::TooLong)?;
        self.entries.push(kind as u8);
        self.entries.extend(name);
        self.entries.extend(length.to_be_bytes());
        self.entries.extend(der);
        Ok(())
    }

    /// The whole bundle; `sign` signs what it is given with [`BUNDLE_ALGORITHM`].
    pub fn sign<E: From<BundleError>>(
        &self,
        version: u64,
        created: Timestamp,
        sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, E>,
    ) -> Result<Vec<u8>, E> {
        let mut bundle = MAGIC.to_vec();
        bundle.extend(version.to_be_bytes());
        bundle.extend(created.0.to_be_bytes());
        bundle.extend(&self.entries);
        let signature = sign(&bundle)?;
        let length = u16::try_from(signature.len()).map_err(|_| BundleError::TooLong)?;
        bundle.extend(signature);
        bundle.extend(length.to_be_bytes());
        Ok(bundle)
    }
}

/// A bundle whose signature holds, as trust anchors.
#[derive(Clone)]
pub struct Bundle<B> {
    bytes: B,
    version: u64,
    created: Timestamp,
    entries: Vec<Entry>,
}

impl<B: AsRef<[u8]>> Bundle<B> {
    /// Checks the signature by `key` and finds the entries; the bytes stay where they are.
    pub fn open(bytes: B, key: &PublicKey) -> Result<Self, BundleError> {
        let all = bytes.as_ref();
        let (signed, signature) = split(all)?;
        key.verify(&BUNDLE_ALGORITHM, signed, signature)
            .map_err(|_| BundleError::Signature)?;
        let number = |from: usize| {
            let octets = signed
                .get(from..from + 8)
                .and_then(|octets| octets.try_into().ok());
            octets.map(u64::from_be_bytes).ok_or(BundleError::Damaged)
        };
        let (version, created) = (number(16)?, number(24)?);
        let entries = entries(signed)?;
        Ok(Self {
            version,
            created: Timestamp(created),
            entries,
            bytes,
        })
    }

    /// Its version: a newer bundle has a larger one.
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// When it was made.
    pub const fn created(&self) -> Timestamp {
        self.created
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// Its anchors, each parsed now.
    pub fn anchors(&self) -> impl Iterator<Item = TrustAnchor> + '_ {
        self.of(Kind::Anchor, None)
            .filter_map(|der| TrustAnchor::from_der(der).ok())
    }

    /// Its other certificates, each parsed now.
    pub fn other_certificates(&self) -> impl Iterator<Item = Certificate> + '_ {
        self.of(Kind::Known, None)
            .filter_map(|der| Certificate::from_der(der).ok())
    }

    /// Its revocation lists, each parsed now.
    pub fn revocation_lists(&self) -> impl Iterator<Item = RevocationList> + '_ {
        self.of(Kind::RevocationList, None)
            .filter_map(|der| RevocationList::from_der(der).ok())
    }

    /// Its defect lists as they were signed; the bundle's signature vouches for each, and
    /// [`read_unverified_defect_list`](crate::read_unverified_defect_list) reads one.
    pub fn defect_lists(&self) -> impl Iterator<Item = &[u8]> + '_ {
        self.of(Kind::DefectList, None)
    }

    fn of(&self, kind: Kind, name: Option<[u8; 8]>) -> impl Iterator<Item = &[u8]> + '_ {
        let entries = self.entries.iter();
        entries
            .filter(move |(of, named, _)| *of == kind && name.is_none_or(|name| name == *named))
            .filter_map(|(_, _, range)| self.bytes.as_ref().get(range.clone()))
    }
}

/// What is signed, and the signature.
fn split(all: &[u8]) -> Result<(&[u8], &[u8]), BundleError> {
    if !all.starts_with(MAGIC) {
        return Err(BundleError::NotABundle);
    }
    let (rest, length) = all.split_last_chunk::<2>().ok_or(BundleError::Damaged)?;
    let start = rest
        .len()
        .checked_sub(usize::from(u16::from_be_bytes(*length)))
        .filter(|start| *start >= HEADER)
        .ok_or(BundleError::Damaged)?;
    Ok(rest.split_at(start))
}

fn entries(signed: &[u8]) -> Result<Vec<Entry>, BundleError> {
    let mut entries = Vec::new();
    let mut at = HEADER;
    while at < signed.len() {
        let header = signed.get(at..at + ENTRY_HEADER).ok_or(BundleError::Damaged)?;
        let (kind, rest) = header.split_first().ok_or(BundleError::Damaged)?;
        let (name, length) = rest.split_first_chunk::<8>().ok_or(BundleError::Damaged)?;
        let length: [u8; 4] = length.try_into().map_err(|_| BundleError::Damaged)?;
        let length = usize::try_from(u32::from_be_bytes(length)).map_err(|_| BundleError::Damaged)?;
        let start = at + ENTRY_HEADER;
        let end = start
            .checked_add(length)
            .filter(|end| *end <= signed.len())
            .ok_or(BundleError::Damaged)?;
        // An entry of a kind that is not known here is passed over: a later bundle may hold more.
        if let Some(kind) = Kind::from_octet(*kind) {
            entries.push((kind, *name, start..end));
        }
        at = end;
    }
    Ok(entries)
}

impl<B: AsRef<[u8]>> TrustAnchors for Bundle<B> {
    fn candidates(&self, issuer: &CertificateName, key_identifier: Option<&[u8]>) -> Vec<TrustAnchor> {
        let named = self.of(Kind::Anchor, Some(issuer.digest()));
        let mut candidates: Vec<_> = named
            .filter_map(|der| TrustAnchor::from_der(der).ok())
            .filter(|anchor| anchor.certificate().subject() == issuer)
            .collect();
        if key_identifier.is_some() {
            candidates.sort_by_key(|anchor| anchor.certificate().subject_key_identifier() != key_identifier);
        }
        candidates
    }

    fn known(&self, wanted: Wanted<'_>) -> Vec<Certificate> {
        let name = match wanted {
            Wanted::Authority(name) | Wanted::Signer(SignerIdentifier::IssuerAndSerialNumber(name, _)) => {
                Some(name.digest())
            }
            Wanted::Signer(SignerIdentifier::SubjectKeyIdentifier(_)) => None,
        };
        self.of(Kind::Known, name)
            .filter_map(|der| Certificate::from_der(der).ok())
            .filter(|certificate| wanted.is(certificate))
            .collect()
    }

    fn revocation(&self, issuer: &CertificateName, _now: Timestamp) -> Vec<RevocationList> {
        self.of(Kind::RevocationList, Some(issuer.digest()))
            .filter_map(|der| RevocationList::from_der(der).ok())
            .filter(|list| list.issuer() == issuer)
            .collect()
    }

    fn defects(&self, signer: &Certificate) -> Vec<KnownDefect> {
        self.of(Kind::DefectList, None)
            .filter_map(|der| read_unverified_defect_list(der).ok())
            .flat_map(|(list, _)| list.of(signer))
            .collect()
    }

    fn is_empty(&self) -> bool {
        !self.entries.iter().any(|(kind, ..)| *kind == Kind::Anchor)
    }
}

impl<B> fmt::Debug for Bundle<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Bundle(version {}, {} entries)",
            self.version,
            self.entries.len()
        )
    }
}
