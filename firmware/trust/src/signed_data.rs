//! CMS SignedData (RFC 5652, 5), as Doc 9303-10, 4.6.2 profiles it.

use alloc::vec::Vec;

use chipgate_apdu::Timestamp;
use chipgate_crypto::HashAlgorithm;
use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Decode, Reader, SliceReader, Tag};

use crate::anchors::{TrustAnchors, Wanted};
use crate::certificate::Certificate;
use crate::elements::{CONTEXT_0, CONTEXT_1, element, elements, optional_element};
use crate::fault::TrustFault;
use crate::signer_info::{SignerIdentifier, SignerInfo};
use crate::{oid, signature};

/// A document has one signer, a list at most its old one and its new one; each costs a verification.
const MOST_SIGNERS: usize = 4;

/// A SignedData with what is signed kept as the bytes that came. BER is made into DER before ([`crate::ber`]).
///
/// ```text
/// SignedData ::= SEQUENCE {
///     version             CMSVersion,
///     digestAlgorithms    SET OF DigestAlgorithmIdentifier,
///     encapContentInfo    SEQUENCE { eContentType OBJECT IDENTIFIER, eContent [0] EXPLICIT OCTET STRING OPTIONAL },
///     certificates        [0] IMPLICIT SET OF CertificateChoices OPTIONAL,
///     crls                [1] IMPLICIT SET OF RevocationInfoChoice OPTIONAL,
///     signerInfos         SET OF SignerInfo }
/// ```
pub(crate) struct SignedData<'a> {
    pub(crate) content_type: ObjectIdentifier,
    pub(crate) content: Option<&'a [u8]>,
    pub(crate) certificates: Vec<Certificate>,
    signers: Vec<SignerInfo<'a>>,
}

/// A signature that holds: the certificate whose key made it, and when it says it was made.
pub(crate) struct Signed {
    pub(crate) signer: Certificate,
    pub(crate) signing_time: Option<Timestamp>,
    /// The hash of the content and the one that was signed.
    pub(crate) hashes: [HashAlgorithm; 2],
}

impl<'a> SignedData<'a> {
    /// Reads a ContentInfo that holds a SignedData, in DER; nothing may follow it.
    pub(crate) fn from_der(der: &'a [u8]) -> Result<Self, TrustFault> {
        Self::read(der).map_err(|_| TrustFault::Unreadable)
    }

    fn read(der: &'a [u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(der)?;
        let signed_data = reader.sequence(|content_info| {
            let content_type = ObjectIdentifier::decode(content_info)?;
            if content_type != oid::ID_SIGNED_DATA {
                return Err(der::Error::from(Tag::ObjectIdentifier.value_error()));
            }
            let mut content = SliceReader::new(element(content_info, CONTEXT_0)?)?;
            let signed_data = content.sequence(Self::read_fields)?;
            content.finish()?;
            Ok(signed_data)
        })?;
        reader.finish()?;
        Ok(signed_data)
    }

    fn read_fields(reader: &mut SliceReader<'a>) -> der::Result<Self> {
        u8::decode(reader)?;
        element(reader, Tag::Set)?;
        let (content_type, content) = reader.sequence(encapsulated_content)?;
        let certificates = optional_element(reader, CONTEXT_0)?.map_or(Ok(Vec::new()), certificates)?;
        optional_element(reader, CONTEXT_1)?;
        let signers = elements(element(reader, Tag::Set)?)?;
        if signers.len() > MOST_SIGNERS {
            return Err(der::Error::from(Tag::Set.length_error()));
        }
        Ok(Self {
            content_type,
            content,
            certificates,
            signers: signers
                .into_iter()
                .map(SignerInfo::read)
                .collect::<der::Result<_>>()?,
        })
    }

