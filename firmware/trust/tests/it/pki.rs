//! A PKI that is made for a test: an authority, a document signer and an EF.SOD in any algorithm, with anything in it
//! to be changed.

use std::sync::OnceLock;

use chipgate_apdu::tlv::{self, Tag};
use chipgate_crypto::{Curve, HashAlgorithm, ObjectIdentifier, SignatureAlgorithm, SigningKey};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::cms::{SignedObject, SignerInfo, digest_identifier};

pub(crate) const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
pub(crate) const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
pub(crate) const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
pub(crate) const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
pub(crate) const LDS_SECURITY_OBJECT: &str = "2.23.136.1.1.1";
pub(crate) const KEY_USAGE: &str = "2.5.29.15";
pub(crate) const BASIC_CONSTRAINTS: &str = "2.5.29.19";

pub(crate) fn der(tag: u32, parts: &[&[u8]]) -> Vec<u8> {
    tlv::encode(Tag(tag), &parts.concat())
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    der(0x30, parts)
}

pub(crate) fn oid(dotted: &str) -> Vec<u8> {
    der(6, &[ObjectIdentifier::new_unwrap(dotted).as_bytes()])
}

/// A PrintableString, a UTF8String or another by its tag.
pub(crate) fn name_of(country: (u32, &str), common: (u32, &str)) -> Vec<u8> {
    let rdn = |kind: &str, (tag, text): (u32, &str)| {
        der(0x31, &[&sequence(&[&oid(kind), &der(tag, &[text.as_bytes()])])])
    };
    sequence(&[&rdn("2.5.4.6", country), &rdn("2.5.4.3", common)])
}

pub(crate) fn name(country: &str, common: &str) -> Vec<u8> {
    name_of((0x13, country), (0x0C, common))
}

/// `YYMMDDhhmmssZ`.
pub(crate) fn time(text: &str) -> Vec<u8> {
    der(0x17, &[text.as_bytes()])
}

pub(crate) fn extension(kind: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[1, 1, 0xFF] } else { &[] };
    sequence(&[&oid(kind), critical, &der(4, &[value])])
}

/// How keys are made and what they sign with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Algorithm {
    pub(crate) curve: Option<Curve>,
    pub(crate) signature: SignatureAlgorithm,
    pub(crate) explicit: bool,
}

impl Algorithm {
    pub(crate) fn ecdsa(curve: Curve, hash: HashAlgorithm) -> Self {
        Self {
            curve: Some(curve),
            signature: SignatureAlgorithm::Ecdsa(hash),
            explicit: false,
        }
    }

    /// ECDSA on each curve with each hash, RSA in both paddings with each hash; every other curve by its parameters.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for (index, curve) in Curve::ALL.into_iter().enumerate() {
            for (turn, hash) in HashAlgorithm::ALL.into_iter().enumerate() {
                let explicit = (index + turn) % 2 == 0;
                all.push(Self {
                    explicit,
                    ..Self::ecdsa(curve, hash)
                });
            }
        }
        for hash in HashAlgorithm::ALL {
            for signature in [
                SignatureAlgorithm::RsaPkcs1v15(hash),
                SignatureAlgorithm::pss(hash),
            ] {
                all.push(Self {
                    curve: None,
                    signature,
                    explicit: false,
                });
            }
        }
        all
    }

    /// Two keys of this kind, the same ones in every test.
    fn keys(self) -> [SigningKey; 2] {
        static RSA: OnceLock<[SigningKey; 2]> = OnceLock::new();
        let mut rng = StdRng::seed_from_u64(9303);
        if let Some(curve) = self.curve {
            return [(); 2].map(|()| SigningKey::generate_ec(curve, &mut rng).unwrap());
        }
        RSA.get_or_init(|| [2048, 3072].map(|bits| SigningKey::generate_rsa(bits, &mut rng).unwrap()))
            .clone()
    }

    fn public_key(self, key: &SigningKey) -> Vec<u8> {
        if self.explicit {
            key.public_key().to_spki_der_explicit()
        } else {
            key.public_key().to_spki_der()
        }
    }
}

/// One certificate before it is signed.
#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    pub(crate) serial: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) valid: [String; 2],
    pub(crate) extensions: Vec<Vec<u8>>,
}

impl Certificate {
    pub(crate) fn sign(
        &self,
        public_key: &[u8],
        issuer: &SigningKey,
        signature: SignatureAlgorithm,
    ) -> Vec<u8> {
        let algorithm = signature.to_algorithm_identifier_der();
        let extensions: Vec<&[u8]> = self.extensions.iter().map(Vec::as_slice).collect();
        let tbs = sequence(&[
            &der(0xA0, &[&[2, 1, 2]]),
            &self.serial,
            &algorithm,
            &self.issuer,
            &sequence(&[&time(&self.valid[0]), &time(&self.valid[1])]),
            &self.subject,
            public_key,
            &der(0xA3, &[&sequence(&extensions)]),
        ]);
        signed(&tbs, issuer, signature)
    }
}

