//! CMS SignedData of the tests, with anything in it to be changed before it is signed.

use chipgate_crypto::{HashAlgorithm, SignatureAlgorithm, SigningKey};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::pki::{SIGNED_DATA, der, oid, sequence};

/// A SignerInfo before it is signed.
#[derive(Debug, Clone)]
pub(crate) struct SignerInfo {
    pub(crate) version: u8,
    /// SignerIdentifier.
    pub(crate) identifier: Vec<u8>,
    /// The digest's AlgorithmIdentifier.
    pub(crate) digest: Vec<u8>,
    /// The signed attributes in the order in which they are sent; none if it has none.
    pub(crate) attributes: Vec<Vec<u8>>,
    /// What is signed, where it is not the DER of the attributes.
    pub(crate) message: Option<Vec<u8>>,
    pub(crate) algorithm: SignatureAlgorithm,
    /// The signature's AlgorithmIdentifier.
    pub(crate) algorithm_identifier: Vec<u8>,
}

impl SignerInfo {
    /// What is signed.
    pub(crate) fn message(&self, content: &[u8]) -> Vec<u8> {
        if let Some(message) = &self.message {
            return message.clone();
        }
        if self.attributes.is_empty() {
            return content.to_vec();
        }
        let mut sorted = self.attributes.clone();
        sorted.sort();
        der(0x31, &[&sorted.concat()])
    }

    /// The signature over `content` and the SignerInfo with it.
    pub(crate) fn sign(&self, content: &[u8], key: &SigningKey) -> (Vec<u8>, Vec<u8>) {
        let mut rng = StdRng::seed_from_u64(2);
        let value = key
            .sign(&self.algorithm, &self.message(content), &mut rng)
            .unwrap();
        let info = self.with(&value);
        (value, info)
    }

    /// The SignerInfo with this signature.
    pub(crate) fn with(&self, signature: &[u8]) -> Vec<u8> {
        let attributes = if self.attributes.is_empty() {
            Vec::new()
        } else {
            der(0xA0, &[&self.attributes.concat()])
        };
        sequence(&[
            &[2, 1, self.version],
            &self.identifier,
            &self.digest,
            &attributes,
            &self.algorithm_identifier,
            &der(4, &[signature]),
        ])
    }
}

/// A ContentInfo with a SignedData.
#[derive(Debug, Clone)]
pub(crate) struct SignedObject {
    pub(crate) content_type: &'static str,
    pub(crate) content: Vec<u8>,
    pub(crate) digest: Vec<u8>,
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) signer_infos: Vec<Vec<u8>>,
}

impl SignedObject {
    /// The ContentInfo in DER.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let signed_data = sequence(&[
            &[2, 1, 3],
            &der(0x31, &[&self.digest]),
            &sequence(&[&oid(self.content_type), &der(0xA0, &[&der(4, &[&self.content])])]),
            &der(0xA0, &[&self.certificates.concat()]),
            &der(0x31, &[&self.signer_infos.concat()]),
        ]);
        sequence(&[&oid(SIGNED_DATA), &der(0xA0, &[&signed_data])])
    }

    /// The ContentInfo with indefinite lengths around, and its content in parts (X.690, 8.1.3 and 8.7).
    pub(crate) fn encode_indefinite(&self) -> Vec<u8> {
        let (first, second) = self.content.split_at(11);
        let content = indefinite(0x24, &[&der(4, &[first]), &der(4, &[second])]);
        let signed_data = indefinite(
            0x30,
            &[
                &[2, 1, 3],
                &der(0x31, &[&self.digest]),
                &indefinite(0x30, &[&oid(self.content_type), &indefinite(0xA0, &[&content])]),
                &indefinite(0xA0, &[&self.certificates.concat()]),
                &indefinite(0x31, &[&self.signer_infos.concat()]),
            ],
        );
        indefinite(0x30, &[&oid(SIGNED_DATA), &indefinite(0xA0, &[&signed_data])])
    }

    /// EF.SOD.
    pub(crate) fn sod(&self) -> Vec<u8> {
        der(0x77, &[&self.encode()])
    }
}

/// An element of indefinite length (X.690, 8.1.3.6).
pub(crate) fn indefinite(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    [&[tag, 0x80][..], &parts.concat(), &[0, 0]].concat()
}

/// The AlgorithmIdentifier of a digest, with no parameters.
pub(crate) fn digest_identifier(hash: HashAlgorithm) -> Vec<u8> {
    sequence(&[&oid(&hash.oid().to_string())])
}