    /// Verifies the signature over the content: RFC 5652, 5.4 to 5.6. Of several signers one suffices; if none
    /// holds, the first one's fault is told. The content is of one of the given types. A signer's certificate that is not in the object may be among those that
    /// are known beside the anchors.
    pub(crate) fn verify(
        &self,
        content_types: &[ObjectIdentifier],
        known: &dyn TrustAnchors,
    ) -> Result<(&'a [u8], Signed), TrustFault> {
        if !content_types.contains(&self.content_type) {
            return Err(TrustFault::WrongContentType);
        }
        let content = self.content.ok_or(TrustFault::NotSigned)?;
        let mut first = None;
        for signer in &self.signers {
            match self.verify_signer(signer, content, known) {
                Ok(signed) => return Ok((content, signed)),
                Err(fault) => first = first.or(Some(fault)),
            }
        }
        Err(first.unwrap_or(TrustFault::NotSigned))
    }

    fn verify_signer(
        &self,
        signer: &SignerInfo<'a>,
        content: &[u8],
        known: &dyn TrustAnchors,
    ) -> Result<Signed, TrustFault> {
        let digest = signer.digest.ok_or(TrustFault::UnsupportedAlgorithm)?;
        // RFC 5652, 5.3: signedAttrs may be left out where the content is id-data; Doc 9303-10, 4.6.2.2, wants them always.
        let attributes = signer
            .attributes
            .as_ref()
            .ok_or(TrustFault::SignedAttributesMissing)?;
        attributes.check(self.content_type, &digest.digest(content))?;

        let algorithm = signature::algorithm(signer.algorithm, Some(digest))?;
        let message = attributes.to_be_verified();
        let signed_by = |certificate: &Certificate| {
            signature::verify(&certificate.public_key()?, &algorithm, &message, signer.signature)
        };
        let certificate = self.certificate_of(&signer.signer, known, signed_by)?;
        Ok(Signed {
            signer: certificate,
            signing_time: attributes.signing_time(),
            hashes: [digest, algorithm.hash()],
        })
    }

    /// The certificate that the SignerInfo names (RFC 5652, 5.3, sid) and whose key made the signature: the one in the
    /// object, or one that is known.
    fn certificate_of(
        &self,
        identifier: &SignerIdentifier,
        known: &dyn TrustAnchors,
        signed_by: impl Fn(&Certificate) -> Result<(), TrustFault>,
    ) -> Result<Certificate, TrustFault> {
        if let Some(certificate) = self.named(identifier) {
            return signed_by(certificate).map(|()| certificate.clone());
        }
        let mut fault = TrustFault::NoSignerCertificate;
        for certificate in known.known(Wanted::Signer(identifier)) {
            match signed_by(&certificate) {
                Ok(()) => return Ok(certificate),
                Err(found) => fault = found,
            }
        }
        Err(fault)
    }

    fn named(&self, identifier: &SignerIdentifier) -> Option<&Certificate> {
        self.certificates
            .iter()
            .find(|certificate| identifier.is(certificate))
    }

    /// The certificate that the first SignerInfo names, whatever its signature is worth.
    pub(crate) fn claimed_signer(&self) -> Option<&Certificate> {
        self.signers.iter().find_map(|signer| self.named(&signer.signer))
    }
}

fn encapsulated_content<'a>(
    reader: &mut SliceReader<'a>,
) -> der::Result<(ObjectIdentifier, Option<&'a [u8]>)> {
    let content_type = ObjectIdentifier::decode(reader)?;
    let Some(explicit) = optional_element(reader, CONTEXT_0)? else {
        return Ok((content_type, None));
    };
    let content = <&OctetStringRef>::from_der(explicit)?;
    Ok((content_type, Some(content.as_bytes())))
}

/// The X.509 certificates of a CertificateSet; its other choices (attribute certificates and the like) are
/// of no use here and are passed over, as is a certificate that cannot be read: it can then not be the signer's.
fn certificates(set: &[u8]) -> der::Result<Vec<Certificate>> {
    Ok(elements(set)?
        .into_iter()
        .filter_map(|der| Certificate::from_der(der).ok())
        .collect())
}