pub(crate) fn signed(tbs: &[u8], key: &SigningKey, signature: SignatureAlgorithm) -> Vec<u8> {
    let value = key.sign(&signature, tbs, &mut StdRng::seed_from_u64(1)).unwrap();
    let algorithm = signature.to_algorithm_identifier_der();
    sequence(&[tbs, &algorithm, &der(3, &[&[0], &value])])
}

/// An authority, a signer and a signed object, before they are made.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Of the signer.
    pub(crate) algorithm: Algorithm,
    pub(crate) authority_algorithm: Algorithm,
    pub(crate) authority: Certificate,
    pub(crate) signer: Certificate,
    pub(crate) content_type: &'static str,
    pub(crate) content: Vec<u8>,
    pub(crate) attributes: Option<Vec<Vec<u8>>>,
    pub(crate) by_key_identifier: bool,
}

/// What came of a plan.
pub(crate) struct Made {
    pub(crate) authority_key: SigningKey,
    pub(crate) signer_key: SigningKey,
    pub(crate) authority: Vec<u8>,
    pub(crate) signer: Vec<u8>,
    pub(crate) object: SignedObject,
    /// The ContentInfo.
    pub(crate) cms: Vec<u8>,
    /// What the signature over the content covers, and the signature.
    pub(crate) message: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl Made {
    pub(crate) fn sod(&self) -> Vec<u8> {
        self.object.sod()
    }

    /// EF.SOD with these certificates in it.
    pub(crate) fn sod_with(&self, certificates: &[&[u8]]) -> Vec<u8> {
        let certificates = certificates.iter().map(|der| der.to_vec()).collect();
        SignedObject {
            certificates,
            ..self.object.clone()
        }
        .sod()
    }

    /// EF.SOD with these SignerInfos in it.
    pub(crate) fn sod_signed_by(&self, signer_infos: &[&[u8]]) -> Vec<u8> {
        let signer_infos = signer_infos.iter().map(|der| der.to_vec()).collect();
        SignedObject {
            signer_infos,
            ..self.object.clone()
        }
        .sod()
    }
}

/// `SHA-1 of the key` is not needed here: any octets name a key.
const SIGNER_KEY: [u8; 4] = [4, 2, 0xD5, 1];
const AUTHORITY_KEY: [u8; 4] = [4, 2, 0xCA, 1];

impl Plan {
    /// One for each algorithm, and Viet Nam's citizen card.
    pub(crate) fn all() -> Vec<Self> {
        let mut all: Vec<_> = Algorithm::all().into_iter().map(Self::new).collect();
        all.push(Self::citizen_card());
        all
    }

    /// Viet Nam's citizen card: the authority on P-384 with SHA-384, the signer on brainpoolP384r1 (by its parameters) with
    /// SHA-256, for whose key 90 days are given, and which is valid for 22 years.
    pub(crate) fn citizen_card() -> Self {
        let signer = Algorithm {
            explicit: true,
            ..Algorithm::ecdsa(Curve::BrainpoolP384r1, HashAlgorithm::Sha256)
        };
        Self {
            authority_algorithm: Algorithm::ecdsa(Curve::P384, HashAlgorithm::Sha384),
            ..Self::new(signer)
        }
    }

    /// A sound one over these data groups; DG1, DG2, DG14 and DG15 as a rule.
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        let csca = name("VN", "CSCA Example");
        let authority_identifier = extension("2.5.29.35", false, &sequence(&[&[0x80, 2, 0xCA, 1]]));
        Self {
            algorithm,
            authority_algorithm: algorithm,
            authority: Certificate {
                serial: vec![2, 1, 1],
                subject: csca.clone(),
                issuer: csca.clone(),
                valid: ["210101000000Z".into(), "460101000000Z".into()],
                extensions: vec![
                    extension("2.5.29.14", false, &AUTHORITY_KEY),
                    authority_identifier.clone(),
                    extension(KEY_USAGE, true, &[3, 2, 1, 6]),
                    extension(BASIC_CONSTRAINTS, true, &sequence(&[&[1, 1, 0xFF, 2, 1, 0]])),
                ],
            },
            signer: Certificate {
                serial: vec![2, 1, 7],
                subject: name("VN", "Document Signer"),
                issuer: csca,
                valid: ["260101000000Z".into(), "480101000000Z".into()],
                extensions: vec![
                    extension("2.5.29.14", false, &SIGNER_KEY),
                    authority_identifier,
                    extension(KEY_USAGE, true, &[3, 2, 7, 0x80]),
                    extension(
                        "2.5.29.16",
                        false,
                        &sequence(&[
                            &der(0x80, &[b"20260101000000Z"]),
                            &der(0x81, &[b"20260401000000Z"]),
                        ]),
                    ),
                ],
            },
            content_type: LDS_SECURITY_OBJECT,
            content: lds_security_object(algorithm.signature.hash(), &[1, 2, 14, 15]),
            attributes: None,
            by_key_identifier: false,
        }
    }

