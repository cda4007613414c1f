//! The PKI of terminal authentication: an authority in two generations, a verifier, a terminal (TR-03110-3, 2.1 and C.1).

use chipgate_apdu::tlv::{self, Tag};
use chipgate_crypto::{Curve, HashAlgorithm, ObjectIdentifier, PublicKey, SigningKey};
use rand_core::CryptoRng;

use super::SignerAlgorithm;
use crate::{CardError, agreement::curve_parameters, calendar::Moment};

/// id-IS (TR-03110-4, 2.2.3.1).
const INSPECTION_SYSTEM: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.127.0.7.3.1.2.1");
/// What keys are and sign with where nothing else is wanted.
const USUAL: SignerAlgorithm = SignerAlgorithm::on(Curve::BrainpoolP256r1);
/// How long certificates of authorities and of all others hold.
const AUTHORITY_YEARS: i32 = 3;
const HOLDER_DAYS: i32 = 365;

/// Role and rights of an authority, a domestic verifier and an inspection system that may read fingers and irises.
const AUTHORITY: u8 = 0xC3;
const VERIFIER: u8 = 0x83;
const TERMINAL: u8 = 0x03;

/// A key with its CV certificate.
#[derive(Clone)]
pub(crate) struct CvIdentity {
    /// The certificate's holder reference, which names the key.
    pub(crate) reference: String,
    pub(crate) key: SigningKey,
    pub(crate) certificate: Vec<u8>,
}

/// Everyone that terminal authentication needs. Chips trust the first authority; the verifier is the next one's, so that
/// a terminal has to show the link between them.
#[derive(Clone)]
pub(crate) struct TerminalPki {
    pub(crate) authority: CvIdentity,
    /// Its certificate is the link: signed by the first authority.
    pub(crate) next_authority: CvIdentity,
    pub(crate) verifier: CvIdentity,
    pub(crate) terminal: CvIdentity,
}

/// What a certificate says.
struct Holder<'a> {
    reference: &'a str,
    authorisation: u8,
    valid: (Moment, Moment),
}

impl TerminalPki {
    /// Fresh keys of this kind, all of them.
    pub(crate) fn generate(
        algorithm: Option<SignerAlgorithm>,
        now: Moment,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, CardError> {
        let algorithm = algorithm.unwrap_or(USUAL);
        let (long_ago, lately) = (now.plus_days(-400), now.plus_days(-30));
        let authority = |reference, from: Moment| Holder {
            reference,
            authorisation: AUTHORITY,
            valid: (from, from.plus_years(AUTHORITY_YEARS)),
        };
        let below = |reference, authorisation| Holder {
            reference,
            authorisation,
            valid: (lately, lately.plus_days(HOLDER_DAYS)),
        };
        let first = CvIdentity::issue(&authority("UTCVCATEST00001", long_ago), None, algorithm, rng)?;
        let next = CvIdentity::issue(
            &authority("UTCVCATEST00002", lately),
            Some(&first),
            algorithm,
            rng,
        )?;
        let verifier = CvIdentity::issue(&below("UTDVTEST00001", VERIFIER), Some(&next), algorithm, rng)?;
        let terminal = CvIdentity::issue(&below("UTISTEST00001", TERMINAL), Some(&verifier), algorithm, rng)?;
        Ok(Self {
            authority: first,
            next_authority: next,
            verifier,
            terminal,
        })
    }
}

impl CvIdentity {
    /// One that was kept: its reference stands in its certificate. `None` if that is none.
    pub(super) fn from_parts(key: SigningKey, certificate: Vec<u8>) -> Option<Self> {
        let content = tlv::single(&certificate, Tag(0x7F21)).ok()?;
        let body = tlv::find(content, Tag(0x7F4E)).ok()??;
        let reference = tlv::find(body, Tag(0x5F20)).ok()??.to_vec();
        Some(Self {
            reference: String::from_utf8(reference).ok()?,
            key,
            certificate,
        })
    }

