//! Card verifiable certificates of terminal authentication (TR-03110-3, C.1).

mod authorization;
mod body;
mod domain_parameters;
mod public_key;
mod reference;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use chipgate_apdu::tlv::{self, Tag};

use crate::LdsError;
use crate::asn1::{Components, single};

pub use authorization::{CertificateRole, HolderAuthorization};
pub use body::{CertificateExtension, CvCertificateBody};
pub use domain_parameters::EcDomainParameters;
pub use public_key::{CvPublicKey, CvPublicKeyValue};
pub use reference::PublicKeyReference;

pub(crate) const STRUCTURE: &str = "CV certificate";
const CERTIFICATE: Tag = Tag(0x7F21);
const BODY: Tag = Tag(0x7F4E);
const SIGNATURE: Tag = Tag(0x5F37);

/// A card verifiable certificate, with its body as it stood, which is what is signed. Nothing here checks the signature.
///
/// ```text
/// 7F21 {
///   7F4E {                                               certificate body
///     5F29 profile identifier 00
///     42   certification authority reference
///     7F49 { 06 algorithm   81 … }                       public key
///     5F20 certificate holder reference
///     7F4C { 06 terminal type   53 authorization }       certificate holder authorization template
///     5F25 effective date   5F24 expiration date         six digits, a byte each
///     65 { 73 { 06 …   … } … }                           extensions, optional
///   }
///   5F37 signature
/// }
/// ```
///
/// An authority's and a terminal's certificate, and what a chip makes of them:
///
/// ```
/// use chipgate_lds::{CertificateRole, CvCertificate, DataGroup};
/// # fn example(cvca: &[u8], link: &[u8]) -> Result<(), chipgate_lds::LdsError> {
/// let cvca = CvCertificate::parse(cvca)?;
/// let link = CvCertificate::parse(link)?;
/// assert_eq!(link.body().authority, cvca.body().holder);
/// assert_eq!(link.body().authorization.role(), CertificateRole::Cvca);
/// let key = cvca.body().public_key.key(None);
/// let algorithm = cvca.body().public_key.signature_algorithm();
/// let (signed, signature) = (link.signed_bytes(), link.signature());
/// # let _ = (key, algorithm, signed, signature, DataGroup::DG3); Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CvCertificate {
    body: CvCertificateBody,
    raw_body: Vec<u8>,
    signature: Vec<u8>,
}

impl CvCertificate {
    /// Reads a whole certificate: 7F21 and what is in it, and nothing behind it.
    pub fn parse(certificate: &[u8]) -> Result<Self, LdsError> {
        Self::parse_value(single(STRUCTURE, certificate, CERTIFICATE)?)
    }

    /// Reads body and signature without the template around them, as PSO:VERIFY CERTIFICATE carries them (TR-03110-3, B.11.4).
    pub fn parse_value(value: &[u8]) -> Result<Self, LdsError> {
        let mut components = Components::new(STRUCTURE, value);
        let body = components.expect(BODY)?;
        let signature = components.expect(SIGNATURE)?.value;
        components.finish()?;
        Ok(Self {
            raw_body: body.raw.to_vec(),
            body: CvCertificateBody::parse_value(body.value)?,
            signature: signature.to_vec(),
        })
    }

    /// A certificate from a body and the signature over [`CvCertificateBody::encode`].
    pub fn new(body: CvCertificateBody, signature: Vec<u8>) -> Self {
        let raw_body = body.encode();
        Self {
            body,
            raw_body,
            signature,
        }
    }

    /// What it says.
    pub const fn body(&self) -> &CvCertificateBody {
        &self.body
    }

    /// What the signature covers: the body as it stood, with its tag and length (TR-03110-3, C.1.8).
    pub fn signed_bytes(&self) -> &[u8] {
        &self.raw_body
    }

    /// The signature by the authority's key: r ‖ s for ECDSA (TR-03110-3, A.7.4.1).
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Whether the authority's reference and the holder's are one, as in a CVCA's first certificate.
    pub fn is_self_signed(&self) -> bool {
        self.body.authority == self.body.holder
    }

    /// The whole certificate.
    pub fn encode(&self) -> Vec<u8> {
        tlv::encode(CERTIFICATE, &self.encode_value())
    }

    /// Body and signature, for PSO:VERIFY CERTIFICATE.
    pub fn encode_value(&self) -> Vec<u8> {
        [&self.raw_body[..], &tlv::encode(SIGNATURE, &self.signature)].concat()
    }
}
