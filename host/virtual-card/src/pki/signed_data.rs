//! CMS signed data (RFC 5652, section 5) as Doc 9303-10 and -12 use it: EF.SOD and master lists.

use chipgate_apdu::tlv::{self, Tag};
use chipgate_crypto::{HashAlgorithm, ObjectIdentifier};
use rand_core::CryptoRng;

use super::{
    certificate::{Identity, parts},
    der,
};
use crate::{CardError, calendar::Moment};

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");

/// What is signed, by whom, and what goes with it.
pub(crate) struct Signing<'a> {
    pub(crate) content_type: ObjectIdentifier,
    pub(crate) content: &'a [u8],
    pub(crate) signer: &'a Identity,
    /// Further certificates beside the signer's.
    pub(crate) certificates: &'a [&'a [u8]],
    pub(crate) time: Moment,
}

/// `ContentInfo` with `SignedData`: one signer, by issuer and serial number, with signed attributes.
pub(crate) fn signed_data(
    signing: &Signing<'_>,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Vec<u8>, CardError> {
    let hash = signing.signer.algorithm.hash();
    let digest_algorithm = der::sequence(&[&der::object_identifier(&hash.oid())]);
    let content_type = der::object_identifier(&signing.content_type);
    let content = der::context(0, &der::octets(signing.content));
    let mut certificates = vec![signing.signer.certificate.clone()];
    certificates.extend(
        signing
            .certificates
            .iter()
            .map(|certificate| certificate.to_vec()),
    );
    certificates.sort();
    let signed_data = der::sequence(&[
        &der::unsigned(&[3]), // v3: the content is not of type data (5.1)
        &der::set_of(vec![digest_algorithm.clone()]),
        &der::sequence(&[&content_type, &content]),
        &der::context(0, &certificates.concat()),
        &der::set_of(vec![signer_info(signing, hash, &digest_algorithm, rng)?]),
    ]);
    Ok(der::sequence(&[
        &der::object_identifier(&SIGNED_DATA),
        &der::context(0, &signed_data),
    ]))
}

fn signer_info(
    signing: &Signing<'_>,
    hash: HashAlgorithm,
    digest_algorithm: &[u8],
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Vec<u8>, CardError> {
    let Identity {
        key,
        algorithm,
        certificate,
    } = signing.signer;
    let parts = parts(certificate)?;
    // The signature covers the attributes as a SET OF; in the structure they stand under an implicit [0] (5.4).
    let attributes = der::set_of(vec![
        attribute(&CONTENT_TYPE, der::object_identifier(&signing.content_type)),
        attribute(&MESSAGE_DIGEST, der::octets(&hash.digest(signing.content))),
        attribute(&SIGNING_TIME, der::time(signing.time)),
    ]);
    let signature = key.sign(algorithm, &attributes, rng)?;
    let implicit = [&[0xA0], attributes.get(1..).unwrap_or_default()].concat();
    Ok(der::sequence(&[
        &der::unsigned(&[1]), // v1: the signer is named by issuer and serial number
        &der::sequence(&[parts.issuer, parts.serial]),
        digest_algorithm,
        &implicit,
        &algorithm.to_algorithm_identifier_der(),
        &tlv::encode(Tag(0x04), &signature),
    ]))
}

fn attribute(kind: &ObjectIdentifier, value: Vec<u8>) -> Vec<u8> {
    der::sequence(&[&der::object_identifier(kind), &der::set_of(vec![value])])
}
