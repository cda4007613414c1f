//! Where the parts of signed data stand that a twin changes (RFC 5652, 5.1; RFC 5280, 4.1).

use std::ops::Range;

use chipgate_crypto::ObjectIdentifier;

use crate::twin::der::{self, Node};

const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
const AUTHORITY_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.35");
pub(super) const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");

/// The places of a signed data object that change.
pub(super) struct Places {
    pub(super) content: Range<usize>,
    pub(super) certificates: Vec<Certificate>,
    /// A document may have several, each with a signature of its own (RFC 5652, 5.1).
    pub(super) signers: Vec<Signer>,
    /// Revocation lists, which no one looks for here.
    pub(super) lists: Vec<Range<usize>>,
}

#[derive(Clone)]
pub(super) struct Certificate {
    pub(super) tbs: Range<usize>,
    pub(super) serial: Range<usize>,
    pub(super) issuer: Range<usize>,
    pub(super) subject: Range<usize>,
    pub(super) key: Range<usize>,
    pub(super) extensions: Range<usize>,
    pub(super) algorithm: Range<usize>,
    /// The BIT STRING's bits.
    pub(super) signature: Range<usize>,
}

pub(super) struct Signer {
    pub(super) identifier: Node,
    pub(super) digest: Range<usize>,
    pub(super) attributes: Option<Node>,
    pub(super) algorithm: Range<usize>,
    pub(super) signature: Range<usize>,
    /// What no signature covers, such as a time stamp.
    pub(super) unsigned: Range<usize>,
}

/// ContentInfo { signedData, [0] SignedData { version, digests, content, [0] certificates, [1] lists, signers } }
pub(super) fn places(bytes: &[u8]) -> Option<Places> {
    let [_, explicit] = exactly(Node::only(bytes)?.children(bytes)?)?;
    let [data] = exactly(explicit.children(bytes)?)?;
    let parts = data.children(bytes)?;
    let [_, content] = exactly(parts.get(2)?.children(bytes)?)?;
    let [content] = exactly(content.children(bytes)?)?;
    let content = content.value;
    let certificates = parts.iter().find(|part| part.tag == 0xA0);
    let (known, lists): (Vec<_>, Vec<_>) = parts.iter().skip(3).partition(|part| part.tag != 0xA1);
    // Certificates and signers; what stands between them otherwise has no place there.
    if known.len() != 1 + usize::from(certificates.is_some()) {
        return None;
    }
    let certificates = certificates
        .and_then(|part| part.children(bytes))
        .unwrap_or_default();
    let signers = parts.last().filter(|part| part.tag == 0x31)?.children(bytes)?;
    Some(Places {
        content,
        certificates: certificates
            .iter()
            .map(|node| certificate(bytes, node))
            .collect::<Option<_>>()?,
        signers: signers
            .iter()
            .map(|node| signer(bytes, node))
            .collect::<Option<_>>()?,
        lists: lists.into_iter().map(|part| part.value.clone()).collect(),
    })
}

pub(super) fn exactly<const COUNT: usize>(nodes: Vec<Node>) -> Option<[Node; COUNT]> {
    nodes.try_into().ok()
}

fn certificate(bytes: &[u8], node: &Node) -> Option<Certificate> {
    let parts = node.children(bytes)?;
    let [tbs, algorithm, signature] = parts.as_slice() else {
        return None;
    };
    let fields = tbs.children(bytes)?;
    let mut fields = fields.iter().skip_while(|field| field.tag == 0xA0);
    let serial = fields.next()?;
    fields.next()?;
    let issuer = fields.next()?;
    fields.next()?;
    let (subject, key) = (fields.next()?, fields.next()?);
    let extensions = fields.find(|field| field.tag == 0xA3);
    Some(Certificate {
        tbs: tbs.whole.clone(),
        serial: serial.value.clone(),
        issuer: issuer.whole.clone(),
        subject: subject.whole.clone(),
        key: key.whole.clone(),
        extensions: extensions.map_or(0..0, |field| field.value.clone()),
        algorithm: algorithm.whole.clone(),
        signature: signature.value.start + 1..signature.value.end,
    })
}

fn signer(bytes: &[u8], node: &Node) -> Option<Signer> {
    let mut parts = node.children(bytes)?.into_iter().skip(1);
    let (identifier, digest) = (parts.next()?, parts.next()?);
    let mut next = parts.next()?;
    let attributes = (next.tag == 0xA0).then(|| next.clone());
    if attributes.is_some() {
        next = parts.next()?;
    }
    let signature = parts.next()?.value;
    Some(Signer {
        identifier,
        digest: digest.value,
        attributes,
        algorithm: next.whole,
        unsigned: signature.end..node.value.end,
        signature,
    })
}

/// Where the attribute with the digest of the content has its value.
pub(super) fn message_digest(bytes: &[u8], signer: &Signer) -> Option<Range<usize>> {
    let attributes = signer.attributes.as_ref()?.children(bytes)?;
    attributes.iter().find_map(|attribute| {
        let parts = attribute.children(bytes)?;
        let kind = parts.first()?;
        (bytes[kind.value.clone()] == *MESSAGE_DIGEST.as_bytes()).then_some(())?;
        Some(parts.get(1)?.children(bytes)?.first()?.value.clone())
    })
}

/// The certificate that the signer is named by: by its serial number, by its key identifier, or because it is alone.
pub(super) fn signer_of(bytes: &[u8], places: &Places, signer: &Signer) -> Option<usize> {
    let identifier = &signer.identifier;
    let named = |certificate: &Certificate| {
        if identifier.tag == 0x30 {
            let parts = identifier.children(bytes).unwrap_or_default();
            parts
                .get(1)
                .is_some_and(|serial| bytes[serial.value.clone()] == bytes[certificate.serial.clone()])
        } else {
            subject_key_identifier(bytes, certificate)
                .is_some_and(|place| bytes[place] == bytes[identifier.value.clone()])
        }
    };
    places.certificates.iter().position(named)
}

/// The value of an extension, inside its OCTET STRING.
fn extension(bytes: &[u8], certificate: &Certificate, kind: &ObjectIdentifier) -> Option<Range<usize>> {
    let list = der::children(bytes, &certificate.extensions)?;
    list.first()?.children(bytes)?.into_iter().find_map(|extension| {
        let parts = extension.children(bytes)?;
        let named = bytes[parts.first()?.value.clone()] == *kind.as_bytes();
        named.then(|| parts.last().map(|value| value.value.clone()))?
    })
}

pub(super) fn subject_key_identifier(bytes: &[u8], certificate: &Certificate) -> Option<Range<usize>> {
    let value = extension(bytes, certificate, &SUBJECT_KEY_IDENTIFIER)?;
    Some(der::node(bytes, value.start, value.end)?.value)
}

/// Where the identifier of the authority's key stands.
pub(super) fn authority_identifier(bytes: &[u8], certificate: &Certificate) -> Option<Range<usize>> {
    let value = extension(bytes, certificate, &AUTHORITY_KEY_IDENTIFIER)?;
    let parts = der::node(bytes, value.start, value.end)?.children(bytes)?;
    parts
        .into_iter()
        .find(|part| part.tag == 0x80)
        .map(|part| part.value)
}
