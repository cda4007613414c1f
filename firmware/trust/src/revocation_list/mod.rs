//! Revocation lists as they are read (RFC 5280, 5; Doc 9303-12, 7.1.4). What they decide is in [`crate::revocation`].

mod scope;

use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use chipgate_apdu::Timestamp;
use chipgate_crypto::{HashAlgorithm, PublicKey};
use der::asn1::{ObjectIdentifier, UintRef};
use der::{Decode, Encode};
use x509_cert::crl::{CertificateList, RevokedCert};
use x509_cert::ext::Extension;

use crate::certificate::{fingerprint, signed_part, timestamp};
use crate::extensions::key_identifier;
use crate::fault::{TrustError, TrustFault};
use crate::name::CertificateName;
use crate::path::PathOptions;
use crate::tolerance::{self, Tolerant};
use crate::{oid, signature};

pub(crate) use scope::{Scope, names};

/// Extensions of a list or an entry that may be critical: their meaning is taken into account here.
const KNOWN: [ObjectIdentifier; 6] = [
    oid::ID_CE_ISSUING_DISTRIBUTION_POINT,
    oid::ID_CE_DELTA_CRL_INDICATOR,
    oid::ID_CE_AUTHORITY_KEY_IDENTIFIER,
    oid::ID_CE_CRL_NUMBER,
    oid::ID_CE_CRL_REASONS,
    oid::ID_CE_INVALIDITY_DATE,
];
/// removeFromCRL, the reason by which a delta list takes a certificate off its base list (RFC 5280, 5.3.1): an ENUMERATED.
const REMOVE_FROM_CRL: [u8; 3] = [0x0A, 1, 8];

/// A certificate revocation list (RFC 5280, 5.1) with the DER that it was read from.
#[derive(Clone)]
pub struct RevocationList {
    der: Vec<u8>,
    tbs: Range<usize>,
    parsed: CertificateList<Tolerant>,
    issuer: CertificateName,
}

impl RevocationList {
    /// Reads one DER revocation list; nothing may follow it. Its signature is checked when it is used.
    pub fn from_der(der: &[u8]) -> Result<Self, TrustError> {
        let parsed: CertificateList<Tolerant> = tolerance::read(der).ok_or(TrustError::NotARevocationList)?;
        let tbs = signed_part(der).ok_or(TrustError::NotARevocationList)?;
        let issuer = CertificateName::from_name(&parsed.tbs_cert_list.issuer);
        Ok(Self {
            der: der.to_vec(),
            tbs,
            parsed,
            issuer,
        })
    }

    /// The list as it was read.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of the DER.
    pub fn fingerprint(&self) -> [u8; 32] {
        fingerprint(&self.der)
    }

    /// Whose certificates it revokes.
    pub fn issuer(&self) -> &CertificateName {
        &self.issuer
    }

    /// When it was issued.
    pub fn this_update(&self) -> Timestamp {
        timestamp(self.parsed.tbs_cert_list.this_update)
    }

    /// When the next one is due, if it says so.
    pub fn next_update(&self) -> Option<Timestamp> {
        self.parsed.tbs_cert_list.next_update.map(timestamp)
    }

    /// Whether this list takes the place of another one: by the same key of the same issuer, of the same scope (RFC 5280,
    /// 5.2.5), and issued later (of two that were issued at one moment, with the larger number, 5.2.3). One whose number
    /// went back takes no other one's place, and neither does one that may not be used by itself, such as a delta list.
    pub fn supersedes(&self, other: &Self) -> bool {
        let order = |list: &Self| (list.this_update(), list.number());
        self.issuer == other.issuer
            && self.authority_key_identifier() == other.authority_key_identifier()
            && self.extension(oid::ID_CE_ISSUING_DISTRIBUTION_POINT)
                == other.extension(oid::ID_CE_ISSUING_DISTRIBUTION_POINT)
            && [self, other]
                .iter()
                .all(|list| list.check_critical().is_ok() && !list.is_delta())
            && order(self) > order(other)
            && (self.number().is_none() || self.number() >= other.number())
    }

    /// RFC 5280, 5.2.3: the length of the number and its octets, which order as the numbers do. It has no sign.
    fn number(&self) -> Option<(usize, Vec<u8>)> {
        let octets = UintRef::from_der(self.extension(oid::ID_CE_CRL_NUMBER)?)
            .ok()?
            .as_bytes();
        Some((octets.len(), octets.to_vec()))
    }

    fn extension(&self, kind: ObjectIdentifier) -> Option<&[u8]> {
        let mut extensions = self.parsed.tbs_cert_list.crl_extensions.iter().flatten();
        let found = extensions.find(|extension| extension.extn_id == kind)?;
        Some(found.extn_value.as_bytes())
    }

    /// How many certificates it revokes.
    pub fn len(&self) -> usize {
        self.entries().len()
    }

