//! CMS signed data signed anew in place: other keys, other signatures, the same structure and the same lengths.

use std::ops::Range;

use chipgate_crypto::{HashAlgorithm, ObjectIdentifier, PublicKey, SignatureAlgorithm, SigningKey};
use rand_core::CryptoRng;

use super::{
    authority::Authority,
    der::{self, Node},
};
use crate::RecordingError;

const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
const AUTHORITY_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.35");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
/// An ECDSA signature in DER has one of a few lengths: so often another key is tried for the recorded one.
const TRIES: usize = 3000;
/// What stands in every name of the twin's issuers.
const MARK: &[u8] = b"TEST";

/// The places of a signed data object that change.
struct Places {
    content: Range<usize>,
    certificates: Vec<Certificate>,
    /// A document may have several, each with a signature of its own (RFC 5652, 5.1).
    signers: Vec<Signer>,
}

#[derive(Clone)]
struct Certificate {
    tbs: Range<usize>,
    serial: Range<usize>,
    issuer: Range<usize>,
    subject: Range<usize>,
    key: Range<usize>,
    extensions: Range<usize>,
    algorithm: Range<usize>,
    /// The BIT STRING's bits.
    signature: Range<usize>,
}

struct Signer {
    identifier: Node,
    digest: Range<usize>,
    attributes: Option<Node>,
    algorithm: Range<usize>,
    signature: Range<usize>,
    /// What no signature covers, such as a time stamp.
    unsigned: Range<usize>,
}

/// What stays as it was, whatever it was.
struct Relations {
    digest_fits: bool,
    signature_fits: bool,
    algorithm: Option<SignatureAlgorithm>,
    hash: Option<HashAlgorithm>,
}

/// The twin's issuers, and what it says of them.
pub(super) struct Issuers {
    pub(super) authorities: Vec<Authority>,
    /// Whether certificates are signed by another key than the one of the authority that they name.
    pub(super) forged: bool,
    /// The serial numbers of certificates that sign documents.
    pub(super) serials: Vec<Vec<u8>>,
}

/// The content of signed data.
pub(super) fn content(signed: &[u8]) -> Option<&[u8]> {
    signed.get(places(signed)?.content)
}

/// The signed data with `content`, as long as the old one, signed anew. What did not fit still does not.
pub(super) fn resign(
    original: &[u8],
    content: &[u8],
    issuers: &mut Issuers,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, RecordingError> {
    let unreadable = RecordingError::NoTwin {
        what: "a security object whose structure is not that of signed data",
    };
    let places = places(original).ok_or(unreadable)?;
    let signers: Vec<_> = places
        .signers
        .iter()
        .map(|signer| (signer, relations(original, &places, signer)))
        .collect();
    let mut bytes = original.to_vec();
    der::put(&mut bytes, &places.content, content);
    for certificate in &places.certificates {
        mark_names(&mut bytes, &certificate.issuer);
        mark_names(&mut bytes, &certificate.subject);
    }
    for (signer, relations) in &signers {
        mark_names(&mut bytes, &signer.identifier.whole);
        digest(&mut bytes, &places, (signer, relations), rng);
        meaningless(&mut bytes, &signer.unsigned, rng);
    }
    for _ in 0..TRIES {
        let mut tried = bytes.clone();
        let keys = exchange_keys(&mut tried, original, &places, rng)?;
        let mut signed = sign_certificates(&mut tried, &places, &keys, issuers, rng)?;
        for (signer, relations) in &signers {
            signed = signed && sign_content(&mut tried, &places, (signer, relations), &keys, rng)?;
        }
        if signed {
            let named = places
                .signers
                .iter()
                .filter_map(|signer| signer_of(&tried, &places, signer));
            issuers
                .serials
                .extend(named.map(|index| tried[places.certificates[index].serial.clone()].to_vec()));
            return Ok(tried);
        }
    }
    Err(RecordingError::NoTwin {
        what: "signatures of a length that the algorithm hardly ever gives",
    })
}

/// ContentInfo { signedData, [0] SignedData { version, digests, content, [0] certificates, [1] lists, signers } }
fn places(bytes: &[u8]) -> Option<Places> {
    let info = Node::only(bytes)?;
    let explicit = info.children(bytes)?.into_iter().nth(1)?;
    let data = explicit.children(bytes)?.into_iter().next()?;
    let parts = data.children(bytes)?;
    let content = parts.get(2)?.children(bytes)?.into_iter().nth(1)?;
    let content = content.children(bytes)?.into_iter().next()?.value;
    let certificates = parts.iter().find(|part| part.tag == 0xA0);
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
    })
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

