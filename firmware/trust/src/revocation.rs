//! Revocation lists (RFC 5280, 5; Doc 9303-12, 7.1.4).

use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use chipgate_apdu::Timestamp;
use chipgate_crypto::{HashAlgorithm, PublicKey};
use der::asn1::{ObjectIdentifier, UintRef};
use der::{Decode, Encode};
use x509_cert::crl::{CertificateList, RevokedCert};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::IssuingDistributionPoint;

use crate::anchors::TrustAnchors;
use crate::certificate::{Certificate, fingerprint, signed_part, timestamp};
use crate::extensions::key_identifier;
use crate::fault::{TrustError, TrustFault};
use crate::name::CertificateName;
use crate::path::{PathOptions, revocation_signers};
use crate::{oid, signature};

/// Extensions of a list or an entry that may be critical: their meaning is taken into account here.
const KNOWN: [ObjectIdentifier; 5] = [
    oid::ID_CE_ISSUING_DISTRIBUTION_POINT,
    oid::ID_CE_AUTHORITY_KEY_IDENTIFIER,
    oid::ID_CE_CRL_NUMBER,
    oid::ID_CE_CRL_REASONS,
    oid::ID_CE_INVALIDITY_DATE,
];

/// A certificate revocation list (RFC 5280, 5.1) with the DER that it was read from.
#[derive(Clone)]
pub struct RevocationList {
    der: Vec<u8>,
    tbs: Range<usize>,
    parsed: CertificateList,
    issuer: CertificateName,
}

