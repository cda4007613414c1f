//! A certificate, kept with its DER: what is signed is checked over the bytes as they came.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use chipgate_apdu::Timestamp;
use chipgate_crypto::{CryptoError, HashAlgorithm, PublicKey};
use der::{Encode, Reader, SliceReader};
use x509_cert::certificate::CertificateInner;
use x509_cert::time::Time;

use crate::extensions::{Extensions, PrivateKeyUsage, is_unknown_critical};
use crate::fault::{TrustError, TrustFault};
use crate::name::CertificateName;
use crate::tolerance::{self, Tolerant};
use crate::{oid, signature};

/// An X.509 certificate (RFC 5280, 4.1) with the DER that it was read from.
///
/// ```text
/// Certificate ::= SEQUENCE {
///     tbsCertificate      TBSCertificate,
///     signatureAlgorithm  AlgorithmIdentifier,
///     signature           BIT STRING }
/// ```
///
/// A clone shares the bytes.
#[derive(Clone)]
pub struct Certificate {
    inner: Arc<Inner>,
}

struct Inner {
    der: Vec<u8>,
    tbs: Range<usize>,
    parsed: CertificateInner<Tolerant>,
    subject: CertificateName,
    issuer: CertificateName,
    extensions: Extensions,
}

impl Certificate {
    /// Reads one DER certificate; nothing may follow it.
    pub fn from_der(der: &[u8]) -> Result<Self, TrustError> {
        let parsed: CertificateInner<Tolerant> = tolerance::read(der).ok_or(TrustError::NotACertificate)?;
        let tbs = signed_part(der).ok_or(TrustError::NotACertificate)?;
        let content = parsed.tbs_certificate();
        let extensions = Extensions::read(content.extensions().map_or(&[], Vec::as_slice));
        let inner = Inner {
            der: der.to_vec(),
            tbs,
            subject: CertificateName::from_name(content.subject()),
            issuer: CertificateName::from_name(content.issuer()),
            extensions,
            parsed,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The certificate as it was read.
    pub fn der(&self) -> &[u8] {
        &self.inner.der
    }

    /// SHA-256 of the DER.
    pub fn fingerprint(&self) -> [u8; 32] {
        fingerprint(&self.inner.der)
    }

    /// Whose key this is.
    pub fn subject(&self) -> &CertificateName {
        &self.inner.subject
    }

    /// Who signed it.
    pub fn issuer(&self) -> &CertificateName {
        &self.inner.issuer
    }

    /// The content octets of the serial number, a big-endian integer that may be zero or negative, and longer than the 20
    /// octets that RFC 5280, 4.1.2.2, allows.
    pub fn serial_number(&self) -> &[u8] {
        self.inner.parsed.tbs_certificate().serial_number().as_bytes()
    }

    /// The first moment of validity.
    pub fn not_before(&self) -> Timestamp {
        timestamp(self.inner.parsed.tbs_certificate().validity().not_before)
    }

    /// The last moment of validity.
    pub fn not_after(&self) -> Timestamp {
        timestamp(self.inner.parsed.tbs_certificate().validity().not_after)
    }

    /// The subject key identifier, if there is one.
    pub fn subject_key_identifier(&self) -> Option<&[u8]> {
        self.inner.extensions.subject_key_identifier.as_deref()
    }

    /// The key identifier of the issuer's key, if there is one.
    pub fn authority_key_identifier(&self) -> Option<&[u8]> {
        self.inner.extensions.authority_key_identifier.as_deref()
    }

    /// DER of the SubjectPublicKeyInfo.
    pub fn public_key_der(&self) -> Vec<u8> {
        self.inner
            .parsed
            .tbs_certificate()
            .subject_public_key_info()
            .to_der()
            .unwrap_or_default()
    }

    /// The subject's key; [`TrustFault::UnsupportedAlgorithm`] or [`TrustFault::UnknownCurve`] if its kind or its curve is not
    /// carried here, [`TrustFault::CertificateMalformed`] if it is no key of its kind, such as a point beside its curve.
    pub fn public_key(&self) -> Result<PublicKey, TrustFault> {
        PublicKey::from_spki_der(&self.public_key_der()).map_err(|error| match error {
            CryptoError::InvalidPoint { .. } | CryptoError::Malformed { .. } => {
                TrustFault::CertificateMalformed
            }
            other => signature::fault(other),
        })
    }

    /// Whether subject and issuer are the same name.
    pub fn is_self_issued(&self) -> bool {
        self.inner.subject == self.inner.issuer
    }

    /// Whether this is a certification authority's certificate (basicConstraints, and keyUsage where present).
    pub fn is_authority(&self) -> bool {
        self.inner.extensions.may_sign_certificates()
    }

    /// Whether the extended key usage names the signing of master lists (Doc 9303-12).
    pub fn is_master_list_signer(&self) -> bool {
        let usages = self.inner.extensions.extended_key_usage.as_deref();
        usages.is_some_and(|usages| usages.contains(&oid::ID_ICAO_MASTER_LIST_SIGNING_KEY))
    }

    /// Whether its key may sign documents or lists (Doc 9303-12, keyUsage and extKeyUsage): digitalSignature, no authority,
    /// and no extended key usage of other purposes alone.
    pub fn may_sign_objects(&self) -> bool {
        let extensions = &self.inner.extensions;
        let signs = extensions
            .key_usage
            .as_ref()
            .is_some_and(x509_cert::ext::pkix::KeyUsage::digital_signature);
        let fits = extensions
            .extended_key_usage
            .as_deref()
            .is_none_or(|usages| usages.iter().any(|usage| oid::SIGNING_PURPOSES.contains(usage)));
        signs && fits && !extensions.is_authority()
    }

    /// Whether its key may sign revocation lists (RFC 5280, 4.2.1.3: cRLSign).
    pub fn may_sign_revocation_lists(&self) -> bool {
        self.inner.extensions.may_sign_revocation_lists()
    }

    /// Whether `key` signed this certificate.
    pub fn verify_signature(&self, key: &PublicKey) -> Result<(), TrustFault> {
        let outer = self.inner.parsed.signature_algorithm();
        // RFC 5280, 4.1.1.2: the signed field and the outer one are the same.
        if outer != self.inner.parsed.tbs_certificate().signature() {
            return Err(TrustFault::CertificateMalformed);
        }
        let algorithm = outer.to_der().map_err(|_| TrustFault::CertificateMalformed)?;
        let algorithm = signature::algorithm(&algorithm, None)?;
        let value = self
            .inner
            .parsed
            .signature()
            .as_bytes()
            .ok_or(TrustFault::CertificateMalformed)?;
        signature::verify(key, &algorithm, self.signed_bytes(), value)
    }

    /// The hash of the signature on it, if its algorithm is carried here.
    pub fn signature_hash(&self) -> Option<HashAlgorithm> {
        let algorithm = self.inner.parsed.signature_algorithm().to_der().ok()?;
        signature::algorithm(&algorithm, None)
            .ok()
            .map(|algorithm| algorithm.hash())
    }

    /// In which types of document the signer's key may be used (Doc 9303-12, documentTypeList): document codes of the
    /// machine readable zone without fillers. `None` if it does not say.
    pub fn document_types(&self) -> Option<&[String]> {
        self.inner.extensions.document_types.as_deref()
    }

    /// From when and until when the private key may be used (RFC 3280, 4.2.1.4), as far as it says.
    pub fn private_key_usage(&self) -> Option<PrivateKeyUsage> {
        self.inner.extensions.private_key_usage
    }

    /// Why no path that ends at this authority holds, whatever it signed; `Ok` if nothing in the certificate itself forbids it.
    pub fn check_as_anchor(&self) -> Result<(), TrustFault> {
        self.inner.extensions.check()?;
        if self.subject().country().is_none() {
            return Err(TrustFault::CountryMismatch);
        }
        if self.not_before() > self.not_after() {
            return Err(TrustFault::CertificateExpired);
        }
        self.public_key().map(drop)
    }

    /// The critical extensions whose meaning is not known here, by their object identifiers.
    pub fn unknown_critical_extensions(&self) -> Vec<String> {
        let content = self.inner.parsed.tbs_certificate();
        let extensions = content.extensions().map_or(&[][..], Vec::as_slice);
        let unknown = extensions
            .iter()
            .filter(|extension| is_unknown_critical(extension));
        unknown.map(|extension| extension.extn_id.to_string()).collect()
    }

    fn signed_bytes(&self) -> &[u8] {
        self.inner.der.get(self.inner.tbs.clone()).unwrap_or_default()
    }

    pub(crate) fn extensions(&self) -> &Extensions {
        &self.inner.extensions
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.inner.der == other.inner.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Certificate({}, issued by {})",
            self.inner.subject, self.inner.issuer
        )
    }
}

/// Where the first element of the outer SEQUENCE lies: the part that a certificate's or a CRL's signature covers.
pub(crate) fn signed_part(der: &[u8]) -> Option<Range<usize>> {
    let mut reader = SliceReader::new(der).ok()?;
    reader
        .sequence(|content| {
            let start = content.position();
            let part = content.tlv_bytes()?;
            content.drain(content.remaining_len())?;
            Ok::<_, der::Error>((start, part.len()))
        })
        .ok()
        .and_then(|(start, length)| {
            let start = usize::try_from(start).ok()?;
            Some(start..start + length)
        })
}

pub(crate) fn timestamp(time: Time) -> Timestamp {
    Timestamp(u64::try_from(time.to_unix_duration().as_millis()).unwrap_or(u64::MAX))
}

/// SHA-256, by which certificates, revocation lists and master lists are told apart.
pub fn fingerprint(der: &[u8]) -> [u8; 32] {
    let mut fingerprint = [0; 32];
    let digest = HashAlgorithm::Sha256.digest(der);
    fingerprint
        .iter_mut()
        .zip(digest)
        .for_each(|(to, from)| *to = from);
    fingerprint
}