fn relations(bytes: &[u8], places: &Places, signer: &Signer) -> Relations {
    let hash = der::node(bytes, signer.digest.start, signer.digest.end)
        .and_then(|oid| ObjectIdentifier::from_bytes(&bytes[oid.value]).ok())
        .and_then(|oid| HashAlgorithm::from_oid(&oid));
    let algorithm =
        SignatureAlgorithm::from_algorithm_identifier_der(&bytes[signer.algorithm.clone()], hash).ok();
    let key = signer_of(bytes, places, signer)
        .and_then(|index| PublicKey::from_spki_der(&bytes[places.certificates[index].key.clone()]).ok());
    let fits = key.zip(algorithm).is_some_and(|(key, algorithm)| {
        key.verify(
            &algorithm,
            &signed_bytes(bytes, places, signer),
            &bytes[signer.signature.clone()],
        )
        .is_ok()
    });
    let found = message_digest(bytes, signer);
    Relations {
        digest_fits: hash
            .zip(found)
            .is_none_or(|(hash, found)| hash.digest(&bytes[places.content.clone()]) == bytes[found]),
        signature_fits: fits,
        algorithm,
        hash,
    }
}

/// What the signature is over: the attributes as a SET, or the content (RFC 5652, 5.4).
fn signed_bytes(bytes: &[u8], places: &Places, signer: &Signer) -> Vec<u8> {
    match &signer.attributes {
        Some(attributes) => {
            let mut set = bytes[attributes.whole.clone()].to_vec();
            if let Some(tag) = set.first_mut() {
                *tag = 0x31;
            }
            set
        }
        None => bytes[places.content.clone()].to_vec(),
    }
}

/// Where the attribute with the digest of the content has its value.
fn message_digest(bytes: &[u8], signer: &Signer) -> Option<Range<usize>> {
    let attributes = signer.attributes.as_ref()?.children(bytes)?;
    attributes.iter().find_map(|attribute| {
        let parts = attribute.children(bytes)?;
        let kind = parts.first()?;
        (bytes[kind.value.clone()] == *MESSAGE_DIGEST.as_bytes()).then_some(())?;
        Some(parts.get(1)?.children(bytes)?.first()?.value.clone())
    })
}