    /// The signed attributes as they should be.
    pub(crate) fn sound_attributes(&self) -> Vec<Vec<u8>> {
        let attribute = |kind: &str, value: &[u8]| sequence(&[&oid(kind), &der(0x31, &[value])]);
        let digest = self.algorithm.signature.hash().digest(&self.content);
        vec![
            attribute(CONTENT_TYPE, &oid(self.content_type)),
            attribute(SIGNING_TIME, &time("260201000000Z")),
            attribute(MESSAGE_DIGEST, &der(4, &[&digest])),
        ]
    }

    pub(crate) fn make(&self) -> Made {
        let [authority_key, _] = self.authority_algorithm.keys();
        let [_, signer_key] = self.algorithm.keys();
        let signature = self.authority_algorithm.signature;
        let authority_spki = self.authority_algorithm.public_key(&authority_key);
        let authority = self.authority.sign(&authority_spki, &authority_key, signature);
        let signer_spki = self.algorithm.public_key(&signer_key);
        let signer = self.signer.sign(&signer_spki, &authority_key, signature);
        let info = self.signer_info();
        let (value, signer_info) = info.sign(&self.content, &signer_key);
        let object = SignedObject {
            content_type: self.content_type,
            content: self.content.clone(),
            digest: info.digest.clone(),
            certificates: vec![signer.clone()],
            signer_infos: vec![signer_info],
        };
        Made {
            authority_key,
            signer_key,
            authority,
            signer,
            cms: object.encode(),
            message: info.message(&self.content),
            signature: value,
            object,
        }
    }

    /// The SignerInfo before it is signed.
    pub(crate) fn signer_info(&self) -> SignerInfo {
        let mut attributes = self.attributes.clone().unwrap_or_else(|| self.sound_attributes());
        attributes.sort();
        let identifier = if self.by_key_identifier {
            der(0x80, &[&SIGNER_KEY[2..]])
        } else {
            sequence(&[&self.signer.issuer, &self.signer.serial])
        };
        SignerInfo {
            version: if self.by_key_identifier { 3 } else { 1 },
            identifier,
            digest: digest_identifier(self.algorithm.signature.hash()),
            attributes,
            message: None,
            algorithm: self.algorithm.signature,
            algorithm_identifier: self.algorithm.signature.to_algorithm_identifier_der(),
        }
    }
}

/// What stands in a data group of the tests.
pub(crate) fn data_group(number: u8) -> Vec<u8> {
    format!("data group {number}").into_bytes()
}

pub(crate) fn lds_security_object(hash: HashAlgorithm, groups: &[u8]) -> Vec<u8> {
    let hashes: Vec<Vec<u8>> = groups
        .iter()
        .map(|number| {
            let digest = hash.digest(&data_group(*number));
            sequence(&[&[2, 1, *number], &der(4, &[&digest])])
        })
        .collect();
    let hashes: Vec<&[u8]> = hashes.iter().map(Vec::as_slice).collect();
    sequence(&[&[2, 1, 0], &digest_identifier(hash), &sequence(&hashes)])
}

/// A revocation list of the plan's authority over these serial numbers, with these extensions.
pub(crate) fn revocation_list(
    plan: &Plan,
    made: &Made,
    serials: &[&[u8]],
    extensions: &[Vec<u8>],
) -> Vec<u8> {
    let entries: Vec<Vec<u8>> = serials
        .iter()
        .map(|serial| sequence(&[serial, &time("260301000000Z")]))
        .collect();
    revocation_list_at("260501000000Z", plan, made, &entries, extensions)
}

/// A revocation list that was issued at this moment, with these entries.
pub(crate) fn revocation_list_at(
    this_update: &str,
    plan: &Plan,
    made: &Made,
    entries: &[Vec<u8>],
    extensions: &[Vec<u8>],
) -> Vec<u8> {
    let signature = plan.authority_algorithm.signature;
    let entries: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
    let revoked = if entries.is_empty() {
        Vec::new()
    } else {
        sequence(&entries)
    };
    let extensions: Vec<&[u8]> = extensions.iter().map(Vec::as_slice).collect();
    let extensions = if extensions.is_empty() {
        Vec::new()
    } else {
        der(0xA0, &[&sequence(&extensions)])
    };
    let tbs = sequence(&[
        &[2, 1, 1],
        &signature.to_algorithm_identifier_der(),
        &plan.authority.subject,
        &time(this_update),
        &time("260801000000Z"),
        &revoked,
        &extensions,
    ]);
    signed(&tbs, &made.authority_key, signature)
}
