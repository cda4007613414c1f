//! CMS SignedData (RFC 5652, 5), as Doc 9303-10, 4.6.2 profiles it.

use alloc::vec::Vec;

use chipgate_apdu::Timestamp;
use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Decode, Reader, SliceReader, Tag};

use crate::anchors::{TrustAnchors, Wanted};
use crate::certificate::Certificate;
use crate::elements::{CONTEXT_0, CONTEXT_1, element, elements, optional_element};
use crate::fault::TrustFault;
use crate::path::PathOptions;
use crate::signer_info::{SignerIdentifier, SignerInfo};
use crate::{oid, signature};

/// A document has one signer, a list at most its old one and its new one; each costs a verification.
const MOST_SIGNERS: usize = 4;
/// How many certificates that one SignerInfo names are tried; each costs a verification, and who wrote the object chose
/// how many there are.
const MOST_NAMED: usize = 8;

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
}

/// Why no signature holds, and the certificate that the SignerInfo of which this is told names.
pub(crate) struct Refused {
    pub(crate) fault: TrustFault,
    pub(crate) signer: Option<Certificate>,
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
        Ok(Self {
            content_type,
            content,
            certificates,
            signers: signer_infos(element(reader, Tag::Set)?)?,
        })
    }

    /// Verifies the signatures over the content: RFC 5652, 5.4 to 5.6. Of several signers one suffices, and all that hold come
    /// back; if none does, the first one's fault is told. The content is of one of the given types.
    pub(crate) fn verify(
        &self,
        content_types: &[ObjectIdentifier],
        known: &dyn TrustAnchors,
        options: &PathOptions,
    ) -> Result<(&'a [u8], Vec<Signed>), Refused> {
        let refused = |fault| Refused {
            fault,
            signer: self.first_named().cloned(),
        };
        if !content_types.contains(&self.content_type) {
            return Err(refused(TrustFault::WrongContentType));
        }
        let content = self.content.ok_or_else(|| refused(TrustFault::NotSigned))?;
        let mut holding = Vec::new();
        let mut first = None;
        for signer in &self.signers {
            match self.verify_signer(signer, content, known, options) {
                Ok(signed) => holding.push(signed),
                Err(fault) => first = first.or(Some(fault)),
            }
        }
        if holding.is_empty() {
            return Err(refused(first.unwrap_or(TrustFault::NotSigned)));
        }
        Ok((content, holding))
    }

    fn verify_signer(
        &self,
        signer: &SignerInfo<'a>,
        content: &[u8],
        known: &dyn TrustAnchors,
        options: &PathOptions,
    ) -> Result<Signed, TrustFault> {
        let digest = signer.digest.ok_or(TrustFault::UnsupportedAlgorithm)?;
        // RFC 5652, 5.3: signedAttrs may be left out where the content is id-data; Doc 9303-10, 4.6.2.2, wants them always.
        let attributes = signer
            .attributes
            .as_ref()
            .ok_or(TrustFault::SignedAttributesMissing)?;
        attributes.check(self.content_type, &digest.digest(content))?;

        let algorithm = signature::algorithm(signer.algorithm, Some(digest))?;
        let messages = attributes.to_be_verified();
        let certificate = self.certificate_of(&signer.signer, known, |certificate| {
            let key = certificate.public_key()?;
            let verify = |message: &Vec<u8>| signature::verify(&key, &algorithm, message, signer.signature);
            let mut outcome = Err(TrustFault::SignatureInvalid);
            for message in &messages {
                outcome = verify(message);
                if outcome.is_ok() {
                    break;
                }
            }
            outcome
        })?;
        options.check_hash(digest)?;
        options.check_hash(algorithm.hash())?;
        Ok(Signed {
            signer: certificate,
            signing_time: attributes.signing_time(),
        })
    }

    /// The certificate that the SignerInfo names (RFC 5652, 5.3, sid) and whose key made the signature: one of those in the
    /// object, or one that is known. Several may bear one name: authorities are known that give two keys one identifier.
    fn certificate_of(
        &self,
        identifier: &SignerIdentifier,
        known: &dyn TrustAnchors,
        signed_by: impl Fn(&Certificate) -> Result<(), TrustFault>,
    ) -> Result<Certificate, TrustFault> {
        let known = known.known(Wanted::Signer(identifier));
        let candidates = self.named(identifier).chain(&known).take(MOST_NAMED);
        let mut first = None;
        for certificate in candidates {
            match signed_by(certificate) {
                Ok(()) => return Ok(certificate.clone()),
                Err(fault) => first = first.or(Some(fault)),
            }
        }
        Err(first.unwrap_or(TrustFault::NoSignerCertificate))
    }

    fn named(&self, identifier: &SignerIdentifier) -> impl Iterator<Item = &Certificate> {
        self.certificates
            .iter()
            .filter(|certificate| identifier.is(certificate))
    }

    /// The certificate that the first SignerInfo names, whatever its signature is worth.
    fn first_named(&self) -> Option<&Certificate> {
        self.named(&self.signers.first()?.signer).next()
    }
}

/// A SignerInfo that cannot be read is passed over where another one can (RFC 5652, 5.1: each signer signs by itself).
fn signer_infos(set: &[u8]) -> der::Result<Vec<SignerInfo<'_>>> {
    let all = elements(set)?;
    let readable: Vec<_> = all.iter().filter_map(|der| SignerInfo::read(der).ok()).collect();
    if all.len() > MOST_SIGNERS || readable.is_empty() && !all.is_empty() {
        return Err(der::Error::from(Tag::Set.length_error()));
    }
    Ok(readable)
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