    /// A fresh key, certified by `issuer`, or by itself.
    fn issue(
        holder: &Holder<'_>,
        issuer: Option<&Self>,
        algorithm: SignerAlgorithm,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, CardError> {
        let key = algorithm.generate(rng)?;
        let (name, signing_key) = match issuer {
            Some(issuer) => (issuer.reference.as_str(), &issuer.key),
            None => (holder.reference, &key),
        };
        let body = body(holder, name, algorithm, &key.public_key())?;
        let signature = match algorithm {
            SignerAlgorithm::Ecdsa { hash, .. } => signing_key.sign_plain(hash, &body)?,
            rsa => signing_key.sign(&rsa.signature(), &body, rng)?,
        };
        let signature = tlv::encode(Tag(0x5F37), &signature);
        Ok(Self {
            reference: holder.reference.to_owned(),
            certificate: tlv::encode(Tag(0x7F21), &[body, signature].concat()),
            key,
        })
    }
}

/// The certificate body (C.1).
fn body(
    holder: &Holder<'_>,
    issuer: &str,
    algorithm: SignerAlgorithm,
    key: &PublicKey,
) -> Result<Vec<u8>, CardError> {
    let (effective, expiration) = holder.valid;
    let authorisation = [
        tlv::encode(Tag(0x06), INSPECTION_SYSTEM.as_bytes()),
        tlv::encode(Tag(0x53), &[holder.authorisation]),
    ];
    let fields = [
        tlv::encode(Tag(0x5F29), &[0]),
        tlv::encode(Tag(0x42), issuer.as_bytes()),
        public_key(algorithm, key, holder.authorisation == AUTHORITY)?,
        tlv::encode(Tag(0x5F20), holder.reference.as_bytes()),
        tlv::encode(Tag(0x7F4C), &authorisation.concat()),
        tlv::encode(Tag(0x5F25), &date(effective)),
        tlv::encode(Tag(0x5F24), &date(expiration)),
    ];
    Ok(tlv::encode(Tag(0x7F4E), &fields.concat()))
}

/// A public key data object (D.3): of RSA modulus and exponent, of an elliptic curve the point; only authorities' certificates carry the curve.
fn public_key(algorithm: SignerAlgorithm, key: &PublicKey, with_curve: bool) -> Result<Vec<u8>, CardError> {
    let mut fields = tlv::encode(Tag(0x06), protocol(algorithm)?.as_bytes());
    let point = match key {
        PublicKey::Rsa(key) => {
            fields.extend(tlv::encode(Tag(0x81), without_sign(&key.modulus())));
            fields.extend(tlv::encode(Tag(0x82), without_sign(&key.exponent())));
            return Ok(tlv::encode(Tag(0x7F49), &fields));
        }
        PublicKey::Ec(point) => point,
    };
    let parameters = curve_parameters(point.curve()).filter(|_| with_curve);
    for (tag, number) in (0x81..).zip(parameters.iter().flatten()) {
        fields.extend(tlv::encode(Tag(tag), without_sign(number)));
    }
    fields.extend(tlv::encode(Tag(0x86), &point.to_uncompressed()));
    if with_curve {
        fields.extend(tlv::encode(Tag(0x87), &[1])); // the cofactor
    }
    Ok(tlv::encode(Tag(0x7F49), &fields))
}

/// id-TA-…: the scheme and the hash (A.7.3, A.7.4), which RSA has three of.
fn protocol(algorithm: SignerAlgorithm) -> Result<ObjectIdentifier, CardError> {
    use HashAlgorithm::{Sha1, Sha224, Sha256, Sha384, Sha512};
    let oid = match algorithm {
        SignerAlgorithm::RsaPkcs1 { hash: Sha1, .. } => "0.4.0.127.0.7.2.2.2.1.1",
        SignerAlgorithm::RsaPkcs1 { hash: Sha256, .. } => "0.4.0.127.0.7.2.2.2.1.2",
        SignerAlgorithm::RsaPkcs1 { hash: Sha512, .. } => "0.4.0.127.0.7.2.2.2.1.5",
        SignerAlgorithm::RsaPss { hash: Sha1, .. } => "0.4.0.127.0.7.2.2.2.1.3",
        SignerAlgorithm::RsaPss { hash: Sha256, .. } => "0.4.0.127.0.7.2.2.2.1.4",
        SignerAlgorithm::RsaPss { hash: Sha512, .. } => "0.4.0.127.0.7.2.2.2.1.6",
        SignerAlgorithm::Ecdsa { hash, .. } => match hash {
            Sha1 => "0.4.0.127.0.7.2.2.2.2.1",
            Sha224 => "0.4.0.127.0.7.2.2.2.2.2",
            Sha256 => "0.4.0.127.0.7.2.2.2.2.3",
            Sha384 => "0.4.0.127.0.7.2.2.2.2.4",
            Sha512 => "0.4.0.127.0.7.2.2.2.2.5",
        },
        SignerAlgorithm::RsaPkcs1 { .. } | SignerAlgorithm::RsaPss { .. } => {
            return Err(CardError::UnusableValue {
                field: "terminal",
                problem: "terminal authentication has RSA with SHA-1, SHA-256 and SHA-512 alone",
            });
        }
    };
    Ok(ObjectIdentifier::new_unwrap(oid))
}

/// An unsigned integer of the standard has no leading zero (D.2.1.1).
fn without_sign(number: &[u8]) -> &[u8] {
    number.strip_prefix(&[0]).unwrap_or(number)
}

/// Six bytes of one digit each: YYMMDD (D.2.1.3).
fn date(moment: Moment) -> Vec<u8> {
    moment.mrz().bytes().map(|digit| digit - b'0').collect()
}
