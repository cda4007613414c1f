//! Certificates and revocation lists after Doc 9303-12, section 7 (RFC 5280).

use chipgate_apdu::tlv::{Reader, Tag};
use chipgate_crypto::{HashAlgorithm, ObjectIdentifier, PublicKey, SignatureAlgorithm, SigningKey};
use rand_core::CryptoRng;

use super::{der, name::IssuingState};
use crate::{CardError, calendar::Moment};

const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const PRIVATE_KEY_USAGE_PERIOD: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.16");
const SUBJECT_ALTERNATIVE_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
const ISSUER_ALTERNATIVE_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.18");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
const CRL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.20");
const AUTHORITY_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.35");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
/// id-icao-cscaMasterListSigningKey.
const MASTER_LIST_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.136.1.1.3");
/// id-icao-mrtd-security-extensions-documentTypeList.
const DOCUMENT_TYPE_LIST: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.136.1.1.6.2");

/// A private key with its certificate.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) key: SigningKey,
    /// How the key signs.
    pub(crate) algorithm: SignatureAlgorithm,
    pub(crate) certificate: Vec<u8>,
}

/// What a certificate is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// A country signing certification authority.
    Authority,
    /// A document signer; with the types of document that it signs, where its country says so.
    Documents(&'static [&'static str]),
    /// A master list signer.
    MasterLists,
}

/// What a certificate says beside its key.
pub(crate) struct Contents<'a> {
    pub(crate) state: IssuingState,
    pub(crate) subject: Vec<u8>,
    pub(crate) purpose: Use,
    pub(crate) valid: (Moment, Moment),
    /// How long the private key is used, in days from the start.
    pub(crate) key_days: i32,
    pub(crate) key: &'a SigningKey,
}

/// Who a certificate says has issued it, and which key signs it. In a forged one they do not belong together.
pub(crate) struct Issuer<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) named_key: &'a SigningKey,
    pub(crate) signing_key: &'a SigningKey,
    pub(crate) algorithm: SignatureAlgorithm,
}

impl<'a> Issuer<'a> {
    pub(crate) const fn new(name: &'a [u8], key: &'a SigningKey, algorithm: SignatureAlgorithm) -> Self {
        Self {
            name,
            named_key: key,
            signing_key: key,
            algorithm,
        }
    }

    /// The holder of this certificate.
    pub(crate) fn of(identity: &'a Identity) -> Result<Self, CardError> {
        let name = parts(&identity.certificate)?.subject;
        Ok(Self::new(name, &identity.key, identity.algorithm))
    }
}

/// The parts of a certificate that others refer to.
pub(crate) struct Parts<'a> {
    pub(crate) serial: &'a [u8],
    pub(crate) issuer: &'a [u8],
    pub(crate) subject: &'a [u8],
}

/// A certificate for `contents`.
pub(crate) fn certificate(
    contents: &Contents<'_>,
    issuer: &Issuer<'_>,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Vec<u8>, CardError> {
    let (from, to) = contents.valid;
    let signature = issuer.algorithm.to_algorithm_identifier_der();
    let tbs = der::sequence(&[
        &der::context(0, &der::unsigned(&[2])), // v3
        &serial(rng),
        &signature,
        issuer.name,
        &der::sequence(&[&der::time(from), &der::time(to)]),
        &contents.subject,
        &public_key_info(contents.state, contents.key),
        &der::context(3, &extensions(contents, issuer.named_key)?),
    ]);
    signed(&tbs, issuer.signing_key, issuer.algorithm, rng)
}

/// A revocation list of `issuer` over these serial numbers.
pub(crate) fn revocation_list(
    issuer: &Identity,
    revoked: &[&[u8]],
    updates: (Moment, Moment),
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Vec<u8>, CardError> {
    let signature = issuer.algorithm.to_algorithm_identifier_der();
    let (this, next) = updates;
    let date = der::time(this.plus_days(-1));
    let entries: Vec<Vec<u8>> = revoked
        .iter()
        .map(|serial| der::sequence(&[serial, &date]))
        .collect();
    let entries: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
    let list = if entries.is_empty() {
        Vec::new()
    } else {
        der::sequence(&entries)
    };
    let extensions = der::sequence(&[
        &extension(
            &AUTHORITY_KEY_IDENTIFIER,
            false,
            &authority_key_identifier(&issuer.key)?,
        ),
        &extension(&CRL_NUMBER, false, &der::unsigned(&[1])),
    ]);
    let tbs = der::sequence(&[
        &der::unsigned(&[1]), // v2
        &signature,
        parts(&issuer.certificate)?.subject,
        &der::time(this),
        &der::time(next),
        &list,
        &der::context(0, &extensions),
    ]);
    signed(&tbs, &issuer.key, issuer.algorithm, rng)
}

/// Serial number, issuer and subject of a certificate of this PKI, each as it is encoded.
pub(crate) fn parts(certificate: &[u8]) -> Result<Parts<'_>, CardError> {
    let unusable = || CardError::UnusableValue {
        field: "certificate",
        problem: "this is no X.509 certificate",
    };
    let value = |bytes, tag| Reader::new(bytes).expect(Tag(tag)).map(|element| element.value);
    let tbs = value(certificate, 0x30)
        .and_then(|certificate| value(certificate, 0x30))
        .map_err(|_| unusable())?;
    let mut reader = Reader::new(tbs);
    let mut next = |tag| {
        reader
            .expect(Tag(tag))
            .map(|element| element.raw)
            .map_err(|_| unusable())
    };
    next(0xA0)?;
    let serial = next(0x02)?;
    next(0x30)?;
    let issuer = next(0x30)?;
    next(0x30)?;
    Ok(Parts {
        serial,
        issuer,
        subject: next(0x30)?,
    })
}