    /// Whether it revokes no certificate.
    pub fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }

    /// Whether `key` signed this list.
    pub fn verify_signature(&self, key: &PublicKey) -> Result<(), TrustFault> {
        let outer = &self.parsed.signature_algorithm;
        // RFC 5280, 5.1.1.2: the signed field and the outer one are the same.
        if *outer != self.parsed.tbs_cert_list.signature {
            return Err(TrustFault::CrlSignatureInvalid);
        }
        let algorithm = outer.to_der().map_err(|_| TrustFault::CrlSignatureInvalid)?;
        let value = self
            .parsed
            .signature
            .as_bytes()
            .ok_or(TrustFault::CrlSignatureInvalid)?;
        let signed = self.der.get(self.tbs.clone()).unwrap_or_default();
        signature::algorithm(&algorithm, None)
            .and_then(|algorithm| signature::verify(key, &algorithm, signed, value))
            .map_err(|fault| match fault {
                TrustFault::SignatureInvalid => TrustFault::CrlSignatureInvalid,
                other => other,
            })
    }

    /// Whether it lists this serial number. Serial numbers are compared without leading zero octets, since lists
    /// are known that drop the octet which keeps a number positive.
    pub fn lists(&self, serial_number: &[u8]) -> bool {
        let wanted = significant(serial_number);
        self.revoked().any(|listed| listed == wanted)
    }

    /// The serial numbers that it revokes.
    fn revoked(&self) -> impl Iterator<Item = &[u8]> {
        self.entries()
            .iter()
            .filter(|entry| !is_removal(entry))
            .map(|entry| significant(entry.serial_number.as_bytes()))
    }

    /// Whether it names only what changed since another list (RFC 5280, 5.2.4): it can revoke, and clears nobody.
    pub(crate) fn is_delta(&self) -> bool {
        self.extension(oid::ID_CE_DELTA_CRL_INDICATOR).is_some()
    }

    fn entries(&self) -> &[RevokedCert<Tolerant>] {
        self.parsed
            .tbs_cert_list
            .revoked_certificates
            .as_deref()
            .unwrap_or_default()
    }

    /// The identifier of the key that signed it, if it names one (RFC 5280, 5.2.1).
    pub(crate) fn authority_key_identifier(&self) -> Option<Vec<u8>> {
        key_identifier(self.extension(oid::ID_CE_AUTHORITY_KEY_IDENTIFIER)?).ok()?
    }

    /// The hash of the signature on it, if its algorithm is carried here.
    pub(crate) fn signature_hash(&self) -> Option<HashAlgorithm> {
        let algorithm = self.parsed.signature_algorithm.to_der().ok()?;
        signature::algorithm(&algorithm, None)
            .ok()
            .map(|algorithm| algorithm.hash())
    }

    /// Which certificates it is about (RFC 5280, 5.2.5).
    pub(crate) fn scope(&self) -> Result<Scope, TrustFault> {
        self.extension(oid::ID_CE_ISSUING_DISTRIBUTION_POINT)
            .map_or(Ok(Scope::default()), Scope::from_der)
    }

    /// RFC 5280, 5.2 and 5.3: with an unknown critical extension (such as an indirect list's certificateIssuer) it must not
    /// be used to tell a certificate's status.
    pub(crate) fn check_critical(&self) -> Result<(), TrustFault> {
        let unknown = |extension: &Extension| extension.critical && !KNOWN.contains(&extension.extn_id);
        let of_list = self.parsed.tbs_cert_list.crl_extensions.iter().flatten();
        let of_entries = self
            .entries()
            .iter()
            .filter_map(|entry| entry.crl_entry_extensions.as_ref())
            .flatten();
        if of_list.chain(of_entries).any(unknown) {
            Err(TrustFault::CrlUnsupported)
        } else {
            Ok(())
        }
    }

    /// RFC 5280, 5.1.2.4 and 5.1.2.5.
    pub(crate) fn check_age(&self, now: Timestamp, options: &PathOptions) -> Result<(), TrustFault> {
        let lifetime = u64::try_from(options.crl_lifetime.as_millis()).unwrap_or(u64::MAX);
        let end = self
            .next_update()
            .unwrap_or(Timestamp(self.this_update().0.saturating_add(lifetime)));
        if now < self.this_update() {
            Err(TrustFault::CrlNotYetValid)
        } else if now > end {
            Err(TrustFault::CrlExpired)
        } else {
            Ok(())
        }
    }
}

impl PartialEq for RevocationList {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for RevocationList {}

impl fmt::Debug for RevocationList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RevocationList({}, {} entries)", self.issuer, self.len())
    }
}

fn significant(serial_number: &[u8]) -> &[u8] {
    let zeros = serial_number.iter().take_while(|octet| **octet == 0).count();
    serial_number.get(zeros..).unwrap_or_default()
}

/// An entry of a delta list that revokes nothing: it takes the certificate off the list.
fn is_removal(entry: &RevokedCert<Tolerant>) -> bool {
    let mut extensions = entry.crl_entry_extensions.iter().flatten();
    extensions.any(|e| e.extn_id == oid::ID_CE_CRL_REASONS && e.extn_value.as_bytes() == REMOVE_FROM_CRL)
}