/// The certificate that the signer is named by: by its serial number, by its key identifier, or because it is alone.
fn signer_of(bytes: &[u8], places: &Places, signer: &Signer) -> Option<usize> {
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

fn digest(
    bytes: &mut [u8],
    places: &Places,
    (signer, relations): (&Signer, &Relations),
    rng: &mut impl CryptoRng,
) {
    let (Some(place), Some(hash)) = (message_digest(bytes, signer), relations.hash) else {
        return;
    };
    let mut value = hash.digest(&bytes[places.content.clone()]);
    if !relations.digest_fits {
        rng.fill_bytes(&mut value);
    }
    der::put(bytes, &place, &value);
}

/// A fresh key, serial number and key identifier for each certificate.
fn exchange_keys(
    bytes: &mut [u8],
    original: &[u8],
    places: &Places,
    rng: &mut impl CryptoRng,
) -> Result<Vec<SigningKey>, RecordingError> {
    let mut keys = Vec::new();
    for certificate in &places.certificates {
        let key = exchange_key(bytes, &certificate.key, rng)?;
        let old_serial = original[certificate.serial.clone()].to_vec();
        let mut serial = old_serial.clone();
        // The first two bytes keep the number's sign and its shortest form.
        if let Some(rest) = serial.get_mut(2..) {
            rng.fill_bytes(rest);
        }
        der::put(bytes, &certificate.serial, &serial);
        name_signers(bytes, places, |identifier| {
            let named = identifier.children(original)?.into_iter().nth(1)?;
            let is_this = identifier.tag == 0x30 && original[named.value.clone()] == old_serial;
            is_this.then(|| (named.value, serial.clone()))
        });
        if let Some(place) = subject_key_identifier(bytes, certificate) {
            let old = original[place.clone()].to_vec();
            let mut identifier = old.clone();
            rng.fill_bytes(&mut identifier);
            der::put(bytes, &place, &identifier);
            name_signers(bytes, places, |named| {
                let is_this = named.tag != 0x30 && original[named.value.clone()] == old;
                is_this.then(|| (named.value.clone(), identifier.clone()))
            });
        }
        keys.push(key);
    }
    Ok(keys)
}

/// Puts the new serial number or key identifier of a certificate wherever a signer is named by the old one.
fn name_signers(
    bytes: &mut [u8],
    places: &Places,
    new_name: impl Fn(&Node) -> Option<(Range<usize>, Vec<u8>)>,
) {
    for signer in &places.signers {
        if let Some((place, name)) = new_name(&signer.identifier) {
            der::put(bytes, &place, &name);
        }
    }
}

/// Random values in a structure that no one checks: what they said can't be invented.
fn meaningless(bytes: &mut [u8], range: &Range<usize>, rng: &mut impl CryptoRng) {
    for node in der::all(bytes, range, 0) {
        if !node.is_constructed() && node.tag != 0x06 {
            rng.fill_bytes(&mut bytes[node.value]);
        }
    }
}

/// A fresh key of the same kind and size in a SubjectPublicKeyInfo.
pub(super) fn exchange_key(
    bytes: &mut [u8],
    place: &Range<usize>,
    rng: &mut impl CryptoRng,
) -> Result<SigningKey, RecordingError> {
    let unsupported = RecordingError::NoTwin {
        what: "a key of a kind that can't be generated here",
    };
    let old = PublicKey::from_spki_der(&bytes[place.clone()]).map_err(|_| unsupported)?;
    let (key, old_bytes) = match &old {
        PublicKey::Ec(point) => (
            SigningKey::generate_ec(point.curve(), rng)?,
            point.to_uncompressed(),
        ),
        PublicKey::Rsa(rsa) => (SigningKey::generate_rsa(rsa.bits(), rng)?, rsa.modulus().to_vec()),
    };
    let new_bytes = match key.public_key() {
        PublicKey::Ec(point) => point.to_uncompressed(),
        PublicKey::Rsa(rsa) => rsa.modulus().to_vec(),
    };
    let found = der::find(&bytes[place.clone()], &old_bytes);
    let exchanged = found.is_some_and(|found| {
        der::put(
            bytes,
            &(place.start + found.start..place.start + found.end),
            &new_bytes,
        )
    });
    // An exponent other than the generated key's can't be kept.
    let fits = PublicKey::from_spki_der(&bytes[place.clone()]).is_ok_and(|new| same(&new, &key.public_key()));
    if exchanged && fits {
        Ok(key)
    } else {
        Err(RecordingError::NoTwin {
            what: "a key whose encoding can't be exchanged in place",
        })
    }
}

fn same(one: &PublicKey, other: &PublicKey) -> bool {
    one.to_spki_der() == other.to_spki_der()
}

fn sign_certificates(
    bytes: &mut [u8],
    places: &Places,
    keys: &[SigningKey],
    issuers: &mut Issuers,
    rng: &mut impl CryptoRng,
) -> Result<bool, RecordingError> {
    for (certificate, own_key) in places.certificates.iter().zip(keys) {
        let algorithm =
            SignatureAlgorithm::from_algorithm_identifier_der(&bytes[certificate.algorithm.clone()], None)?;
        let name = bytes[certificate.issuer.clone()].to_vec();
        let among = places
            .certificates
            .iter()
            .position(|other| bytes[other.subject.clone()] == name[..]);
        let key = if let Some(index) = among {
            keys.get(index).unwrap_or(own_key).clone()
        } else {
            let place = authority_identifier(bytes, certificate);
            let authority = issuers.authority(name, (algorithm, certificate.signature.len()), rng)?;
            if let Some(place) = place {
                authority.key_identifier.resize(place.len(), 0);
                der::put(bytes, &place, &authority.key_identifier);
            }
            let key = authority.key.clone();
            if issuers.forged {
                other_key(&key, rng)?
            } else {
                key
            }
        };
        let signature = key.sign(&algorithm, &bytes[certificate.tbs.clone()], rng)?;
        if !der::put(bytes, &certificate.signature, &signature) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A key of the same kind that no one knows.
fn other_key(key: &SigningKey, rng: &mut impl CryptoRng) -> Result<SigningKey, RecordingError> {
    Ok(match key.public_key() {
        PublicKey::Ec(point) => SigningKey::generate_ec(point.curve(), rng)?,
        PublicKey::Rsa(rsa) => SigningKey::generate_rsa(rsa.bits(), rng)?,
    })
}

impl Issuers {
    fn authority(
        &mut self,
        name: Vec<u8>,
        kind: (SignatureAlgorithm, usize),
        rng: &mut impl CryptoRng,
    ) -> Result<&mut Authority, RecordingError> {
        let known = self
            .authorities
            .iter()
            .position(|authority| authority.name == name);
        let index = if let Some(index) = known {
            index
        } else {
            self.authorities.push(Authority::new(name, kind, rng)?);
            self.authorities.len() - 1
        };
        Ok(&mut self.authorities[index])
    }
}

/// Signs the content; whether the signature has the recorded length.
fn sign_content(
    bytes: &mut [u8],
    places: &Places,
    (signer, relations): (&Signer, &Relations),
    keys: &[SigningKey],
    rng: &mut impl CryptoRng,
) -> Result<bool, RecordingError> {
    let place = &signer.signature;
    let key = signer_of(bytes, places, signer).and_then(|index| keys.get(index));
    let (Some(key), Some(algorithm)) = (key, relations.algorithm) else {
        rng.fill_bytes(&mut bytes[place.clone()]);
        return Ok(true);
    };
    let mut signature = key.sign(&algorithm, &signed_bytes(bytes, places, signer), rng)?;
    if !relations.signature_fits
        && let Some(last) = signature.last_mut()
    {
        *last ^= 0x01;
    }
    Ok(der::put(bytes, place, &signature))
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

fn subject_key_identifier(bytes: &[u8], certificate: &Certificate) -> Option<Range<usize>> {
    let value = extension(bytes, certificate, &SUBJECT_KEY_IDENTIFIER)?;
    Some(der::node(bytes, value.start, value.end)?.value)
}

/// Where the identifier of the authority's key stands.
fn authority_identifier(bytes: &[u8], certificate: &Certificate) -> Option<Range<usize>> {
    let value = extension(bytes, certificate, &AUTHORITY_KEY_IDENTIFIER)?;
    let parts = der::node(bytes, value.start, value.end)?.children(bytes)?;
    parts
        .into_iter()
        .find(|part| part.tag == 0x80)
        .map(|part| part.value)
}

/// Every name of an issuer says that it is none; countries stay what they are.
fn mark_names(bytes: &mut [u8], range: &Range<usize>) {
    let nodes = der::all(bytes, range, 0);
    for pair in nodes.windows(2) {
        let [kind, text] = pair else { continue };
        let is_text = matches!(text.tag, 0x0C | 0x13 | 0x14 | 0x16) && text.value.len() >= MARK.len();
        if kind.tag != 0x06 || !is_text || bytes[kind.value.clone()] == *COUNTRY.as_bytes() {
            continue;
        }
        let value = &mut bytes[text.value.clone()];
        if value.is_ascii() && der::find(value, MARK).is_none() {
            value[..MARK.len()].copy_from_slice(MARK);
        }
    }
}