fn signed(
    tbs: &[u8],
    key: &SigningKey,
    algorithm: SignatureAlgorithm,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Vec<u8>, CardError> {
    let signature = key.sign(&algorithm, tbs, rng)?;
    Ok(der::sequence(&[
        tbs,
        &algorithm.to_algorithm_identifier_der(),
        &der::bits(&signature),
    ]))
}

/// A positive serial number of 16 random bytes.
fn serial(rng: &mut (impl CryptoRng + ?Sized)) -> Vec<u8> {
    let mut serial = [0; 16];
    rng.fill_bytes(&mut serial);
    serial[0] = serial[0] & 0x3F | 0x40;
    der::unsigned(&serial)
}

/// Explicit curve parameters for Viet Nam, as Doc 9303-12 wants them; named ones for Utopia, as some countries have them.
fn public_key_info(state: IssuingState, key: &SigningKey) -> Vec<u8> {
    match (state, key.public_key()) {
        (IssuingState::Vietnam, key @ PublicKey::Ec(_)) => key.to_spki_der_explicit(),
        (_, key) => key.to_spki_der(),
    }
}

/// SHA-1 of the public key's bits (RFC 5280, 4.2.1.2, method 1).
fn key_identifier(key: &SigningKey) -> Result<Vec<u8>, CardError> {
    let unusable = |_| CardError::UnusableValue {
        field: "public key",
        problem: "its encoding has no bits",
    };
    let info = key.public_key().to_spki_der();
    let body = Reader::new(&info).expect(Tag(0x30)).map_err(unusable)?;
    let mut reader = Reader::new(body.value);
    reader.expect(Tag(0x30)).map_err(unusable)?;
    let bits = reader.expect(Tag(0x03)).map_err(unusable)?;
    Ok(HashAlgorithm::Sha1.digest(bits.value.get(1..).unwrap_or_default()))
}

fn authority_key_identifier(issuer: &SigningKey) -> Result<Vec<u8>, CardError> {
    Ok(der::sequence(&[&der::context_primitive(
        0,
        &key_identifier(issuer)?,
    )]))
}

fn extension(kind: &ObjectIdentifier, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { der::yes() } else { Vec::new() };
    der::sequence(&[&der::object_identifier(kind), &critical, &der::octets(value)])
}

fn extensions(contents: &Contents<'_>, issuer: &SigningKey) -> Result<Vec<u8>, CardError> {
    let from = contents.valid.0;
    let usage_period = der::sequence(&[
        &der::implicit_generalized_time(0, from),
        &der::implicit_generalized_time(1, from.plus_days(contents.key_days)),
    ]);
    let alternative_name = contents.state.alternative_name();
    let mut all = vec![
        extension(
            &AUTHORITY_KEY_IDENTIFIER,
            false,
            &authority_key_identifier(issuer)?,
        ),
        extension(
            &SUBJECT_KEY_IDENTIFIER,
            false,
            &der::octets(&key_identifier(contents.key)?),
        ),
        extension(&PRIVATE_KEY_USAGE_PERIOD, false, &usage_period),
        extension(&SUBJECT_ALTERNATIVE_NAME, false, &alternative_name),
        extension(&ISSUER_ALTERNATIVE_NAME, false, &alternative_name),
    ];
    all.extend(purpose_extensions(contents.purpose));
    let all: Vec<&[u8]> = all.iter().map(Vec::as_slice).collect();
    Ok(der::sequence(&all))
}

fn purpose_extensions(purpose: Use) -> Vec<Vec<u8>> {
    let signs = extension(&KEY_USAGE, true, &der::named_bits(0x80)); // digitalSignature
    match purpose {
        Use::Authority => {
            let constraints = der::sequence(&[&der::yes(), &der::unsigned(&[0])]);
            let signs = extension(&KEY_USAGE, true, &der::named_bits(0x06)); // keyCertSign, cRLSign
            vec![signs, extension(&BASIC_CONSTRAINTS, true, &constraints)]
        }
        Use::Documents([]) => vec![signs],
        Use::Documents(types) => {
            let types = der::set_of(types.iter().map(|name| der::printable(name)).collect());
            let list = der::sequence(&[&der::unsigned(&[0]), &types]);
            vec![signs, extension(&DOCUMENT_TYPE_LIST, false, &list)]
        }
        Use::MasterLists => {
            let usage = der::sequence(&[&der::object_identifier(&MASTER_LIST_SIGNING)]);
            vec![signs, extension(&EXTENDED_KEY_USAGE, true, &usage)]
        }
    }
}