impl RevocationList {
    /// Reads one DER revocation list; nothing may follow it. Its signature is checked when it is used.
    pub fn from_der(der: &[u8]) -> Result<Self, TrustError> {
        let parsed = CertificateList::from_der(der).map_err(|_| TrustError::NotARevocationList)?;
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

    /// Whether this list takes the place of another one: by the same issuer, of the same scope (RFC 5280, 5.2.5), and issued
    /// later; of two that were issued at one moment, the one with the larger number (5.2.3). A list that may not be used by
    /// itself, such as a delta list, takes no other one's place.
    pub fn supersedes(&self, other: &Self) -> bool {
        let order = |list: &Self| (list.this_update(), list.number());
        self.issuer == other.issuer
            && self.extension(oid::ID_CE_ISSUING_DISTRIBUTION_POINT)
                == other.extension(oid::ID_CE_ISSUING_DISTRIBUTION_POINT)
            && self.check_critical().is_ok()
            && other.check_critical().is_ok()
            && order(self) > order(other)
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
        self.entries()
            .iter()
            .any(|entry| significant(entry.serial_number.as_bytes()) == wanted)
    }

    fn entries(&self) -> &[RevokedCert] {
        self.parsed
            .tbs_cert_list
            .revoked_certificates
            .as_deref()
            .unwrap_or_default()
    }

    /// The identifier of the key that signed it, if it names one (RFC 5280, 5.2.1).
    fn authority_key_identifier(&self) -> Option<Vec<u8>> {
        key_identifier(self.extension(oid::ID_CE_AUTHORITY_KEY_IDENTIFIER)?).ok()?
    }

    /// The hash of the signature on it, if its algorithm is carried here.
    pub(crate) fn signature_hash(&self) -> Option<HashAlgorithm> {
        let algorithm = self.parsed.signature_algorithm.to_der().ok()?;
        signature::algorithm(&algorithm, None)
            .ok()
            .map(|algorithm| algorithm.hash())
    }

    /// RFC 5280, 5.2.5. A list for one distribution point or for some reasons, an indirect one and one of attribute
    /// certificates are not for those who hold one full list an issuer.
    fn scope(&self) -> Result<Scope, TrustFault> {
        let mut extensions = self.parsed.tbs_cert_list.crl_extensions.iter().flatten();
        let point = extensions.find(|e| e.extn_id == oid::ID_CE_ISSUING_DISTRIBUTION_POINT);
        let Some(point) = point else {
            return Ok(Scope::All);
        };
        let point = IssuingDistributionPoint::from_der(point.extn_value.as_bytes())
            .map_err(|_| TrustFault::CrlUnsupported)?;
        if point.only_some_reasons.is_some() || point.indirect_crl || point.only_contains_attribute_certs {
            return Err(TrustFault::CrlUnsupported);
        }
        match (point.only_contains_user_certs, point.only_contains_ca_certs) {
            (false, false) => Ok(Scope::All),
            (true, false) => Ok(Scope::Signers),
            (false, true) => Ok(Scope::Authorities),
            (true, true) => Err(TrustFault::CrlUnsupported),
        }
    }

    /// RFC 5280, 5.2 and 5.3: with an unknown critical extension (a delta list, a list of a part of the
    /// certificates, an indirect list) it must not be used to tell a certificate's status.
    fn check_critical(&self) -> Result<(), TrustFault> {
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
    fn check_age(&self, now: Timestamp, options: &PathOptions) -> Result<(), TrustFault> {
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

/// Whether the path's certificates are revoked: the signer's, the links and, by a list of its own, the anchor.
pub(crate) fn check(
    signer: &Certificate,
    issuers: &[Certificate],
    anchors: &dyn TrustAnchors,
    now: Timestamp,
    options: &PathOptions,
) -> Result<(), TrustFault> {
    let mut found = check_certificate(signer, issuers, anchors, now, options);
    let links = issuers.split_last().map_or(&[][..], |(_, links)| links);
    for link in links {
        let of_link = check_certificate(link, issuers, anchors, now, options).map_err(|fault| match fault {
            TrustFault::Revoked => TrustFault::IssuerRevoked,
            other => other,
        });
        let decides = matches!(of_link, Err(TrustFault::IssuerRevoked)) && found != Err(TrustFault::Revoked);
        if found.is_ok() || decides {
            found = of_link;
        }
    }
    found
}

/// Whether one certificate is revoked. A list that names it or the anchor decides even when it is out of date; only a
/// current one that names neither clears it.
fn check_certificate(
    certificate: &Certificate,
    issuers: &[Certificate],
    anchors: &dyn TrustAnchors,
    now: Timestamp,
    options: &PathOptions,
) -> Result<(), TrustFault> {
    let issuer = certificate.issuer();
    let lists = anchors.revocation(issuer);
    if lists.is_empty() {
        return Err(TrustFault::NoCrl);
    }
    let signers = revocation_signers(issuer, issuers, anchors);
    let anchor = issuers.last();
    let mut said: Vec<_> = lists
        .iter()
        .filter(|list| list.issuer() == issuer)
        .map(|list| (list, says(list, certificate, anchor, now, options)))
        .collect();
    // What a list says counts if its issuer signed it. Signatures are what takes the time here, so that the lists that can
    // decide come first, and nothing more is verified once one has.
    said.sort_by_key(|(_, result)| rank(*result));
    let mut nearest = TrustFault::NoCrl;
    for (list, result) in said {
        match check_signature(list, &signers).and(result) {
            Err(fault) if !is_revocation(fault) => {
                // Of several unusable lists, the one that came nearest to being usable is told.
                if nearest == TrustFault::NoCrl || nearness(fault) >= nearness(nearest) {
                    nearest = fault;
                }
            }
            decided => return decided,
        }
    }
    Err(nearest)
}

/// Which lists are looked at first: one that revokes decides even against one that clears.
fn rank(said: Result<(), TrustFault>) -> u8 {
    match said {
        Err(fault) if is_revocation(fault) => 0,
        Ok(()) => 1,
        Err(_) => 2,
    }
}

const fn is_revocation(fault: TrustFault) -> bool {
    matches!(fault, TrustFault::Revoked | TrustFault::IssuerRevoked)
}

fn nearness(fault: TrustFault) -> u8 {
    match fault {
        TrustFault::CrlExpired => 3,
        TrustFault::WeakHash | TrustFault::CrlOutOfScope => 4,
        TrustFault::CrlNotYetValid => 2,
        TrustFault::CrlUnsupported | TrustFault::UnsupportedAlgorithm | TrustFault::UnknownCurve => 1,
        _ => 0,
    }
}

/// What the list says of the certificate, whoever signed it.
fn says(
    list: &RevocationList,
    certificate: &Certificate,
    anchor: Option<&Certificate>,
    now: Timestamp,
    options: &PathOptions,
) -> Result<(), TrustFault> {
    list.check_critical()?;
    let scope = list.scope()?;
    if list.lists(certificate.serial_number()) {
        return Err(TrustFault::Revoked);
    }
    let of_anchor = anchor.filter(|anchor| anchor.issuer() == list.issuer());
    if of_anchor.is_some_and(|anchor| list.lists(anchor.serial_number())) {
        return Err(TrustFault::IssuerRevoked);
    }
    if !scope.covers(certificate) {
        return Err(TrustFault::CrlOutOfScope);
    }
    if let Some(hash) = list.signature_hash() {
        options.check_hash(hash)?;
    }
    list.check_age(now, options)
}

/// RFC 5280, 6.3.3 (g): the list's own signature, by the issuer; by the key that it names (5.2.1), if that does, else by
/// another one, since issuers are known that name it wrongly. Where none verifies and one could not be tried, that one may
/// have signed.
fn check_signature(list: &RevocationList, signers: &[Certificate]) -> Result<(), TrustFault> {
    let named = list.authority_key_identifier();
    let is_named =
        |signer: &&Certificate| named.is_some() && signer.subject_key_identifier() == named.as_deref();
    let others = signers.iter().filter(|signer| !is_named(signer));
    let mut fault = TrustFault::CrlSignatureInvalid;
    for signer in signers.iter().filter(is_named).chain(others) {
        match signer.public_key().and_then(|key| list.verify_signature(&key)) {
            Ok(()) => return Ok(()),
            Err(found @ (TrustFault::UnsupportedAlgorithm | TrustFault::UnknownCurve)) => fault = found,
            Err(_) => {}
        }
    }
    Err(fault)
}

/// Which of the issuer's certificates a list covers (RFC 5280, 5.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    All,
    Signers,
    Authorities,
}

impl Scope {
    fn covers(self, certificate: &Certificate) -> bool {
        match self {
            Self::All => true,
            Self::Signers => !certificate.extensions().is_authority(),
            Self::Authorities => certificate.extensions().is_authority(),
        }
    }
}
